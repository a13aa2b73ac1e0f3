/** One lasting change of the level from one value to the next. */
export interface StepChange {
  /** Of the first value at the new level. */
  readonly index: number;
  /** New level less the old one, in the units of the series. */
  readonly size: number;
}

export interface StepChangesOptions {
  /** Fewest values on either side of a step, from 2. Default 5. */
  readonly sideMin?: number;
}

interface Segment {
  readonly from: number;
  readonly to: number;
}

interface Split {
  readonly index: number;
  readonly size: number;
  /** By how much it lowers the sum of squares. */
  readonly gain: number;
}

/** Medians and means of absolute Gaussian differences to standard deviations. */
const MEDIAN_TO_DEVIATION = 1.4826;
const MEAN_TO_DEVIATION = 1.2533;
/** Nearer to 1 a series is a walk, in which a step is nothing unusual. */
const CORRELATION_MAX = 0.95;
/** A step has to lower the sum of squares by so many times ln n variances. Source: Zhang & Siegmund (2007). */
const PENALTY = 3;

/**
 * Finds where the level of a series jumps, however it moves otherwise: binary segmentation with a line through every
 * segment, so that a slope is no step. The noise may be correlated from one value to the next; the correlation comes from
 * medians of differences, which steps do not move, and is taken out first. A step must show within as many values around
 * it as its size makes necessary, fit there better than a bend, which is a cubic, and be larger than the moves that are
 * usual in this series, by the same penalty.
 * Cost: some passes for each step or bend, O(n log n) in all. Sources: Scott & Knott (1974), Biometrics 30, for the
 * segmentation; Chakar, Lebarbier, Lévy-Leduc & Robin (2017), Bernoulli 23, equation 4, for the correlation; Zhang &
 * Siegmund (2007), Biometrics 63, for the penalty.
 * @param series regular, finite, oldest first, without season; spikes are taken for noise if few
 * @returns in the order of time; none in a series shorter than twice `sideMin`
 * @throws RangeError if `sideMin` is not a whole number from 2
 */
export function findStepChanges(
  series: Float64Array,
  { sideMin = 5 }: StepChangesOptions = {},
): StepChange[] {
  if (!Number.isInteger(sideMin) || sideMin < 2) {
    throw new RangeError(`sideMin is a whole number from 2, not ${sideMin}`);
  }
  const largest = series.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (series.length < 2 * sideMin || largest === 0) return [];
  const scaled = series.map((value) => value / largest);
  const correlation = correlationOf(scaled);
  const values = scaled.map((value, index) => value - correlation * scaled[Math.max(0, index - 1)]!);
  // Below this, what is left are rounding errors.
  const variance = Math.max(1e-24, noiseVariance(values));
  const threshold = PENALTY * Math.log(series.length) * variance;
  const usual = usualMoves(scaled);
  const unusual = Math.sqrt(PENALTY * Math.log(series.length));
  const steps: StepChange[] = [];
  const open: Segment[] = [{ from: 0, to: series.length }];
  for (let segment = open.pop(); segment !== undefined; segment = open.pop()) {
    const split = bestSplit(values, segment, sideMin);
    if (split === undefined || split.gain <= threshold) continue;
    open.push({ from: segment.from, to: split.index }, { from: split.index, to: segment.to });
    const near = nearby(segment, split, threshold, sideMin);
    const local = splitAt(values, near, split.index);
    if (local.gain <= Math.max(threshold, bendGain(values, near))) continue;
    const { size } = splitAt(scaled, near, split.index);
    const side = Math.min(split.index - near.from, near.to - split.index);
    if (Math.abs(size) > unusual * usual(side)) steps.push({ index: split.index, size: size * largest });
  }
  return steps.sort((a, b) => a.index - b.index);
}

/**
 * The steps as a part of the series: 0 before the first one, then the sum of their sizes so far. Cost: one pass.
 * @param length of the series
 * @param steps in the order of time, from {@link findStepChanges}
 */
export function stepComponent(length: number, steps: readonly StepChange[]): Float64Array {
  const out = new Float64Array(length);
  let level = 0;
  for (const [order, { index, size }] of steps.entries()) {
    level += size;
    out.fill(level, index, steps[order + 1]?.index ?? length);
  }
  return out;
}

/** ρ of noise of the first order: the differences over two steps, squared, against those over one, less 1. */
function correlationOf(values: Float64Array): number {
  const one = differenceMedian(values, 1);
  if (one === 0) return 0;
  const rho = differenceMedian(values, 2) ** 2 / one ** 2 - 1;
  return Math.max(0, Math.min(CORRELATION_MAX, rho));
}

/** Of the noise, from its differences: by their median, or by their mean where most of them are 0. */
function noiseVariance(values: Float64Array): number {
  const median = differenceMedian(values, 1);
  if (median > 0) return (MEDIAN_TO_DEVIATION * median) ** 2 / 2;
  let sum = 0;
  for (let index = 1; index < values.length; index++) sum += Math.abs(values[index]! - values[index - 1]!);
  return ((MEAN_TO_DEVIATION * sum) / (values.length - 1)) ** 2 / 2;
}

/**
 * How far the mean of so many values usually is from that of as many before: a standard deviation by the median over the
 * whole series, which steps do not move. In a series that wanders it is large, and steps have to be larger. 0 for more
 * than an eighth of the values, of which the series does not hold enough.
 */
function usualMoves(values: Float64Array): (side: number) => number {
  const known = new Map<number, number>();
  const sums = new Float64Array(values.length + 1);
  for (let index = 0; index < values.length; index++) sums[index + 1] = sums[index]! + values[index]!;
  const measure = (side: number) => {
    const moves = new Float64Array(values.length - 2 * side + 1);
    for (let index = 0; index < moves.length; index++) {
      const middle = sums[index + side]!;
      moves[index] = Math.abs(sums[index + 2 * side]! - 2 * middle + sums[index]!) / side;
    }
    moves.sort();
    return MEDIAN_TO_DEVIATION * moves[moves.length >> 1]!;
  };
  return (side) => {
    // In powers of two, since a measure costs a sort.
    const rounded = 2 ** Math.floor(Math.log2(side));
    if (rounded > values.length / 8) return 0;
    const move = known.get(rounded) ?? measure(rounded);
    known.set(rounded, move);
    return move;
  };
}

/** Median of the absolute differences over `lag` values. */
function differenceMedian(values: Float64Array, lag: number): number {
  const differences = new Float64Array(values.length - lag);
  for (let index = 0; index < differences.length; index++) {
    differences[index] = Math.abs(values[index + lag]! - values[index]!);
  }
  differences.sort();
  return differences[differences.length >> 1]!;
}

/** Where a step beside a line lowers the sum of squares most. */
function bestSplit(values: Float64Array, { from, to }: Segment, sideMin: number): Split | undefined {
  const count = to - from;
  if (count < 2 * sideMin) return undefined;
  const { mean, slope } = line(values, from, to);
  const middle = (count - 1) / 2;
  let best: Split | undefined;
  let after = 0;
  for (let index = to - 1; index >= from + sideMin; index--) {
    after += values[index]! - mean - slope * (index - from - middle);
    const right = to - index;
    if (right < sideMin) continue;
    const spread = stepSpread(count - right, right);
    const gain = (after * after) / spread;
    if (best === undefined || gain > best.gain) best = { index, size: after / spread, gain };
  }
  return best;
}

function splitAt(values: Float64Array, { from, to }: Segment, index: number): Split {
  const { mean, slope } = line(values, from, to);
  const middle = (to - from - 1) / 2;
  let after = 0;
  for (let at = index; at < to; at++) after += values[at]! - mean - slope * (at - from - middle);
  const spread = stepSpread(index - from, to - index);
  return { index, size: after / spread, gain: (after * after) / spread };
}

/** What is left of the squares of a step's indicator beside a level and a slope. */
function stepSpread(left: number, right: number): number {
  const count = left + right;
  return ((left * right) / count) * (1 - (3 * left * right) / (count * count - 1));
}

/** As many values around a split as make a step of its size show with twice the gain it needs, where there are. */
function nearby({ from, to }: Segment, { index, size }: Split, threshold: number, sideMin: number): Segment {
  let side = sideMin;
  while (size * size * stepSpread(side, side) < 2 * threshold && side < to - from) side *= 2;
  return { from: Math.max(from, index - side), to: Math.min(to, index + side) };
}

/** By how much a square and a cube beside a line lower the sum of squares. Gram's polynomials, as orthogonal ones. */
function bendGain(values: Float64Array, { from, to }: Segment): number {
  const count = to - from;
  const middle = (count - 1) / 2;
  const meanSquare = (count * count - 1) / 12;
  const cubeSlope = (3 * count * count - 7) / 20;
  let [second, secondNorm, third, thirdNorm] = [0, 0, 0, 0];
  for (let index = from; index < to; index++) {
    const x = index - from - middle;
    const square = x * x - meanSquare;
    const cube = x * (x * x - cubeSlope);
    second += square * values[index]!;
    secondNorm += square * square;
    third += cube * values[index]!;
    thirdNorm += cube * cube;
  }
  return (second * second) / secondNorm + (third * third) / thirdNorm;
}

/** Least squares, around the middle. */
function line(values: Float64Array, from: number, to: number): { mean: number; slope: number } {
  const count = to - from;
  const middle = (count - 1) / 2;
  let sum = 0;
  let moment = 0;
  for (let index = from; index < to; index++) {
    sum += values[index]!;
    moment += (index - from - middle) * values[index]!;
  }
  return { mean: sum / count, slope: moment / ((count * (count * count - 1)) / 12) };
}
