/**
 * Fits one long series of minutes and forecasts a day, in a process of its own so that its peak memory is told:
 * `node fit-long-series.js POINTS METHOD` prints one line of JSON.
 */
import process from 'node:process';
import { fitArimaPlus, forecastArimaPlus } from '@seismo/engine';
import { madeMetric } from './made-metric.js';

const MINUTE_MS = 60_000;
const points = Number(process.argv[2]);
const forecastMethod = process.argv[3];
const values = madeMetric(points, 1440, 20);
const timesMs = values.map((_, index) => index * MINUTE_MS);
const before = process.cpuUsage();
const { model, errorMessage } = fitArimaPlus(timesMs, values, { forecastMethod, horizon: 1440 });
if (model === undefined) throw new Error(errorMessage);
forecastArimaPlus(model, { horizon: 1440 });
const { user, system } = process.cpuUsage(before);
const peakMb = Math.round(process.resourceUsage().maxRSS / 1000);
console.log(JSON.stringify({ cpuSeconds: Number(((user + system) / 1e6).toFixed(2)), peakMb }));
