/**
 * Samples as columns, all of one length. A batch is immutable once handed on, and the receiver may transfer
 * nothing of it: copy first.
 */
export interface SampleBatch {
  /** Ids in the series registry. */
  readonly seriesIds: Uint32Array;
  /** Whole milliseconds since 1970. */
  readonly timesMs: Float64Array;
  /** Finite. */
  readonly values: Float64Array;
}

/** A batch that is durable, with its place in the order of commits. */
export interface CommittedBatch {
  /** 1, 2, 3, …; a later commit has the larger number, also after a restart. May skip. */
  readonly seq: number;
  readonly batch: SampleBatch;
}
