import { FIRST_FIELD } from './slot-pages.js';

/** Samples that a series must show before it is judged. */
export const WARM_UP_SAMPLES = 60;
/** Hours of the day, each with a mean of its own. */
export const PROFILE_HOURS = 24;
export const WEEK_DAYS = 7;
/** What SEASON_KNOWN holds once a day was seen: the profile's first days, where it has much to explain; and later. */
export const SEASON_ON_TRIAL = 1;
export const SEASON_TRUSTED = 2;
/** Bins of what comes back every so many minutes. */
export const JOB_BINS = 12;
/** Bins of a wave at most. */
export const WAVE_BINS = 20;

/** Views beside the single sample, and the numbers kept of each. */
export const VIEW_COUNT = 5;
export const VIEW_CELLS = 2;
export const BLOCK_COUNT = 6;
export const BLOCK_SAMPLES = 6;

/** Where each number of a series stands in its slot. Residual: sample minus level minus time-of-day part. */
export const F = {
  /** Samples learned. */
  COUNT: FIRST_FIELD,
  LAST_TIME: FIRST_FIELD + 1,
  FIRST_TIME: FIRST_FIELD + 2,
  /** Median distance of two samples, ms. */
  PERIOD: FIRST_FIELD + 3,
  /** Largest magnitude of late; what counts as rounding noise is measured by it. */
  MAGNITUDE: FIRST_FIELD + 4,

  // While warming up the samples themselves lie from here on, 60 of them; the fields below come after.
  WARM_UP: FIRST_FIELD + 5,

  LEVEL: FIRST_FIELD + 5,
  /** Mean absolute residual. */
  SPREAD: FIRST_FIELD + 6,
  /** Mean absolute error of the expectation. */
  ERROR: FIRST_FIELD + 7,
  LAST_RESIDUAL: FIRST_FIELD + 8,
  /** Logarithm of the tracked quantile of the absolute error. */
  LOG_QUANTILE: FIRST_FIELD + 9,
  /** Faded sum and number of log excesses over the quantile. */
  EXCESS_SUM: FIRST_FIELD + 10,
  EXCESS_COUNT: FIRST_FIELD + 11,

  /** Largest error of the present excursion, when it began from rest; else 0. */
  EXCURSION_MOVE: FIRST_FIELD + 12,
  EXCURSION_START: FIRST_FIELD + 13,
  /** 0 outside an excursion; from its first anomalous sample to recovery 1 + the calm samples in a row. */
  IN_EXCURSION: FIRST_FIELD + 14,
  /** Mean and mean absolute deviation of the samples since the excursion began. */
  SHIFT_LEVEL: FIRST_FIELD + 15,
  SHIFT_SPREAD: FIRST_FIELD + 16,

  /** Separate moves from rest: their faded number, mean log size, and faded sum of log sizes' distances from it. */
  MOVE_COUNT: FIRST_FIELD + 17,
  MOVE_LOG: FIRST_FIELD + 18,
  MOVE_SCATTER: FIRST_FIELD + 19,

  /** Smallest and largest value so far, those of the present excursion left out. */
  LOW: FIRST_FIELD + 20,
  HIGH: FIRST_FIELD + 21,
  /** Value of the present excursion that is farthest from the level. */
  EXCURSION_PEAK: FIRST_FIELD + 22,

  /** Errors smoothed over 6 and over 24 samples, and the size of steps over 6. */
  SHORT_ERROR: FIRST_FIELD + 23,
  LONG_ERROR: FIRST_FIELD + 24,
  STEP_SIZE: FIRST_FIELD + 25,
  LAST_VALUE: FIRST_FIELD + 26,
  /** Mean over hundreds of samples, whatever the time of day. */
  MEAN: FIRST_FIELD + 27,
  /** Sums of the last six blocks of six samples, the present one among them. */
  BLOCKS: FIRST_FIELD + 28,

  /** Runs of strong samples: faded number of samples, of runs, and sum of how far the runs went. */
  RUN_SAMPLES: FIRST_FIELD + 34,
  RUN_COUNT: FIRST_FIELD + 35,
  RUN_SUM: FIRST_FIELD + 36,
  /** The present run's strongest, 0 when there is none, and calm samples since. */
  RUN_PEAK: FIRST_FIELD + 37,
  RUN_CALM: FIRST_FIELD + 38,
  /** 0 outside an incident; in one 1 + the calm samples in a row. */
  IN_INCIDENT: FIRST_FIELD + 39,

  /** Smallest distance of two values, of one and the next once judged, that is more than rounding; 0 without one. */
  STEP: FIRST_FIELD + 40,
  /** Largest strength of the present incident. */
  INCIDENT_PEAK: FIRST_FIELD + 41,

  /** Faded number of samples as strong as a run. */
  STRONG_COUNT: FIRST_FIELD + 42,

  /** Large errors of one side less the other samples, positive for values above what was expected. */
  LASTING: FIRST_FIELD + 43,
  /**
   * Of the present incident: 0, 1 once its large errors came to an end, 2 once others that lasted were told. Outside of one: for how many
   * more samples the last one is remembered.
   */
  RELAPSE: FIRST_FIELD + 44,

  /** Mean of the last dozen samples, and how far they are from it. */
  RECENT: FIRST_FIELD + 45,
  RECENT_MOVES: FIRST_FIELD + 46,
  /** Of one over that: mean, tracked quantile, faded sum and number of log excesses over it. */
  QUIET_MEAN: FIRST_FIELD + 47,
  QUIET_QUANTILE: FIRST_FIELD + 48,
  QUIET_SUM: FIRST_FIELD + 49,
  QUIET_COUNT: FIRST_FIELD + 50,
  /** Largest of the present run of log excesses, 0 outside one. */
  QUIET_PEAK: FIRST_FIELD + 51,

  /** Largest error of an anomalous sample of the present incident. */
  INCIDENT_ERROR: FIRST_FIELD + 52,

  /** Of each view: mean, and tracked quantile. */
  VIEWS: FIRST_FIELD + 53,

  /** What the hours of the first day are measured from; then the level that the days of the week are measured from. */
  WEEK_LEVEL: FIRST_FIELD + 53 + VIEW_COUNT * VIEW_CELLS,

  /** What the bins of a wave are measured from. */
  WAVE_LEVEL: FIRST_FIELD + 54 + VIEW_COUNT * VIEW_CELLS,
} as const;

/** Cells that hold smaller numbers: first those of single precision, two to a cell, then whole ones of 16 bits, four to a cell. */
const SINGLE_CELLS = 49;
const WHOLE_CELLS = 12;
const FIRST_SINGLE = 2 * (F.WAVE_LEVEL + 1);
const FIRST_WHOLE = 2 * (FIRST_SINGLE + 2 * SINGLE_CELLS);

/** Where each number of single precision stands, from twice the slot's offset on. */
export const SINGLE = {
  /** Means of the hours of the day: of values less WEEK_LEVEL during the first day, then of deviations. */
  PROFILE: FIRST_SINGLE,

  /** Sum of the present hour's values, each less WEEK_LEVEL. */
  WEEK_HOUR: FIRST_SINGLE + 24,
  /** Level that follows with the days of the week known, less WEEK_LEVEL, which follows without. */
  WEEK_LEVEL_BY: FIRST_SINGLE + 25,
  /** Mean squared errors of both, without and with. */
  WEEK_ERROR: FIRST_SINGLE + 26,
  WEEK_ERROR_BY: FIRST_SINGLE + 27,
  /** Of the present day's hours: sums of errors, of profiles, and of their products and squares. */
  DAY_ERRORS: FIRST_SINGLE + 28,
  DAY_PROFILES: FIRST_SINGLE + 29,
  DAY_PRODUCTS: FIRST_SINGLE + 30,
  DAY_SQUARES: FIRST_SINGLE + 31,
  /** What is taken off all values, so that nothing jumps where the week begins to count. */
  WEEK_OFFSET: FIRST_SINGLE + 32,
  /** By day of the week: how much higher it is. */
  WEEKDAY: FIRST_SINGLE + 33,

  /** Of what comes back: deviation by bin; while none is known, seconds since midnight of the last large errors, and 1. */
  JOB: FIRST_SINGLE + 40,
  /** Milliseconds by which its beginning follows a multiple of its period. */
  JOB_PHASE: FIRST_SINGLE + 52,
  /** Faded sums of squared deviations in its bins, without and with them. */
  JOB_ERROR: FIRST_SINGLE + 53,
  JOB_ERROR_BY: FIRST_SINGLE + 54,
  /** Mean error of all other samples, since it was first seen. */
  JOB_CALM: FIRST_SINGLE + 55,

  /** Means of (residual × previous residual) and of (previous residual)², both in units of SPREAD². */
  COVARIANCE: FIRST_SINGLE + 56,
  VARIANCE: FIRST_SINGLE + 57,

  /** Of each view: faded sum and number of log excesses over its quantile. */
  VIEW_EXCESSES: FIRST_SINGLE + 58,

  /** Share of samples that are spikes, and the sum of log likelihood ratios that they come more often. */
  SPIKE_RATE: FIRST_SINGLE + 68,
  SPIKE_SUM: FIRST_SINGLE + 69,

  /** Of a wave, or of one that is tried: deviation by bin; and the sum of the present bin's samples, each less WAVE_LEVEL. */
  WAVE: FIRST_SINGLE + 70,
  WAVE_SUM: FIRST_SINGLE + 90,
  /** Of the bin before: deviation from WAVE_LEVEL, without the wave and with it; the second is NaN without one. */
  WAVE_LAST: FIRST_SINGLE + 91,
  WAVE_LAST_BY: FIRST_SINGLE + 92,
  /** Mean squared steps from bin to bin, without it and with it; the same of samples, as mean distances. */
  WAVE_ERROR: FIRST_SINGLE + 93,
  WAVE_ERROR_BY: FIRST_SINGLE + 94,
  WAVE_MOVES: FIRST_SINGLE + 95,
  WAVE_MOVES_BY: FIRST_SINGLE + 96,
  /** Largest of those distances with it. */
  WAVE_LARGEST: FIRST_SINGLE + 97,
} as const;

/** Where each whole number of 16 bits stands, from four times the slot's offset on. */
export const WHOLE = {
  /** By day of the week: how much more of the profile it has, in parts: see multi-view-week.ts. */
  WEEKDAY_SHAPE: FIRST_WHOLE,
  /** Samples of the present hour. */
  WEEK_HOUR_COUNT: FIRST_WHOLE + 7,
  /** The number of the present day of the week and 1, 0 after a gap; how many of its hours were seen, and how many days were learned. */
  DAY: FIRST_WHOLE + 8,
  DAY_HOURS: FIRST_WHOLE + 9,
  DAYS: FIRST_WHOLE + 10,
  /** Whether the days of the week count. */
  WEEK_KNOWN: FIRST_WHOLE + 11,

  /** Minutes after which the job comes back, 0 without one; how far it is known: see multi-view-job.ts. */
  JOB_MINUTES: FIRST_WHOLE + 12,
  JOB_STATE: FIRST_WHOLE + 13,
  /** Samples that the first one lasted; and 1 + the bin of the last sample, 0 out of them. */
  JOB_LENGTH: FIRST_WHOLE + 14,
  JOB_BIN: FIRST_WHOLE + 15,

  /** How often each hour of the day was seen, packed: see multi-view-season.ts. */
  PROFILE_COUNT: FIRST_WHOLE + 16,
  /** Not 0 once a day was seen: until then the hours of the profile hold means of values, from then on deviations. */
  SEASON_KNOWN: FIRST_WHOLE + 40,

  /** Samples of the present excursion, and how many of them were anomalous; both up to a limit. */
  EXCURSION_SAMPLES: FIRST_WHOLE + 41,
  EXCURSION_ANOMALIES: FIRST_WHOLE + 42,
  /** 1 in an excursion that was absorbed, until a sample leaves what it was absorbed into; else 0. */
  ABSORBED: FIRST_WHOLE + 43,

  /** Which period the wave has, or is tried, with how many bins; how far it is known: see multi-view-wave.ts. */
  WAVE_KIND: FIRST_WHOLE + 44,
  WAVE_STATE: FIRST_WHOLE + 45,
  /** 1 + the bin of the last sample; and how many of its samples were seen. */
  WAVE_BIN: FIRST_WHOLE + 46,
  WAVE_BIN_COUNT: FIRST_WHOLE + 47,
} as const;

/** Doubles of one series. */
export const STRIDE = F.WAVE_LEVEL + 1 + SINGLE_CELLS + WHOLE_CELLS;

/** Larger magnitudes are taken as this one, so that sums and differences stay finite. */
const VALUE_MAX = 1e305;
/** Rounding noise of sums and products, relative to the values; a hundred thousand units in the last place. */
const NOISE_RELATIVE = 2e-11;
/** Keeps logarithms finite for a series of zeros. */
const NOISE_MIN = 1e-305;

export function bounded(value: number): number {
  return clamp(value, VALUE_MAX);
}

/** Short enough that V8 always compiles it into its caller: a double that is passed or returned is an allocation. */
export function clamp(value: number, most: number): number {
  if (value > most) return most;
  if (value < -most) return -most;
  return value;
}

/** A series is still while its scale is below so many times what rounding can explain. */
export const STILL_FLOORS = 10;

/** The smallest difference that is more than rounding. */
export function noiseFloor(cells: Float64Array, at: number): number {
  return Math.max(cells[at + F.MAGNITUDE]! * NOISE_RELATIVE, NOISE_MIN);
}

/** Takes a value into the range of those so far. */
export function widenRange(cells: Float64Array, at: number, value: number): void {
  cells[at + F.LOW] = Math.min(cells[at + F.LOW]!, value);
  cells[at + F.HIGH] = Math.max(cells[at + F.HIGH]!, value);
}
