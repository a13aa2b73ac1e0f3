import type { ModelItem } from '@seismo/server/serve/model-schemas';
import type { State } from './track.js';

/** What is said of a model, for people. */

/** `ARIMA(1, 1, 2) with drift`; nothing before the first training. */
export function orderWords({ non_seasonal_order: order, has_drift }: ModelItem): string {
  if (order === null) return '–';
  return `ARIMA(${order.p}, ${order.d}, ${order.q})${has_drift === true ? ' with drift' : ''}`;
}

/** `daily, weekly` */
export function seasonWords({ seasonal_periods: periods, trained_at }: ModelItem): string {
  const names = periods.filter((name) => name !== 'NO_SEASONALITY').map((name) => name.toLowerCase());
  if (names.length > 0) return names.join(', ');
  return trained_at === null ? '–' : 'none';
}

export interface ModelState {
  readonly words: string;
  /** Why, or what it waits for. */
  readonly reason: string | null;
  /** The sign that stands beside it. */
  readonly mark: State;
}

/** One that is being trained again goes on expecting meanwhile; one whose forecast has ended expects nothing. */
export function modelState(model: ModelItem, now: number): ModelState {
  const { state, error, trained_at, horizon_end } = model;
  if (state === 'failed') return { words: 'failed', reason: error, mark: 'anomalous' };
  if (state === 'training') {
    return { words: trained_at === null ? 'training' : 'training again', reason: error, mark: 'warming_up' };
  }
  if (state === 'waiting') return { words: 'no model yet', reason: error, mark: 'warming_up' };
  if (horizon_end !== null && horizon_end < now) {
    return { words: 'forecast has ended', reason: 'It waits to be trained again.', mark: 'unknown' };
  }
  return { words: 'trained', reason: error, mark: 'ok' };
}

export interface LearnedStep {
  readonly time: number;
  readonly size: number;
  /** It led to anomalies, and there was none since the model knows it. */
  readonly isQuiet: boolean;
}

/** A step is found within some minutes of where it is. */
const STEP_PLACE_SECONDS = 600;

/** The steps that a model knows, newest first, and which of them raise no anomalies any more. */
export function learnedSteps(
  { step_changes, trained_at }: Pick<ModelItem, 'step_changes' | 'trained_at'>,
  anomalyTimes: readonly number[],
): LearnedStep[] {
  if (trained_at === null) return [];
  const isCalm = !anomalyTimes.some((time) => time > trained_at);
  const newest = [...step_changes].sort((a, b) => b.time - a.time);
  return newest.map(({ time, size }, i) => {
    const until = i === 0 ? trained_at : newest[i - 1]!.time - STEP_PLACE_SECONDS;
    const led = anomalyTimes.some((at) => at >= time - STEP_PLACE_SECONDS && at <= until);
    return { time, size, isQuiet: led && isCalm };
  });
}

/** Failed first, then what trains and waits, then by age, the oldest first. */
export function neediestFirst(models: readonly ModelItem[]): ModelItem[] {
  return [...models].sort(
    (a, b) =>
      RANK[a.state] - RANK[b.state] ||
      (a.trained_at ?? 0) - (b.trained_at ?? 0) ||
      (a.series < b.series ? -1 : 1),
  );
}
const RANK = { failed: 0, training: 1, waiting: 2, trained: 3 } as const;
