export interface LoessOptions {
  /** How many values take part in each fit; odd. Above the length of the series, all do and weigh more evenly. */
  readonly window: number;
  /** 0 fits a level, 1 a line. */
  readonly degree: 0 | 1;
  /** Fits at every so many positions; between them lie straight lines. */
  readonly jump: number;
  /** Of each value, 0 to 1, beside the weight of its distance. */
  readonly robustness?: Float64Array | undefined;
}

/**
 * Smooths regularly spaced values by local regression with tricube weights, into `out` (as long as the values).
 * Where no value has a weight, the value itself stays.
 * Cost: count · window / jump multiplications.
 * Source: Cleveland (1979), J. American Statistical Association 74; Cleveland et al. (1990), "STL: a seasonal-trend
 * decomposition procedure based on loess", J. Official Statistics 6, sections 2.2 and 3.4 (the jumps).
 */
export function smoothLoess(values: Float64Array, options: LoessOptions, out: Float64Array): void {
  const count = values.length;
  if (count < 2) {
    out.set(values);
    return;
  }
  const { window, robustness } = options;
  const jump = Math.min(options.jump, count - 1);
  const half = (window - 1) / 2;
  // Away from the ends the weights of distance are the same at every position.
  const kernel = Float64Array.from({ length: window < count ? half + 1 : 0 }, (_, i) => tricube(i, half));
  let last = 0;
  for (let at = 0; at < count; at += jump) {
    const start = windowStart(at, count, window);
    const inside = window < count && at - start === half;
    if (inside && robustness === undefined) out[at] = symmetricMean(values, at, kernel);
    else out[at] = loessAt(values, at, start, options, inside ? kernel : undefined) ?? values[at]!;
    interpolate(out, last, at);
    last = at;
  }
  if (last === count - 1) return;
  // The last fit is taken over the window of the one before it.
  const start = windowStart(last, count, options.window);
  out[count - 1] = loessAt(values, count - 1, start, options) ?? values[count - 1]!;
  interpolate(out, last, count - 1);
}

/**
 * One fit at position `at`, which may lie outside the values, over min(window, length) values from `start` on.
 * Undefined where none of them has a weight. Source: Cleveland et al. (1990), section 2.2.
 * @param kernel the weights by distance, if they are known
 */
export function loessAt(
  values: Float64Array,
  at: number,
  start: number,
  { window, degree, robustness }: Omit<LoessOptions, 'jump'>,
  kernel?: Float64Array,
): number | undefined {
  const count = values.length;
  const end = start + Math.min(window, count);
  const wider = window > count ? Math.floor((window - count) / 2) : 0;
  const reach = Math.max(at - start, end - 1 - at) + wider;
  let total = 0;
  let first = 0;
  let second = 0;
  let product = 0;
  let product1 = 0;
  for (let index = start; index < end; index++) {
    const offset = index - at;
    let weight = kernel === undefined ? tricube(Math.abs(offset), reach) : kernel[Math.abs(offset)]!;
    if (robustness !== undefined) weight *= robustness[index]!;
    total += weight;
    first += weight * offset;
    second += weight * offset * offset;
    product += weight * values[index]!;
    product1 += weight * offset * values[index]!;
  }
  if (!(total > 0)) return undefined;
  const level = product / total;
  if (degree === 0 || reach <= 0) return level;
  const centre = first / total;
  const spread = second / total - centre * centre;
  // Too narrow for a slope.
  if (!(Math.sqrt(Math.max(0, spread)) > 0.001 * (count - 1))) return level;
  return level - (centre * (product1 / total - centre * level)) / spread;
}

/** With the same weights on both sides a line is, in the middle, no other than a level. */
function symmetricMean(values: Float64Array, at: number, kernel: Float64Array): number {
  let total = kernel[0]!;
  let sum = kernel[0]! * values[at]!;
  for (let distance = 1; distance < kernel.length; distance++) {
    const weight = kernel[distance]!;
    total += 2 * weight;
    sum += weight * (values[at - distance]! + values[at + distance]!);
  }
  return sum / total;
}

/** First of the values in the window around a position. Source: Cleveland et al. (1990), section 2.2. */
export function windowStart(at: number, count: number, window: number): number {
  if (window >= count) return 0;
  return Math.max(0, Math.min(count - window, at - Math.floor((window - 1) / 2)));
}

/** (1 − (d/reach)³)³, with both ends flat. */
export function tricube(distance: number, reach: number): number {
  if (distance > 0.999 * reach) return distance === 0 ? 1 : 0;
  if (distance <= 0.001 * reach) return 1;
  const share = distance / reach;
  const rest = 1 - share * share * share;
  return rest * rest * rest;
}

/** Straight line between two positions that are filled. */
function interpolate(out: Float64Array, from: number, to: number): void {
  const slope = (out[to]! - out[from]!) / (to - from);
  for (let index = from + 1; index < to; index++) out[index] = out[from]! + slope * (index - from);
}
