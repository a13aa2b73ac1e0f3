/** Upper 5% point of the level statistic. Source: Kwiatkowski et al. (1992), table 1. */
const CRITICAL_5_PERCENT = 0.463;

/**
 * The KPSS statistic of the hypothesis that a series is stationary around a level: η = Σ Sₜ² / (n² s²), with the
 * partial sums S of the deviations from the mean and their long-run variance s² = γ₀ + 2 Σ (1 − k/(lag + 1)) γ_k.
 * A constant series gives 0. Cost: lag passes.
 * Source: Kwiatkowski, Phillips, Schmidt & Shin (1992), J. Econometrics 54, equations 9 to 13.
 * @param values at least one, finite
 * @param lag autocovariances taken in. Default ⌊3√n / 13⌋, as in R's `ndiffs`
 * @throws RangeError on an empty series
 */
export function kpssStatistic(
  values: Float64Array,
  lag = Math.trunc((3 * Math.sqrt(values.length)) / 13),
): number {
  const count = values.length;
  if (count === 0) throw new RangeError('the KPSS statistic needs values');
  let low = values[0]!;
  let high = low;
  let mean = 0;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
    mean += value / count;
  }
  // Scaled, so that no square overflows or vanishes; 0 where the values differ by less than can be halved.
  const scale = high / 2 - low / 2;
  if (scale === 0) return 0;
  const deviations = values.map((value) => (value - mean) / scale);
  let sum = 0;
  let partial = 0;
  for (const deviation of deviations) {
    partial += deviation;
    sum += partial * partial;
  }
  let variance = crossProduct(deviations, 0);
  for (let k = 1; k <= lag; k++) variance += 2 * (1 - k / (lag + 1)) * crossProduct(deviations, k);
  return sum / (count * variance);
}

/**
 * How many times a series is to be differenced until KPSS at 5% no longer rejects that it is stationary around a
 * level: 0 to `most`. Stops early at a constant. Cost: that of the statistic, up to `most` times.
 * Source: Hyndman & Khandakar (2008), J. Statistical Software 27(3), section 3.1.
 * @param most default 2
 */
export function differencesNeeded(values: Float64Array, most = 2): number {
  let current = values;
  for (let d = 0; d < most; d++) {
    if (current.length < 3 || !(kpssStatistic(current) > CRITICAL_5_PERCENT)) return d;
    const shorter = current.subarray(1);
    const before = current;
    current = shorter.map((value, index) => value - before[index]!);
  }
  return most;
}

function crossProduct(values: Float64Array, lag: number): number {
  let sum = 0;
  for (let index = lag; index < values.length; index++) sum += values[index]! * values[index - lag]!;
  return sum;
}
