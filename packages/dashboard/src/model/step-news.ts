import type { ModelItem } from '@seismo/server/serve/model-schemas';

type Step = ModelItem['step_changes'][0];

/** A step is found within some minutes of where it is. */
export const STEP_PLACE_SECONDS = 600;
/** So long it is news that a step was learned. */
const NEWS_SECONDS = 86_400;

/** What became of a step that a model has learned after it led to anomalies. */
export interface StepNews {
  readonly series: string;
  readonly step: Step;
  readonly learnedAt: number;
  /** Minutes that were anomalous until it was learned. */
  readonly anomalousMinutes: number;
  /** Whether a minute with data was judged since; none of them is anomalous. */
  readonly isProven: boolean;
}

/** The newest step that a model with a training before has learned lately; null where there is none. */
export function lateStep(
  { step_changes }: Pick<ModelItem, 'step_changes'>,
  now: number,
): (Step & { readonly learned_at: number }) | null {
  let latest: (Step & { readonly learned_at: number }) | null = null;
  for (const { time, size, learned_at } of step_changes) {
    if (learned_at === null || now - learned_at > NEWS_SECONDS) continue;
    if (latest === null || time > latest.time) latest = { time, size, learned_at };
  }
  return latest;
}

/**
 * The news of that step, given the starts of the minutes that are anomalous since; null where it led to none, or where
 * they go on. A minute that began before the training did was judged by the model before. `lastSample`: time of the
 * series' newest one, null where it is not known.
 */
export function stepNews(
  { series, last_minute }: Pick<ModelItem, 'series' | 'last_minute'>,
  step: Step & { readonly learned_at: number },
  anomalous: readonly number[],
  lastSample: number | null,
): StepNews | null {
  const { time, learned_at: learnedAt } = step;
  const until = anomalous.filter((at) => at >= time - STEP_PLACE_SECONDS && at <= learnedAt);
  const isLed = until.some((at) => at <= time + STEP_PLACE_SECONDS);
  if (!isLed || anomalous.some((at) => at > learnedAt)) return null;
  const isJudged = (minute: number) =>
    last_minute !== null && minute > learnedAt && minute <= last_minute.time;
  const lastMinute = last_minute?.state === 'ok' ? last_minute.time : minuteOf(lastSample ?? 0);
  const isProven = isJudged(lastMinute);
  return { series, step, learnedAt, anomalousMinutes: until.length, isProven };
}

function minuteOf(time: number): number {
  return Math.floor(time / 60) * 60;
}

/** Samples are still anomalous when one was so lately. */
const STILL_SECONDS = 600;

/** Whether single samples, which are judged without the model, have been anomalous since it learned the step, and are. */
export function areSamplesAnomalous(
  item: { readonly state: string; readonly last_anomaly: number | null } | undefined,
  { learnedAt }: StepNews,
  now: number,
): boolean {
  if (item === undefined) return false;
  const last = item.last_anomaly ?? 0;
  return item.state === 'anomalous' || (last > learnedAt && now - last < STILL_SECONDS);
}

/** `20 min ago`, told as a whole sentence about the step, which has its own place and size before. */
export function newsWords(
  { anomalousMinutes, isProven }: StepNews,
  agoWords: string,
  areSamplesStill: boolean,
): string {
  const were = anomalousMinutes === 1 ? '1 minute was' : `${anomalousMinutes} minutes were`;
  const stopped = areSamplesStill
    ? 'none since; single samples still are'
    : 'none since: anomalous minutes have stopped by themselves';
  const then = isProven ? stopped : 'and this level is expected from now on';
  return `learned ${agoWords}; ${were} anomalous to the model until then, ${then}`;
}
