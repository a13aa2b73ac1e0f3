import type { ModelItem } from '@seismo/server/serve/model-schemas';

/** A model of `latency`, trained at 10,000 s on the day before, as a test wants it. */
export function modelItem(change: Partial<ModelItem> = {}): ModelItem {
  return {
    name: 'latency',
    series: 'latency',
    state: 'trained',
    error: null,
    have: null,
    need: null,
    options: {},
    trained_at: 10_000,
    history_from: -76_500,
    history_to: 9900,
    horizon_end: 69_900,
    age_seconds: 60,
    non_seasonal_order: { p: 1, d: 1, q: 2 },
    has_drift: false,
    seasonal_periods: [],
    step_changes: [],
    next_training: 13_600,
    training_seconds: 0.5,
    last_minute: null,
    ...change,
  };
}
