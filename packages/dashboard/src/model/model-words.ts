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
