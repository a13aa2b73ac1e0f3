import { mstl } from '../decomposition/mstl.js';

/**
 * A copy of a series less its seasons, by MSTL that outliers do not move. Periods that are not shorter than half of
 * the series are left out. Cost: that of robust {@link mstl}.
 * @throws RangeError if a period is not a whole number from 2, or stands twice
 */
export function withoutSeasons(series: Float64Array, periods: readonly number[]): Float64Array {
  const base = series.slice();
  const fitting = periods.filter((period) => !(2 * period >= series.length));
  if (fitting.length === 0) return base;
  for (const { values } of mstl(series, { periods: fitting, robust: true }).seasonal) {
    for (let index = 0; index < base.length; index++) base[index] = base[index]! - values[index]!;
  }
  return base;
}
