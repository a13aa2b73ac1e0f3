/** When each model is to be trained, and which one first. */

/** What of a model decides. Times are NaN where there is none. */
export interface Trainable {
  /** When its last training began, however it ended. */
  readonly triedMs: number;
  /** When that of the present model began. */
  readonly trainedMs: number;
  readonly historyToMs: number;
  readonly horizonEndMs: number;
  /** The newest sample known of. */
  readonly lastDataMs: number;
  /** Minutes with data that the last training lacked for a model; 0 where it lacked none. */
  readonly lackMinutes: number;
  /** It raised an alarm, or its past changed, since it was trained. */
  readonly moved: boolean;
}

export interface TrainingPlan {
  /** A model is trained again after this long. */
  readonly intervalMs: number;
}

const MINUTE_MS = 60_000;
/** A model is trained again at least so long before its forecast ends, whatever the interval. */
const MARGIN_MS = 60 * MINUTE_MS;
/** The next try after a failure, at the latest; what failed once seldom succeeds at once. */
const RETRY_MS = 60 * MINUTE_MS;
/** The least between two trainings of one series, so that one past its horizon is not trained over and over. */
const APART_MS = 10 * MINUTE_MS;

/** When the next training is due; −Infinity where the first one waits. */
export function nextTrainingMs(model: Trainable, { intervalMs }: TrainingPlan): number {
  if (Number.isNaN(model.triedMs)) return Number.NEGATIVE_INFINITY;
  const failed = model.trainedMs !== model.triedMs;
  if (failed) {
    // Only looked at, and not trained: no sooner than there can be enough.
    const lackMs = model.lackMinutes > 0 ? model.lackMinutes * MINUTE_MS : Number.POSITIVE_INFINITY;
    return model.triedMs + Math.min(RETRY_MS, intervalMs, lackMs);
  }
  const dueMs = Math.min(model.trainedMs + intervalMs, model.horizonEndMs - MARGIN_MS);
  return Math.max(dueMs, model.trainedMs + Math.min(APART_MS, intervalMs));
}

/** Whether it is time, and there is something new to learn. */
export function isDue(model: Trainable, nowMs: number, plan: TrainingPlan): boolean {
  if (nextTrainingMs(model, plan) > nowMs) return false;
  return !(model.lastDataMs < model.historyToMs + MINUTE_MS);
}

/**
 * The models that are due, first those whose forecast is about to end, then those that moved, then those never
 * trained, then the oldest.
 */
export function dueModels<Model extends Trainable>(
  models: Iterable<Model>,
  nowMs: number,
  plan: TrainingPlan,
): Model[] {
  const due = [...models].filter((model) => isDue(model, nowMs, plan));
  const rank = new Map(due.map((model) => [model, rankOf(model, nowMs)]));
  return due.sort((a, b) => rank.get(a)! - rank.get(b)! || age(a) - age(b));
}

function rankOf({ trainedMs, horizonEndMs, moved }: Trainable, nowMs: number): number {
  if (horizonEndMs - nowMs < MARGIN_MS) return 0;
  if (moved) return 1;
  return Number.isNaN(trainedMs) ? 2 : 3;
}

function age({ triedMs }: Trainable): number {
  return Number.isNaN(triedMs) ? 0 : triedMs;
}
