import { dayWave, MINUTE_MS, SECOND_MS } from './series-maker.js';

/** Series of computers: queues, errors, memory, latencies, rates, counters. */
export const MACHINE_FAMILIES = {
  'server, 1 min': serverMetric,
  'queue, 1 min': queueLength,
  'errors, 1 min': errorCounts,
  'memory with collections, 1 min': collectedMemory,
  'latency, 1 min': latency,
  'deployments, 1 min': deployments,
  'nightly job, 1 min': nightlyJob,
  'bytes, 1 min': byteRate,
  'counter, 1 min': counter,
  'batches, 1 s': batches,
  'operations, 1 min': operations,
};

function serverMetric(make) {
  make.begin(20_000, MINUTE_MS, 0.3);
  const kind = make.whole(0, 3);
  let slow = 0;
  let burst = 0;
  const kinds = [
    (time) => 0.3 + 0.15 * dayWave(time) + 0.2 * slow + 0.02 * make.normal(),
    () => (make.uniform() < 0.01 ? make.exponential(0.05) : 0),
    (_, row) => 0.1 + 0.05 * slow + (row % 60 < 3 ? 0.15 : 0) + 0.01 * make.normal(),
    () => {
      if (make.uniform() < 0.003) burst = make.exponential(0.3);
      burst *= 0.9;
      return 0.05 + burst + 0.01 * Math.abs(make.normal());
    },
  ];
  make.fill((row, time) => {
    slow = 0.95 * slow + 0.05 * make.normal();
    return Math.max(0, kinds[kind](time, row));
  });
  make.spoil(3, 8, 10, 200, () => {
    const isLevel = make.whole(0, 1) === 0;
    return (value) => value + (isLevel ? 0.5 + 0.1 * make.normal() : 0.4 * make.uniform());
  });
}

/** Served at less than half of the usual rate in an anomaly; what waits is worked off after it. */
function queueLength(make) {
  make.begin(15_000, MINUTE_MS, 0.3);
  make.plan(2, 5, 15, 90);
  let waiting = 0;
  make.fill((row, time) => {
    waiting += make.poisson(40 * (1 + 0.5 * dayWave(time)));
    waiting -= Math.min(waiting, make.poisson(make.anomalyAt(row) ? 20 : 55));
    return waiting;
  });
}

function errorCounts(make) {
  make.begin(20_000, MINUTE_MS, 0.2);
  const mean = make.oneOf([0.05, 0.5, 3]);
  make.plan(3, 6, 5, 60);
  make.fill((_, time) => make.poisson(mean * (1 + 0.6 * dayWave(time)) * (make.uniform() < 0.005 ? 4 : 1)));
  for (const { first, last } of make.windows) {
    const times = make.oneOf([5, 10]);
    for (let row = first; row <= last; row++) make.values[row] += make.poisson(mean * times + 1);
  }
}

/** A sawtooth; in an anomaly memory leaks, and each collection leaves more. */
function collectedMemory(make) {
  make.begin(15_000, MINUTE_MS, 0.3);
  const top = make.whole(380, 420);
  make.plan(1, 3, 100, 400);
  const rate = make.oneOf([1, 4, 10]);
  let used = 200;
  let left = 200;
  make.fill((row) => {
    if (make.anomalyAt(row)) left += 0.6;
    else left = 200;
    used += rate * (0.7 + 0.3 * make.uniform() * 2);
    if (used > Math.max(top + 10 * make.normal(), left + 50)) used = left + 5 * make.normal();
    return used;
  });
}

/** Log-normal, with level and spread that follow the load. */
function latency(make) {
  make.begin(20_160, MINUTE_MS, 0.2);
  const spread = make.oneOf([0.1, 0.3, 0.5]);
  make.fill((_, time) => {
    const load = 1 + 0.6 * dayWave(time);
    const usual = 20 * (1 + load) * Math.exp(spread * (0.3 + 0.5 * load) * make.normal());
    return usual * (make.uniform() < 0.003 ? 1 + make.exponential(3) : 1);
  });
  make.spoil(3, 7, 5, 60, () => {
    const factor = make.oneOf([1.8, 2.5, 4]);
    return (value) => value * factor;
  });
}

/** Each moves the level for good; its first hour is the anomaly. */
function deployments(make) {
  make.begin(15_000, MINUTE_MS, 0.2);
  const hours = make.stretches(make.whole(3, 6), () => 60);
  if (!make.isClean) make.windows = hours;
  const begins = new Set(make.windows.map(({ first }) => first));
  let level = 50;
  let slow = 0;
  make.fill((row, time) => {
    if (begins.has(row)) level *= make.oneOf([0.7, 1.35, 1.6]);
    slow = 0.9 * slow + make.normal();
    return level + slow + 3 * dayWave(time);
  });
}

/** In an anomaly a job's worth by day. */
function nightlyJob(make) {
  make.begin(20_160, MINUTE_MS, 0.4);
  const length = make.whole(20, 70);
  const from = make.whole(0, 300);
  const size = 3 + make.uniform() * 4;
  make.fill((row) => {
    const minute = row % 1440;
    const value = 10 + make.normal();
    return minute >= from && minute < from + length + 2 * make.normal() ? value + size * 5 : value;
  });
  make.spoil(2, 4, 15, 60, () => (value) => value + size * 3);
}

function byteRate(make) {
  make.begin(20_160, MINUTE_MS, 0.2);
  const exponent = make.oneOf([1.8, 2.5]);
  let burst = 0;
  make.fill((_, time) => {
    const base = 1e6 * (1 + 0.5 * dayWave(time));
    const fresh = make.uniform() < 0.2 ? base * 0.2 * ((1 - make.uniform()) ** (-1 / exponent) - 1) : 0;
    burst = 0.6 * burst + fresh;
    return Math.round(base * Math.exp(0.1 * make.normal()) + burst);
  });
  make.spoil(3, 6, 5, 60, () => {
    const kind = make.whole(0, 2);
    return (value) => (kind === 0 ? Math.round(value * 0.02) : kind === 1 ? value * 2.5 : value + 2e6);
  });
}

/** Ever larger but for a few resets; in an anomaly it stands, or grows eight times as fast. */
function counter(make) {
  make.begin(12_000, MINUTE_MS, 0.3);
  make.plan(2, 4, 10, 60);
  let count = 0;
  make.fill((row, time) => {
    const anomaly = make.anomalyAt(row);
    const pace = anomaly === undefined ? 1 : anomaly.first % 2 === 1 ? 0 : 8;
    count += make.poisson(30 * (1 + 0.4 * dayWave(time)) * pace);
    if (make.uniform() < 0.0002) count = 0;
    return count;
  });
}

/** Work and pause by turns; in an anomaly no work, no pause, or much more of it. */
function batches(make) {
  make.begin(20_000, SECOND_MS, 0.3);
  const period = make.whole(30, 90);
  make.plan(2, 4, 100, 600);
  make.fill((row) => {
    const usual = row % period < period * 0.4 ? 60 + 8 * make.normal() : 10 + 3 * make.normal();
    return usual + (make.uniform() < 0.002 ? 30 : 0);
  });
  for (const { first, last } of make.windows) {
    const kind = make.whole(0, 2);
    for (let row = first; row <= last; row++) {
      const value = make.values[row];
      make.values[row] = kind === 0 ? 2 + make.normal() : kind === 1 ? 75 + 6 * make.normal() : value * 1.7;
    }
  }
}

/** Small counts by day, a job each half hour, or a percentage near 100. */
function operations(make) {
  make.begin(10_080, MINUTE_MS, 0.25);
  const kind = make.whole(0, 2);
  let slow = 0;
  const kinds = [
    (time) => {
      const noisy = 5 * Math.max(0, 1 + dayWave(time)) + 0.8 * make.normal();
      return Math.round(noisy + (make.uniform() < 0.01 ? 8 * make.uniform() : 0));
    },
    (_, row) => Math.max(0, 100 + 4 * slow + (row % 30 === 0 ? 40 : 0)),
    () => Math.min(100, Math.max(0, 97 + 2 * make.normal())),
  ];
  make.fill((row, time) => {
    slow = 0.97 * slow + make.normal();
    return kinds[kind](time, row);
  });
  const size = [8, 90, 30][kind];
  make.spoil(2, 6, 2, 40, () => {
    const isLevel = make.whole(0, 1) === 1;
    return (value) => {
      if (kind === 2) return value - size * (0.5 + make.uniform());
      return value + size * (isLevel ? 1 : make.uniform() * 1.5);
    };
  });
}
