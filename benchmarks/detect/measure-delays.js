import { fillCleanSeries } from '@seismo/engine/evaluation';
import { Cusum, limitFor } from './cusum.js';
import { alarmRows, cleanSeries, PERIODS } from './measure-clean.js';

const START_MS = Date.UTC(2025, 2, 31);
const WEEK_MS = 604_800_000;
const SHIFTS = [3, 5, 8];
/** Of each spacing: noise before the shift, how long it is waited for, and how many series. */
const SPACINGS = {
  '1s': { learnedRows: 43_200, patienceRows: 600, count: 40 },
  '1min': { learnedRows: 2880, patienceRows: 240, count: 200 },
};
/** Half a shift of one deviation: the usual reference value. */
const USUAL_REFERENCE = 0.5;

/**
 * Normal noise, shifted after half a day of seconds or two days of minutes. A row a detector, spacing and shift: mean samples
 * to the first alarm, that of a CUSUM that knows mean and deviation and gives as many false alarms, and that of the CUSUM made
 * for this shift. Who says nothing in ten minutes of seconds, in four hours of minutes, counts as that.
 */
export function measureDelays(detectors, { periods, scale }) {
  const spacings = periods.split(',').filter((name) => name in SPACINGS);
  return spacings.flatMap((name) => {
    const spacing = { name, ...SPACINGS[name], periodMs: PERIODS[name].periodMs };
    const count = Math.max(1, Math.round(spacing.count * scale));
    const shifted = (shift) =>
      Array.from({ length: count }, (_, index) => noiseWithShift(index + 1, shift, spacing));
    return detectors.flatMap((detector) => {
      const perWeek = falseAlarms(detector, name, scale);
      return SHIFTS.map((shift) => rowOf(detector, shift, shifted(shift), spacing, perWeek));
    });
  });
}

function rowOf(detector, shift, series, spacing, perWeek) {
  const { periodMs } = spacing;
  const own = meanDelay(series, spacing, (values) =>
    alarmRows(detector.create(), values, { startMs: START_MS, periodMs }),
  );
  const peer = (reference) => {
    const limit = limitFor(reference, WEEK_MS / periodMs / perWeek);
    return meanDelay(series, spacing, (values) => cusumRows(new Cusum(reference, limit), values)).delay;
  };
  return {
    detector: detector.name,
    spacing: spacing.name,
    'false alarms / week': rounded(perWeek),
    'shift, σ': shift,
    delay: rounded(own.delay),
    'not told': `${own.missed} of ${series.length}`,
    CUSUM: rounded(peer(USUAL_REFERENCE)),
    'CUSUM for this shift': rounded(peer(shift / 2)),
  };
}

/** On noise of the same kind; of at least one alarm, since a CUSUM without false alarms would wait for ever. */
function falseAlarms(detector, spacing, scale) {
  let [alarms, weeks] = [0, 0];
  for (const { values, times } of cleanSeries('gaussian', spacing, scale)) {
    alarms += alarmRows(detector.create(), values, times).length;
    weeks += PERIODS[spacing].weeks;
  }
  return Math.max(1, alarms) / weeks;
}

function noiseWithShift(seed, shift, { learnedRows, patienceRows, periodMs }) {
  const values = new Float64Array(learnedRows + patienceRows);
  fillCleanSeries('gaussian', 9000 + seed, { startMs: START_MS, periodMs }, values);
  for (let row = learnedRows; row < values.length; row++) values[row] += shift;
  return values;
}

function meanDelay(series, { learnedRows, patienceRows }, alarmsOf) {
  let sum = 0;
  let missed = 0;
  for (const values of series) {
    const row = alarmsOf(values).find((one) => one >= learnedRows);
    if (row === undefined) missed++;
    sum += row === undefined ? patienceRows : row - learnedRows + 1;
  }
  return { delay: sum / series.length, missed };
}

/** The clean series have the mean 100 and the deviation 1. */
function cusumRows(cusum, values) {
  const rows = [];
  for (let row = 0; row < values.length; row++) if (cusum.takes(values[row] - 100)) rows.push(row);
  return rows;
}

function rounded(value) {
  return Number(value.toFixed(2));
}
