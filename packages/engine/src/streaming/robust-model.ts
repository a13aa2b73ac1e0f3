import { usualMove } from './robust-moves.js';
import {
  bounded,
  clamp,
  F,
  noiseFloor,
  PROFILE_HOURS,
  STILL_FLOORS,
  WARM_UP_SAMPLES,
} from './robust-state.js';
import {
  bandFor,
  logQuantile,
  logQuantileFor,
  meanExcess,
  priorLogQuantile,
  thresholdFor,
} from './robust-tail.js';
import type { TimeOfDay } from './time-of-day.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Weight of one sample: in the level, in the running scales, in the autocorrelation. */
const LEVEL_GAIN = 0.005;
const SCALE_GAIN = 0.005;
const CORRELATION_GAIN = 0.005;
/** A residual moves level and profile by at most so many times the spread, and the scales by twice that. */
const CLIP = 4;
const SCALE_CLIP = 8;
/** What the last residual hands on is limited, so that a shifted level does not become its own expectation. */
const CORRELATION_MAX = 0.98;
const CORRELATION_PRIOR_SAMPLES = 15;
/** After a longer gap than so many periods the last residual says nothing. */
const CARRY_PERIODS_MAX = 3;
/** Days over which the time-of-day profile is learned. */
const PROFILE_DAYS = 7;
const MAGNITUDE_FADE = 0.999;

/** What the model says of one moment, and of the value found there. */
export interface Prediction {
  expected: number;
  /** Time-of-day part of `expected`. */
  seasonal: number;
  /** |value − expected|. */
  error: number;
  /** Logarithm of the quantile as it was learned, and as it is judged by: never so low that usual moves are rare. */
  learnedLogQ: number;
  logQ: number;
  excess: number;
  /** Half the width of the band; a larger error is anomalous. */
  band: number;
}

/** An empty prediction to pass to `predict`. */
export function createPrediction(): Prediction {
  return { expected: 0, seasonal: 0, error: 0, learnedLogQ: 0, logQ: 0, excess: 0, band: 0 };
}

/**
 * expected = level + time-of-day part + ρ · last residual: a first-order autoregression around a level that
 * moves with the day. For independent noise ρ is near 0, for a slowly wandering series near 1.
 */
export function predict(
  cells: Float64Array,
  at: number,
  timeMs: number,
  value: number,
  timeOfDay: TimeOfDay,
  falseAlarmsPerWeek: number,
  out: Prediction,
): void {
  const seasonal = seasonalPart(cells, at, timeMs, timeOfDay);
  const expected = cells[at + F.LEVEL]! + seasonal + carried(cells, at, timeMs);
  const error = Math.abs(bounded(value) - expected);
  out.seasonal = seasonal;
  out.expected = expected;
  // What rounding can explain is no error.
  out.error = error <= noiseFloor(cells, at) ? 0 : error;
  out.learnedLogQ = logQuantile(cells, at);
  out.excess = meanExcess(cells, at);
  const threshold = thresholdFor(cells[at + F.PERIOD]!, falseAlarmsPerWeek, cells[at + F.COUNT]!);
  out.logQ = Math.max(out.learnedLogQ, logQuantileFor(usualMove(cells, at), threshold, out.excess));
  out.band = bandFor(threshold, out.logQ, out.excess);
}

/** Level, scales and autocorrelation from one more sample; `prediction` was made before it. */
export function learnModel(
  cells: Float64Array,
  at: number,
  timeMs: number,
  value: number,
  timeOfDay: TimeOfDay,
  prediction: Prediction,
): void {
  const count = cells[at + F.COUNT]!;
  const floor = noiseFloor(cells, at);
  const spread = Math.max(cells[at + F.SPREAD]!, floor);
  const error = Math.max(cells[at + F.ERROR]!, floor);
  const residual = value - cells[at + F.LEVEL]! - prediction.seasonal;
  const atRest = Math.abs(residual) <= floor;
  // A constant is expected to the last digit, and what moves it for a moment leaves no trace in level or profile.
  const passing = spread < STILL_FLOORS * floor && Math.abs(residual) > CLIP * spread;
  const clipped = atRest || passing ? 0 : clamp(residual, CLIP * spread);
  const scaleGain = Math.max(SCALE_GAIN, 1 / count);

  const last = cells[at + F.LAST_RESIDUAL]! / spread;
  const product = (clipped / spread) * last;
  cells[at + F.COVARIANCE]! += CORRELATION_GAIN * (product - cells[at + F.COVARIANCE]!);
  cells[at + F.VARIANCE]! += CORRELATION_GAIN * (last * last - cells[at + F.VARIANCE]!);

  cells[at + F.SPREAD] = spread + scaleGain * (Math.min(Math.abs(residual), SCALE_CLIP * spread) - spread);
  cells[at + F.ERROR] = error + scaleGain * (Math.min(prediction.error, SCALE_CLIP * error) - error);
  if (atRest) cells[at + F.LEVEL] = value - prediction.seasonal;
  else cells[at + F.LEVEL]! += Math.max(LEVEL_GAIN, 1 / count) * clipped;
  learnProfile(cells, at, timeMs, clipped + prediction.seasonal, timeOfDay);
}

/** Remembers how far this sample was from level and season, for the next expectation. */
export function keepResidual(cells: Float64Array, at: number, value: number, seasonal: number): void {
  const residual = value - cells[at + F.LEVEL]! - seasonal;
  cells[at + F.LAST_RESIDUAL] = clamp(residual, CLIP * cells[at + F.SPREAD]!);
}

/** Count, time, period and magnitude; for every sample, in warm-up and in an excursion too. */
export function learnTime(cells: Float64Array, at: number, timeMs: number, value: number): void {
  const count = cells[at + F.COUNT]!;
  if (count === 0) cells[at + F.FIRST_TIME] = timeMs;
  else {
    const distance = timeMs - cells[at + F.LAST_TIME]!;
    const period = cells[at + F.PERIOD]!;
    // A median needs only the sign of the difference; steps are relative, since periods span six decades.
    const step = period * Math.max(0.01, 1 / count);
    cells[at + F.PERIOD] = count === 1 ? distance : period + clamp(distance - period, step);
  }
  cells[at + F.COUNT] = count + 1;
  cells[at + F.LAST_TIME] = timeMs;
  // While warming up samples lie in the moves' place.
  const usual = count < WARM_UP_SAMPLES ? 0 : usualMove(cells, at);
  const faded = Math.max(cells[at + F.MAGNITUDE]! * MAGNITUDE_FADE, usual);
  cells[at + F.MAGNITUDE] = Math.max(Math.abs(value), faded);
}

/** ρ of the expectation, in [0, 0.98]: 0 until the data show that neighbours are alike. */
export function correlation(cells: Float64Array, at: number): number {
  const variance = cells[at + F.VARIANCE]!;
  if (!(variance > 0)) return 0;
  const seen = cells[at + F.COUNT]!;
  const rho = (cells[at + F.COVARIANCE]! / variance) * (seen / (seen + CORRELATION_PRIOR_SAMPLES));
  return Math.min(Math.max(rho, 0), CORRELATION_MAX);
}

function carried(cells: Float64Array, at: number, timeMs: number): number {
  const gap = timeMs - cells[at + F.LAST_TIME]!;
  if (gap > CARRY_PERIODS_MAX * cells[at + F.PERIOD]!) return 0;
  return correlation(cells, at) * cells[at + F.LAST_RESIDUAL]!;
}

/** The profile between the middles of two hours, once the samples span a day; 0 before. */
function seasonalPart(cells: Float64Array, at: number, timeMs: number, timeOfDay: TimeOfDay): number {
  if (cells[at + F.LAST_TIME]! - cells[at + F.FIRST_TIME]! < DAY_MS) return 0;
  const place = timeOfDay(timeMs) / HOUR_MS + (PROFILE_HOURS - 0.5);
  const whole = Math.floor(place);
  const share = place - whole;
  return (
    (1 - share) * hourMean(cells, at, whole % PROFILE_HOURS) +
    share * hourMean(cells, at, (whole + 1) % PROFILE_HOURS)
  );
}

/** Mean of an hour, drawn towards 0 while it was seen on few days. */
function hourMean(cells: Float64Array, at: number, hour: number): number {
  const days = (cells[at + F.PROFILE_COUNT + hour]! * cells[at + F.PERIOD]!) / HOUR_MS;
  return (cells[at + F.PROFILE + hour]! * days) / (days + 1);
}

/** `deviation`: sample minus level. */
function learnProfile(
  cells: Float64Array,
  at: number,
  timeMs: number,
  deviation: number,
  timeOfDay: TimeOfDay,
): void {
  const hour = Math.floor(timeOfDay(timeMs) / HOUR_MS);
  const samplesPerHour = Math.max(1, HOUR_MS / cells[at + F.PERIOD]!);
  const seen = Math.min(cells[at + F.PROFILE_COUNT + hour]! + 1, PROFILE_DAYS * samplesPerHour);
  cells[at + F.PROFILE_COUNT + hour] = seen;
  cells[at + F.PROFILE + hour]! += (deviation - cells[at + F.PROFILE + hour]!) / seen;
}

const samples = new Float64Array(WARM_UP_SAMPLES);
const sorted = new Float64Array(WARM_UP_SAMPLES);

/**
 * Turns the samples of the warm-up, which lie in the slot itself, into the first level, scales and
 * autocorrelation: median, and mean absolute deviation without the two largest, so that a wild sample or two do
 * no harm.
 */
export function endWarmUp(cells: Float64Array, at: number): void {
  const from = at + F.WARM_UP;
  for (let i = 0; i < WARM_UP_SAMPLES; i++) samples[i] = cells[from + i]!;
  cells.fill(0, from, from + WARM_UP_SAMPLES);

  sorted.set(samples);
  sorted.sort();
  const level = sorted[WARM_UP_SAMPLES / 2 - 1]! / 2 + sorted[WARM_UP_SAMPLES / 2]! / 2;
  const spread = Math.max(
    meanWithoutTop((i) => samples[i]! - level),
    noiseFloor(cells, at),
  );

  cells[at + F.LEVEL] = level;
  cells[at + F.SPREAD] = spread;
  for (let i = 1; i < WARM_UP_SAMPLES; i++) {
    const before = clamp((samples[i - 1]! - level) / spread, CLIP);
    const now = clamp((samples[i]! - level) / spread, CLIP);
    cells[at + F.COVARIANCE]! += (now * before) / (WARM_UP_SAMPLES - 1);
    cells[at + F.VARIANCE]! += (before * before) / (WARM_UP_SAMPLES - 1);
  }
  const rho = correlation(cells, at);
  const error = meanWithoutTop((i) => samples[i]! - level - (i > 0 ? rho * (samples[i - 1]! - level) : 0));
  cells[at + F.ERROR] = Math.max(error, noiseFloor(cells, at));
  cells[at + F.LOG_QUANTILE] = priorLogQuantile(cells[at + F.ERROR]!);
  keepResidual(cells, at, samples[WARM_UP_SAMPLES - 1]!, 0);
}

/** Mean magnitude over the warm-up without the two largest. */
function meanWithoutTop(differenceAt: (index: number) => number): number {
  for (let i = 0; i < WARM_UP_SAMPLES; i++) sorted[i] = Math.abs(differenceAt(i));
  sorted.sort();
  let sum = 0;
  for (let i = 0; i < WARM_UP_SAMPLES - 2; i++) sum += sorted[i]! / (WARM_UP_SAMPLES - 2);
  return sum;
}
