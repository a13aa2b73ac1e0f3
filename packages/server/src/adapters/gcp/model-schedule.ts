import { closedUntilMs } from '../../model/closed-minutes.js';
import type { ModelJob } from './model-jobs.js';

/** One model of every series, and the one that the documented statements name. */
export const SERIES_MODEL = 'series_anomalies';
export const LATENCY_MODEL = 'latency_anomalies';
export const MODELS = [SERIES_MODEL, LATENCY_MODEL] as const;
export type ModelName = (typeof MODELS)[number];

/** `model` of a round of detection before the first training. */
const NO_MODEL = 'none';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How far each training's forecast reaches: HORIZON of the file of sql/, in minutes; 1,000 is BigQuery's default. */
const HORIZON_MINUTES: Readonly<Record<string, number>> = {
  'train-series-anomalies': 4_320,
  'train-latency-anomalies': 1_000,
  'retrain-latency-anomalies': 4_320,
};

/** A daily call that comes a little early still trains. */
const TRAIN_MS_MIN = 20 * HOUR_MS;
export const SERIES_HORIZON_MS = HORIZON_MINUTES['train-series-anomalies']! * MINUTE_MS;

/** Detection trains where the schedule would come too late, and not again this soon after a failure. */
const AFTER_FAILURE_MS = HOUR_MS;
/** BigQuery trains on three points; a model worth starting ahead of the schedule has seen an hour. */
const MINUTES_MIN = { schedule: 3, horizon: 60 } as const;

/** Every round looks this far back for samples that came late; the first round of a day a week. */
const LATE_MS = 2 * HOUR_MS;
const LATE_MS_DAILY = 7 * DAY_MS;
/** The first round of all takes as much as a model is trained on. */
const HISTORY_MS = 347 * DAY_MS;

export type Due<T> = { readonly start: T } | { readonly skip: string };

/**
 * What to train `model` by. `schedule`: the daily call; `horizon`: a call each minute, which trains only what
 * cannot wait: the first model once there is an hour to learn from, and one whose forecast soon ends.
 * `minutes` tells how many closed minutes there are to learn from, and is asked only where that decides.
 */
export async function trainingDue(
  model: ModelName,
  why: 'schedule' | 'horizon',
  jobs: readonly ModelJob[],
  nowMs: number,
  minutes: () => Promise<number>,
): Promise<Due<string>> {
  const { running, done, failed } = newest(jobs, (job) => job.kind === 'train' && job.model === model);
  if (running !== undefined) return { skip: `It is being trained since ${iso(running.startedMs)}.` };

  const failure = failed !== undefined && failed.startedMs > (done?.startedMs ?? 0) ? failed : undefined;
  if (failure?.statement === 'train-latency-anomalies') return { start: 'retrain-latency-anomalies' };
  if (why === 'horizon' && failure !== undefined && nowMs - failure.startedMs < AFTER_FAILURE_MS) {
    return {
      skip: `Its last training failed at ${iso(failure.startedMs)}: ${failure.reason ?? 'no reason given'}`,
    };
  }

  if (done !== undefined) {
    const ageMs = nowMs - done.startedMs;
    const horizonMs = HORIZON_MINUTES[done.statement]! * MINUTE_MS;
    const dueMs = why === 'schedule' ? Math.min(TRAIN_MS_MIN, 0.75 * horizonMs) : 0.75 * horizonMs;
    if (ageMs < dueMs) return { skip: `It was trained at ${iso(done.startedMs)}; not due.` };
  }
  const found = await minutes();
  if (found < MINUTES_MIN[why]) {
    return {
      skip: `Too few closed minutes to learn from: ${found} of ${MINUTES_MIN[why]} in the last week.`,
    };
  }
  if (model === SERIES_MODEL) return { start: 'train-series-anomalies' };
  return {
    start:
      done === undefined && failed === undefined ? 'train-latency-anomalies' : 'retrain-latency-anomalies',
  };
}

export interface DetectionRound {
  readonly model: string;
  readonly minutesFromMs: number;
}

/** The next round of detection: by which model, and from which minute on samples are looked at. */
export function detectionDue(jobs: readonly ModelJob[], nowMs: number): Due<DetectionRound> {
  const { running, done, failed } = newest(jobs, (job) => job.kind === 'detect');
  if (running !== undefined) return { skip: `A round runs since ${iso(running.startedMs)}.` };
  if (done !== undefined && closedUntilMs(nowMs) <= closedUntilMs(done.startedMs)) {
    return { skip: 'No minute has closed since the last round.' };
  }

  const trained = newest(jobs, (job) => job.kind === 'train' && job.model === SERIES_MODEL).done;
  const judged = newest(jobs, (job) => job.kind === 'detect' && job.model === SERIES_MODEL).done;
  const failure = failed !== undefined && failed.startedMs > (done?.startedMs ?? 0) ? failed : undefined;
  const tooMuch = failure !== undefined && /bytes ?billed|timed out|timeout/i.test(failure.reason ?? '');

  let fromMs = Math.min(nowMs, done?.startedMs ?? nowMs) - LATE_MS;
  if (!tooMuch) {
    // A failed round may have changed minutes that nothing judged.
    if (failure !== undefined) fromMs = Math.min(fromMs, failure.minutesFromMs);
    if (done === undefined) fromMs = Math.min(fromMs, nowMs - HISTORY_MS);
    else if (dayOf(done.startedMs) !== dayOf(nowMs)) fromMs = Math.min(fromMs, nowMs - LATE_MS_DAILY);
  }
  // Minutes that closed during the first training are judged by what it made.
  if (trained !== undefined && judged === undefined) fromMs = Math.min(fromMs, trained.startedMs - LATE_MS);
  return {
    start: {
      model: trained === undefined ? NO_MODEL : SERIES_MODEL,
      minutesFromMs: Math.floor(fromMs / MINUTE_MS) * MINUTE_MS,
    },
  };
}

/** Late minutes are judged once after each training, by what it learned of them. */
export function lateDetectionDue(jobs: readonly ModelJob[], nowMs: number): Due<true> {
  const trained = newest(jobs, (job) => job.kind === 'train' && job.model === SERIES_MODEL).done;
  if (trained === undefined) return { skip: 'No model was trained yet.' };
  const { running, done, failed } = newest(jobs, (job) => job.kind === 'detect_late');
  if (running !== undefined) return { skip: `A round runs since ${iso(running.startedMs)}.` };
  if (done !== undefined && done.startedMs > trained.startedMs) {
    return { skip: 'There was no training since the last round.' };
  }
  if (failed !== undefined && nowMs - failed.startedMs < AFTER_FAILURE_MS) {
    return {
      skip: `The last round failed at ${iso(failed.startedMs)}: ${failed.reason ?? 'no reason given'}`,
    };
  }
  return { start: true };
}

/** When the model that judges now was trained; undefined before the first training and for other jobs. */
export function trainedAtMs(judged: ModelJob, jobs: readonly ModelJob[]): number | undefined {
  if (judged.kind === 'train') return undefined;
  return newest(jobs, (job) => job.kind === 'train' && job.model === judged.model).done?.startedMs;
}

/** The newest job of each state among those that `of` takes. */
function newest(
  jobs: readonly ModelJob[],
  of: (job: ModelJob) => boolean,
): { [S in ModelJob['state']]: ModelJob | undefined } {
  const found: { [S in ModelJob['state']]: ModelJob | undefined } = {
    running: undefined,
    done: undefined,
    failed: undefined,
  };
  for (const job of jobs) {
    if (of(job) && job.startedMs >= (found[job.state]?.startedMs ?? 0)) found[job.state] = job;
  }
  return found;
}

function dayOf(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS);
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
