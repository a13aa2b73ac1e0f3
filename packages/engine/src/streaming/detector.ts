/** What a detector says of one sample; index in this list = the code that is stored. */
export const VERDICT_STATES = ['warming_up', 'ok', 'anomalous', 'unknown', 'no_data'] as const;
export type VerdictState = (typeof VERDICT_STATES)[number];

/**
 * A detector's answer about one sample. The caller owns the object and passes it in to be filled, so that
 * scoring a million samples allocates nothing.
 */
export interface Verdict {
  state: VerdictState;
  /** In the sample's unit; NaN while the detector is warming up or does not cover this time. */
  expected: number;
  /** Band outside which a sample is anomalous, in the sample's unit; NaN as `expected`. */
  lower: number;
  upper: number;
  /** Probability in [0, 1] that the sample is anomalous; NaN as `expected`. */
  probability: number;
  /** Unbounded and finer than the probability, larger = more anomalous, for ranking; NaN as `expected`. */
  score: number;
  /** True on the first anomalous sample of an excursion; the next only after recovery. */
  alarm: boolean;
  /** While warming up: samples seen and samples needed. Afterwards have = need. */
  have: number;
  need: number;
}

/** One component of what a detector knows of a series, in words a person can read. */
export interface DetectorDescription {
  state: VerdictState;
  have: number;
  need: number;
  /** Median distance of two samples in milliseconds; NaN until two were seen. */
  periodMs: number;
  /** Named numbers: level, scale, … */
  components: Record<string, number>;
}

/**
 * A streaming detector over many series, each in a slot of one slab of typed arrays.
 *
 * Strictly causal: `score` answers from what `learn` was given before, and nothing else. Samples of one slot
 * come in strictly increasing time; NaN values are scored `unknown` and never learned. The state is a pure
 * function of the samples learned: saved and loaded mid-stream it answers bit for bit as if uninterrupted.
 */
export interface StreamingDetector {
  /** Stored with every anomaly and checkpoint; another name or version is rebuilt from the samples. */
  readonly name: string;
  readonly version: number;
  /** Slots in use. */
  readonly openCount: number;
  /** Bytes of state, all slots together. */
  readonly stateBytes: number;

  /** A fresh slot, a small integer; slots given up are used again. */
  open(): number;
  /** Gives the slot up and clears its state. Throws RangeError when it is not open. */
  close(slot: number): void;
  /** Judges a sample by the state as it is; changes nothing. Fills and returns `out`. */
  score(slot: number, timeMs: number, value: number, out: Verdict): Verdict;
  /** Takes the sample into the state; call it after `score` of the same sample. */
  learn(slot: number, timeMs: number, value: number): void;
  /** Time of the last sample learned in the slot, ms since 1970; -Infinity when none. */
  lastTimeMs(slot: number): number;
  /** Time of the first sample learned in the slot, ms since 1970; Infinity when none. */
  firstTimeMs(slot: number): number;
  describe(slot: number): DetectorDescription;

  /**
   * The whole state as bytes, versioned, in pieces of at most 4 MiB. Each is a copy made when it is asked for, so
   * nothing may be opened, closed or learned until the last one is.
   */
  save(): Iterable<Uint8Array>;
  /** Replaces the whole state, or nothing: throws RangeError on bytes of another name, version or length. */
  load(pieces: Iterable<Uint8Array>): void;
}

/** An empty verdict to pass to `score`. */
export function createVerdict(): Verdict {
  return {
    state: 'unknown',
    expected: Number.NaN,
    lower: Number.NaN,
    upper: Number.NaN,
    probability: Number.NaN,
    score: Number.NaN,
    alarm: false,
    have: 0,
    need: 0,
  };
}
