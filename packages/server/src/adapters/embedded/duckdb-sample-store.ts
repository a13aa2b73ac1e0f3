import { resolve } from 'node:path';
import { AppError } from '../../errors.js';
import type { CommittedBatch, SampleBatch } from '../../model/batch.js';
import { SHORTAGE_HINT, shortageText } from '../../model/free-space.js';
import type { Series } from '../../model/series.js';
import type { Anomaly, VerdictBatch } from '../../model/verdict.js';
import type { Clock } from '../../ports/clock.js';
import type {
  AnomalyQuery,
  LatestSample,
  SampleColumns,
  SampleQuery,
  SampleStore,
  StoreStatistics,
} from '../../ports/sample-store.js';
import type { SqlEngine } from '../../ports/sql-engine.js';
import type { StateStore } from '../../ports/state-store.js';
import { CommitQueue } from './commit-queue.js';
import { tellShortage } from './duckdb-failures.js';
import type { CommitGroup, CommittedColumns, OpenReply } from './duckdb-protocol.js';
import { createSqlEngine } from './duckdb-sql-engine.js';
import { DuckDbWorkerClient } from './duckdb-worker-client.js';
import { EmbeddedStateStore } from './embedded-state-store.js';
import { claimFolder, releaseFolder } from './folder-claims.js';
import { systemFreeBytes } from './free-bytes.js';
import { createModelTables, type ModelTables } from './model-tables.js';
import { planPieces } from './read-all-plan.js';

export interface DuckDbStoreOptions {
  readonly dataFolder: string;
  /** Gives a series its name and labels when its first sample is stored. */
  readonly lookup: (id: number) => Series | undefined;
  /** Free space on the disk below which new samples are refused. */
  readonly diskReserveBytes: number;
  readonly clock: Clock;
  readonly onCommitSeconds?: (seconds: number) => void;
  /** Samples that may wait for a commit. Default 500,000. */
  readonly queueRowsMax?: number;
  /** Fresh rows that a compaction step waits for; fewer stay where they are. Default 125,000. */
  readonly compactionRows?: number;
  /** Rows that compaction leaves sorted together in the end. Default eight steps: 1,000,000. */
  readonly runRows?: number;
  /** Size of the log at which it is folded into the file. Default 16 MB. */
  readonly walBytesMax?: number;
  /** Memory that DuckDB may use. Default 80 MB. */
  readonly memoryBytes?: number;
  /** Free bytes on the disk of the folder; the system's answer by default. */
  readonly freeBytes?: (folder: string) => number;
}

export interface DuckDbStore {
  readonly samples: SampleStore;
  readonly state: StateStore;
  readonly models: ModelTables;
  readonly sql: SqlEngine;
  /** The lowest id that no series ever had: the registry must not give a lower one to a new series. */
  readonly nextSeriesId: number;
}

/** Few, since what waits for compaction is not sorted: a read looks at all of it. */
const COMPACTION_ROWS = 125_000;
const STEPS_PER_RUN = 8;
const FINDINGS_DELAY_MS = 500;
const FREE_SPACE_AGE_MS = 100;
const PIECE_ROWS = 100_000;
const PIECE_SERIES = 5000;

/** Opens the data folder, making it where there is none. Rejects with `data_folder_…` when it cannot. */
export async function openDuckDbStore(options: DuckDbStoreOptions): Promise<DuckDbStore> {
  const folder = resolve(options.dataFolder);
  claimFolder(folder);
  const worker = new DuckDbWorkerClient();
  try {
    const compactionRows = options.compactionRows ?? COMPACTION_ROWS;
    const opened = await worker.call('open', {
      dataFolder: folder,
      compactionRows,
      runRows: options.runRows ?? compactionRows * STEPS_PER_RUN,
      walBytesMax: options.walBytesMax ?? 16_000_000,
      memoryBytes: options.memoryBytes ?? 80_000_000,
      diskReserveBytes: options.diskReserveBytes,
    });
    const samples = new DuckDbSampleStore(worker, folder, options, opened);
    const state = new EmbeddedStateStore(worker, folder);
    const models = createModelTables(worker, folder, () => samples.isFull);
    const sql = createSqlEngine(worker, () => samples.refuseWhenClosed());
    return { samples, state, models, sql, nextSeriesId: opened.nextSeriesId };
  } catch (error) {
    await worker.terminate();
    releaseFolder(folder);
    throw error;
  }
}

class DuckDbSampleStore implements SampleStore {
  readonly capabilities = { commitOrder: true, backup: true };
  readonly #worker: DuckDbWorkerClient;
  readonly #folder: string;
  readonly #options: DuckDbStoreOptions;
  readonly #queue: CommitQueue;
  /** Nothing is compacted until the first call of keepCommitsAfter says what may be. */
  #compactThroughSeq = 0;
  #freeBytes = Number.POSITIVE_INFINITY;
  #freeBytesAtMs = Number.NEGATIVE_INFINITY;
  #closing: Promise<void> | undefined;

  constructor(worker: DuckDbWorkerClient, folder: string, options: DuckDbStoreOptions, opened: OpenReply) {
    this.#worker = worker;
    this.#folder = folder;
    this.#options = options;
    this.#queue = new CommitQueue({
      committedSeq: opened.committedSeq,
      queueRowsMax: options.queueRowsMax ?? 500_000,
      findingsDelayMs: FINDINGS_DELAY_MS,
      lookup: options.lookup,
      write: (group) => worker.call('commit', group, buffersOf(group)),
      checkSpace: () => this.#checkSpace(),
      onCommitSeconds: options.onCommitSeconds ?? (() => {}),
    });
    this.#queue.markStored(opened.seriesIds);
  }

  async readSeries(): Promise<Series[]> {
    this.refuseWhenClosed();
    const series: Series[] = [];
    // All at once they would be there three times: as rows, as objects of the worker, and here.
    for (;;) {
      const afterId = series.at(-1)?.id ?? -1;
      const piece = await this.#worker.call('readSeries', { afterId, most: PIECE_SERIES });
      for (const one of piece) series.push(one);
      if (piece.length < PIECE_SERIES) return series;
    }
  }

  append(batch: SampleBatch): Promise<number> {
    return this.#queue.append(batch);
  }

  onCommitted(listener: (commits: readonly CommittedBatch[]) => void): void {
    this.#queue.onCommitted(listener);
  }

  async readCommittedAfter(seq: number, maxSamples: number): Promise<CommittedBatch[]> {
    this.refuseWhenClosed();
    return splitCommits(await this.#worker.call('readCommittedAfter', { seq, samplesMax: maxSamples }));
  }

  async *readAll(throughSeq: number, maxSamples: number): AsyncIterable<SampleBatch> {
    this.refuseWhenClosed();
    const rowsMax = Math.max(1, Math.min(maxSamples, PIECE_ROWS));
    const { ids, counts } = await this.#worker.call('countBySeries', { throughSeq });
    for (const { firstId, lastId, paged } of planPieces(ids, counts, rowsMax)) {
      let afterMs = Number.NEGATIVE_INFINITY;
      for (;;) {
        const piece = { firstId, lastId, afterMs, throughSeq, rowsMax, paged };
        const batch = await this.#worker.call('readPiece', piece);
        if (batch.timesMs.length > 0) yield batch;
        if (!paged || batch.timesMs.length < rowsMax) break;
        afterMs = batch.timesMs.at(-1)!;
      }
    }
  }

  keepCommitsAfter(seq: number): void {
    this.#compactThroughSeq = Math.max(this.#compactThroughSeq, seq);
  }

  appendFindings(verdicts: VerdictBatch, anomalies: readonly Anomaly[]): Promise<void> {
    return this.#queue.appendFindings(verdicts, anomalies);
  }

  async querySamples(query: SampleQuery): Promise<SampleColumns> {
    this.refuseWhenClosed();
    return this.#worker.call('querySamples', query);
  }

  async queryAnomalies(query: AnomalyQuery): Promise<Anomaly[]> {
    this.refuseWhenClosed();
    await this.#queue.hurryAnomalies();
    return this.#worker.call('queryAnomalies', query);
  }

  async readLatest(): Promise<LatestSample[]> {
    this.refuseWhenClosed();
    const { seriesIds, timesMs, values } = await this.#worker.call('readLatest', undefined);
    return Array.from(seriesIds, (seriesId, i) => ({ seriesId, timeMs: timesMs[i]!, value: values[i]! }));
  }

  async compact(): Promise<void> {
    this.refuseWhenClosed();
    if (this.isFull) return;
    await tellShortage(this.#worker.call('compact', { throughSeq: this.#compactThroughSeq }));
  }

  async stopUpkeep(): Promise<void> {
    this.refuseWhenClosed();
    await this.#worker.call('stopUpkeep', undefined);
  }

  async enforceRetention(before: { samplesMs: number; verdictsMs: number }): Promise<number[]> {
    this.refuseWhenClosed();
    return tellShortage(this.#deleteOlder(before));
  }

  async #deleteOlder(before: { samplesMs: number; verdictsMs: number }): Promise<number[]> {
    const candidates = await this.#worker.call('deleteOlder', before);
    const awaited = this.#queue.awaited(candidates);
    const ids = candidates.filter((id) => !awaited.has(id));
    if (ids.length === 0) return [];
    this.#queue.markRemoved(ids);
    const gone = new Set(await this.#worker.call('removeSeries', { ids }));
    this.#queue.markStored(ids.filter((id) => !gone.has(id)));
    // Samples that came in meanwhile bring their series back, under the same id.
    for (const id of this.#queue.awaited(ids)) gone.delete(id);
    return [...gone];
  }

  async backup(path: string): Promise<void> {
    this.refuseWhenClosed();
    await this.#worker.call('backup', { path: resolve(path) });
  }

  async statistics(): Promise<StoreStatistics> {
    this.refuseWhenClosed();
    const counts = await this.#worker.call('counts', undefined);
    return {
      committedSeq: this.#queue.committedSeq,
      samples: counts.samples,
      series: this.#queue.storedSeries,
      anomalies: counts.anomalies,
      uncompactedSamples: counts.uncompacted,
      bytesOnDisk: counts.bytesOnDisk,
      bytesFree: this.#readFreeBytes(),
      queuedSamples: this.#queue.queuedRows,
      full: this.isFull,
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#queue.close();
    try {
      await this.#worker.call('close', undefined);
    } finally {
      await this.#worker.terminate();
      releaseFolder(this.#folder);
    }
  }

  refuseWhenClosed(): void {
    if (this.#closing !== undefined) throw new AppError('not_ready', 'The store is closed.');
  }

  #checkSpace(): void {
    if (!this.isFull) return;
    const shortage = shortageText(this.#options.diskReserveBytes);
    throw new AppError('storage_full', `Samples cannot be taken: ${shortage}.`, { hint: SHORTAGE_HINT });
  }

  /** Whether the free space is below the reserve. */
  get isFull(): boolean {
    return this.#readFreeBytes() < this.#options.diskReserveBytes;
  }

  #readFreeBytes(): number {
    const nowMs = performance.now();
    if (nowMs - this.#freeBytesAtMs >= FREE_SPACE_AGE_MS) {
      this.#freeBytes = (this.#options.freeBytes ?? systemFreeBytes)(this.#folder);
      this.#freeBytesAtMs = nowMs;
    }
    return this.#freeBytes;
  }
}

function buffersOf(group: CommitGroup): ArrayBuffer[] {
  const own = [group.seqs, group.counts, group.seriesIds, group.timesMs, group.values];
  const verdicts = Object.values(group.verdicts) as Float64Array[];
  return [...own, ...verdicts].map((array) => array.buffer as ArrayBuffer);
}

function splitCommits(columns: CommittedColumns): CommittedBatch[] {
  const commits: CommittedBatch[] = [];
  let start = 0;
  for (let i = 0; i < columns.seqs.length; i++) {
    const end = start + columns.counts[i]!;
    commits.push({
      seq: columns.seqs[i]!,
      batch: {
        seriesIds: columns.seriesIds.subarray(start, end),
        timesMs: columns.timesMs.subarray(start, end),
        values: columns.values.subarray(start, end),
      },
    });
    start = end;
  }
  return commits;
}
