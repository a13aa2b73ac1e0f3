import type { Series } from '../../model/series.js';
import type { SeriesRegistry } from '../../model/series-registry.js';
import type { ModelInfo } from '../../ports/model-store.js';
import type { NewestMinutes } from './duckdb-minutes.js';
import type { ModelRow, SurveyColumns } from './duckdb-models.js';
import { ModelEntry } from './model-entry.js';
import type { ModelTables } from './model-tables.js';
import { certainLackOf, HISTORY_MS, type Lack } from './training-data.js';
import type { RetiredModel } from './verdict-explanations.js';

const MINUTE_MS = 60_000;
/** Looking through the samples for new series may take this part of the time. */
const SURVEY_SHARE = 1 / 100;
const SURVEY_MS = MINUTE_MS;
/** A series without a sample for so long gets no first model. */
const ACTIVE_MS = 60 * MINUTE_MS;
/** And loses the one it has, when others want the place. */
const STALE_MS = 24 * 60 * MINUTE_MS;
const NO_DATA = 4;

export interface KeptModelsParts {
  readonly tables: ModelTables;
  readonly registry: SeriesRegistry;
  /** Of a model that gives its place up. */
  readonly retire: (model: RetiredModel) => Promise<void>;
  readonly modelsMax: number;
}

interface Candidate {
  readonly series: Series;
  readonly firstMs: number;
  readonly lastMs: number;
  /** What it needs before it can be trained. */
  readonly lack: Lack | undefined;
}

/** Which series have a model: as many as there is room for, first those that raised alarms, then the longest. */
export class KeptModels {
  readonly #parts: KeptModelsParts;
  readonly #entries = new Map<number, ModelEntry>();
  /** Series without a model that raised an alarm since the last look. */
  readonly #alarmed = new Set<number>();
  /** Series with room and too little history as yet. */
  #early: Candidate[] = [];
  #withoutRoom = 0;
  #surveyDueMs = Number.NEGATIVE_INFINITY;

  constructor(parts: KeptModelsParts) {
    this.#parts = parts;
  }

  get withoutRoom(): number {
    return this.#withoutRoom;
  }

  entries(): IterableIterator<ModelEntry> {
    return this.#entries.values();
  }

  entry(seriesId: number): ModelEntry | undefined {
    return this.#entries.get(seriesId);
  }

  has(entry: ModelEntry): boolean {
    return this.#entries.get(entry.series.id) === entry;
  }

  /** Of a series that somebody asks a model for, whatever the room. */
  entryFor(series: Series): ModelEntry {
    const entry = this.#entries.get(series.id) ?? new ModelEntry(series);
    this.#entries.set(series.id, entry);
    return entry;
  }

  restore(models: readonly ModelRow[]): void {
    for (const row of models) {
      const series = this.#parts.registry.byId(row.seriesId);
      if (series !== undefined) this.#entries.set(series.id, ModelEntry.ofRow(series, row));
    }
  }

  noteAlarm(seriesId: number): void {
    const entry = this.#entries.get(seriesId);
    if (entry === undefined) this.#alarmed.add(seriesId);
    else entry.moved = true;
  }

  noteMinutes({ seriesIds, timesMs, states }: NewestMinutes): void {
    for (const [row, seriesId] of seriesIds.entries()) {
      const entry = this.#entries.get(seriesId);
      if (entry === undefined) continue;
      entry.minuteMs = timesMs[row]!;
      entry.minuteState = states[row]!;
      if (entry.minuteState !== NO_DATA) entry.lastDataMs = Math.max(entry.lastDataMs || 0, entry.minuteMs);
    }
  }

  /** By key, with those that wait for their history. */
  list(infoOf: (entry: ModelEntry) => ModelInfo): ModelInfo[] {
    const listed = Array.from(this.#entries.values(), infoOf);
    for (const { series, lack } of this.#early) {
      if (this.#entries.has(series.id) || lack === undefined) continue;
      const { message: error, have, need } = lack;
      const names = { name: series.key, series: series.key };
      listed.push({ ...names, state: 'waiting', error, lack: { have, need }, options: {} });
    }
    return listed.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Those that wait for enough history, by key, and what they lack. */
  early(): { key: string; error: string }[] {
    const found = this.#early.filter(({ series }) => !this.#entries.has(series.id));
    const told = found.map(({ series, lack }) => ({ key: series.key, error: lack?.message ?? '' }));
    return told.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  surveyDue(nowMs: number): boolean {
    return nowMs >= this.#surveyDueMs;
  }

  /** Looks which series there are, and gives the free places to those that should have them. */
  async survey(nowMs: number): Promise<void> {
    const startMs = performance.now();
    const found = await this.#parts.tables.survey(nowMs - HISTORY_MS);
    const tookMs = performance.now() - startMs;
    this.#surveyDueMs = nowMs + Math.max(SURVEY_MS, tookMs / SURVEY_SHARE);
    await this.#forgetGone();
    const { ready, early } = this.#candidates(found, nowMs);
    await this.#makeRoom(ready.length, nowMs);
    ready.sort((a, b) => this.#rank(a) - this.#rank(b) || a.firstMs - b.firstMs || a.series.id - b.series.id);
    const room = Math.max(0, this.#parts.modelsMax - this.#entries.size);
    for (const { series, lastMs } of ready.slice(0, room)) this.entryFor(series).lastDataMs = lastMs;
    this.#withoutRoom = Math.max(0, ready.length - room);
    this.#early = early.slice(0, Math.max(0, room - ready.length));
    this.#alarmed.clear();
  }

  /** Series that samples come of and that have no model; brings those that have one up to date. */
  #candidates({ seriesIds, firstMs, lastMs, counts }: SurveyColumns, nowMs: number) {
    const ready: Candidate[] = [];
    const early: Candidate[] = [];
    for (const [row, id] of seriesIds.entries()) {
      const entry = this.#entries.get(id);
      if (entry !== undefined) {
        entry.lastDataMs = lastMs[row]!;
        continue;
      }
      const series = this.#parts.registry.byId(id);
      if (series === undefined || lastMs[row]! < nowMs - ACTIVE_MS) continue;
      const lack = certainLackOf(firstMs[row]!, lastMs[row]!, counts[row]!);
      // Of a hundred thousand that are all young no more are told of than there is room for.
      if (lack !== undefined && early.length === this.#parts.modelsMax) continue;
      const candidates = lack === undefined ? ready : early;
      candidates.push({ series, firstMs: firstMs[row]!, lastMs: lastMs[row]!, lack });
    }
    return { ready, early };
  }

  #rank({ series }: Candidate): number {
    return this.#alarmed.has(series.id) ? 0 : 1;
  }

  /** Those that went with the retention. */
  async #forgetGone(): Promise<void> {
    await this.#remove(
      [...this.#entries.values()].filter(({ series }) => !this.#parts.registry.byId(series.id)),
    );
  }

  /** Models of series that have stopped give their places up, the longest silent first. */
  async #makeRoom(wanted: number, nowMs: number): Promise<void> {
    const missing = wanted - (this.#parts.modelsMax - this.#entries.size);
    if (missing <= 0) return;
    const stale = [...this.#entries.values()].filter(
      (entry) => !entry.training && entry.lastDataMs < nowMs - STALE_MS,
    );
    stale.sort((a, b) => a.lastDataMs - b.lastDataMs);
    await this.#remove(stale.slice(0, missing));
  }

  async #remove(entries: readonly ModelEntry[]): Promise<void> {
    if (entries.length === 0) return;
    await this.#parts.tables.remove(entries.map(({ series }) => series.id));
    for (const { series, trainedMs, historyToMs } of entries) {
      this.#entries.delete(series.id);
      if (Number.isNaN(trainedMs)) continue;
      await this.#parts.retire({ seriesId: series.id, trainedMs, fromMs: historyToMs });
    }
  }
}
