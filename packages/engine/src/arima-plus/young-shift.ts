import { observedSeries } from './observed-series.js';
import { quantile } from './robust-scale.js';
import { STEP_SIDE_LEAST } from './step-contrast.js';

/** Fewer values say too little of how far a series may move. */
const HISTORY_LEAST = 100;

/**
 * A series with the values of a shift that it ends with at the level before, while it is too young to be a step: seasons
 * found with them are bent, and have echoes of it at the same place of other days, which look like steps and dips. That
 * are up to four values, and one on the way to them, further from the level before than the history ever moved within
 * as many values. Cost: some ns a value.
 * @param filled as long as the series, 1 where a value is interpolated
 * @returns the same array where it ends with no such shift
 */
export function withoutYoungShift(series: Float64Array, filled: Uint8Array): Float64Array {
  const { values, places } = observedSeries(series, filled);
  if (values.length < HISTORY_LEAST) return series;
  const most = longestMove(values.subarray(0, values.length - STEP_SIDE_LEAST));
  for (let age = 1; age < STEP_SIDE_LEAST; age++) {
    const at = values.length - age;
    for (const from of [at, at - 1]) {
      const level = levelBefore(values, at, from, most);
      if (level !== undefined) return series.slice().fill(level, places[from]!);
    }
  }
  return series;
}

/** The level that a shift left, if there is one from `at` on; the value at `from`, if that is before, is on the way. */
function levelBefore(values: Float64Array, at: number, from: number, most: number): number | undefined {
  const level = quantile(values.subarray(from - STEP_SIDE_LEAST, from), 0.5);
  const shift = values.subarray(at);
  const reached = quantile(shift, 0.5);
  const side = Math.sign(reached - level);
  const isClear = shift.every((value) => side * (value - level) > most);
  if (!isClear || Math.abs(values[from - 1]! - level) > most) return undefined;
  const isWay = from === at || side * (reached - values[from]!) > most;
  return isWay ? level : undefined;
}

/** Furthest that a value is from one of the few before it. */
function longestMove(values: Float64Array): number {
  let most = 0;
  for (let lag = 1; lag <= STEP_SIDE_LEAST; lag++) {
    for (let at = lag; at < values.length; at++) {
      most = Math.max(most, Math.abs(values[at]! - values[at - lag]!));
    }
  }
  return most;
}
