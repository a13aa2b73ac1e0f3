import { type MstlParts, mstl } from '../decomposition/mstl.js';
import { seasonalStrength } from '../decomposition/seasonal-strength.js';
import type { SeasonalPeriod } from '../series/seasonal-periods.js';
import { type SpikesAndDips, spikesAndDips } from './spikes-and-dips.js';

/** A season that is there, value by value. */
export interface FoundSeason extends SeasonalPeriod {
  readonly values: Float64Array;
}

export interface SeasonsAndSpikes {
  readonly spikes: Pick<SpikesAndDips, 'component' | 'indices'>;
  /** The shortest first. */
  readonly seasons: readonly FoundSeason[];
  /** Mean square of what trend and seasons leave over. */
  readonly noiseVariance: number;
}

/** However few seasons there are, one that leaves so little over is there. */
const STRENGTH_ENOUGH = 0.95;

/**
 * Finds spikes and dips, and the seasons of what is left without them, in as few decompositions as that takes: one
 * without spikes, two with. Of the periods asked for those stay whose season is strong; where a shorter one goes and a
 * longer one stays, the seasons are taken once more, since the shorter took some of the longer.
 * Source: Wang, Smith & Hyndman (2006), Data Mining and Knowledge Discovery 13, for the strength.
 * @param periods from `seasonalPeriods` for the length of the series
 */
export function seasonsAndSpikes(
  series: Float64Array,
  periods: readonly SeasonalPeriod[],
  cleanSpikes: boolean,
): SeasonsAndSpikes {
  if (periods.length === 0) {
    return { spikes: cleanSpikes ? spikesAndDips(series) : noSpikes(series), seasons: [], noiseVariance: 0 };
  }
  const decompositions: Decomposition[] = [];
  const seasonOf = (values: Float64Array) => {
    const found = decompose(values, periods);
    decompositions.push(found);
    const sum = sumOf(
      found.seasons.map((season) => season.values),
      values.length,
    );
    return { sum, periods: found.seasons.map(({ period }) => period) };
  };
  const spikes = cleanSpikes ? spikesAndDips(series, { seasonOf }) : noSpikes(series);
  // With spikes the last one is of the series without them.
  const last = spikes.indices.length > 0 ? decompositions.at(-1)! : decompositions[0];
  return { spikes, ...settled(spikes.cleaned, last ?? decompose(series, periods)) };
}

interface Decomposition extends Pick<SeasonsAndSpikes, 'seasons' | 'noiseVariance'> {
  /** A season shorter than a strong one was weak. */
  readonly shorterWeak: boolean;
}

function settled(
  cleaned: Float64Array,
  { seasons, noiseVariance, shorterWeak }: Decomposition,
): Pick<SeasonsAndSpikes, 'seasons' | 'noiseVariance'> {
  if (!shorterWeak) return { seasons, noiseVariance };
  const again = mstlOf(cleaned, seasons);
  return {
    seasons: seasons.map((season, number) => ({ ...season, values: again.seasonal[number]!.values })),
    noiseVariance: meanSquare(again.remainder),
  };
}

/** With the strong seasons alone; the others are noise. */
function decompose(series: Float64Array, periods: readonly SeasonalPeriod[]): Decomposition {
  const { seasonal, remainder } = mstlOf(series, periods);
  const all = periods.map((season, number) => ({ ...season, values: seasonal[number]!.values }));
  const isStrong = all.map(
    ({ period, values }) => seasonalStrength(values, remainder) >= strengthLeast(period, series.length),
  );
  const weak = all.filter((_, number) => !isStrong[number]);
  return {
    seasons: all.filter((_, number) => isStrong[number]),
    noiseVariance: meanSquare(sumOf([remainder, ...weak.map(({ values }) => values)], series.length)),
    shorterWeak: isStrong.lastIndexOf(true) > isStrong.indexOf(false) && weak.length > 0,
  };
}

/**
 * The strength that about 1 of 100 series of noise reaches, white or wandering, measured on 2 to 40 seasons of 4 to 168
 * values: half of them reach 1 / seasons, and never less than what STL's window takes of noise; the spread falls with
 * the number of seasons and the values in each.
 */
function strengthLeast(period: number, length: number): number {
  const seasons = length / period;
  const middle = Math.max(1 / seasons, 0.2);
  return Math.min(STRENGTH_ENOUGH, middle + (1.3 / Math.sqrt(seasons)) * period ** -0.25);
}

function mstlOf(series: Float64Array, periods: readonly SeasonalPeriod[]): MstlParts {
  return mstl(series, { periods: periods.map(({ period }) => period) });
}

function sumOf(parts: readonly Float64Array[], length: number): Float64Array {
  const sum = new Float64Array(length);
  for (const values of parts) {
    for (let index = 0; index < length; index++) sum[index] = sum[index]! + values[index]!;
  }
  return sum;
}

function meanSquare(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += (value * value) / values.length;
  return sum;
}

function noSpikes(series: Float64Array): SpikesAndDips {
  return { cleaned: series, component: new Float64Array(series.length), indices: [] };
}
