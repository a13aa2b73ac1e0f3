import { stl } from './stl.js';

export interface MstlOptions {
  /** Values in one season, whole numbers from 2, all different; the series is longer than two of the longest. */
  readonly periods: readonly number[];
  /** Default false, as {@link StlOptions.robust}. */
  readonly robust?: boolean;
  /** STL's window of the shortest season, odd, from 3: that of each longer one is 4 wider. Default 11. */
  readonly seasonalWindow?: number;
  /** How often all seasons are gone through. Default 2, with one period 1. */
  readonly iterations?: number;
}

/** Parts of a series, each as long as it; they add up to it. */
export interface MstlParts {
  readonly trend: Float64Array;
  /** From the shortest period to the longest. */
  readonly seasonal: readonly { readonly period: number; readonly values: Float64Array }[];
  readonly remainder: Float64Array;
}

/** Of the shortest season. */
export const SEASONAL_WINDOW = 11;
const WINDOW_MORE = 4;

/** STL's window of the season of that number, the shortest being 0. */
export function windowOf(number: number, seasonalWindow: number): number {
  return seasonalWindow + WINDOW_MORE * number;
}

/**
 * Splits a series into several seasons, trend and remainder: STL for one season after the other, from the shortest on,
 * each time with the others taken off. Seasonal windows are 11, 15, 19, 23, … if not said otherwise, so that longer
 * seasons change slower.
 * Cost: iterations · periods times that of {@link stl}.
 * Source: Bandara, Hyndman & Bergmeir (2021), "MSTL: a seasonal-trend decomposition algorithm for time series with
 * multiple seasonal patterns", algorithm 1.
 * @param series regular, finite, oldest first
 * @throws RangeError without periods, with one twice or not a whole number from 2, or a series too short for one
 */
export function mstl(series: Float64Array, options: MstlOptions): MstlParts {
  const periods = [...options.periods].sort((a, b) => a - b);
  if (periods.length === 0) throw new RangeError('periods holds at least one');
  if (new Set(periods).size < periods.length) throw new RangeError('periods are all different');
  const { robust = false, seasonalWindow = SEASONAL_WINDOW } = options;
  const { iterations = periods.length === 1 ? 1 : 2 } = options;
  if (!Number.isInteger(iterations) || iterations < 1) {
    throw new RangeError(`iterations is a whole number from 1, not ${iterations}`);
  }
  const rest = series.slice();
  const seasonal = periods.map((period) => ({ period, values: new Float64Array(series.length) }));
  let trend: Float64Array = new Float64Array(series.length);
  for (let iteration = 0; iteration < iterations; iteration++) {
    for (const [index, season] of seasonal.entries()) {
      add(rest, season.values, 1);
      const window = windowOf(index, seasonalWindow);
      const parts = stl(rest, { period: season.period, seasonalWindow: window, robust });
      season.values.set(parts.seasonal);
      add(rest, season.values, -1);
      trend = parts.trend;
    }
  }
  add(rest, trend, -1);
  return { trend, seasonal, remainder: rest };
}

function add(to: Float64Array, values: Float64Array, sign: 1 | -1): void {
  for (let index = 0; index < to.length; index++) to[index] = to[index]! + sign * values[index]!;
}
