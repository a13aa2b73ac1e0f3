import type { Verdict } from '@seismo/engine/streaming';
import type { CommittedBatch } from '../model/batch.js';
import type { Anomaly, VerdictBatch } from '../model/verdict.js';

/**
 * One commit, or a few small neighbours as one under the number of the last, with what the detector said of it: `verdicts` has a row for each row of the batch, in order.
 * Samples that came late, and repeats, are `unknown` there and have no verdict in the store.
 */
export interface JudgedCommit {
  readonly commit: CommittedBatch;
  readonly verdicts: VerdictBatch;
  /** What says so of an anomalous row, as `componentCode` numbers it; 0 of any other. */
  readonly components: Uint8Array;
  readonly anomalies: readonly Anomaly[];
}

export interface TimedValue {
  readonly timeMs: number;
  readonly value: number;
}

/** The newest sample that was learned of a series, and its verdict. */
export interface SeriesNow extends TimedValue {
  readonly verdict: Readonly<Verdict>;
  /** Median distance of two samples in milliseconds, as the detector sees it; NaN until two were seen. */
  readonly periodMs: number;
  /** A sample that is newer, of before the series started over with older ones; absent where there is none. */
  readonly newer?: TimedValue;
}

export interface DetectionStatus {
  readonly detector: string;
  /** False while replaying from the checkpoint or rebuilding. */
  readonly caughtUp: boolean;
  /** Why the state is being rebuilt from the stored samples; absent otherwise. */
  readonly rebuilding?: string;
  readonly judgedSeq: number;
  readonly checkpointSeq: number;
  readonly seriesWithState: number;
  readonly stateBytes: number;
}

/** What the detect stage tells the others. */
export interface Detection {
  status(): DetectionStatus;
  /** Undefined for a series without detector state. Late samples do not appear here. */
  now(seriesId: number): SeriesNow | undefined;
  /** Called after each judged commit, in commit order. A listener must be quick and must not throw. */
  onJudged(listener: (judged: JudgedCommit) => void): void;
}
