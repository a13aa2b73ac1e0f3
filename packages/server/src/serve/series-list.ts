import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Series } from '../model/series.js';
import type { SeriesBody, SeriesItem } from './schemas.js';

type State = SeriesItem['state'];

export interface Standing {
  readonly state: State;
  /** When it was anomalous last, ms since 1970; undefined if never. */
  readonly anomalyMs: number | undefined;
}

/** For so long at once others wait: 100,000 series are looked at in many turns. */
const TURN_MS = 5;

const RANK: Readonly<Record<State, number>> = { anomalous: 0, ok: 1, warming_up: 1, no_data: 2, unknown: 2 };

interface Ranked {
  readonly series: Series;
  readonly rank: number;
  readonly anomalyMs: number;
}

function worstFirst(a: Ranked, b: Ranked): number {
  return a.rank - b.rank || b.anomalyMs - a.anomalyMs || (a.series.key < b.series.key ? -1 : 1);
}

/**
 * The `limit` worst of `all` that are wanted: the anomalous ones, the others by their latest anomaly, those without data
 * last; and how many are in each state. Keeps no more than twice `limit` of them meanwhile.
 */
export async function worstSeries(
  all: Iterable<Series>,
  isWanted: (series: Series) => boolean,
  standingOf: (series: Series) => Standing,
  limit: number,
): Promise<{ worst: Series[]; count: number; states: SeriesBody['states'] }> {
  const states = { warming_up: 0, ok: 0, anomalous: 0, unknown: 0, no_data: 0 };
  let count = 0;
  let kept: Ranked[] = [];
  let bar: Ranked | undefined;
  let turnEndMs = performance.now() + TURN_MS;
  for (const series of all) {
    if (isWanted(series)) {
      const { state, anomalyMs = 0 } = standingOf(series);
      count++;
      states[state]++;
      const one = { series, rank: RANK[state], anomalyMs };
      if (bar === undefined || worstFirst(one, bar) < 0) kept.push(one);
      if (kept.length >= 2 * limit) {
        kept = kept.sort(worstFirst).slice(0, limit);
        bar = kept[limit - 1];
      }
    }
    if (performance.now() < turnEndMs) continue;
    await nextTurn();
    turnEndMs = performance.now() + TURN_MS;
  }
  const worst = kept.sort(worstFirst).slice(0, limit);
  return { worst: worst.map(({ series }) => series), count, states };
}

/** Whether a series holds every word of a search: in its key, or in its labels as the page shows them. */
export function searchOf(text: string | undefined): (series: Series) => boolean {
  const words = (text ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  return ({ key, labels }) => {
    if (words.length === 0) return true;
    const shown = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
    const all = `${key} ${shown.join(' ')}`.toLowerCase();
    return words.every((word) => all.includes(word));
  };
}
