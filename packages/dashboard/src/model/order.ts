import type { SeriesItem } from '@seismo/server/serve/schemas';
import { shownState } from './shown-state.js';

/** An anomaly this fresh keeps its series ahead of the quiet ones. */
const RECENT_SECONDS = 300;
const RANK = { anomalous: 0, no_data: 2, warming_up: 3, unknown: 4, ok: 5 } as const;
const RANK_RECENT = 1;
/** A series that is silent for longer was ended, one that never learned enough was a try: neither is an outage. */
const OUTAGE_SECONDS = 7 * 86_400;
const RANK_ENDED = 6;

/** Worst first: anomalous by score, then anomalous lately, fallen silent, learning, quiet by name, and ended ones. */
export function worstFirst(items: readonly SeriesItem[], now: number): SeriesItem[] {
  return items
    .map((item) => ({ item, rank: rankOf(item, now), score: item.last?.score ?? 0 }))
    .sort(
      (a, b) =>
        a.rank - b.rank ||
        (a.rank === 0 ? b.score - a.score : 0) ||
        (a.rank === RANK_RECENT ? (b.item.last_anomaly ?? 0) - (a.item.last_anomaly ?? 0) : 0) ||
        (a.item.series < b.item.series ? -1 : 1),
    )
    .map((ranked) => ranked.item);
}

function rankOf(item: SeriesItem, now: number): number {
  if (shownState(item, now).state === 'anomalous') return RANK.anomalous;
  if (item.state === 'ok' && item.last_anomaly !== null && item.last_anomaly > now - RECENT_SECONDS) {
    return RANK_RECENT;
  }
  return item.state === 'no_data' && !isOutage(item, now) ? RANK_ENDED : RANK[item.state];
}

function isOutage({ have, need, last }: SeriesItem, now: number): boolean {
  return have >= need && last !== null && last.time > now - OUTAGE_SECONDS;
}

/** Series that contain every word of the search text: in the key, or in the labels as they are shown. */
export function matching(items: readonly SeriesItem[], query: string): readonly SeriesItem[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return items;
  return items.filter((item) => {
    const shown = Object.entries(item.labels).map(([label, value]) => `${label}=${value}`);
    const text = `${item.series} ${shown.join(' ')}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** Keeps the order of what is on screen and adds new series at the end, for while the pointer rests there. */
export function heldOrder(sorted: readonly SeriesItem[], shown: readonly string[]): SeriesItem[] {
  const place = new Map(shown.map((key, i) => [key, i]));
  return [...sorted].sort(
    (a, b) => (place.get(a.series) ?? shown.length) - (place.get(b.series) ?? shown.length),
  );
}
