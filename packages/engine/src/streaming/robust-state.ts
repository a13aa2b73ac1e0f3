import { FIRST_FIELD } from './slot-pages.js';

/** Samples that a series must show before it is judged. */
export const WARM_UP_SAMPLES = 60;
/** Hours of the day, each with a mean of its own. */
export const PROFILE_HOURS = 24;

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
  /** Means of (residual × previous residual) and of (previous residual)², both in units of SPREAD². */
  COVARIANCE: FIRST_FIELD + 8,
  VARIANCE: FIRST_FIELD + 9,
  LAST_RESIDUAL: FIRST_FIELD + 10,
  /** Logarithm of the tracked quantile of the absolute error. */
  LOG_QUANTILE: FIRST_FIELD + 11,
  /** Faded sum and number of log excesses over the quantile. */
  EXCESS_SUM: FIRST_FIELD + 12,
  EXCESS_COUNT: FIRST_FIELD + 13,

  /** Largest error of the present excursion, when it began from rest; else 0. */
  EXCURSION_MOVE: FIRST_FIELD + 14,
  EXCURSION_START: FIRST_FIELD + 15,
  EXCURSION_SAMPLES: FIRST_FIELD + 16,
  EXCURSION_ANOMALIES: FIRST_FIELD + 17,
  /** 0 outside an excursion; from its first anomalous sample to recovery 1 + the calm samples in a row. */
  IN_EXCURSION: FIRST_FIELD + 18,
  /** Mean and mean absolute deviation of the samples since the excursion began. */
  SHIFT_LEVEL: FIRST_FIELD + 19,
  SHIFT_SPREAD: FIRST_FIELD + 20,

  /** Separate moves from rest: their faded number, mean log size, and faded sum of log sizes' distances from it. */
  MOVE_COUNT: FIRST_FIELD + 21,
  MOVE_LOG: FIRST_FIELD + 22,
  MOVE_SCATTER: FIRST_FIELD + 23,

  PROFILE: FIRST_FIELD + 24,
  PROFILE_COUNT: FIRST_FIELD + 24 + PROFILE_HOURS,
} as const;

/** Doubles of one series: 74, which is 592 bytes. */
export const STRIDE = F.PROFILE_COUNT + PROFILE_HOURS;

/** Larger magnitudes are taken as this one, so that sums and differences stay finite. */
const VALUE_MAX = 1e305;
/** Rounding noise of sums and products, relative to the values; a hundred thousand units in the last place. */
const NOISE_RELATIVE = 2e-11;
/** Keeps logarithms finite for a series of zeros. */
const NOISE_MIN = 1e-305;

export function bounded(value: number): number {
  return value > VALUE_MAX ? VALUE_MAX : value < -VALUE_MAX ? -VALUE_MAX : value;
}

export function clamp(value: number, most: number): number {
  return value > most ? most : value < -most ? -most : value;
}

/** A series is still while its scale is below so many times what rounding can explain. */
export const STILL_FLOORS = 10;

/** The smallest difference that is more than rounding. */
export function noiseFloor(cells: Float64Array, at: number): number {
  return Math.max(cells[at + F.MAGNITUDE]! * NOISE_RELATIVE, NOISE_MIN);
}
