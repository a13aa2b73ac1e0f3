import { VERDICT_STATES } from '@seismo/engine';
import type { Series } from '../model/series.js';
import type { SeriesRegistry } from '../model/series-registry.js';
import type { Detection, JudgedCommit, SeriesNow } from '../ports/detection.js';
import { orNull, secondsOf } from './json-number.js';
import type { JudgedSample } from './schemas.js';

/** The newest sample of a series with its verdict, as the API shows it. */
export function newestSample(series: Series, now: SeriesNow): JudgedSample {
  const { verdict } = now;
  return {
    series: series.key,
    time: secondsOf(now.timeMs),
    value: now.value,
    state: verdict.state,
    expected: orNull(verdict.expected),
    lower_bound: orNull(verdict.lower),
    upper_bound: orNull(verdict.upper),
    anomaly_probability: orNull(verdict.probability),
    score: orNull(verdict.score),
    is_anomaly: verdict.state === 'anomalous',
    alarm: verdict.alarm,
    have: verdict.have,
    need: verdict.need,
  };
}

/** One row of a judged commit, as the API shows it; undefined when the series is gone meanwhile. */
export function judgedRow(
  judged: JudgedCommit,
  row: number,
  registry: SeriesRegistry,
  detection: Detection,
): JudgedSample | undefined {
  const { batch } = judged.commit;
  const { verdicts } = judged;
  const seriesId = batch.seriesIds[row]!;
  const series = registry.byId(seriesId);
  if (series === undefined) return undefined;
  const state = VERDICT_STATES[verdicts.states[row]!] ?? 'unknown';
  const now = detection.now(seriesId)?.verdict;
  return {
    series: series.key,
    time: secondsOf(batch.timesMs[row]!),
    value: batch.values[row]!,
    state,
    expected: orNull(verdicts.expected[row]!),
    lower_bound: orNull(verdicts.lower[row]!),
    upper_bound: orNull(verdicts.upper[row]!),
    anomaly_probability: orNull(verdicts.probability[row]!),
    score: orNull(verdicts.score[row]!),
    is_anomaly: state === 'anomalous',
    alarm: verdicts.alarms[row] === 1,
    have: now?.have ?? 0,
    need: now?.need ?? 0,
  };
}
