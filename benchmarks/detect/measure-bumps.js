import { fillCleanSeries, seededRandom } from '@seismo/engine/evaluation';
import { alarmRows } from './measure-clean.js';

const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;
/** Distance of samples, and which day has the bump. */
const KINDS = [
  ['1 min', MINUTE_MS, 2],
  ['5 min', 5 * MINUTE_MS, 4],
];
const START_MS = Date.UTC(2025, 2, 31);
const SERIES = 100;
const BUMP = 5;
const BUMP_ROWS = 10;
/** An alarm counts from the first row of the bump to ten after its last: a mean over some rows comes a little late. */
const FOUND_ROWS = 2 * BUMP_ROWS;

/** A row a detector: in how many of the series the one bump is found, and what else was said. */
export function measureBumps(detectors, { scale }) {
  const count = Math.max(1, Math.round(SERIES * scale));
  return detectors.flatMap((detector) => KINDS.map((kind) => measureKind(detector, kind, count)));
}

function measureKind(detector, [spacing, periodMs, day], count) {
  let found = 0;
  let others = 0;
  for (let seed = 1; seed <= count; seed++) {
    const { values, at } = waveWithBump(seed, periodMs, day);
    const rows = alarmRows(detector.create(), values, { startMs: START_MS, periodMs });
    const within = rows.filter((row) => row >= at && row < at + FOUND_ROWS).length;
    if (within > 0) found++;
    others += rows.length - within;
  }
  return { detector: detector.name, spacing, day, series: count, found, 'other alarms': others };
}

/** Days of a wave of five times the noise up and down; the bump begins anywhere in the last. */
function waveWithBump(seed, periodMs, days) {
  const place = { startMs: START_MS, periodMs };
  const dayRows = DAY_MS / periodMs;
  const values = fillCleanSeries('daily season', 5000 + seed, place, new Float64Array(days * dayRows));
  const at = (days - 1) * dayRows + Math.floor(seededRandom(seed)() * (dayRows - FOUND_ROWS));
  for (let row = at; row < at + BUMP_ROWS; row++) values[row] += BUMP;
  return { values, at };
}
