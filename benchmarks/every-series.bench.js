/**
 * ARIMA_PLUS over every series of NAB, M3 and M4 Hourly: each must fit without an exception, forecast finite numbers,
 * be the sum of its parts, and answer the same after it was saved and loaded. Prints what that takes, and ends with 1
 * if any series fails. The data are the user's (see forecast/read-series.js): `node benchmarks/every-series.bench.js --data FOLDER`, or FORECAST_DATA=FOLDER.
 */
import process from 'node:process';
import { isDeepStrictEqual } from 'node:util';
import {
  detectArimaPlusAnomalies,
  explainArimaPlusForecast,
  FORECAST_METHODS,
  fitArimaPlus,
  forecastArimaPlus,
  gridTimeMs,
  loadArimaPlus,
  saveArimaPlus,
} from '@seismo/engine';
import { readM3, readM4, readNab } from './forecast/read-series.js';
import { readFlags } from './load/read-flags.js';

const { data: folder } = readFlags('Whether ARIMA_PLUS fits every series of NAB, M3 and M4 Hourly.', {
  data: { default: '', variable: 'FORECAST_DATA', tells: 'folder of the series; must be given' },
});

/** By the season of M3's series. */
const M3_FREQUENCIES = { 1: 'YEARLY', 4: 'QUARTERLY', 12: 'MONTHLY' };
const HORIZON = 1000;
const SUM_ERROR_MAX = 1e-9;

function main() {
  if (folder === '') throw new Error('name the folder of the series: --data FOLDER or FORECAST_DATA=FOLDER');
  const collections = {
    NAB: readNab(folder).map((one) => ({ ...one, options: {} })),
    M3: readM3(folder).map((one) => onGrid(one, M3_FREQUENCIES[one.season])),
    'M4 Hourly': readM4(folder, 'Hourly').map((one) => onGrid(one, 'HOURLY')),
  };
  const failures = [];
  const rows = Object.entries(collections).flatMap(([name, series]) =>
    FORECAST_METHODS.map((method) => tryAll(name, series, method, failures)),
  );
  console.table(rows);
  for (const failure of failures) console.error(failure);
  if (failures.length > 0) process.exitCode = 1;
}

function onGrid({ id, train }, frequency) {
  const grid = { frequency, multiple: 1, startMs: Date.UTC(1900, 0, 1) };
  const timesMs = Float64Array.from(train, (_, index) => gridTimeMs(grid, index));
  return { id, timesMs, values: train, options: { frequency } };
}

function tryAll(name, series, forecastMethod, failures) {
  const row = {
    collection: name,
    FORECAST_METHOD: forecastMethod,
    series: series.length,
    points: 0,
    constants: 0,
    failed: 0,
  };
  let longestMs = 0;
  let savedBytes = 0;
  const before = process.cpuUsage();
  for (const one of series) {
    const startedUs = cpuUs();
    row.points += one.values.length;
    try {
      const { model, bytes } = tryOne(one, forecastMethod);
      savedBytes += bytes;
      if (model.arima.variance === 0) row.constants++;
    } catch (error) {
      row.failed++;
      failures.push(`${name} ${one.id}: ${error.stack ?? error}`);
    }
    longestMs = Math.max(longestMs, (cpuUs() - startedUs) / 1000);
  }
  const { user, system } = process.cpuUsage(before);
  row['CPU s'] = Number(((user + system) / 1e6).toFixed(1));
  row['longest ms'] = Math.round(longestMs);
  row['saved bytes a point'] = Number((savedBytes / row.points).toFixed(1));
  return row;
}

function tryOne({ timesMs, values, options }, forecastMethod) {
  const { model, errorMessage } = fitArimaPlus(timesMs, values, { ...options, forecastMethod });
  if (!model) throw new Error(errorMessage);
  const ahead = forecastArimaPlus(model, { horizon: HORIZON });
  for (const [name, column] of Object.entries(ahead)) {
    if (!column.every(Number.isFinite)) throw new Error(`${name} of the forecast are not all finite`);
  }
  const explained = explainArimaPlusForecast(model);
  const parts = [explained.trend, explained.holidayEffect, explained.spikesAndDips, explained.stepChanges];
  const columns = [...parts, explained.residual, ...Object.values(explained.seasonal)];
  for (let at = 0; at < explained.historyLength; at++) {
    const sum = columns.reduce((total, column) => total + column[at], 0);
    if (!(Math.abs(sum - explained.values[at]) <= SUM_ERROR_MAX * model.magnitude)) {
      throw new Error(`value ${at} is ${explained.values[at]}, its parts add up to ${sum}`);
    }
  }
  const bytes = saveArimaPlus(model);
  const loaded = loadArimaPlus(bytes);
  if (!isDeepStrictEqual(detectArimaPlusAnomalies(loaded), detectArimaPlusAnomalies(model))) {
    throw new Error('judges its history differently once saved and loaded');
  }
  return { model, bytes: bytes.length };
}

function cpuUs() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
