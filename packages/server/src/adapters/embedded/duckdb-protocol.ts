import type { ErrorCode } from '../../errors.js';
import type { Series } from '../../model/series.js';
import type { Anomaly, VerdictBatch } from '../../model/verdict.js';
import type { AnomalyQuery, SampleColumns, SampleQuery } from '../../ports/sample-store.js';
import type { SqlInterruption } from '../../ports/sql-engine.js';
import type { EmbeddedCheckpoint } from './duckdb-checkpoints.js';
import type { ExpectedColumns, Explanation, VerdictRow } from './duckdb-explanations.js';
import type { NewestMinutes, Watermark } from './duckdb-minutes.js';
import type { TrainedModel } from './duckdb-model-writer.js';
import type {
  ForecastColumns,
  JudgedColumns,
  MeanColumns,
  ModelRow,
  SurveyColumns,
} from './duckdb-models.js';
import type { SqlCall, SqlReply } from './duckdb-sql-protocol.js';

/** What the store on the main thread asks of the worker that holds the database file. */

export interface WorkerOptions {
  readonly dataFolder: string;
  /** Fresh rows that a compaction step waits for. */
  readonly compactionRows: number;
  /** Rows that compaction leaves sorted together, step by step. */
  readonly runRows: number;
  /** Size of the write-ahead log at which it is folded into the file. */
  readonly walBytesMax: number;
  readonly memoryBytes: number;
  /** Free space on the disk below which SQL of users is ended. */
  readonly diskReserveBytes: number;
}

/** What one transaction writes: the samples of several append calls, and findings that wait. */
export interface CommitGroup {
  /** Numbers of the append calls and how many rows each has, in order. */
  readonly seqs: Float64Array;
  readonly counts: Uint32Array;
  readonly seriesIds: Uint32Array;
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  readonly newSeries: readonly Series[];
  readonly verdicts: VerdictBatch;
  readonly anomalies: readonly Anomaly[];
}

export interface OpenReply {
  readonly committedSeq: number;
  /** The lowest id that no series ever had. */
  readonly nextSeriesId: number;
  readonly seriesIds: Uint32Array;
}

/** Whole commits, one after the other in flat columns. */
export interface CommittedColumns {
  readonly seqs: Float64Array;
  readonly counts: Uint32Array;
  readonly seriesIds: Uint32Array;
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
}

export interface FlatColumns {
  readonly seriesIds: Uint32Array;
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
}

/** A stretch of `readAll`: several whole series, or a page of one. */
export interface AllPiece {
  readonly firstId: number;
  readonly lastId: number;
  readonly afterMs: number;
  readonly throughSeq: number;
  readonly rowsMax: number;
  /** One series that is read in pages of `rowsMax`; otherwise everything in the stretch comes at once. */
  readonly paged: boolean;
}

export interface StoredCounts {
  readonly samples: number;
  readonly anomalies: number;
  readonly uncompacted: number;
  readonly bytesOnDisk: number;
}

export interface RoundRequest {
  /** The first millisecond of the oldest minute that is not closed yet. */
  readonly closedMs: number;
  /** An anomaly is likelier than this. */
  readonly threshold: number;
}

/** What a round found. */
export interface RoundReply {
  readonly watermark: Watermark;
  readonly judged: number;
  readonly noData: number;
  readonly rejudged: number;
  readonly anomalies: readonly Anomaly[];
  /** As they stand now: taken back. */
  readonly withdrawn: readonly Anomaly[];
  /** Series with a minute that late samples changed. */
  readonly changed: Uint32Array;
  /** The newest minute of each series that was judged. */
  readonly newest: NewestMinutes;
}

export interface ModelsReply {
  readonly watermark: Watermark;
  readonly models: readonly ModelRow[];
  /** Those that were judged last. */
  readonly newest: NewestMinutes;
}

/** Each request with its reply. */
export interface WorkerCalls {
  open: { request: WorkerOptions; reply: OpenReply };
  commit: { request: CommitGroup; reply: undefined };
  readSeries: { request: { afterId: number; most: number }; reply: Series[] };
  readCommittedAfter: { request: { seq: number; samplesMax: number }; reply: CommittedColumns };
  countBySeries: { request: { throughSeq: number }; reply: { ids: Uint32Array; counts: Float64Array } };
  readPiece: { request: AllPiece; reply: FlatColumns };
  querySamples: { request: SampleQuery; reply: SampleColumns };
  queryAnomalies: { request: AnomalyQuery; reply: Anomaly[] };
  readLatest: { request: undefined; reply: FlatColumns };
  compact: { request: { throughSeq: number }; reply: undefined };
  stopUpkeep: { request: undefined; reply: undefined };
  deleteOlder: { request: { samplesMs: number; verdictsMs: number }; reply: number[] };
  /** Forgets those of the series that still have no sample; runs between commits. */
  removeSeries: { request: { ids: readonly number[] }; reply: number[] };
  backup: { request: { path: string }; reply: undefined };
  counts: { request: undefined; reply: StoredCounts };
  dropCheckpoints: { request: undefined; reply: undefined };
  loadCheckpoint: { request: { detector: string }; reply: EmbeddedCheckpoint | undefined };
  openModels: { request: undefined; reply: ModelsReply };
  judgeMinutes: { request: RoundRequest; reply: RoundReply };
  saveModels: { request: { models: readonly TrainedModel[] }; reply: undefined };
  removeModels: { request: { ids: readonly number[] }; reply: undefined };
  surveySeries: { request: { fromMs: number }; reply: SurveyColumns };
  lastSample: { request: { seriesId: number }; reply: number };
  readMeans: { request: { seriesId: number; fromMs: number; untilMs: number }; reply: MeanColumns };
  readForecast: { request: { seriesId: number; fromMs: number; minutes: number }; reply: ForecastColumns };
  readJudged: { request: { seriesId: number; fromMs: number; toMs: number }; reply: JudgedColumns };
  readUnexplained: { request: { seriesId: number; fromMs: number }; reply: ExpectedColumns };
  readVerdicts: { request: { seriesId: number; fromMs: number; toMs: number }; reply: VerdictRow[] };
  saveExplanations: {
    request: { seriesId: number; explanations: readonly Explanation[] };
    reply: undefined;
  };
  sqlOpen: { request: undefined; reply: number };
  sqlCall: { request: { id: number; call: SqlCall }; reply: SqlReply };
  sqlInterrupt: { request: { id: number; kind: SqlInterruption }; reply: undefined };
  sqlClose: { request: { id: number }; reply: undefined };
  close: { request: undefined; reply: undefined };
}

export type WorkerCallName = keyof WorkerCalls;

export interface WorkerRequest<Name extends WorkerCallName = WorkerCallName> {
  readonly id: number;
  readonly name: Name;
  readonly request: WorkerCalls[Name]['request'];
}

export interface WorkerFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
}

export type WorkerResponse =
  | { readonly id: number; readonly reply: unknown }
  | { readonly id: number; readonly failure: WorkerFailure };
