/**
 * Sums of products of a series with itself at chosen lags, Σ_t x_{t−a} x_{t−b} over the values that have all lags
 * behind them, for all pairs a ≤ b of `lags`; row by row, symmetric. Pairs as far apart share one sum over the series:
 * from one to the other only its ends change.
 * Cost: values for each distance between two lags, instead of for each pair.
 * @param lags whole numbers from 0, ascending; the series is longer than the last
 */
export function lagProducts(series: Float64Array, lags: readonly number[]): Float64Array {
  const size = lags.length;
  const most = lags[size - 1]!;
  const products = new Float64Array(size * size);
  const known = new Map<number, { lag: number; sum: number }>();
  for (let i = 0; i < size; i++) {
    for (let j = i; j < size; j++) {
      const lag = lags[i]!;
      const distance = lags[j]! - lag;
      const before = known.get(distance);
      const sum =
        before === undefined
          ? productSum(series, most - lag, series.length - lag, distance)
          : before.sum +
            productSum(series, most - lag, most - before.lag, distance) -
            productSum(series, series.length - lag, series.length - before.lag, distance);
      known.set(distance, { lag, sum });
      products[i * size + j] = sum;
      products[j * size + i] = sum;
    }
  }
  return products;
}

/** Sums of x_{t−lag} over the same values. */
export function lagSums(series: Float64Array, lags: readonly number[]): Float64Array {
  const most = lags.at(-1)!;
  return Float64Array.from(lags, (lag) => {
    let sum = 0;
    for (let t = most - lag; t < series.length - lag; t++) sum += series[t]!;
    return sum;
  });
}

function productSum(series: Float64Array, from: number, to: number, distance: number): number {
  let sum = 0;
  for (let t = from; t < to; t++) sum += series[t]! * series[t - distance]!;
  return sum;
}
