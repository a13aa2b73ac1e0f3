import { type MstlParts, mstl, SEASONAL_WINDOW } from '../decomposition/mstl.js';
import { observedOf } from './observed-series.js';
import { leftOfValue } from './season-noise.js';

/** Windows for seasons that change faster, each tried if the one before was better by so much. */
const NARROWER = [7, 5];
const BETTER = 0.75;

/**
 * STL's window for seasons that change too fast for one of 11: of 7 or 5, if the seasons, each value left out of its
 * own, are so much nearer to the values. A pattern that moves through the day is then followed, where the wider window
 * would give the mean of its last places.
 * Cost: a decomposition for each window tried, two at least.
 * Source: Allen (1974), Technometrics 16, for the sum of squares with each value left out (PRESS); Hastie & Tibshirani
 * (1990), "Generalized additive models", section 3.4, for that of linear smoothers.
 * @param periods of all seasons looked for, the shortest first, at least one
 * @param filled 1 where a value is interpolated
 * @returns that of the shortest season, and the parts of the series that it gives
 */
export function seasonalWindow(
  series: Float64Array,
  periods: readonly number[],
  filled?: Uint8Array,
): { readonly window: number; readonly parts: MstlParts } {
  const decomposed = (window: number) => {
    const parts = mstl(series, { periods, seasonalWindow: window });
    const left = leftOfValue(periods, series.length, window);
    return { window, parts, error: meanSquare(observedOf(parts.remainder, filled)) / (left * left) };
  };
  let best = decomposed(SEASONAL_WINDOW);
  for (const window of NARROWER) {
    const narrower = decomposed(window);
    if (!(narrower.error < BETTER * best.error)) break;
    best = narrower;
  }
  return best;
}

/**
 * The values of a season that double exponential smoothing continues. In a wide window those are smooth already. In a
 * narrow one what is smoothed at the end knows less of what comes than what was smoothed before, so that its errors
 * would look too small: there the shortest season goes on from what was measured.
 * @param number of the season, the shortest being 0
 * @param noise what trend and seasons leave over
 */
export function toBeContinued(
  season: Float64Array,
  number: number,
  noise: Float64Array,
  window: number,
): Float64Array {
  if (window >= SEASONAL_WINDOW || number > 0) return season;
  return season.map((value, index) => value + noise[index]!);
}

export function meanSquare(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += (value * value) / values.length;
  return sum;
}
