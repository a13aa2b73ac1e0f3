import type { Series } from '../model/series.js';
import type { Anomaly } from '../model/verdict.js';
import { orNull } from './json-number.js';
import type { AnomalyItem } from './schemas.js';

/** An anomaly as the API tells it. */
export function anomalyItem(anomaly: Anomaly, series: Series): AnomalyItem {
  return {
    timestamp: Math.floor(anomaly.timeMs / 1000),
    time: new Date(anomaly.timeMs).toISOString(),
    series: series.key,
    name: series.name,
    labels: series.labels,
    value: anomaly.value,
    expected: orNull(anomaly.expected),
    lower_bound: orNull(anomaly.lower),
    upper_bound: orNull(anomaly.upper),
    anomaly_probability: orNull(anomaly.probability),
    is_anomaly: anomaly.review !== 'withdrawn',
    alarm: anomaly.alarm,
    detector: anomaly.detector,
    component: anomaly.component ?? null,
    review: anomaly.review ?? null,
  };
}
