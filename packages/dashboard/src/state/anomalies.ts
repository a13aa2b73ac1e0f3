import { signal } from '@preact/signals';
import type { AnomalyItem, JudgedSample } from '@seismo/server/serve/schemas';
import { ApiError, fetchAnomalies } from '../api/client.js';

export interface ListedAnomaly {
  readonly series: string;
  /** Seconds. */
  readonly time: number;
  readonly value: number;
  readonly expected: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly probability: number | null;
  readonly alarm: boolean;
  readonly component: AnomalyItem['component'];
  /** It is a whole minute that the model of its series judged; `time` is its start and `value` its mean. */
  readonly isMinute: boolean;
  /** Samples that came late have shown that it was none. */
  readonly isWithdrawn: boolean;
}
/** The name by which models judge minutes. */
export const MINUTE_DETECTOR = 'arima_plus';

/** Newest first; null until they were fetched. */
export const anomalies = signal<readonly ListedAnomaly[] | null>(null);
export const anomaliesError = signal<ApiError | null>(null);
const LISTED_MAX = 40;
/** Asked for where other series of the same name may come between. */
const OF_NAME_MAX = 1000;

let asked = 0;

/** Newest of all series, or of one. */
export async function refreshAnomalies(query: { all: boolean; series: string | null }): Promise<void> {
  const turn = ++asked;
  try {
    const limit = query.series === null ? LISTED_MAX : OF_NAME_MAX;
    const body = await fetchAnomalies({ limit, alarmsOnly: !query.all, series: query.series });
    if (turn !== asked) return;
    // A bare name means every series of that name to the API; here it is the one without labels.
    const own = body.anomalies.filter((one) => query.series === null || one.series === query.series);
    anomalies.value = own.slice(0, LISTED_MAX).map(listedItem);
    anomaliesError.value = null;
  } catch (error) {
    if (turn === asked)
      anomaliesError.value = error instanceof ApiError ? error : new ApiError(0, String(error));
  }
}

/** Puts live findings on top, before the store lists them. */
export function takeAnomalies(
  samples: readonly JudgedSample[],
  query: { all: boolean; series: string | null },
): void {
  const known = anomalies.peek();
  if (known === null) return;
  const fresh = samples
    .filter((one) => (query.all ? one.is_anomaly : one.alarm))
    .filter((one) => query.series === null || one.series === query.series)
    .filter((one) => !known.some((other) => isSame(other, one)))
    .map((one) => listed(one, one.time));
  if (fresh.length === 0) return;
  anomalies.value = [...fresh, ...known].sort((a, b) => b.time - a.time).slice(0, LISTED_MAX);
}

/** Puts minutes in their places: new ones, and those that samples which came late have confirmed or taken back. */
export function takeMinutes(
  found: readonly AnomalyItem[],
  query: { all: boolean; series: string | null },
): void {
  const known = anomalies.peek();
  if (known === null) return;
  const wanted = found.filter((one) => query.series === null || one.series === query.series).map(listedItem);
  const others = known.filter((one) => !wanted.some((other) => isSameMinute(one, other)));
  const shown = wanted.filter((one) => query.all || one.alarm);
  if (shown.length === 0 && others.length === known.length) return;
  anomalies.value = [...shown, ...others].sort((a, b) => b.time - a.time).slice(0, LISTED_MAX);
}

function isSameMinute(one: ListedAnomaly, other: ListedAnomaly): boolean {
  return one.isMinute && one.series === other.series && one.time === other.time;
}

/** As the store and the stream tell an anomaly, of a sample or a minute. */
export function listedItem(one: AnomalyItem): ListedAnomaly {
  return listed(one, Date.parse(one.time) / 1000);
}

export function isMinuteItem(one: AnomalyItem): boolean {
  return one.detector === MINUTE_DETECTOR;
}

function isSame(known: ListedAnomaly, live: JudgedSample): boolean {
  return !known.isMinute && known.series === live.series && known.time === live.time;
}

/** The minute that was found anomalous at exactly this time, if it is listed. */
export function minuteAnomalyAt(series: string, time: number): ListedAnomaly | undefined {
  return anomalies.value?.find((one) => one.isMinute && one.series === series && one.time === time);
}

function listed(one: AnomalyItem | JudgedSample, time: number): ListedAnomaly {
  return {
    series: one.series,
    time,
    value: one.value,
    expected: one.expected,
    lower: one.lower_bound,
    upper: one.upper_bound,
    probability: one.anomaly_probability,
    alarm: one.alarm,
    component: one.component,
    isWithdrawn: 'review' in one && one.review === 'withdrawn',
    isMinute: 'detector' in one && one.detector === MINUTE_DETECTOR,
  };
}
