/**
 * How well the engine forecasts and finds level changes, on the collections others publish their figures on: M3, M4
 * Hourly and Weekly, and the Turing Change Point Dataset. The data are the user's (see forecast/read-series.js for
 * what belongs where): `node benchmarks/forecast.bench.js --data FOLDER`, or FORECAST_DATA=FOLDER with `npm run bench`.
 * Fails without them. One set of constants for all; nothing is chosen by looking at a test set.
 */
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { parseArgs } from 'node:util';
import {
  intervalCoverage,
  meanAbsoluteScaledError,
  meanScaledIntervalScore,
  seasonalNaive,
  seasonalNaiveScale,
  spikesAndDips,
  stepChanges,
  symmetricMeanAbsolutePercentageError,
} from '@seismo/engine';
import { changePointF1 } from './forecast/change-point-score.js';
import { readM3, readM4, readTcpd } from './forecast/read-series.js';

const LEVEL = 0.95;
/** Φ⁻¹((1 + level) / 2). */
const NORMAL_POINT = 1.959963984540054;

/** Each takes the history, the season and how far ahead, and answers mean and standardErrors. */
const FORECASTERS = [{ method: 'seasonal naive (engine)', forecast: seasonalNaive }];
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

function main() {
  const { values } = parseArgs({ options: { data: { type: 'string' } } });
  const folder = values.data ?? process.env.FORECAST_DATA;
  if (folder === undefined || folder === '') {
    throw new Error('name the folder of the series: --data FOLDER or FORECAST_DATA=FOLDER');
  }
  const collections = [
    ['M4 Hourly', readM4(folder, 'Hourly')],
    ['M4 Weekly', readM4(folder, 'Weekly')],
    ['M3', readM3(folder)],
  ];
  const changing = readTcpd(folder);
  for (const [name, series] of collections) {
    print(name, series.length, [...FORECASTERS.map((one) => measureForecasts(one, series)), ...PEERS[name]]);
  }
  print('TCPD', changing.length, [...STEP_FINDERS.map((one) => measureSteps(one, changing)), ...PEERS.TCPD]);
  console.log(`one core of ${availableParallelism()}, Node ${process.version}`);
}

/** Means over the series, as the competitions take them. */
function measureForecasts({ method, forecast }, series) {
  const sums = { 'sMAPE %': 0, MASE: 0, MSIS: 0, coverage: 0 };
  let scaled = 0;
  let cpuSeconds = 0;
  for (const { train, test, season } of series) {
    const startedUs = cpuUs();
    const { mean, standardErrors } = forecast(train, season, test.length);
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

function cpuUs() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function rounded(value, digits) {
  return Number(value.toFixed(digits));
}

function print(name, count, rows) {
  console.log(`${name}: ${count} series`);
  console.table(rows);
}

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
