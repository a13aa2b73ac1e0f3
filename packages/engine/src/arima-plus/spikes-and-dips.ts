import { quantile } from './robust-scale.js';
import { runningMedian } from './running-median.js';
import { withoutSeasons } from './without-seasons.js';

export interface SpikesAndDipsOptions {
  /** Seasons to take off before looking, in values; those that are no shorter than half of the series are left out. */
  readonly periods?: readonly number[];
}

export interface SpikesAndDips {
  /** The series with a straight line (and its season) where spikes and dips were. */
  readonly cleaned: Float64Array;
  /** Series less cleaned: 0 but at spikes and dips. */
  readonly component: Float64Array;
  /** Where they are, ascending. */
  readonly indices: readonly number[];
}

/** Longest spike; what stays longer is a change of level. */
const LENGTH_MAX = 3;
/** Beyond the quartiles by so many interquartile ranges: 4.7 standard deviations, 1 of 400,000 normal values. */
const REACH = 3;
/** What happens more often is no spike but the way of the series. */
const SHARE_MAX = 0.05;
/** Fewer values have no quartiles to speak of. */
const VALUES_LEAST = 12;

/**
 * Finds single values, or up to three in a row, that are far off from those around them, and puts a straight line in
 * their place. Far off: against the running median of the series without its seasons, which keeps steps and trends,
 * beyond the quartiles of all such differences by three interquartile ranges. A series of which more than one value
 * in twenty is far off keeps them all: such is its way.
 * Cost: that of robust MSTL if there are periods, else some 200 ns a value.
 * Source: Hyndman (2021), "Detecting time series outliers" (R's forecast::tsoutliers), with the running median of
 * Hampel (1974), J. American Statistical Association 69, in place of a smoother, which would take the sides of a step
 * for spikes.
 * @param series regular, finite, oldest first; of fewer than 12 values none is a spike
 * @throws RangeError if a period is not a whole number from 2, or stands twice
 */
export function spikesAndDips(series: Float64Array, options: SpikesAndDipsOptions = {}): SpikesAndDips {
  const component = new Float64Array(series.length);
  if (series.length < VALUES_LEAST) return { cleaned: series.slice(), component, indices: [] };
  const base = withoutSeasons(series, options.periods ?? []);
  const far = farOff(base);
  if (far.length > SHARE_MAX * series.length) return { cleaned: series.slice(), component, indices: [] };
  const cleaned = series.slice();
  for (const [from, to] of runs(far)) {
    for (let index = from; index < to; index++) {
      const replaced = bridge(base, from - 1, to, index);
      cleaned[index] = replaced + (series[index]! - base[index]!);
      component[index] = series[index]! - cleaned[index]!;
    }
  }
  return { cleaned, component, indices: far };
}

function farOff(base: Float64Array): number[] {
  const middle = runningMedian(base, LENGTH_MAX);
  const differences = base.map((value, index) => value - middle[index]!);
  // A value that is the median itself differs by 0, so the differences to the mean of its neighbours say what is usual.
  const usual = neighbourDifferences(base);
  const low = quantile(usual, 0.25);
  const high = quantile(usual, 0.75);
  const reach = REACH * (high - low);
  const far: number[] = [];
  for (const [index, difference] of differences.entries()) {
    if (difference < low - reach || difference > high + reach) far.push(index);
  }
  return far;
}

/** Each value less the mean of its two neighbours. */
function neighbourDifferences(base: Float64Array): Float64Array {
  return base
    .subarray(1, base.length - 1)
    .map((value, index) => value - base[index]! / 2 - base[index + 2]! / 2);
}

/** Neighbouring indices together, as from and behind. */
function runs(indices: readonly number[]): [from: number, to: number][] {
  const found: [number, number][] = [];
  for (const index of indices) {
    const last = found.at(-1);
    if (last?.[1] === index) last[1]++;
    else found.push([index, index + 1]);
  }
  return found;
}

/** On the line between two values; beyond an end of the series, the other value. */
function bridge(base: Float64Array, left: number, right: number, index: number): number {
  const before = base[left] ?? base[right]!;
  const after = base[right] ?? before;
  return before + ((after - before) * (index - left)) / (right - left);
}
