import { createVerdict } from '@seismo/engine';
import { CLEAN_KINDS, fillCleanSeries } from '@seismo/engine/evaluation';

const WEEK_MS = 604_800_000;
const START_MS = Date.UTC(2025, 2, 31);

/** Spacings, and how many series of how many weeks each: the rarer the samples, the more time can be had. */
export const PERIODS = {
  '1s': { periodMs: 1000, series: 8, weeks: 1 },
  '1min': { periodMs: 60_000, series: 30, weeks: 2 },
  '5min': { periodMs: 300_000, series: 50, weeks: 4 },
  '1h': { periodMs: 3_600_000, series: 100, weeks: 8 },
};

/** A row a kind, a column a spacing: alarms per series and week, warm-up included. */
export function measureClean(detector, { periods, kinds, scale }) {
  const chosen = kinds === '' ? CLEAN_KINDS : named(kinds, CLEAN_KINDS, '--kinds');
  const spacings = named(periods, Object.keys(PERIODS), '--periods');
  return chosen.map((kind) => {
    const row = { kind };
    for (const spacing of spacings) row[spacing] = Number(rate(detector, kind, spacing, scale).toFixed(2));
    return row;
  });
}

function rate(detector, kind, spacing, scale) {
  let [alarms, count] = [0, 0];
  for (const { values, times } of cleanSeries(kind, spacing, scale)) {
    alarms += alarmRows(detector.create(), values, times).length;
    count++;
  }
  return alarms / (count * PERIODS[spacing].weeks);
}

/** As many clean series as a spacing has, times `share`: `values`, the same array for each, and `times`. */
export function* cleanSeries(kind, spacing, share) {
  const { periodMs, series, weeks } = PERIODS[spacing];
  const times = { startMs: START_MS, periodMs };
  const values = new Float64Array((weeks * WEEK_MS) / periodMs);
  const count = Math.max(1, Math.round(series * share));
  for (let seed = 1; seed <= count; seed++) {
    fillCleanSeries(kind, seed, times, values);
    yield { values, times };
  }
}

/** Judges and learns a fresh series; `take` gets each verdict, the same object, and its row. Gives the series' slot. */
export function judgeSeries(detector, values, { startMs, periodMs }, take) {
  const verdict = createVerdict();
  const slot = detector.open();
  for (let row = 0; row < values.length; row++) {
    const timeMs = startMs + row * periodMs;
    detector.score(slot, timeMs, values[row], verdict);
    detector.learn(slot, timeMs, values[row]);
    take(verdict, row);
  }
  return slot;
}

/** The rows at which a fresh series raises an alarm. */
export function alarmRows(detector, values, times) {
  const rows = [];
  judgeSeries(detector, values, times, ({ alarm }, row) => {
    if (alarm) rows.push(row);
  });
  return rows;
}

/** The names in a list by comma, each of which must be known. */
export function named(text, known, flag) {
  const names = text.split(',');
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`${flag} takes ${known.join(', ')}; not ${unknown}`);
  return names;
}
