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

/** Below this a season explains too little of what the trend leaves over to be told from noise. */
const STRENGTH_LEAST = 0.5;

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
  const decompositions: MstlParts[] = [];
  const seasonOf = (values: Float64Array) => {
    const parts = decompose(values, periods);
    decompositions.push(parts);
    return sumOf(parts.seasonal.map((season) => season.values));
  };
  const spikes = cleanSpikes ? spikesAndDips(series, { seasonOf }) : noSpikes(series);
  // With spikes the last one is of the series without them.
  const parts = spikes.indices.length > 0 ? decompositions.at(-1)! : decompositions[0];
  return { spikes, seasons: strongSeasons(spikes.cleaned, periods, parts ?? decompose(series, periods)) };
}

function strongSeasons(
  cleaned: Float64Array,
  periods: readonly SeasonalPeriod[],
  parts: MstlParts,
): FoundSeason[] {
  const strong = parts.seasonal.map(
    ({ values }) => seasonalStrength(values, parts.remainder) >= STRENGTH_LEAST,
  );
  const kept = periods.filter((_, index) => strong[index]);
  const again = strong.some((one, index) => !one && strong.includes(true, index));
  const final = again ? decompose(cleaned, kept) : parts;
  const values = new Map(final.seasonal.map((season) => [season.period, season.values]));
  return kept.map((season) => ({ ...season, values: values.get(season.period)! }));
}

function decompose(series: Float64Array, periods: readonly SeasonalPeriod[]): MstlParts {
  return mstl(series, { periods: periods.map(({ period }) => period) });
}

function sumOf(seasonal: readonly Float64Array[]): Float64Array {
  return seasonal[0]!.map((_, index) => seasonal.reduce((sum, values) => sum + values[index]!, 0));
}

function noSpikes(series: Float64Array): SpikesAndDips {
  return { cleaned: series, component: new Float64Array(series.length), indices: [] };
}
