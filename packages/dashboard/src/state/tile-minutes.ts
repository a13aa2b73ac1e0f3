import { signal } from '@preact/signals';
import type { AnomalyItem } from '@seismo/server/serve/schemas';
import { fetchAnomalies } from '../api/client.js';
import { RANGES } from '../model/url-state.js';
import { type ListedAnomaly, listedItem, MINUTE_DETECTOR } from './anomalies.js';
import { now } from './clock.js';

/** Newest of all series; a small chart shows no more than some of them. */
const FETCHED_MAX = 2000;

/** Whole minutes that models found anomalous, by series and time: for the small charts. */
const minutes = new Map<string, Map<number, ListedAnomaly>>();
export const tileMinutesRevision = signal(0);

/** All that the longest small chart can hold. */
export async function refreshTileMinutes(): Promise<void> {
  try {
    const { anomalies } = await fetchAnomalies({
      ...{ limit: FETCHED_MAX, alarmsOnly: false, detector: MINUTE_DETECTOR, series: null },
      from: Math.floor(now() - RANGES['30d']),
    });
    minutes.clear();
    takeTileMinutes(anomalies);
  } catch {
    // The list of anomalies says that what is shown is not up to date.
  }
}

export function takeTileMinutes(found: readonly AnomalyItem[]): void {
  for (const one of found.map(listedItem)) {
    let own = minutes.get(one.series);
    if (own === undefined) {
      own = new Map();
      minutes.set(one.series, own);
    }
    own.set(one.time, one);
  }
  tileMinutesRevision.value++;
}

/** Those that stand; minutes that late samples have taken back are no news in small. */
export function tileMinutes(series: string, from: number): readonly ListedAnomaly[] {
  const own = minutes.get(series);
  if (own === undefined) return [];
  return [...own.values()].filter(({ time, isWithdrawn }) => !isWithdrawn && time > from - MINUTE);
}
const MINUTE = 60;
