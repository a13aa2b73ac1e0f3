import { quantile, scaleOf } from './robust-scale.js';

/** Noise of a series that may hold steps and outliers: e_t in n_t = φ n_{t−1} + e_t. */
export interface AutoregressiveNoise {
  /** 0 to 1. */
  readonly phi: number;
  /** Of e. 0 only for a series whose changes are all the same. */
  readonly deviation: number;
  /** y_t − φ y_{t−1}; the first is 0. */
  readonly transformed: Float64Array;
}

/**
 * What the noise is like, hardly moved by the steps in it: φ from medians of the changes over two values and one,
 * (median |y_{t+2} − y_t| / median |y_{t+1} − y_t|)² − 1, of the series less its median slope, which steps only touch where they are. The deviation is the
 * largest of what the changes of z say by their median and by their 95% point (so that heavy tails count) and of φ
 * times the spread of z itself (so that a slope that varies counts, as φ nears 1). Where most values repeat the one
 * before, means of squares stand in for medians. Cost: some sorts.
 * Source: Chakar, Lebarbier, Lévy-Leduc & Robin (2017), Bernoulli 23, equation 4.
 * @param series finite, at least 3 values
 */
export function autoregressiveNoise(series: Float64Array): AutoregressiveNoise {
  const slope = quantile(differences(series, 1), 0.5);
  const level = series.map((value, index) => value - slope * index);
  const once = differences(level, 1).map(Math.abs);
  const twice = differences(level, 2).map(Math.abs);
  const [one, two] =
    quantile(once, 0.5) > 0 ? [quantile(once, 0.5), quantile(twice, 0.5)] : [rms(once), rms(twice)];
  const phi = one > 0 ? Math.min(1, Math.max(0, (two / one) ** 2 - 1)) : 0;
  const transformed = series.map((value, index) => (index === 0 ? 0 : value - phi * series[index - 1]!));
  const inner = level.subarray(1).map((value, index) => value - phi * level[index]!);
  const moves = differences(inner, 1).map(Math.abs);
  const ofMoves = scaleOf(moves) / Math.SQRT2;
  const centre = quantile(inner, 0.5);
  const ofValues = phi * scaleOf(inner.map((value) => Math.abs(value - centre)));
  const deviation = Math.max(ofMoves, ofValues);
  return { phi, deviation: deviation > 0 ? deviation : rms(moves) / Math.SQRT2, transformed };
}

function differences(values: Float64Array, lag: number): Float64Array {
  return values.subarray(lag).map((value, index) => value - values[index]!);
}

function rms(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum / values.length);
}
