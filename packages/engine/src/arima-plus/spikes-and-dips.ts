import { quantile } from './robust-scale.js';
import { runningMedian } from './running-median.js';
import { seasonalSum } from './seasonal-sum.js';

export interface SpikesAndDipsOptions {
  /** Seasons to take off before looking, in values; those that are no shorter than half of the series are left out. */
  readonly periods?: readonly number[];
  /** Finds the seasons of a series instead, for a caller who wants to keep them. */
  readonly seasonOf?: ((series: Float64Array) => SeasonOfAll) | undefined;
}

/** All seasons of a series together. */
export interface SeasonOfAll {
  readonly sum: Float64Array;
  /** Of the seasons in the sum. */
  readonly periods: readonly number[];
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
export const SPIKE_LENGTH_MAX = 3;
/** Beyond the quartiles by so many interquartile ranges: 4.7 standard deviations, 1 of 400,000 normal values. */
const REACH = 3;
/** What happens more often is no spike but the way of the series. */
const SHARE_MAX = 0.05;
/** What a value counts for in the season at its own place: of STL's window of 11 seasons, its middle. */
export const OWN_WEIGHT = 0.17;
/** Fewer values have no quartiles to speak of. */
const VALUES_LEAST = 12;

/**
 * Finds single values, or up to three in a row, that are far off from those around them, and puts a straight line in
 * their place. Far off: against the running median of the series without its seasons, which keeps steps and trends,
 * beyond the quartiles of all such differences by three interquartile ranges. A series of which more than one value
 * in twenty is far off keeps them all: such is its way.
 * Cost: twice that of MSTL if there are periods, else some 200 ns a value.
 * Source: Hyndman (2021), "Detecting time series outliers" (R's forecast::tsoutliers and the second round of its
 * tsclean), with the running median of Hampel (1974), J. American Statistical Association 69, in place of a smoother,
 * which would take the sides of a step for spikes.
 * @param series regular, finite, oldest first; of fewer than 12 values none is a spike
 * @throws RangeError if a period is not a whole number from 2, or stands twice
 */
export function spikesAndDips(series: Float64Array, options: SpikesAndDipsOptions = {}): SpikesAndDips {
  const component = new Float64Array(series.length);
  if (series.length < VALUES_LEAST) return { cleaned: series.slice(), component, indices: [] };
  const { periods = [] } = options;
  const seasonOf =
    options.seasonOf ?? ((values: Float64Array) => ({ sum: seasonalSum(values, periods, false), periods }));
  let season = seasonOf(series);
  let far = farOff(series, season.sum);
  if (far.indices.length > 0 && (periods.length > 0 || options.seasonOf)) {
    // Spikes bent the season, so that others may look far off, or not: once more with the season of what is left.
    const taken = share(season.periods, series.length);
    season = seasonOf(bridged(series, season.sum, sources(far, season.periods), taken));
    far = farOff(series, season.sum);
  }
  const indices = far.indices.length > SHARE_MAX * series.length ? [] : far.indices;
  const cleaned = bridged(series, season.sum, indices, 0);
  for (const index of indices) component[index] = series[index]! - cleaned[index]!;
  return { cleaned, component, indices };
}

/**
 * With a straight line plus the season in place of what is far off.
 * @param taken share of a spike that the season took, and that comes off the season there
 */
function bridged(
  series: Float64Array,
  season: Float64Array,
  far: readonly number[],
  taken: number,
): Float64Array {
  const cleaned = series.slice();
  const base = (index: number) => series[index]! - season[index]!;
  for (const [from, to] of runs(far)) {
    const before = base(from > 0 ? from - 1 : to);
    const after = base(to < series.length ? to : from - 1);
    for (let index = from; index < to; index++) {
      const line = before + ((after - before) * (index - from + 1)) / (to - from + 1);
      const excess = (taken / (1 - taken)) * (base(index) - line);
      cleaned[index] = line + season[index]! - excess;
    }
  }
  return cleaned;
}

/** How much of a single value the seasons take in: a part of each that it is one of, at least that of the smoother. */
function share(periods: readonly number[], length: number): number {
  return 1 - periods.reduce((left, period) => left * (1 - Math.max(OWN_WEIGHT, period / length)), 1);
}

/** Of what is far off, all but what lies at the same place of a season as a larger one on the other side: its echo. */
function sources({ indices, differences }: FarOff, periods: readonly number[]): number[] {
  const size = (index: number) => Math.abs(differences[index]!);
  const largest = periods.map((period) => {
    const byPlace = new Map<number, number>();
    for (const index of indices) {
      const place = placeOf(index, period, differences[index]!);
      byPlace.set(place, Math.max(byPlace.get(place) ?? 0, size(index)));
    }
    return byPlace;
  });
  return indices.filter((index) =>
    periods.every((period, number) => {
      const against = largest[number]!.get(placeOf(index, period, -differences[index]!)) ?? 0;
      return against <= size(index);
    }),
  );
}

/** A number for each place in the season on either side. */
function placeOf(index: number, period: number, side: number): number {
  return 2 * (index % period) + (side > 0 ? 1 : 0);
}

interface FarOff {
  readonly indices: number[];
  /** Of all values, from the running median. */
  readonly differences: Float64Array;
}

function farOff(series: Float64Array, season: Float64Array): FarOff {
  const base = series.map((value, index) => value - season[index]!);
  const middle = runningMedian(base, SPIKE_LENGTH_MAX);
  const differences = base.map((value, index) => value - middle[index]!);
  // In noise many values are the median itself, and in a series that wanders neighbours tell too little: the wider counts.
  const [low, high] = wider(quartiles(differences), quartiles(neighbourDifferences(base)));
  const reach = REACH * (high - low);
  const indices: number[] = [];
  for (const [index, difference] of differences.entries()) {
    if (difference < low - reach || difference > high + reach) indices.push(index);
  }
  return { indices, differences };
}

type Range = readonly [low: number, high: number];

function quartiles(values: Float64Array): Range {
  return [quantile(values, 0.25), quantile(values, 0.75)];
}

function wider(one: Range, other: Range): Range {
  return one[1] - one[0] > other[1] - other[0] ? one : other;
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
