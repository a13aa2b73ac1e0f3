/** A worker that fits and forecasts its share of many short series: every `workers`-th from `number` on. */
import { parentPort, workerData } from 'node:worker_threads';
import { fitArimaPlus, forecastArimaPlus } from '@seismo/engine';
import { madeMetric } from './made-metric.js';

const HOUR_MS = 3_600_000;
const { number, workers, count, points, forecastMethod } = workerData;
const timesMs = Float64Array.from({ length: points }, (_, index) => index * HOUR_MS);
let forecasts = 0;
for (let series = number; series < count; series += workers) {
  const values = madeMetric(points, 24, series + 1);
  const { model } = fitArimaPlus(timesMs, values, { forecastMethod, horizon: 24 });
  if (model !== undefined && forecastArimaPlus(model, { horizon: 24 }).values.every(Number.isFinite))
    forecasts++;
}
parentPort.postMessage(forecasts);
