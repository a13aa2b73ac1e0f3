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
    return { spikes: cleanSpikes ? spikesAndDips(series) : noSpikes(series), seasons: [] };
  }
  const decompositions: Decomposition[] = [];
  const seasonOf = (values: Float64Array) => {
    const found = decompose(values, periods);
    decompositions.push(found);
    return { sum: sumOf(found.strong, values.length), periods: found.strong.map(({ period }) => period) };
  };
  const spikes = cleanSpikes ? spikesAndDips(series, { seasonOf }) : noSpikes(series);
  // With spikes the last one is of the series without them.
  const last = spikes.indices.length > 0 ? decompositions.at(-1)! : decompositions[0];
  return { spikes, seasons: settled(spikes.cleaned, last ?? decompose(series, periods)) };
}

interface Decomposition {
  readonly strong: readonly FoundSeason[];
  /** A season shorter than a strong one was weak. */
  readonly shorterWeak: boolean;
}

function settled(cleaned: Float64Array, { strong, shorterWeak }: Decomposition): readonly FoundSeason[] {
  if (!shorterWeak) return strong;
  const again = mstlOf(cleaned, strong);
  return strong.map((season, number) => ({ ...season, values: again.seasonal[number]!.values }));
}

function decompose(series: Float64Array, periods: readonly SeasonalPeriod[]): Decomposition {
  const { seasonal, remainder } = mstlOf(series, periods);
  const isStrong = seasonal.map(
    ({ period, values }) => seasonalStrength(values, remainder) >= strengthLeast(period, series.length),
  );
  return {
    strong: periods
      .map((season, number) => ({ ...season, values: seasonal[number]!.values }))
      .filter((_, number) => isStrong[number]),
    shorterWeak: isStrong.lastIndexOf(true) > isStrong.indexOf(false) && isStrong.includes(false),
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

function sumOf(seasons: readonly FoundSeason[], length: number): Float64Array {
  const sum = new Float64Array(length);
  for (const { values } of seasons) {
    for (let index = 0; index < length; index++) sum[index] = sum[index]! + values[index]!;
  }
  return sum;
}

function noSpikes(series: Float64Array): SpikesAndDips {
  return { cleaned: series, component: new Float64Array(series.length), indices: [] };
}
