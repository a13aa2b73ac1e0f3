import { observedSeries } from './observed-series.js';
import { quantile, quartilesOfTail } from './robust-scale.js';
import { runningMedian } from './running-median.js';
import { seasonalSum } from './seasonal-sum.js';

export interface SpikesAndDipsOptions {
  /** Seasons to take off before looking, in values; those that are no shorter than half of the series are left out. */
  readonly periods?: readonly number[];
  /** Finds the seasons of a series instead, for a caller who wants to keep them. */
  readonly seasonOf?: ((series: Float64Array) => SeasonOfAll) | undefined;
  /** As long as the series, 1 where a value is interpolated: no spike itself, but bent by one beside it. Default: none. */
  readonly filled?: Uint8Array | undefined;
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

/** Longest spike, in observed values; what stays longer is a change of level. */
const SPIKE_LENGTH_MAX = 3;
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
 * beyond the quartiles of all such differences by three interquartile ranges; where most values are those before them, as in counts
 * that are mostly 0, beyond those of a normal one whose 95% point theirs is. A series of which more than one value
 * in twenty is far off keeps them all: such is its way. Those that the series ends with stay, since they may be the
 * beginning of a step. Values that fill gaps do not count; one that is cut off by gaps
 * may have wandered while nothing was observed, and has to be further off, by the root of the steps.
 * Cost: twice that of MSTL if there are periods, else some 200 ns a value.
 * Source: Hyndman (2021), "Detecting time series outliers" (R's forecast::tsoutliers and the second round of its
 * tsclean), with the running median of Hampel (1974), J. American Statistical Association 69, in place of a smoother,
 * which would take the sides of a step for spikes.
 * @param series regular, finite, oldest first; of fewer than 12 observed values none is a spike
 * @throws RangeError if a period is not a whole number from 2, or stands twice
 */
export function spikesAndDips(series: Float64Array, options: SpikesAndDipsOptions = {}): SpikesAndDips {
  const component = new Float64Array(series.length);
  const { periods = [], filled } = options;
  const { places } = observedSeries(series, filled);
  if (places.length < VALUES_LEAST) return { cleaned: series.slice(), component, indices: [] };
  const seasonOf =
    options.seasonOf ?? ((values: Float64Array) => ({ sum: seasonalSum(values, periods, false), periods }));
  let season = seasonOf(series);
  let far = farOff(series, season.sum, places);
  if (far.indices.length > 0 && (periods.length > 0 || options.seasonOf)) {
    // Spikes bent the season, so that others may look far off, or not: once more with the season of what is left.
    const taken = share(season.periods, series.length);
    season = seasonOf(
      bridged(
        series,
        season.sum,
        withGaps(sources(far, season.periods, heights(series, places)), filled),
        taken,
      ),
    );
    far = farOff(series, season.sum, places);
  }
  const isWay = far.indices.length > SHARE_MAX * places.length;
  const indices = isWay ? [] : withGaps(returned(far.indices, places), filled);
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

/** Without those that the series ends with: whether they go back is not known yet. */
function returned(far: readonly number[], places: Int32Array): readonly number[] {
  let kept = far.length;
  while (kept > 0 && far[kept - 1] === places[places.length - 1 - (far.length - kept)]) kept--;
  return far.slice(0, kept);
}

/** With the gaps beside them: the lines across those begin and end at what is far off. */
function withGaps(far: readonly number[], filled: Uint8Array | undefined): readonly number[] {
  if (!filled?.includes(1)) return far;
  const all = new Set(far);
  for (const index of far) {
    for (let at = index - 1; filled[at] === 1; at--) all.add(at);
    for (let at = index + 1; filled[at] === 1; at++) all.add(at);
  }
  return [...all].sort((a, b) => a - b);
}

/** How much of a single value the seasons take in: a part of each that it is one of, at least that of the smoother. */
function share(periods: readonly number[], length: number): number {
  return 1 - periods.reduce((left, period) => left * (1 - Math.max(OWN_WEIGHT, period / length)), 1);
}

/**
 * Of what is far off, all but the echoes: what lies at the same place of a season as something on the other side that
 * stands out more of the series itself. Without its season an echo may be as large as the spike.
 * @param heights of the series with its season, from those around
 */
function sources(
  { indices, differences }: FarOff,
  periods: readonly number[],
  heights: Float64Array,
): number[] {
  const size = (index: number) => Math.sign(differences[index]!) * heights[index]!;
  const largest = periods.map((period) => {
    const byPlace = new Map<number, number>();
    for (const index of indices) {
      const place = placeOf(index, period, differences[index]!);
      byPlace.set(place, Math.max(byPlace.get(place) ?? Number.NEGATIVE_INFINITY, size(index)));
    }
    return byPlace;
  });
  return indices.filter((index) =>
    periods.every((period, number) => {
      const against = largest[number]!.get(placeOf(index, period, -differences[index]!));
      return against === undefined || against <= size(index);
    }),
  );
}

/** Of all values, from the running median; of those that fill gaps 0. */
function heights(series: Float64Array, places: Int32Array): Float64Array {
  const values = Float64Array.from(places, (index) => series[index]!);
  const middle = runningMedian(values, SPIKE_LENGTH_MAX);
  const found = new Float64Array(series.length);
  for (const [number, index] of places.entries()) found[index] = values[number]! - middle[number]!;
  return found;
}

/** A number for each place in the season on either side. */
function placeOf(index: number, period: number, side: number): number {
  return 2 * (index % period) + (side > 0 ? 1 : 0);
}

interface FarOff {
  readonly indices: number[];
  /** Of all values, from the running median; of those that fill gaps 0. */
  readonly differences: Float64Array;
}

/** @param places of the observed values */
function farOff(series: Float64Array, season: Float64Array, places: Int32Array): FarOff {
  const base = new Float64Array(places.length);
  for (let number = 0; number < base.length; number++) {
    const index = places[number]!;
    base[number] = series[index]! - season[index]!;
  }
  const middle = runningMedian(base, SPIKE_LENGTH_MAX);
  const off = base.map((value, number) => value - middle[number]!);
  // In noise many values are the median itself, and in a series that wanders neighbours tell too little: the wider counts.
  const ranges = [quartiles(off), quartiles(neighbourDifferences(base))];
  // Where most values stand still, quartiles tell of the grain of the values and not of how far they go.
  if (standsStill(base)) ranges.push(quartilesOfTail(off));
  const [low, high] = ranges.reduce(wider);
  const reach = REACH * (high - low);
  const indices: number[] = [];
  const differences = new Float64Array(series.length);
  for (const [number, difference] of off.entries()) {
    const index = places[number]!;
    differences[index] = difference;
    if (difference >= low - reach && difference <= high + reach) continue;
    const factor = Math.sqrt(cutOff(places, number));
    if (difference < factor * (low - reach) || difference > factor * (high + reach)) indices.push(index);
  }
  return { indices, differences };
}

/** How many steps of the grid a value and its two nearest are away from the next one, at least 1. */
function cutOff(places: Int32Array, number: number): number {
  const distances: number[] = [];
  for (let near = number - SPIKE_LENGTH_MAX; near <= number + SPIKE_LENGTH_MAX; near++) {
    if (near !== number && places[near] !== undefined)
      distances.push(Math.abs(places[near]! - places[number]!));
  }
  distances.sort((a, b) => a - b);
  return Math.max(1, distances[SPIKE_LENGTH_MAX - 1]! - SPIKE_LENGTH_MAX + 1);
}

type Range = readonly [low: number, high: number];

function quartiles(values: Float64Array): Range {
  return [quantile(values, 0.25), quantile(values, 0.75)];
}

function wider(one: Range, other: Range): Range {
  return one[1] - one[0] > other[1] - other[0] ? one : other;
}

/** Are most values the same as the one before them? */
function standsStill(base: Float64Array): boolean {
  let same = 0;
  for (let number = 1; number < base.length; number++) if (base[number] === base[number - 1]) same++;
  return same > base.length / 2;
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
