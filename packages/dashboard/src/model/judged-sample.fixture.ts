import type { JudgedSample } from '@seismo/server/serve/schemas';

/** A judged sample for tests: ok, within its band, unless told otherwise. */
export function judged(change: Partial<JudgedSample> = {}): JudgedSample {
  return {
    series: 'latency',
    time: 0,
    value: 0,
    state: 'ok',
    expected: 0,
    lower_bound: -1,
    upper_bound: 1,
    anomaly_probability: 0.5,
    score: 1,
    is_anomaly: change.state === 'anomalous',
    alarm: false,
    component: null,
    have: 60,
    need: 60,
    ...change,
  };
}
