import { type MstlParts, mstl, SEASONAL_WINDOW } from '../decomposition/mstl.js';
import { seasonalStrength } from '../decomposition/seasonal-strength.js';
import type { SeasonalPeriod } from '../series/seasonal-periods.js';
import { takeOff } from './arima-plus-model.js';
import { observedOf } from './observed-series.js';
import { meanSquare, seasonalWindow as seasonalWindowOf } from './seasonal-window.js';
import { type SpikesAndDips, spikesAndDips } from './spikes-and-dips.js';

/** A season that is there, value by value. */
export interface FoundSeason extends SeasonalPeriod {
  readonly values: Float64Array;
}

export interface FoundSeasons {
  /** The shortest first. */
  readonly seasons: readonly FoundSeason[];
  /** What trend and seasons leave over, as long as the series; without periods empty. */
  readonly noise: Float64Array;
  /** Its mean square, of what was observed. */
  readonly noiseVariance: number;
  /** STL's window of the shortest season. */
  readonly seasonalWindow: number;
}

export interface SeasonsAndSpikes extends FoundSeasons {
  readonly spikes: Pick<SpikesAndDips, 'component' | 'indices'>;
}

const WITHOUT_SEASONS: FoundSeasons = {
  seasons: [],
  noise: new Float64Array(0),
  noiseVariance: 0,
  seasonalWindow: SEASONAL_WINDOW,
};

/** However few seasons there are, one that leaves so little over is there. */
const STRENGTH_ENOUGH = 0.95;

/**
 * Finds spikes and dips, and the seasons of what is left without them, in as few decompositions as that takes: one
 * without spikes, two with, and some more for the window that the seasons ask for. Of the periods asked for those stay whose season is strong; where a shorter one goes and a
 * longer one stays, the seasons are taken once more, since the shorter took some of the longer.
 * Source: Wang, Smith & Hyndman (2006), Data Mining and Knowledge Discovery 13, for the strength.
 * Values that fill gaps tell nothing of spikes and of how strong a season is.
 * @param periods from `seasonalPeriods` for the length of the series
 * @param filled 1 where a value is interpolated
 */
export function seasonsAndSpikes(
  series: Float64Array,
  periods: readonly SeasonalPeriod[],
  cleanSpikes: boolean,
  filled?: Uint8Array,
): SeasonsAndSpikes {
  if (periods.length === 0) {
    const spikes = cleanSpikes ? spikesAndDips(series, { filled }) : noSpikes(series);
    return { spikes, ...WITHOUT_SEASONS };
  }
  const { window, parts } = seasonalWindowOf(series, lengthsOf(periods), filled);
  const own = strongOf(parts, periods, window, filled);
  let last = own;
  const seasonOf = (values: Float64Array) => {
    const found = values === series ? own : decompose(values, periods, window, filled);
    last = found;
    const sum = sumOf(
      found.seasons.map((season) => season.values),
      values.length,
    );
    return { sum, periods: found.seasons.map(({ period }) => period) };
  };
  const spikes = cleanSpikes ? spikesAndDips(series, { seasonOf, filled }) : noSpikes(series);
  // With spikes the last one is of the series without them.
  return { spikes, ...settled(spikes.cleaned, spikes.indices.length > 0 ? last : own, filled) };
}

/**
 * The seasons of a series without spikes, in a window that was found before. Cost: one decomposition, or two.
 * @param window STL's, of the shortest season
 */
export function seasonsOf(
  series: Float64Array,
  periods: readonly SeasonalPeriod[],
  window: number,
  filled?: Uint8Array,
): FoundSeasons {
  return settled(series, decompose(series, periods, window, filled), filled);
}

interface Decomposition extends FoundSeasons {
  /** A season shorter than a strong one was weak. */
  readonly shorterWeak: boolean;
}

function settled(
  cleaned: Float64Array,
  { shorterWeak, ...found }: Decomposition,
  filled: Uint8Array | undefined,
): FoundSeasons {
  if (!shorterWeak) return found;
  const { seasons, seasonalWindow } = found;
  const again = mstl(cleaned, { periods: lengthsOf(seasons), seasonalWindow });
  return {
    seasonalWindow,
    seasons: seasons.map((season, number) => ({ ...season, values: again.seasonal[number]!.values })),
    noise: again.remainder,
    noiseVariance: meanSquare(observedOf(again.remainder, filled)),
  };
}

function decompose(
  series: Float64Array,
  periods: readonly SeasonalPeriod[],
  window: number,
  filled: Uint8Array | undefined,
): Decomposition {
  const parts = mstl(series, { periods: lengthsOf(periods), seasonalWindow: window });
  return strongOf(parts, periods, window, filled);
}

/**
 * With the strong seasons alone; the others are noise. A season takes noise with it, so that of longer ones, and of
 * shorter ones that are weak, counts as noise before each is judged.
 */
function strongOf(
  { seasonal, remainder }: MstlParts,
  periods: readonly SeasonalPeriod[],
  seasonalWindow: number,
  filled: Uint8Array | undefined,
): Decomposition {
  const { length } = remainder;
  const all = periods.map((season, number) => ({ ...season, values: seasonal[number]!.values }));
  const noise = sumOf([remainder, ...all.map(({ values }) => values)], length);
  const strong: FoundSeason[] = [];
  let shorterWeak = false;
  for (const season of all) {
    takeOff(noise, season.values);
    const near = season === all.at(-1) ? noise : withoutSlower(noise, season.period);
    const strength = seasonalStrength(observedOf(season.values, filled), observedOf(near, filled));
    if (strength >= strengthLeast(season.period, length)) {
      shorterWeak ||= strong.length < all.indexOf(season);
      strong.push(season);
    } else takeOff(noise, season.values, -1);
  }
  const noiseVariance = meanSquare(observedOf(noise, filled));
  return { seasons: strong, noise, noiseVariance, seasonalWindow, shorterWeak };
}

/**
 * The strength that about 1 of 100 series of noise reaches, white or a random walk (up to 4 of 100 where seasons have
 * few values), measured on 2 to 40 seasons of 4 to 1,440 values: half of them reach 1 / seasons, and never less than
 * what STL's window takes of noise; the rest falls with the number of seasons.
 */
function strengthLeast(period: number, length: number): number {
  const seasons = length / period;
  const spread = Math.min(0.36, 0.03 + 1.5 / seasons);
  return Math.min(STRENGTH_ENOUGH, Math.max(1 / seasons, 0.2) + (1 + 2 / period) * spread);
}

/** Values less the mean of those within half a window on either side: what happens slower is no matter of this season. */
function withoutSlower(values: Float64Array, window: number): Float64Array {
  const half = Math.floor(window / 2);
  let sum = 0;
  for (let at = 0; at < Math.min(half, values.length); at++) sum += values[at]!;
  return values.map((value, at) => {
    if (at + half < values.length) sum += values[at + half]!;
    if (at - half > 0) sum -= values[at - half - 1]!;
    return value - sum / (Math.min(at + half, values.length - 1) - Math.max(at - half, 0) + 1);
  });
}

function lengthsOf(periods: readonly SeasonalPeriod[]): readonly number[] {
  return periods.map(({ period }) => period);
}

function sumOf(parts: readonly Float64Array[], length: number): Float64Array {
  const sum = new Float64Array(length);
  for (const values of parts) {
    for (let index = 0; index < length; index++) sum[index] = sum[index]! + values[index]!;
  }
  return sum;
}

function noSpikes(series: Float64Array): SpikesAndDips {
  return { cleaned: series, component: new Float64Array(series.length), indices: [] };
}
