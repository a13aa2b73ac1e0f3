import type { ObservedSeries } from './observed-series.js';
import { quantile, scaleOf } from './robust-scale.js';

/** Noise of a series that may hold steps and outliers: e_t in n_t = φ n_{t−1} + e_t. */
export interface AutoregressiveNoise {
  /** 0 to 1. */
  readonly phi: number;
  /** Of e. 0 only for a series whose changes are all the same. */
  readonly deviation: number;
}

/**
 * What the noise is like, hardly moved by the steps in it: φ from medians of the changes over two values and one,
 * (median |y_{t+2} − y_t| / median |y_{t+1} − y_t|)² − 1, of the series less its median slope, which steps only touch where they are. The deviation is the
 * largest of what the changes of z = y_t − φ y_{t−1} say by their median and by their 95% point (so that heavy tails
 * count) and of φ times the spread of z itself (so that a slope that varies counts, as φ nears 1). Where most values
 * repeat the one before, means of squares stand in for medians. Only neighbours that are as far apart as most tell φ;
 * over a gap, z is divided by what its standard deviation is in units of that of e. Cost: some sorts.
 * Source: Chakar, Lebarbier, Lévy-Leduc & Robin (2017), Bernoulli 23, equation 4.
 * @param observed finite, at least 3 values
 */
export function autoregressiveNoise({ values, places, gaps, pace }: ObservedSeries): AutoregressiveNoise {
  const slope = quantile(paced(values, gaps, pace, 1), 0.5) / pace;
  const level = values.map((value, number) => value - slope * places[number]!);
  const once = paced(level, gaps, pace, 1).map(Math.abs);
  const twice = paced(level, gaps, pace, 2).map(Math.abs);
  const [one, two] =
    quantile(once, 0.5) > 0 ? [quantile(once, 0.5), quantile(twice, 0.5)] : [rms(once), rms(twice)];
  const paceful = one > 0 ? Math.min(1, Math.max(0, (two / one) ** 2 - 1)) : 0;
  const phi = pace === 1 ? paceful : paceful ** (1 / pace);
  const inner = level
    .subarray(1)
    .map(
      (value, number) =>
        (value - over(phi, gaps[number + 1]!) * level[number]!) / Math.sqrt(spread(phi, gaps[number + 1]!)),
    );
  const moves = inner.subarray(1).map((value, number) => Math.abs(value - inner[number]!));
  const ofMoves = scaleOf(moves) / Math.SQRT2;
  const centre = quantile(inner, 0.5);
  const ofValues = phi * scaleOf(inner.map((value) => Math.abs(value - centre)));
  const deviation = Math.max(ofMoves, ofValues);
  return { phi, deviation: deviation > 0 ? deviation : rms(moves) / Math.SQRT2 };
}

/** What is left of the noise after so many steps: φ to their power. */
export function over(phi: number, gap: number): number {
  return gap === 1 ? phi : phi ** gap;
}

/** Variance of what has come to the noise after so many steps, in units of that of one: Σ φ^{2k}. */
export function spread(phi: number, gap: number): number {
  if (gap === 1) return 1;
  return phi === 1 ? gap : (1 - phi ** (2 * gap)) / (1 - phi * phi);
}

/** Changes over so many values that are each the pace apart. */
function paced(values: Float64Array, gaps: Int32Array, pace: number, lag: 1 | 2): Float64Array {
  const changes = new Float64Array(values.length);
  let count = 0;
  for (let number = lag; number < values.length; number++) {
    if (gaps[number] !== pace || (lag === 2 && gaps[number - 1] !== pace)) continue;
    changes[count++] = values[number]! - values[number - lag]!;
  }
  return changes.subarray(0, count);
}

function rms(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return values.length > 0 ? Math.sqrt(sum / values.length) : 0;
}
