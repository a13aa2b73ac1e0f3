import { fillCleanSeries } from '@seismo/engine/evaluation';
import { Cusum, limitFor } from './cusum.js';
import { alarmRows } from './measure-clean.js';

const MINUTE_MS = 60_000;
const WEEK_ROWS = 10_080;
const DAY_ROWS = 1440;
const START_MS = Date.UTC(2025, 2, 31);
const SHIFTS = [3, 5, 8];
/** Noise before the shift, and how long it is waited for. */
const LEARNED_ROWS = 2 * DAY_ROWS;
const PATIENCE_ROWS = 240;
const SERIES = 200;
/** Series of two weeks without a shift, by which the CUSUM is set. */
const CLEAN_SERIES = 30;
const CLEAN_ROWS = 2 * WEEK_ROWS;
/** Half a shift of one deviation: the usual reference value. */
const USUAL_REFERENCE = 0.5;

/**
 * Normal noise at one minute, shifted after two days. A row a detector and shift: mean samples to the first alarm, that
 * of a CUSUM that knows mean and deviation and gives as many false alarms, and that of the CUSUM made for this shift.
 * Who says nothing in four hours counts as that.
 */
export function measureDelays(detectors, { scale }) {
  const count = Math.max(1, Math.round(SERIES * scale));
  return detectors.flatMap((detector) => {
    const perWeek = falseAlarms(detector, scale);
    return SHIFTS.map((shift) => {
      const shifted = Array.from({ length: count }, (_, index) => noiseWithShift(index + 1, shift));
      const own = meanDelay(shifted, (values) =>
        alarmRows(detector.create(), values, { startMs: START_MS, periodMs: MINUTE_MS }),
      );
      const peer = (reference) => {
        const limit = limitFor(reference, WEEK_ROWS / perWeek);
        return meanDelay(shifted, (values) => cusumRows(new Cusum(reference, limit), values)).delay;
      };
      return {
        detector: detector.name,
        'false alarms / week': rounded(perWeek),
        'shift, σ': shift,
        delay: rounded(own.delay),
        'not told': own.missed,
        CUSUM: rounded(peer(USUAL_REFERENCE)),
        'CUSUM for this shift': rounded(peer(shift / 2)),
      };
    });
  });
}

/** On noise of the same kind; at least one, since a CUSUM without false alarms would wait for ever. */
function falseAlarms(detector, scale) {
  const values = new Float64Array(CLEAN_ROWS);
  const series = Math.max(1, Math.round(CLEAN_SERIES * scale));
  let alarms = 0;
  for (let seed = 1; seed <= series; seed++) {
    fillCleanSeries('gaussian', seed, { startMs: START_MS, periodMs: MINUTE_MS }, values);
    alarms += alarmRows(detector.create(), values, { startMs: START_MS, periodMs: MINUTE_MS }).length;
  }
  return Math.max(1, alarms) / ((series * CLEAN_ROWS) / WEEK_ROWS);
}

function noiseWithShift(seed, shift) {
  const place = { startMs: START_MS, periodMs: MINUTE_MS };
  const values = new Float64Array(LEARNED_ROWS + PATIENCE_ROWS);
  fillCleanSeries('gaussian', 9000 + seed, place, values);
  for (let row = LEARNED_ROWS; row < values.length; row++) values[row] += shift;
  return values;
}

function meanDelay(series, alarmsOf) {
  let sum = 0;
  let missed = 0;
  for (const values of series) {
    const row = alarmsOf(values).find((one) => one >= LEARNED_ROWS);
    if (row === undefined) missed++;
    sum += row === undefined ? PATIENCE_ROWS : row - LEARNED_ROWS + 1;
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
