import type { SeasonalPeriod } from '../series/seasonal-periods.js';
import { stepComponent, takeOff } from './arima-plus-model.js';
import { type FoundSeasons, seasonsOf } from './seasons.js';
import { OWN_WEIGHT } from './spikes-and-dips.js';
import { type StepChange, stepChanges } from './step-changes.js';

export interface SeasonsAndSteps extends FoundSeasons {
  readonly steps: readonly StepChange[];
}

/** Places of steps are known to so many values. */
const PLACE_ERROR = 10;

/**
 * Finds the steps of a series without its seasons, and then the seasons of the series without its steps: a new level
 * that is younger than a season bends that season, by the share of it that it is, and so looks smaller than it is, with
 * echoes on the other side at the same place of other seasons. Without its steps the series shows its seasons as they
 * are; they are taken if that leaves no more steps than before.
 * Cost: one decomposition and one more search for steps, for series that have some.
 * @param cleaned without spikes
 * @param first its seasons, as found with the steps in it
 * @param periods all that are asked for: a step may have hidden a season
 */
export function seasonsAndSteps(
  cleaned: Float64Array,
  first: FoundSeasons,
  periods: readonly SeasonalPeriod[],
): SeasonsAndSteps {
  const { steps } = stepChanges(without(cleaned, first));
  if (steps.length === 0 || periods.length === 0) return { ...first, steps };
  const sources = sourcesOf(steps, first, cleaned.length);
  const level = cleaned.slice();
  takeOff(level, stepComponent(sources, 0, level.length));
  const second = seasonsOf(level, periods);
  const again = stepChanges(without(cleaned, second)).steps;
  return again.length <= steps.length ? { ...second, steps: again } : { ...first, steps };
}

function without(series: Float64Array, { seasons }: FoundSeasons): Float64Array {
  const rest = series.slice();
  for (const { values } of seasons) takeOff(rest, values);
  return rest;
}

/** The steps but for echoes of larger ones, as large as they are without what the seasons took of them. */
function sourcesOf(
  steps: readonly StepChange[],
  { seasons }: FoundSeasons,
  length: number,
): readonly StepChange[] {
  const periods = seasons.map(({ period }) => period);
  const total = steps.reduce((sum, { size }) => sum + size, 0);
  // Where the series ends, a season that was bent by the last level goes back.
  const ends = [...steps, { index: length, size: -total }];
  const sources = steps.filter(
    (step) => !ends.some((other) => periods.some((period) => isEcho(step, other, period))),
  );
  return sources.map((step, number) => {
    const lasts = (sources[number + 1]?.index ?? length) - step.index;
    return { ...step, size: step.size / leftBy(periods, step.index, lasts, length) };
  });
}

function isEcho(
  step: Pick<StepChange, 'index' | 'size'>,
  other: Pick<StepChange, 'index' | 'size'>,
  period: number,
): boolean {
  const seasons = Math.round((step.index - other.index) / period);
  const apart = Math.abs(step.index - other.index - seasons * period);
  const opposed = step.size * other.size < 0 && Math.abs(other.size) > Math.abs(step.size);
  return seasons !== 0 && apart <= Math.min(PLACE_ERROR, period / 4) && opposed;
}

/** The share of a level that the seasons leave, if it lasts for less than one. */
function leftBy(periods: readonly number[], index: number, lasts: number, length: number): number {
  let left = 1;
  for (const period of periods) {
    const values = Math.floor((length - 1 - (index % period)) / period) + 1;
    if (lasts < period) left *= 1 - Math.max(OWN_WEIGHT, 1 / values);
  }
  return left;
}
