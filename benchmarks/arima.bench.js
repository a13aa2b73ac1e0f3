/**
 * What taking a series apart and fitting its ARIMA costs on one core, by the CPU time used. The series are made
 * here from a seed: a wandering level, a day, a week and noise.
 */
import { availableParallelism, cpus } from 'node:os';
import process from 'node:process';
import { filterArima, fitArima, forecastArima, mstl, selectOrder, stepChanges, stl } from '@seismo/engine';
import { madeMetric } from './forecast/made-metric.js';
import { readFlags } from './load/read-flags.js';

const { points } = readFlags('CPU time of taking a series apart and fitting its ARIMA, on one core.', {
  points: {
    default: 500_000,
    tells: 'values of the longest series, more than two weeks of minutes (20,160)',
  },
});
const POINTS = Math.max(20_161, points);
const HORIZON = 10_000;
const ROUNDS = 30;
const SEED = 20;

const rows = [];
function measure(what, series, rounds, run) {
  const before = process.cpuUsage();
  let result;
  for (let round = 0; round < rounds; round++) result = run(series);
  const { user, system } = process.cpuUsage(before);
  const ms = (user + system) / 1000 / rounds;
  rows.push({
    what,
    values: series.length,
    'CPU ms': Number(ms.toPrecision(3)),
    'ns/value': Math.round((ms * 1e6) / series.length),
  });
  return result;
}

const hours = madeMetric(1000, 24, SEED);
const day = 24;
// Once for the compiler to see it all.
for (let round = 0; round < 5; round++) selectOrder(hours);
measure('STL of a day', hours, ROUNDS, (x) => stl(x, { period: day, seasonalWindow: 11 }));
measure('MSTL of a day and a week', hours, ROUNDS, (x) => mstl(x, { periods: [day, 7 * day] }));
measure('MSTL, robust', hours, ROUNDS, (x) => mstl(x, { periods: [day, 7 * day], robust: true }));
const adjusted = withoutSeason(hours, mstl(hours, { periods: [day, 7 * day] }));
measure('step changes', adjusted, ROUNDS, (x) => stepChanges(x));
measure('ARIMA(1,1,1)', adjusted, ROUNDS, (x) => fitArima(x, { p: 1, d: 1, q: 1 }, false));
measure('order search up to 2, 12 models', adjusted, ROUNDS, (x) => selectOrder(x, { d: 1 }));
measure('order search up to 5, 42 models', adjusted, ROUNDS, (x) => selectOrder(x, { d: 1, orderMax: 5 }));

const minutes = madeMetric(POINTS, 1440, SEED);
const parts = measure('MSTL of a day and a week', minutes, 1, (x) => mstl(x, { periods: [1440, 10_080] }));
const long = withoutSeason(minutes, parts);
measure('step changes', long, 1, (x) => stepChanges(x));
const { best } = measure('order search up to 2, 12 models', long, 1, (x) => selectOrder(x, { d: 1 }));
const { end } = measure('filter', long, 1, (x) => filterArima(x, best));
measure(`forecast of ${HORIZON} steps`, long, 1, () => forecastArima(best, end, HORIZON));

console.table(rows);
console.log(
  `one core of ${availableParallelism()} (${cpus()[0]?.model ?? 'unknown'}), Node ${process.version}, ` +
    `peak memory ${Math.round(process.resourceUsage().maxRSS / 1000)} MB`,
);

function withoutSeason(series, { seasonal }) {
  return series.map((value, index) => seasonal.reduce((rest, { values }) => rest - values[index], value));
}
