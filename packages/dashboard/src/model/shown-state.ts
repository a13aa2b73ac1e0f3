import type { SeriesItem } from '@seismo/server/serve/schemas';

/** A minute is judged half a minute after its end, and this list is not asked for at once. */
const FRESH_SECONDS = 240;

export interface ShownState {
  readonly state: SeriesItem['state'];
  /** It is the newest minute that is anomalous, by the model of the series; single samples are not. */
  readonly isMinute: boolean;
}

/** A series is anomalous where its newest sample is, or the newest minute that its model judged. */
export function shownState({ state, last_minute: minute }: SeriesItem, now: number): ShownState {
  const isMinute =
    minute !== null &&
    minute.state === 'anomalous' &&
    minute.time > now - FRESH_SECONDS &&
    (state === 'ok' || state === 'unknown');
  return isMinute ? { state: 'anomalous', isMinute } : { state, isMinute };
}
