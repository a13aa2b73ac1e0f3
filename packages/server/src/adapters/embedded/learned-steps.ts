import type { ModelStep } from '../../ports/model-store.js';

/** Two trainings find one step within some minutes. */
const PLACE_MS = 10 * 60_000;

/**
 * The steps of a training with the time at which each was learned: those that the training before knew keep theirs.
 * Those of a first training have none, for there was no model to which they were new.
 */
export function withLearned(
  steps: readonly ModelStep[],
  before: readonly ModelStep[] | undefined,
  trainedMs: number,
): ModelStep[] {
  if (before === undefined) return [...steps];
  return steps.map((step) => {
    const known = before.find((one) => isSame(one, step));
    const learnedMs = known === undefined ? trainedMs : known.learnedMs;
    return learnedMs === undefined ? step : { ...step, learnedMs };
  });
}

function isSame(one: ModelStep, other: ModelStep): boolean {
  return Math.abs(one.timeMs - other.timeMs) <= PLACE_MS && Math.sign(one.size) === Math.sign(other.size);
}
