import type { CommittedBatch, SampleBatch } from '../model/batch.js';
import type { Series } from '../model/series.js';
import type { Anomaly, VerdictBatch } from '../model/verdict.js';

/** What a whole store can and cannot do. */
export interface SampleStoreCapabilities {
  /** `onCommitted` and `readCommittedAfter` give commits in one total order. Default true. */
  readonly commitOrder: boolean;
  /** `backup` is supported. Default true. */
  readonly backup: boolean;
}

export interface StoreStatistics {
  /** Number of the newest commit; 0 when nothing was ever committed. */
  readonly committedSeq: number;
  readonly samples: number;
  readonly series: number;
  readonly anomalies: number;
  /** Rows that wait for compaction. */
  readonly uncompactedSamples: number;
  /** Size on disk, bytes. */
  readonly bytesOnDisk: number;
  /** Free space on that disk, bytes. */
  readonly bytesFree: number;
  /** Rows handed to `append` that are not committed yet. */
  readonly queuedSamples: number;
  /** True while new samples are refused with `storage_full`. */
  readonly full: boolean;
}

/** Samples with the verdict each was given, as columns, oldest first. NaN / `unknown` where none was given. */
export interface SampleColumns {
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  /** Index into VERDICT_STATES; `unknown` for samples without a verdict. */
  readonly states: Uint8Array;
  readonly expected: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly probability: Float64Array;
  readonly alarms: Uint8Array;
  /** Samples in the range before thinning out. */
  readonly total: number;
  /** True where `timesMs` is less than all samples of the range. */
  readonly downsampled: boolean;
}

export interface SampleQuery {
  readonly seriesId: number;
  /** Inclusive. */
  readonly fromMs: number;
  /** Inclusive. */
  readonly toMs: number;
  /**
   * At most about this many rows: raw where they fit, otherwise each of points/2 equal spans of time keeps its
   * smallest and its largest sample. Every anomalous sample is kept besides, whatever the number.
   */
  readonly points: number;
}

/**
 * Which series are meant: those whose key or bare name is one of `names` (any when that is empty), and of which
 * each label has the value given, '' standing for a series without it.
 */
export interface SeriesFilter {
  readonly names: readonly string[];
  readonly labels: readonly (readonly [name: string, value: string])[];
}

/** Where a row stands in the order of anomalies; means the same to every process that reads the same data. */
export interface AnomalyPosition {
  readonly timeMs: number;
  /** Key of the series. */
  readonly series: string;
  readonly detector: string;
}

export interface AnomalyQuery {
  /** At most this many, newest first (time descending, then the series' key, then detector, by code point). */
  readonly limit: number;
  /** Only these series; all when absent. */
  readonly series?: SeriesFilter;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly minProbability?: number;
  readonly alarmsOnly?: boolean;
  /** Only what this detector found. */
  readonly detector?: string;
  /** Only what comes after this one in the order above. */
  readonly after?: AnomalyPosition;
}

/** The newest sample stored of one series. */
export interface LatestSample {
  readonly seriesId: number;
  readonly timeMs: number;
  readonly value: number;
}

/** The message that brought a batch, where messages may come twice and out of order. */
export interface BatchOrigin {
  readonly messageId: string;
  /** When it was published: of two values of one sample, that of the later message counts. */
  readonly publishedMs: number;
}

/**
 * Takes samples. A sample is known by (series, millisecond) and the last write wins; writing one again changes
 * nothing. A store owns nothing of what it is given and copies before it returns. All failures are AppErrors:
 * those that the table in errors.ts calls worth a retry may succeed later, the others never will.
 */
export interface SampleWriter {
  /**
   * Resolves once the samples are durable, with the batch's number where the store numbers its commits. Series
   * that were never stored before are stored with them, from the look-up the store was made with.
   */
  append(batch: SampleBatch, origin?: BatchOrigin): Promise<number | undefined>;
}

/** Gives back what was committed, in one total order. For detectors that judge each sample as it comes. */
export interface CommitLog {
  /** Called with newly committed batches in commit order, once each, right after they became durable. */
  onCommitted(listener: (commits: readonly CommittedBatch[]) => void): void;
  /** Batches committed after `seq`, in commit order, whole, at least one if there is any, about `maxSamples`. */
  readCommittedAfter(seq: number, maxSamples: number): Promise<CommittedBatch[]>;
  /**
   * All samples stored up to and including commit `throughSeq`, repeats removed, in pieces; within a series
   * times ascend. For rebuilding a detector. `throughSeq` must not be older than the last kept checkpoint.
   */
  readAll(throughSeq: number, maxSamples: number): AsyncIterable<SampleBatch>;
  /** Compaction must not drop the order or the repeats of what was committed after `seq`. */
  keepCommitsAfter(seq: number): void;
}

/** Takes what detection finds. */
export interface FindingsStore {
  /** Stores verdicts and anomalies; durable soon, at the latest after a second. They stay as they are until then. */
  appendFindings(verdicts: VerdictBatch, anomalies: readonly Anomaly[]): Promise<void>;
}

/** Reads samples. */
export interface SampleReader {
  /** All series ever stored and not yet gone with the retention, by id. */
  readSeries(): Promise<Series[]>;
  querySamples(query: SampleQuery): Promise<SampleColumns>;
  /** Newest stored sample of each series, by id. */
  readLatest(): Promise<LatestSample[]>;
}

/** Reads anomalies. Their series ids are those of this process's registry, which knows every one of them. */
export interface AnomalyReader {
  /** Sees what `appendFindings` of the same process was given before, where that is stored within a second. */
  queryAnomalies(query: AnomalyQuery): Promise<Anomaly[]>;
}

/** What a store that we run ourselves needs from time to time. */
export interface StoreUpkeep {
  /** Sorts closed ranges by (series, time), drops repeats. Runs beside everything else. */
  compact(): Promise<void>;
  /** Deletes what is older; gives the ids of series that have no sample left and are now gone. */
  enforceRetention(before: { samplesMs: number; verdictsMs: number }): Promise<number[]>;
  /**
   * Before closing: gives up the compaction and the retention that run, and resolves within moments, when they have ended;
   * asked for later, they do nothing. What they did not get to is left to the next opening.
   */
  stopUpkeep(): Promise<void>;
  /** Writes a consistent copy of everything into a new file while the store goes on. */
  backup(path: string): Promise<void>;
  statistics(): Promise<StoreStatistics>;
  /** Commits what waits, then gives everything back. Later calls are refused with `not_ready`. */
  close(): Promise<void>;
}

/**
 * Everything in one: what one machine has. Its failures are `queue_full` (too much waits), `storage_full`
 * (reading goes on; the store takes samples again by itself when there is room), `not_ready` (not open, or closing).
 */
export interface SampleStore
  extends SampleWriter,
    CommitLog,
    FindingsStore,
    SampleReader,
    AnomalyReader,
    StoreUpkeep {
  readonly capabilities: SampleStoreCapabilities;
  /** As of every writer; batches of concurrent calls share commits, and numbers follow the order of the calls. */
  append(batch: SampleBatch): Promise<number>;
}
