import type { SeasonalPeriod } from '../series/seasonal-periods.js';
import { takeOff } from './arima-plus-model.js';
import { quantile } from './robust-scale.js';
import { type FoundSeasons, seasonsOf } from './seasons.js';
import { OWN_WEIGHT } from './spikes-and-dips.js';
import { stepChanges } from './step-changes.js';
import { type StepChange, stepComponent } from './step-component.js';
import { STEP_SIDE_LEAST } from './step-contrast.js';
import { withoutYoungShift } from './young-shift.js';

export interface SeasonsAndSteps extends FoundSeasons {
  readonly steps: readonly StepChange[];
  /** Indices of values that belong to no level, as `stepChanges` gives them. */
  readonly aside: readonly number[];
}

/** Places of steps are known to so many values. */
const PLACE_ERROR = 10;
/** Decompositions without steps. */
const ROUNDS_MAX = 6;
/** Steps of about the same size may be each other's echoes. */
const NEARLY = 0.9;

/**
 * Finds the steps of a series without its seasons, and then the seasons of the series without its steps: a new level
 * that is younger than a season bends that season, by the share of it that it is, and so looks smaller than it is, with
 * echoes on the other side at the same place of other seasons. Without its steps the series shows its seasons as they
 * are. What is an echo only shows without the step that it is of, so steps are taken off from the largest on, until
 * those that were taken off are found again, and no others. Of all that was found so what has the most seasons, and
 * of that what has the fewest steps, is taken.
 * Cost: one to six decompositions and as many searches for steps, for series that have some.
 * @param cleaned without spikes
 * @param first its seasons, as found with the steps in it
 * @param periods all that are asked for: a step may have hidden a season
 * @param filled 1 where a value is interpolated
 */
export function seasonsAndSteps(
  cleaned: Float64Array,
  first: FoundSeasons,
  periods: readonly SeasonalPeriod[],
  filled: Uint8Array,
): SeasonsAndSteps {
  let found: SeasonsAndSteps = { ...first, ...stepChanges(without(cleaned, first), filled) };
  let best = found;
  if (found.steps.length === 0 || periods.length === 0) return found;
  const even = withoutYoungShift(cleaned, filled);
  let sources: readonly StepChange[] = [];
  for (let round = 0; round < ROUNDS_MAX; round++) {
    sources = round + 1 < ROUNDS_MAX ? sourcesOf(found, sources, cleaned) : found.steps;
    const level = even.slice();
    takeOff(level, stepComponent(sources, 0, level.length));
    const seasons = seasonsOf(level, periods, first.seasonalWindow, filled);
    found = { ...seasons, ...stepChanges(without(cleaned, seasons), filled) };
    const more = found.seasons.length - best.seasons.length;
    if (more > 0 || (more === 0 && found.steps.length <= best.steps.length)) best = found;
    if (found.steps.length <= sources.length) break;
  }
  return best;
}

interface SeenStep extends StepChange {
  /** What was taken off of it, 0 if nothing was. */
  readonly taken: number;
  /** The share of what was not taken off that the seasons leave. */
  readonly left: number;
}

/**
 * Of the steps that were found those that were taken off before, and of the others the largest and what is too large
 * to be its echo, each as large as it is without what the seasons take of what was not taken off of it. While that
 * still changes, smaller ones may be echoes of what was wrong of it, and have to wait.
 */
function sourcesOf(
  { steps, seasons }: SeasonsAndSteps,
  before: readonly StepChange[],
  cleaned: Float64Array,
): readonly StepChange[] {
  const { length } = cleaned;
  const periods = seasons.map(({ period }) => period);
  const seen = steps.map((step, number): SeenStep => {
    const known = before.find(({ index }) => Math.abs(index - step.index) <= PLACE_ERROR);
    const lasts = (steps[number + 1]?.index ?? length) - step.index;
    return { ...step, taken: known?.size ?? 0, left: leftBy(periods, step.index, lasts, length) };
  });
  const others = seen.filter(({ taken }) => taken === 0);
  const most = others.reduce((size, step) => Math.max(size, Math.abs(step.size)), 0);
  // Of two seasons an echo is as large as its step, but in the series itself there is no jump.
  const isThere = (step: SeenStep) =>
    Math.abs(step.size) >= NEARLY * most && jumpAt(cleaned, step) > Math.abs(step.size) / (2 * step.left);
  const main = others.find(isThere) ?? others.find(({ size }) => Math.abs(size) === most);
  const echo = main === undefined ? 0 : (1 - main.left) / main.left;
  const change = seen.reduce(
    (size, step) => Math.max(size, step.taken === 0 ? 0 : Math.abs(step.size - step.taken)),
    0,
  );
  return seen
    .filter((step) => {
      if (step.taken !== 0) return true;
      const size = Math.abs(step.size);
      return size > change && (step === main || isThere(step) || size > ((1 + echo) / 2) * most);
    })
    .map(({ taken, left, ...step }) => ({ ...step, size: taken + (step.size - taken) / left }));
}

/** How far the values after a place are from those before it, in the direction of the step. */
function jumpAt(series: Float64Array, { index, size }: StepChange): number {
  const before = series.subarray(Math.max(0, index - STEP_SIDE_LEAST), index);
  const after = series.subarray(index, index + STEP_SIDE_LEAST);
  return Math.sign(size) * (quantile(after, 0.5) - quantile(before, 0.5));
}

function without(series: Float64Array, { seasons }: FoundSeasons): Float64Array {
  const rest = series.slice();
  for (const { values } of seasons) takeOff(rest, values);
  return rest;
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
