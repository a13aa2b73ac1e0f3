/** What a detector says of one sample; index in this list = the code that is stored. */
export const VERDICT_STATES = ['warming_up', 'ok', 'anomalous', 'unknown', 'no_data'] as const;
export type VerdictState = (typeof VERDICT_STATES)[number];

/** Which way a sample must be off to be told. */
export const DIRECTIONS = ['both', 'up', 'down'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** What is worth telling of what is unusual: a sample must be off by as much as both least deviations. */
export interface DeviationLimits {
  /** Above what was expected (`up`), below it (`down`), or either. Default `both`. */
  readonly direction?: Direction;
  /** In the samples' unit, 0 or more. Default 0. */
  readonly leastDeviation?: number;
  /** In units of the magnitude of what was expected, 0 or more: 0.1 is a tenth of it. Default 0. */
  readonly leastRelativeDeviation?: number;
}

/** What every detector can be told. */
export interface DetectorOptions extends DeviationLimits {
  /** IANA name of the zone whose time of day the profile follows. Default UTC. */
  readonly timeZone?: string;
  /** Sensitivity: false alarms to be expected of one series in one week, above 0. Default 1. */
  readonly falseAlarmsPerWeek?: number;
}

/**
 * Which part of what is known of a series says that a sample is anomalous: it is far from where the series was of late;
 * it would be ordinary at another time of day, or on another day of the week; or the series moves more than it did, or less than ever. Index in this list
 * + 1 = the code that is stored.
 */
export const COMPONENTS = ['level', 'time_of_day', 'variance', 'day_of_week'] as const;
export type Component = (typeof COMPONENTS)[number];

/**
 * A detector's answer about one sample. The caller owns the object and passes it in to be filled, so that
 * scoring a million samples allocates nothing.
 */
export interface Verdict {
  state: VerdictState;
  /** In the sample's unit; NaN while the detector is warming up or does not cover this time. */
  expected: number;
  /**
   * Band outside which a sample is anomalous, in the sample's unit; NaN as `expected`. Infinite on a side to which no
   * deviation is told. Not over 0 where the series has never been beyond, nor over 100 where it has come near and no farther.
   */
  lower: number;
  upper: number;
  /** In [0, 1], told or not: one less the share of the series' own samples that are as unusual; NaN as `expected`. */
  probability: number;
  /** Unbounded and finer than the probability, larger = more anomalous, for ranking; NaN as `expected`. */
  score: number;
  /** True on the first anomalous sample of an excursion; the next only after recovery, or when it is far stronger. */
  alarm: boolean;
  /** What says so of an anomalous sample; null of any other. */
  component: Component | null;
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
  /** `periodMs` of `describe`, by itself: asked for each of many series. */
  periodMs(slot: number): number;
  describe(slot: number): DetectorDescription;

  /**
   * The whole state as bytes, versioned, in pieces of at most 4 MiB. Each is a copy made when it is asked for, so
   * nothing may be opened, closed or learned until the last one is. With `reused` they share one buffer, and each is
   * good until the next one is asked for: a hundred megabytes of copies would wait to be collected.
   */
  save(reused?: boolean): Iterable<Uint8Array>;
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
    component: null,
    have: 0,
    need: 0,
  };
}
