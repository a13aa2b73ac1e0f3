/**
 * Measures of forecasts against what came. All take two equally long, non-empty arrays of finite numbers and cost one
 * pass; they throw RangeError if lengths differ or are 0. Pairs stand in the same place of both.
 */

/** mean |actual − forecast|, in units of the series. */
export function meanAbsoluteError(actual: Float64Array, forecast: Float64Array): number {
  return meanOver(actual, forecast, (value, expected) => Math.abs(value - expected));
}

/** mean (actual − forecast)², in squared units of the series. */
export function meanSquaredError(actual: Float64Array, forecast: Float64Array): number {
  return meanOver(actual, forecast, (value, expected) => (value - expected) ** 2);
}

/** mean |actual − forecast| / |actual| as a share (0.1 is 10%). Infinity where an actual 0 was missed. */
export function meanAbsolutePercentageError(actual: Float64Array, forecast: Float64Array): number {
  return meanOver(actual, forecast, (value, expected) =>
    value === expected ? 0 : Math.abs(value - expected) / Math.abs(value),
  );
}

/**
 * mean 2 |actual − forecast| / (|actual| + |forecast|) as a share, 0 to 2 (the M competitions print it times 100). A
 * pair of zeros counts 0. Source: Makridakis & Hibon (2000), "The M3-Competition", Int. J. Forecasting 16.
 */
export function symmetricMeanAbsolutePercentageError(actual: Float64Array, forecast: Float64Array): number {
  return meanOver(actual, forecast, (value, expected) =>
    value === expected ? 0 : (2 * Math.abs(value - expected)) / (Math.abs(value) + Math.abs(expected)),
  );
}

/**
 * Mean absolute error over that of the seasonal naive forecast within the history: below 1 is better than naive.
 * Source: Hyndman & Koehler (2006), Int. J. Forecasting 22, equation 3.
 * @param scale from {@link seasonalNaiveScale}
 * @returns 0 where nothing was missed, Infinity where the history never changed and something was
 */
export function meanAbsoluteScaledError(actual: Float64Array, forecast: Float64Array, scale: number): number {
  return scaled(meanAbsoluteError(actual, forecast), scale);
}

/** Bounds of prediction intervals, each as long as the actual values; lower is never above upper. */
export interface Intervals {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/**
 * Mean scaled interval score: the width, plus 2 / (1 − level) times what a value lies outside, over the scale. Less
 * is better. Source: Gneiting & Raftery (2007), J. American Statistical Association 102, equation 43; scaled as in
 * Makridakis, Spiliotis & Assimakopoulos (2020), "The M4 Competition", Int. J. Forecasting 36.
 * @param level that the intervals claim, between 0 and 1
 * @param scale from {@link seasonalNaiveScale}
 * @throws RangeError also for a level outside (0, 1)
 */
export function meanScaledIntervalScore(
  actual: Float64Array,
  { lower, upper }: Intervals,
  level: number,
  scale: number,
): number {
  if (!(level > 0 && level < 1)) throw new RangeError(`level lies between 0 and 1, not ${level}`);
  checkLengths(actual, upper);
  const penalty = 2 / (1 - level);
  const score = meanOver(actual, lower, (value, low, index) => {
    const high = upper[index]!;
    return high - low + penalty * (Math.max(0, low - value) + Math.max(0, value - high));
  });
  return scaled(score, scale);
}

/** Share of the actual values within their intervals, bounds included: honest intervals at 95% give 0.95. */
export function intervalCoverage(actual: Float64Array, { lower, upper }: Intervals): number {
  checkLengths(actual, upper);
  return meanOver(actual, lower, (value, low, index) => (value >= low && value <= upper[index]! ? 1 : 0));
}

/**
 * What scaled measures divide by: mean |y_t − y_{t−season}| over the history. 0 for a history that repeats itself, or
 * is no longer than a season.
 * @param season values in one, a whole number from 1
 * @throws RangeError if season is not
 */
export function seasonalNaiveScale(history: Float64Array, season: number): number {
  if (!Number.isInteger(season) || season < 1) {
    throw new RangeError(`season is a whole number from 1, not ${season}`);
  }
  let sum = 0;
  for (let index = season; index < history.length; index++) {
    sum += Math.abs(history[index]! - history[index - season]!);
  }
  return history.length > season ? sum / (history.length - season) : 0;
}

function scaled(error: number, scale: number): number {
  return error === 0 ? 0 : error / scale;
}

function checkLengths(one: Float64Array, other: Float64Array): void {
  if (one.length !== other.length || one.length === 0) {
    throw new RangeError(`${one.length} and ${other.length} values cannot be paired`);
  }
}

function meanOver(
  actual: Float64Array,
  forecast: Float64Array,
  measure: (actual: number, forecast: number, index: number) => number,
): number {
  checkLengths(actual, forecast);
  let sum = 0;
  for (let index = 0; index < actual.length; index++) sum += measure(actual[index]!, forecast[index]!, index);
  return sum / actual.length;
}
