import { computed, type Signal, signal } from '@preact/signals';
import type { JudgedSample, SeriesBody, SeriesItem } from '@seismo/server/serve/schemas';
import { ApiError, fetchSamples, fetchSeries } from '../api/client.js';
import { shownState } from '../model/shown-state.js';
import { windowFor } from '../model/tile-window.js';
import { Track } from '../model/track.js';
import { RANGES, type RangeName } from '../model/url-state.js';
import { AskAgain } from './ask-again.js';
import { now } from './clock.js';
import { place } from './location.js';

/** One series as the overview knows it. */
export interface Entry {
  readonly item: Signal<SeriesItem>;
  readonly track: Track;
  /** Window of the small chart; null until its samples are here. */
  readonly window: Signal<RangeName | null>;
  readonly failed: Signal<string | null>;
  /** Grows when the track changed. */
  readonly revision: Signal<number>;
  loading: boolean;
  /** Among the worst, which are listed; others are here while they are looked for. */
  isListed: boolean;
  /** For verdicts that were not stored yet. */
  readonly again: AskAgain;
}

/** Series by key, all or the worst of very many; the map is replaced when series come or go. */
export const entries = signal<ReadonlyMap<string, Entry>>(new Map());
export const summary = signal<Omit<SeriesBody, 'series'> | null>(null);
export const catalogueError = signal<ApiError | null>(null);
/** Grows when a series' state changed: the order and the counts depend on it. */
export const statesRevision = signal(0);

/** Whether every series there is is listed. */
export const isListWhole = signal(true);
/** How many series beyond the list are in each state. */
let beyond: SeriesBody['states'] = { anomalous: 0, warming_up: 0, no_data: 0, unknown: 0, ok: 0 };

export const counts = computed(() => {
  statesRevision.value;
  const byState = { ...beyond };
  for (const { item, isListed } of entries.value.values())
    if (isListed) byState[shownState(item.peek(), now()).state]++;
  return byState;
});

const TILE_POINTS = 600;
const LONGEST = RANGES['30d'];
/** Samples in five minutes that make the shortest window the right one. */
const ENOUGH = 25;

export async function refreshCatalogue(): Promise<void> {
  let body: SeriesBody;
  try {
    body = await fetchSeries();
  } catch (error) {
    catalogueError.value = error instanceof ApiError ? error : new ApiError(0, String(error));
    return;
  }
  const { series, ...rest } = body;
  const listed = series.map((item) => entryOf(item, true));
  const keys = new Set(series.map((item) => item.series));
  const found = [...entries.peek()].filter(([key, entry]) => {
    // What is on screen stays there, though others are worse now.
    if (key === place.peek().series && !keys.has(key)) entry.isListed = false;
    return !entry.isListed && !keys.has(key);
  });
  setEntries([...listed, ...found]);
  beyond = { ...body.states };
  for (const { state } of series) beyond[state]--;
  isListWhole.value = series.length >= body.count;
  summary.value = rest;
  catalogueError.value = null;
  statesRevision.value++;
}

/** Series that were looked for and are not listed, in place of those of before. */
export function takeFound(items: readonly SeriesItem[]): void {
  const listed = [...entries.peek()].filter(([, entry]) => entry.isListed);
  const keys = new Set(listed.map(([key]) => key));
  const found = items.filter((item) => !keys.has(item.series)).map((item) => entryOf(item, false));
  setEntries([...listed, ...found]);
}

function setEntries(list: readonly (readonly [string, Entry])[]): void {
  const known = entries.peek();
  const next = new Map(list);
  const isSameSet = next.size === known.size && [...next.keys()].every((key) => known.has(key));
  if (!isSameSet) entries.value = next;
}

/** The entry that is known, with what is new of it, or a new one. */
function entryOf(item: SeriesItem, isListed: boolean): readonly [string, Entry] {
  const entry = entries.peek().get(item.series) ?? newEntry(item);
  entry.isListed = isListed;
  // A live sample may be newer than this answer.
  const last = entry.item.peek().last;
  if ((item.last?.time ?? 0) >= (last?.time ?? 0)) entry.item.value = item;
  return [item.series, entry];
}

function newEntry(item: SeriesItem): Entry {
  return {
    item: signal(item),
    track: new Track(),
    window: signal<RangeName | null>(null),
    failed: signal<string | null>(null),
    revision: signal(0),
    loading: false,
    isListed: true,
    again: new AskAgain(),
  };
}

/** Takes live samples into the items and the small charts; says which series nobody knew yet. */
export function takeSamples(samples: readonly JudgedSample[]): { hasUnknown: boolean } {
  let hasUnknown = false;
  let hasNewState = false;
  const touched = new Set<Entry>();
  for (const sample of samples) {
    const entry = entries.peek().get(sample.series);
    if (entry === undefined) {
      hasUnknown = true;
      continue;
    }
    if (entry.window.peek() !== null || entry.loading) entry.track.put(sample);
    touched.add(entry);
    const item = entry.item.peek();
    if (item.last !== null && item.last.time > sample.time) continue;
    if (item.state !== sample.state || sample.is_anomaly) hasNewState = true;
    entry.item.value = {
      ...item,
      state: sample.state,
      have: sample.have,
      need: sample.need,
      last: sample,
      last_anomaly: sample.is_anomaly ? sample.time : item.last_anomaly,
    };
  }
  for (const entry of touched) {
    const window = entry.window.peek();
    if (window !== null) entry.track.dropBefore(now() - RANGES[window] * 1.5);
    entry.revision.value++;
  }
  if (hasNewState) statesRevision.value++;
  return { hasUnknown };
}

/** Notes when minutes were found anomalous: series with fresh anomalies come first. */
export function noteMinutes(found: readonly { series: string; time: number; isWithdrawn: boolean }[]): void {
  for (const { series, time, isWithdrawn } of found) {
    const entry = entries.peek().get(series);
    if (entry === undefined || isWithdrawn) continue;
    const item = entry.item.peek();
    const isNewest = (item.last_minute?.time ?? 0) <= time;
    entry.item.value = {
      ...item,
      last_anomaly: Math.max(item.last_anomaly ?? 0, time),
      last_minute: isNewest ? { time, state: 'anomalous' } : item.last_minute,
    };
    statesRevision.value++;
  }
}

/** Fetches what the small chart of a series shows, in the window of the series' own pace. */
export async function loadTile(entry: Entry): Promise<void> {
  if (entry.loading) return;
  entry.loading = true;
  const series = entry.item.peek().series;
  try {
    const to = now();
    const short = await fetchSamples({ series, from: to - RANGES['5m'], to, points: TILE_POINTS });
    let range: RangeName = '5m';
    let body = short;
    if (short.total < ENOUGH) {
      body = await fetchSamples({ series, from: to - LONGEST, to, points: TILE_POINTS });
      const { time } = body;
      range = time.length === 0 ? '5m' : windowFor(body.total, time[0]!, time[time.length - 1]!, to);
      if (body.downsampled && range !== '30d') {
        body = await fetchSamples({ series, from: to - RANGES[range], to, points: TILE_POINTS });
      }
    }
    entry.track.gapFloor = body.downsampled ? ((body.to - body.from) / TILE_POINTS) * 4 : 0;
    const unjudged = entry.track.merge(body);
    entry.window.value = range;
    if (unjudged > 0) loadAgain(entry);
    else entry.again.reset();
    entry.failed.value = null;
  } catch (error) {
    entry.failed.value = error instanceof Error ? error.message : String(error);
  } finally {
    entry.loading = false;
    entry.revision.value++;
  }
}

function loadAgain(entry: Entry): void {
  entry.again.later(() => {
    if (entry.window.peek() !== null) void loadTile(entry);
  });
}

/** What was shown may have holes: small charts fetch again when they are next on screen. */
export function forgetTiles(except: readonly string[] = []): void {
  const kept = new Set(except);
  for (const [key, entry] of entries.peek()) {
    if (kept.has(key)) continue;
    entry.window.value = null;
    entry.again.reset();
  }
}
