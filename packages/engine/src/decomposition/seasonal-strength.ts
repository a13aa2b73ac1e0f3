/**
 * How much of what trend leaves over is season: max(0, 1 − Var(remainder) / Var(seasonal + remainder)), 0 to 1. R calls
 * for a seasonal difference above 0.64. 0 where nothing is left over. Cost: two passes.
 * Source: Wang, Smith & Hyndman (2006), Data Mining and Knowledge Discovery 13; Hyndman & Athanasopoulos (2021),
 * "Forecasting: principles and practice", section 4.3.
 * @param seasonal of one period, from {@link stl} or {@link mstl}
 * @param remainder of the same decomposition
 * @throws RangeError if they differ in length or are empty
 */
export function seasonalStrength(seasonal: Float64Array, remainder: Float64Array): number {
  if (seasonal.length !== remainder.length || seasonal.length === 0) {
    throw new RangeError('seasonal and remainder are equally long, and not empty');
  }
  const together = squaredDeviations(remainder.map((value, index) => value + seasonal[index]!));
  if (!(together > 0)) return 0;
  return Math.max(0, 1 - squaredDeviations(remainder) / together);
}

function squaredDeviations(values: Float64Array): number {
  let mean = 0;
  for (const value of values) mean += value / values.length;
  let sum = 0;
  for (const value of values) sum += (value - mean) ** 2;
  return sum;
}
