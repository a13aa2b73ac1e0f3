import { VERDICT_STATES } from '@seismo/engine/streaming';
import type { Series } from '../model/series.js';
import type { SeriesRegistry } from '../model/series-registry.js';
import { componentOf } from '../model/verdict.js';
import type { Detection, JudgedCommit, SeriesNow, TimedValue } from '../ports/detection.js';
import { isOutdated } from './corrected-values.js';
import { orNull, secondsOf } from './json-number.js';
import type { JudgedSample } from './schemas.js';

/** The newest sample of a series, as the API shows it. */
export function newestSample(series: Series, now: SeriesNow): JudgedSample {
  if (now.newer === undefined) return learnedSample(series, now);
  const { have, need } = now.verdict;
  // Whatever is learned of older ones meanwhile: this is what was said of it.
  return withoutVerdict(series, now.newer, { state: 'warming_up', have, need });
}

/** A sample that nothing is known of but its value. */
export function withoutVerdict(
  series: Series,
  { timeMs, value }: TimedValue,
  said: Pick<JudgedSample, 'state' | 'have' | 'need'>,
): JudgedSample {
  return {
    series: series.key,
    time: secondsOf(timeMs),
    value,
    ...said,
    expected: null,
    lower_bound: null,
    upper_bound: null,
    anomaly_probability: null,
    score: null,
    is_anomaly: false,
    alarm: false,
    component: null,
  };
}

/** The state that the newest sample of a series left it in: `state` of `newestSample`, where no newer one waits. */
export function newestState(now: SeriesNow): JudgedSample['state'] {
  return now.newer === undefined && isOfOldValue(now) ? 'unknown' : now.verdict.state;
}

/** Whether the value was corrected so that its verdict speaks of it no more. */
function isOfOldValue({ value, verdict: { state, lower, upper } }: SeriesNow): boolean {
  return isOutdated(state === 'anomalous', value, lower, upper);
}

function learnedSample(series: Series, now: SeriesNow): JudgedSample {
  const { timeMs, value, verdict } = now;
  const { lower, upper, have, need } = verdict;
  const isOld = isOfOldValue(now);
  const state = isOld ? 'unknown' : verdict.state;
  return {
    series: series.key,
    time: secondsOf(timeMs),
    value,
    state,
    expected: orNull(verdict.expected),
    lower_bound: orNull(lower),
    upper_bound: orNull(upper),
    anomaly_probability: isOld ? null : orNull(verdict.probability),
    score: isOld ? null : orNull(verdict.score),
    is_anomaly: state === 'anomalous',
    alarm: !isOld && verdict.alarm,
    component: isOld ? null : verdict.component,
    have,
    need,
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
  const newest = detection.now(seriesId);
  // A repeat or a correction of the newest sample, for whoever has that one with its verdict.
  if (newest !== undefined && state === 'unknown' && newest.timeMs === batch.timesMs[row])
    return learnedSample(series, newest);
  const now = newest?.verdict;
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
    component: componentOf(judged.components[row]!),
    have: now?.have ?? 0,
    need: now?.need ?? 0,
  };
}
