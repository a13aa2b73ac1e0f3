import { DAY_MS, MONTH_MEAN_MS } from './calendar.js';
import { type Step, unitMonths, unitMs } from './frequency.js';

/** Seasons that a series may have, in BigQuery's words (SEASONALITIES), the shortest first. */
export const SEASONALITIES = ['DAILY', 'WEEKLY', 'MONTHLY', 'QUARTERLY', 'YEARLY'] as const;
export type Seasonality = (typeof SEASONALITIES)[number];

export interface SeasonalPeriod {
  readonly seasonality: Seasonality;
  /** Values in one season, a whole number from 2. */
  readonly period: number;
}

const LENGTHS_MS: Readonly<Record<Seasonality, number>> = {
  DAILY: DAY_MS,
  WEEKLY: 7 * DAY_MS,
  MONTHLY: MONTH_MEAN_MS,
  QUARTERLY: 3 * MONTH_MEAN_MS,
  YEARLY: 12 * MONTH_MEAN_MS,
};

/**
 * The seasons that a series can be searched for: of those asked for, the ones that hold at least two values and of
 * which the series is longer than two, as STL needs. Months, quarters and years of days and weeks are rounded to
 * whole values (30, 91 and 365 days; 13 and 52 weeks). Whether a season is there is for a test of its strength to say.
 * Cost: none.
 * @param length values of the series
 * @param asked default all, BigQuery's ['AUTO']; none is its ['NO_SEASONALITY']
 * @returns the shortest first, no period twice
 */
export function seasonalPeriods(
  { frequency, multiple }: Step,
  length: number,
  asked: readonly Seasonality[] = SEASONALITIES,
): readonly SeasonalPeriod[] {
  const stepMs = multiple * (unitMs(frequency) ?? unitMonths(frequency)! * MONTH_MEAN_MS);
  const found: SeasonalPeriod[] = [];
  for (const seasonality of SEASONALITIES) {
    const period = Math.round(LENGTHS_MS[seasonality] / stepMs);
    if (!asked.includes(seasonality) || period < 2 || !(length > 2 * period)) continue;
    if (found.at(-1)?.period !== period) found.push({ seasonality, period });
  }
  return found;
}
