/**
 * How well the engine forecasts and finds level changes, on the collections others publish their figures on: M3, M4
 * Hourly and Weekly, the metrics of NAB, and the Turing Change Point Dataset. The data are the user's (see forecast/read-series.js for
 * what belongs where): `node benchmarks/forecast.bench.js --data FOLDER`, or FORECAST_DATA=FOLDER with `npm run bench`.
 * Fails without them. One set of constants for all; nothing is chosen by looking at a test set.
 * Then what fitting costs where it is most: one series of 500,000 points, and 10,000 series of 200 points on all cores;
 * these are made from a seed.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import {
  FORECAST_METHODS,
  intervalCoverage,
  meanAbsoluteScaledError,
  meanScaledIntervalScore,
  seasonalNaive,
  seasonalNaiveScale,
  spikesAndDips,
  stepChanges,
  symmetricMeanAbsolutePercentageError,
} from '@seismo/engine';
import { arimaPlusForecaster } from './forecast/arima-plus-forecaster.js';
import { changePointF1 } from './forecast/change-point-score.js';
import { measureNab } from './forecast/measure-nab.js';
import { readM3, readM4, readNab, readTcpd } from './forecast/read-series.js';
import { readFlags } from './load/read-flags.js';

const {
  data: folder,
  longPoints: LONG_POINTS,
  manySeries: MANY_SERIES,
} = readFlags('How well the engine forecasts and finds level changes, and what fitting costs.', {
  data: { default: '', variable: 'FORECAST_DATA', tells: 'folder of the series; must be given' },
  longPoints: { default: 500_000, tells: 'values of the long series' },
  manySeries: { default: 10_000, tells: 'series of 200 values' },
});

const LEVEL = 0.95;
/** Φ⁻¹((1 + level) / 2). */
const NORMAL_POINT = 1.959963984540054;

/** With the options that are not the default named, of BigQuery's and FORECAST_METHOD, which is our own. */
const FORECASTERS = [
  {
    method: 'seasonal naive (engine)',
    forecast: ({ train, test, season }) => seasonalNaive(train, season, test.length),
  },
  { method: "ARIMA_PLUS, BigQuery's way (engine)", forecast: arimaPlusForecaster({}) },
  {
    method: 'ARIMA_PLUS, combined (engine)',
    forecast: arimaPlusForecaster({ forecastMethod: 'combined' }),
  },
  {
    method: 'ARIMA_PLUS, combined, nothing cleaned (engine)',
    forecast: arimaPlusForecaster({
      forecastMethod: 'combined',
      cleanSpikesAndDips: false,
      adjustStepChanges: false,
    }),
  },
];
const MANY_POINTS = 200;
/** Each takes a series and answers where its level changes. */
const STEP_FINDERS = [
  {
    method: 'spikes, then step changes (engine)',
    find: (values) => stepChanges(spikesAndDips(values).cleaned).steps.map(({ index }) => index),
  },
  { method: 'no change anywhere', find: () => [] },
];

/** As published or measured by others; CPU seconds of statsforecast 2.1 on one core of another machine. */
const PEERS = {
  'M4 Hourly': [
    { method: 'seasonal naive, published', MASE: 1.19, MSIS: 9.05 },
    { method: 'MSTL[24,168] + AutoARIMA (statsforecast)', MASE: 1.04, MSIS: 11.0, 'CPU s': 416 },
    { method: 'seasonal AutoARIMA, published', MASE: 0.92, MSIS: 7.5 },
  ],
  'M4 Weekly': [
    { method: 'naive, published', MASE: 2.78 },
    { method: 'AutoETS (statsforecast)', MASE: 2.55 },
    { method: 'AutoARIMA (statsforecast)', MASE: 2.27, MSIS: 17.2, 'CPU s': 395 },
  ],
  M3: [
    { method: 'auto.arima (R), published', 'sMAPE %': 13.57 },
    { method: 'ETS (R), published', 'sMAPE %': 13.07 },
    { method: 'Theta, published', 'sMAPE %': 12.76 },
  ],
  TCPD: [{ method: 'binary segmentation, default (van den Burg & Williams)', F1: 0.73 }],
};

async function main() {
  if (folder === '') throw new Error('name the folder of the series: --data FOLDER or FORECAST_DATA=FOLDER');
  const collections = [
    ['M4 Hourly', readM4(folder, 'Hourly')],
    ['M4 Weekly', readM4(folder, 'Weekly')],
    ['M3', readM3(folder)],
  ];
  const changing = readTcpd(folder);
  const metrics = readNab(folder);
  for (const [name, series] of collections) {
    print(`${name}, series`, series.length, [
      ...FORECASTERS.map((one) => measureForecasts(one, series)),
      ...PEERS[name],
    ]);
  }
  print(
    'NAB, series',
    metrics.length,
    FORECAST_METHODS.map((method) => measureNab(metrics, method)),
  );
  print('TCPD, series', changing.length, [
    ...STEP_FINDERS.map((one) => measureSteps(one, changing)),
    ...PEERS.TCPD,
  ]);
  console.log(`one core of ${availableParallelism()}, Node ${process.version}`);
  print('One series of minutes', LONG_POINTS, FORECAST_METHODS.map(measureLongSeries));
  const many = [];
  for (const method of FORECAST_METHODS) many.push(await measureManySeries(method));
  print(`Series of ${MANY_POINTS} points, on ${availableParallelism()} cores`, MANY_SERIES, many);
}

/** Means over the series, as the competitions take them. */
function measureForecasts({ method, forecast }, series) {
  const sums = { 'sMAPE %': 0, MASE: 0, MSIS: 0, coverage: 0 };
  let scaled = 0;
  let cpuSeconds = 0;
  for (const one of series) {
    const { train, test, season } = one;
    const startedUs = cpuUs();
    const { mean, standardErrors } = forecast(one);
    cpuSeconds += (cpuUs() - startedUs) / 1e6;
    const lower = mean.map((value, step) => value - NORMAL_POINT * standardErrors[step]);
    const upper = mean.map((value, step) => value + NORMAL_POINT * standardErrors[step]);
    sums['sMAPE %'] += 100 * symmetricMeanAbsolutePercentageError(test, mean);
    sums.coverage += intervalCoverage(test, { lower, upper });
    const scale = seasonalNaiveScale(train, season);
    if (scale === 0) continue;
    scaled++;
    sums.MASE += meanAbsoluteScaledError(test, mean, scale);
    sums.MSIS += meanScaledIntervalScore(test, { lower, upper }, LEVEL, scale);
  }
  if (scaled < series.length) {
    console.log(`${series.length - scaled} series never change from season to season: not in MASE and MSIS`);
  }
  const row = { method };
  for (const [name, sum] of Object.entries(sums)) {
    row[name] = rounded(sum / (name === 'MASE' || name === 'MSIS' ? scaled : series.length), 3);
  }
  return { ...row, 'CPU s': rounded(cpuSeconds, 2) };
}

function measureSteps({ method, find }, series) {
  const startedUs = cpuUs();
  const found = series.map(({ values }) => find(values));
  const cpuSeconds = (cpuUs() - startedUs) / 1e6;
  const total = series.reduce((sum, one, at) => sum + changePointF1(found[at], one.annotations), 0);
  return { method, F1: rounded(total / series.length, 3), 'CPU s': rounded(cpuSeconds, 2) };
}

/** In a process of its own. */
function measureLongSeries(method) {
  const script = fileURLToPath(new URL('./forecast/fit-long-series.js', import.meta.url));
  const line = execFileSync(process.execPath, [script, String(LONG_POINTS), method], { encoding: 'utf8' });
  const { cpuSeconds, peakMb } = JSON.parse(line);
  return { FORECAST_METHOD: method, 'CPU s': cpuSeconds, 'peak MB': peakMb };
}

async function measureManySeries(forecastMethod) {
  const workers = availableParallelism();
  const started = performance.now();
  const startedUs = cpuUs();
  const threads = Array.from({ length: workers }, (_, number) => {
    const workerData = { number, workers, count: MANY_SERIES, points: MANY_POINTS, forecastMethod };
    return new Worker(new URL('./forecast/fit-many-series.js', import.meta.url), { workerData });
  });
  const counts = await Promise.all(threads.map(async (thread) => (await once(thread, 'message'))[0]));
  const seconds = (performance.now() - started) / 1000;
  const forecasts = counts.reduce((sum, count) => sum + count, 0);
  if (forecasts !== MANY_SERIES) throw new Error(`${forecasts} of ${MANY_SERIES} series have a forecast`);
  const cpuSeconds = (cpuUs() - startedUs) / 1e6;
  return {
    FORECAST_METHOD: forecastMethod,
    seconds: rounded(seconds, 2),
    'CPU s': rounded(cpuSeconds, 2),
  };
}

function cpuUs() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function rounded(value, digits) {
  return Number(value.toFixed(digits));
}

function print(name, count, rows) {
  console.log(`${name}: ${count}`);
  console.table(rows);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
