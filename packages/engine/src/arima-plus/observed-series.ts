import { quantile } from './robust-scale.js';

/** The values of a regular series that were observed, without those that fill its gaps. */
export interface ObservedSeries {
  readonly values: Float64Array;
  /** Where on the grid they are, ascending. */
  readonly places: Int32Array;
  /** How far each is from the one before it, in steps of the grid; of the first 1. */
  readonly gaps: Int32Array;
  /** What neighbours mostly are apart: 1 unless most values are missing. */
  readonly pace: number;
}

/**
 * Leaves out the values that fill gaps: they lie on straight lines and say nothing of noise, and many of them
 * repeat what few values say. Cost: some passes.
 * @param filled as long as the series, 1 where a value is interpolated. Default: none is
 */
export function observedSeries(series: Float64Array, filled?: Uint8Array): ObservedSeries {
  const values = observedOf(series, filled);
  const places = new Int32Array(values.length);
  let count = 0;
  for (let index = 0; index < series.length; index++) if (filled?.[index] !== 1) places[count++] = index;
  const gaps = places.map((place, number) => (number > 0 ? place - places[number - 1]! : 1));
  const isWhole = values.length === series.length;
  const pace = isWhole ? 1 : Math.max(1, Math.floor(quantile(Float64Array.from(gaps.subarray(1)), 0.5)));
  return { values, places, gaps, pace };
}

/** The observed values alone; the series itself, not a copy, where all are. */
export function observedOf(series: Float64Array, filled?: Uint8Array): Float64Array {
  if (!filled?.includes(1)) return series;
  return series.filter((_, index) => filled[index] !== 1);
}
