import { mstl } from '../decomposition/mstl.js';

/**
 * All seasons of a series together, by MSTL; zeros without any. Periods that are not shorter than half of the series
 * are left out. Cost: that of {@link mstl}.
 * @param robust so that outliers do not move them: some four times the cost
 * @throws RangeError if a period is not a whole number from 2, or stands twice
 */
export function seasonalSum(series: Float64Array, periods: readonly number[], robust: boolean): Float64Array {
  const sum = new Float64Array(series.length);
  const fitting = periods.filter((period) => !(2 * period >= series.length));
  if (fitting.length === 0) return sum;
  for (const { values } of mstl(series, { periods: fitting, robust }).seasonal) {
    for (let index = 0; index < sum.length; index++) sum[index] = sum[index]! + values[index]!;
  }
  return sum;
}
