import { VIEW_COUNT } from './multi-view-state.js';

/**
 * One sample, and what is found out of it on the way from `score` through `learn`: one object for all samples, handed
 * from function to function, since a double that is passed by itself to a function that is not inlined is an allocation.
 */
export interface Prediction {
  timeMs: number;
  /** The sample, bounded. */
  raw: number;
  /** What days of the week differ by, and a wave and a job that come back add. */
  known: number;
  /** What of it is the job's, and the largest of it there and just before or after. */
  job: number;
  jobSize: number;
  /** What of it is the wave's; and where in the round of its bins the sample is. */
  wave: number;
  wavePlace: number;
  /** How many times as far as other samples this one may be off, since jobs are not always the same; 1 for most. */
  wide: number;
  /** The sample less what is known, and its distance from the level as many times smaller: what is judged and learned. */
  value: number;
  /** The page of the slot as numbers of single precision, and as whole numbers of 16 bits. */
  singles: Float32Array;
  wholes: Int16Array;
  readonly falseAlarmsPerWeek: number;
  /** Hours since midnight, and half a day and a half, so that the hour before has a number too. */
  place: number;
  expected: number;
  /** Time-of-day part of `expected`. */
  seasonal: number;
  /** Value minus level minus time-of-day part; and how much of it level and season take. */
  residual: number;
  clipped: number;
  /** Distance from the value before. */
  step: number;
  /** What rounding can explain. */
  floor: number;
  /** |value − expected|, 0 when rounding can explain it. */
  error: number;
  meanError: number;
  /** Logarithm of the quantile that is expected of the mean error. */
  priorLog: number;
  /** The quantile as it was learned, and its logarithm. */
  quantile: number;
  logQuantile: number;
  excess: number;
  /** The largest move that is nothing new; 0 when the series never moved from rest. */
  usual: number;
  /**
   * The series moves from rest, and its quantile is so low that a tail of ordinary noise would not reach the usual move:
   * it has no noise by which views could be measured, and only the single sample counts.
   */
  still: boolean;
  /** Half the width of the band; a larger error is anomalous. */
  band: number;
  /** −log10 of the share of samples with so large an error, 0 below the quantile; and that of the band. */
  rarity: number;
  bandRarity: number;
  /** By view: the surprise in the sample's unit. */
  readonly sizes: Float64Array;
  /** Log excess over the quantile, 0 below it. */
  readonly overs: Float64Array;
  /** −log10 of the share of samples that surprise as much, 0 below the quantile. */
  readonly rarities: Float64Array;
  /** Mean distance of the last two dozen samples, the value among them, from the mean of the dozen before each. */
  moves: number;
  /** One over how far the series moves of late; its log excess over the quantile; −log10 of the share of samples that move so little. */
  quietSize: number;
  quietOver: number;
  quiet: number;
  /** Decades by which low moves, or the frequency of spikes, are rarer than they must be to be anomalous; below 0 they are not. */
  changed: number;
  /** Summed squares of what the views see, each in units of its mean: for ranking. */
  rank: number;
  /** What the views say together. */
  viewStrength: number;
  /** It is a spike: see multi-view-frequency.ts. */
  spike: boolean;
  /** Outside the band, or by the views. */
  anomalous: boolean;
  /** What all say together, and the strength from which that is anomalous: infinite where nothing is said. */
  strength: number;
  threshold: number;
}

const NO_SINGLES = new Float32Array(0);
const NO_WHOLES = new Int16Array(0);

/** An empty prediction to pass to `predict`. */
export function createPrediction(falseAlarmsPerWeek: number): Prediction {
  // Not 0: a field that was a small integer once is boxed anew with every double.
  const none = Number.NaN;
  return {
    timeMs: none,
    raw: none,
    known: none,
    job: none,
    jobSize: none,
    wave: none,
    wavePlace: none,
    wide: none,
    value: none,
    singles: NO_SINGLES,
    wholes: NO_WHOLES,
    falseAlarmsPerWeek,
    place: none,
    expected: none,
    seasonal: none,
    residual: none,
    clipped: none,
    step: none,
    floor: none,
    error: none,
    meanError: none,
    priorLog: none,
    quantile: none,
    logQuantile: none,
    excess: none,
    usual: none,
    still: false,
    band: none,
    rarity: none,
    bandRarity: none,
    sizes: new Float64Array(VIEW_COUNT),
    overs: new Float64Array(VIEW_COUNT),
    rarities: new Float64Array(VIEW_COUNT),
    moves: none,
    quietSize: none,
    quietOver: none,
    quiet: none,
    changed: none,
    rank: none,
    viewStrength: none,
    spike: false,
    anomalous: false,
    strength: none,
    threshold: none,
  };
}

/** A value as it is judged, as the sample has it. */
export function asTold({ raw, known, wide, value }: Prediction, judged: number): number {
  return wide === 1 ? judged + known : raw - wide * (value - judged);
}
