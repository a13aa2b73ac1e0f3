import { computed, signal } from '@preact/signals';
import type { AnomalyItem, JudgedSample } from '@seismo/server/serve/schemas';
import { fetchAnomalies } from '../api/client.js';
import { isMinuteItem } from './anomalies.js';
import { now, second } from './clock.js';

/** Alarms so long ago are counted. */
const SECONDS = 3600;
export const COUNTED_MAX = 1000;

/** Times of the alarms of all series, of samples and of whole minutes. */
const alarms = signal<ReadonlyMap<string, number>>(new Map());

/** In the last hour; null until they were fetched. */
export const recentAlarms = computed(() => {
  second.value;
  if (!isKnown.value) return null;
  const since = now() - SECONDS;
  let count = 0;
  for (const time of alarms.value.values()) if (time > since) count++;
  return count;
});
const isKnown = signal(false);

/** Those that the server knows; what the stream brought meanwhile stays until the server has stored it. */
export async function refreshAlarmCount(): Promise<void> {
  const asked = now();
  try {
    const { anomalies } = await fetchAnomalies({
      ...{ limit: COUNTED_MAX, alarmsOnly: true, series: null },
      from: Math.floor(asked - SECONDS),
    });
    const standing = anomalies.filter((one) => one.is_anomaly).map(keyAndTime);
    const fresh = [...alarms.peek()].filter(([, time]) => time > asked - STORED_SECONDS);
    alarms.value = new Map([...standing, ...fresh]);
    isKnown.value = true;
  } catch {
    // The list of anomalies says that what is shown is not up to date.
  }
}
/** A sample's alarm is stored by then. */
const STORED_SECONDS = 5;

export function countAlarms(samples: readonly JudgedSample[]): void {
  const fresh = samples
    .filter((one) => one.alarm)
    .map((one) => [`${one.series} ${one.time}`, one.time] as const);
  if (fresh.length > 0) alarms.value = new Map([...alarms.peek(), ...fresh]);
}

/** Minutes that samples which came late have taken back are counted no more. */
export function countMinutes(found: readonly AnomalyItem[]): void {
  const next = new Map(alarms.peek());
  for (const one of found) {
    const [key, time] = keyAndTime(one);
    if (one.alarm && one.is_anomaly) next.set(key, time);
    else next.delete(key);
  }
  alarms.value = next;
}

function keyAndTime(one: AnomalyItem): readonly [string, number] {
  const time = Date.parse(one.time) / 1000;
  return [`${one.series} ${time}${isMinuteItem(one) ? ' minute' : ''}`, time];
}
