import type { Prediction } from './multi-view-prediction.js';
import * as stateModule from './multi-view-state.js';
import * as tailModule from './multi-view-tail.js';

/** Constants of this module: what is imported is looked up anew at each use. */
const { clamp, F, JOB_BINS, SINGLE, WHOLE } = stateModule;
const { restartTail } = tailModule;

const { ERROR, LASTING, LAST_RESIDUAL, LOG_QUANTILE, PERIOD, SPREAD } = F;
const { COVARIANCE, JOB, JOB_CALM, JOB_ERROR, JOB_ERROR_BY, JOB_PHASE, VARIANCE } = SINGLE;
const { JOB_BIN, JOB_LENGTH, JOB_MINUTES, JOB_STATE } = WHOLE;

/*
 * A job that comes back every so many minutes. Large errors that are a known number of minutes apart are a first guess;
 * a window of bins from there on learns what the job is like, and is taken off the samples once it explained them twice.
 */

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Those that divide the hour, or the day by hours. */
const MINUTES = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440];
/** Fewer samples between two jobs are no guess. */
const SAMPLES_MIN = 5;
/** An error of so many mean errors, after a sample that was not far off, begins a job. */
const JOB_ERRORS = 4;
const SURE_ERRORS = 12;
const CALM_SPREADS = 3;
/** Correlation of neighbours up to which jobs are looked for. */
const CORRELATION_MAX = 0.6;
/** So many beginnings are remembered, the largest: how large they were fades to this share with each other one. */
const BEGINNINGS = 6;
const BEGINNING_FADE = 0.9;
/** Two beginnings are so many minutes apart when they differ from it by at most so many samples. */
const SLACK_SAMPLES = 0.75;
/**
 * A job's samples are off by this share of the first. So many have a bin each, a longer job is cut into as many equal bins: one
 * is left before it, and two after it. What lasts longer than the most is absorbed before it ends.
 */
const LENGTH_BINS = 9;
const JOB_LENGTH_MAX = 54;
/** A long job is over for most of the time: it takes one part in so many of that from one to the next. */
const LONG_PARTS = 10;
const LENGTH_SHARE = 0.5;
/** States: none; its length is measured; what is left of the window passes; then LEARNED and the times it came, from KNOWN on taken off. */
const NONE = 0;
const MEASURED = 1;
const PASSING = 2;
const LEARNED = 3;
const KNOWN = 1000;
/** Share of the squared deviations from which the job is known, once it came again so often, and from which it is given up. */
const KNOWN_SHARE = 0.5;
const GIVEN_UP_SHARE = 0.9;
/** The same of what noise does not explain, for a job to be known: of most jobs, sizes must be alike. */
const ALIKE_SHARE = 0.15;
const GIVEN_UP_SCATTER = 0.4;
const TIMES_MIN = 2;
/**
 * Two that are so many samples apart to three quarters of one are seldom so by chance, and known at once. Of how much alike they
 * are, that is taken to leave this share of the squares, so that the third may stay away.
 */
const SURE_SAMPLES = 1000;
const SURE_SHARE = 0.25;
/** Times after which what the job made of the tail is taken back, where no more of the squares than this share is left. */
const EXPLAINED_TIMES = 24;
const EXPLAINED_SHARE = 0.05;
const TIMES_MAX = 500;
/** Of a guess, and of a window that is longer than the job: the last bins are off by at most this share of the largest. */
const END_SHARE = 0.4;
/** A guess is given up where nothing is off by so many spreads. */
const LEAST_SPREADS = 2;
/** Weight of one time in a bin, at least; and times over which the squares fade. */
const BIN_GAIN_MIN = 0.125;
const TIMES_REMEMBERED = 4;
/** Mean error of what is no job: out of the bins, or in one that is off by less than this share of the largest. */
const CALM_GAIN = 0.02;
const CALM_SHARE = 0.2;
/** Single precision. */
const DEVIATION_MAX = 1e15;
const TINY = 1e-300;
/** Mean square of Gaussian noise of mean size 1. */
const GAUSSIAN_SQUARE = Math.PI / 2;

/** Takes a known job off the sample: `known`, `wide` and `value`. */
export function predictJob(cells: Float64Array, at: number, out: Prediction): void {
  out.job = 0;
  out.jobSize = 0;
  out.wide = 1;
  if (out.wholes[4 * at + JOB_STATE]! < KNOWN) return;
  const bin = binOf(cells, at, out);
  if (bin === JOB_BINS) return;
  const { singles } = out;
  const from = 2 * at;
  const part = singles[from + JOB + bin]!;
  // A job that comes a sample early or late is none of its neighbours' news.
  const size = Math.max(
    Math.abs(part),
    bin > 0 ? Math.abs(singles[from + JOB + bin - 1]!) : 0,
    bin + 1 < JOB_BINS ? Math.abs(singles[from + JOB + bin + 1]!) : 0,
  );
  if (size === 0) return;
  const scatter = (Math.sqrt(scatterShare(cells, at, out)) * size) / Math.max(cells[at + ERROR]!, TINY);
  const base = cells[at + F.LEVEL]! + out.seasonal;
  out.job = part;
  out.jobSize = size;
  out.known += part;
  out.wide = Math.sqrt(1 + scatter * scatter);
  out.value = base + (out.value - part - base) / out.wide;
}

/** Share of the squared deviations that neither the bins explain nor the noise of other samples. */
function scatterShare(cells: Float64Array, at: number, { singles, wholes }: Prediction): number {
  const times = Math.min(timesOf(wholes[4 * at + JOB_STATE]!) - 1, TIMES_REMEMBERED);
  const noise =
    times * JOB_BINS * binSamples(at, wholes) * GAUSSIAN_SQUARE * cells[at + ERROR]! * cells[at + ERROR]!;
  const left = Math.max(0, singles[2 * at + JOB_ERROR_BY]! - noise);
  return Math.min(1, left / singles[2 * at + JOB_ERROR]!);
}

/** The bin of the sample, JOB_BINS out of them: the first begins one bin before the job. */
function binOf(cells: Float64Array, at: number, { timeMs, singles, wholes }: Prediction): number {
  const periodMs = cells[at + PERIOD]!;
  const everyMs = wholes[4 * at + JOB_MINUTES]! * MINUTE_MS;
  const width = binSamples(at, wholes);
  const sinceMs = timeMs - singles[2 * at + JOB_PHASE]! + (width + 0.5) * periodMs;
  const bin = (sinceMs - everyMs * Math.floor(sinceMs / everyMs)) / (width * periodMs);
  return bin < JOB_BINS ? Math.floor(bin) : JOB_BINS;
}

/** Samples of a bin: of a long job not whole ones, so that its end is that of a bin. */
function binSamples(at: number, wholes: Int16Array): number {
  const length = wholes[4 * at + JOB_LENGTH]!;
  return length > LENGTH_BINS ? length / LENGTH_BINS : 1;
}

/** Follows the job, or the search for one, by one more sample. */
export function learnJob(cells: Float64Array, at: number, sample: Prediction): void {
  const { wholes, singles } = sample;
  const state = wholes[4 * at + JOB_STATE]!;
  if (state === NONE) {
    if (isBeginning(cells, at, sample)) guess(cells, at, sample);
    return;
  }
  if (state === MEASURED) {
    measure(cells, at, sample);
    return;
  }
  const bin = binOf(cells, at, sample);
  if (state === PASSING) {
    if (bin !== 0 && bin !== JOB_BINS) return;
    startTimes(cells, at, sample);
  }
  const last = wholes[4 * at + JOB_BIN]! - 1;
  if (last >= 0 && bin !== last && (bin === JOB_BINS || bin < last)) endTime(cells, at, sample);
  if (wholes[4 * at + JOB_STATE] === NONE) return;
  wholes[4 * at + JOB_BIN] = bin === JOB_BINS ? 0 : bin + 1;
  if (bin === JOB_BINS || Math.abs(singles[2 * at + JOB + bin]!) < CALM_SHARE * largestBin(at, singles)) {
    const error = clamp(sample.error, DEVIATION_MAX);
    singles[2 * at + JOB_CALM]! += CALM_GAIN * (error - singles[2 * at + JOB_CALM]!);
  }
  if (bin !== JOB_BINS) learnBin(cells, at, sample, bin);
  else if (isBeginning(cells, at, sample)) guessShorter(cells, at, sample);
}

function isBeginning(
  cells: Float64Array,
  at: number,
  { error, meanError, still, floor, singles }: Prediction,
): boolean {
  if (still || error <= JOB_ERRORS * meanError) return false;
  // One large error just before may be chance, where this one is far larger.
  if (Math.abs(cells[at + LASTING]!) > (error > SURE_ERRORS * meanError ? 1 : 0)) return false;
  // What wanders is no place from which a job could be measured.
  const last = Math.abs(cells[at + LAST_RESIDUAL]!);
  // At rest there is no noise by which a job could be known.
  if (last <= floor) return false;
  if (singles[2 * at + COVARIANCE]! > CORRELATION_MAX * singles[2 * at + VARIANCE]!) return false;
  return last <= CALM_SPREADS * cells[at + SPREAD]!;
}

/** Whether this large error is as many minutes after one of the last ones as jobs may be. */
function guess(cells: Float64Array, at: number, sample: Prediction): void {
  const { singles, timeMs } = sample;
  const from = 2 * at + JOB;
  const periodMs = cells[at + PERIOD]!;
  const ofDayMs = timeMs - DAY_MS * Math.floor(timeMs / DAY_MS);
  for (let index = 0; index < BEGINNINGS; index++) {
    const beganMs = (singles[from + index]! - 1) * 1000;
    if (beganMs < 0) break;
    const sinceMs = ofDayMs - beganMs;
    const distanceMs = sinceMs > SLACK_SAMPLES * periodMs ? sinceMs : sinceMs + DAY_MS;
    const minutes = minutesOf(distanceMs, periodMs);
    if (minutes === 0) continue;
    begin(cells, at, sample, minutes);
    return;
  }
  remember(at, sample, ofDayMs / 1000 + 1);
}

/** In place of the smallest: at a second noise alone has several an hour. */
function remember(at: number, { singles, error }: Prediction, second: number): void {
  const from = 2 * at + JOB;
  const sizes = from + BEGINNINGS;
  let smallest = 0;
  for (let index = 0; index < BEGINNINGS; index++) {
    singles[sizes + index]! *= BEGINNING_FADE;
    if (singles[sizes + index]! <= singles[sizes + smallest]!) smallest = index;
  }
  singles.copyWithin(from + 1, from, from + smallest);
  singles.copyWithin(sizes + 1, sizes, sizes + smallest);
  singles[from] = second;
  singles[sizes] = clamp(error, DEVIATION_MAX);
}

function begin(cells: Float64Array, at: number, sample: Prediction, minutes: number): void {
  const { singles, wholes, timeMs } = sample;
  const everyMs = minutes * MINUTE_MS;
  singles.fill(0, 2 * at + JOB, 2 * at + JOB + JOB_BINS);
  singles[2 * at + JOB + 1] = clamp(sample.residual, DEVIATION_MAX);
  singles[2 * at + JOB_PHASE] = timeMs - everyMs * Math.floor(timeMs / everyMs);
  singles[2 * at + JOB_ERROR] = Math.abs(singles[2 * at + JOB + 1]!);
  singles[2 * at + JOB_ERROR_BY] = singles[2 * at + JOB + 1]!;
  singles[2 * at + JOB_CALM] = clamp(cells[at + ERROR]!, DEVIATION_MAX);
  wholes[4 * at + JOB_MINUTES] = minutes;
  wholes[4 * at + JOB_LENGTH] = 1;
  wholes[4 * at + JOB_BIN] = 0;
  wholes[4 * at + JOB_STATE] = MEASURED;
}

/** An error of the job's size between two of them, at a part of their distance that jobs may have: they come more often than was guessed. */
function guessShorter(cells: Float64Array, at: number, sample: Prediction): void {
  const { singles, wholes, timeMs } = sample;
  if (Math.abs(sample.residual) < LENGTH_SHARE * largestBin(at, singles)) return;
  const every = wholes[4 * at + JOB_MINUTES]!;
  const sinceMs = timeMs - singles[2 * at + JOB_PHASE]!;
  const everyMs = every * MINUTE_MS;
  const minutes = minutesOf(sinceMs - everyMs * Math.floor(sinceMs / everyMs), cells[at + PERIOD]!);
  if (minutes !== 0 && minutes < every && every % minutes === 0) begin(cells, at, sample, minutes);
}

function minutesOf(distanceMs: number, periodMs: number): number {
  for (const minutes of MINUTES) {
    const everyMs = minutes * MINUTE_MS;
    if (everyMs < SAMPLES_MIN * periodMs) continue;
    if (Math.abs(distanceMs - everyMs) <= SLACK_SAMPLES * periodMs) return minutes;
  }
  return 0;
}

/** Counts the samples of the first job, while JOB_ERROR holds how far off the first of them was, JOB_ERROR_BY all of them together. */
function measure(cells: Float64Array, at: number, sample: Prediction): void {
  const { singles, wholes } = sample;
  const from = 2 * at;
  const length = wholes[4 * at + JOB_LENGTH]!;
  const residual = clamp(sample.residual, DEVIATION_MAX);
  if (Math.abs(residual) <= LENGTH_SHARE * singles[from + JOB_ERROR]!) {
    if (length > LENGTH_BINS) {
      singles.fill(singles[from + JOB_ERROR_BY]! / length, from + JOB + 1, from + JOB + 1 + LENGTH_BINS);
    }
    wholes[4 * at + JOB_STATE] = PASSING;
  } else if (length >= longest(cells, at, wholes)) forget(at, sample);
  else {
    wholes[4 * at + JOB_LENGTH] = length + 1;
    singles[from + JOB_ERROR_BY]! += residual;
    if (length < LENGTH_BINS) singles[from + JOB + length + 1] = residual;
  }
}

function longest(cells: Float64Array, at: number, wholes: Int16Array): number {
  const part = (wholes[4 * at + JOB_MINUTES]! * MINUTE_MS) / (LONG_PARTS * cells[at + PERIOD]!);
  return clamp(Math.max(part, LENGTH_BINS), JOB_LENGTH_MAX);
}

/** From the next one on its bins are learned; those of the first are kept, and taken off, where that it comes back is as good as sure. */
function startTimes(cells: Float64Array, at: number, { singles, wholes }: Prediction): void {
  const from = 2 * at;
  const isSure = wholes[4 * at + JOB_MINUTES]! * MINUTE_MS >= SURE_SAMPLES * cells[at + PERIOD]!;
  wholes[4 * at + JOB_STATE] = isSure ? KNOWN + LEARNED + 1 : LEARNED;
  singles[from + JOB_ERROR] = 0;
  for (let bin = 0; bin < JOB_BINS; bin++) {
    if (isSure) singles[from + JOB_ERROR]! += singles[from + JOB + bin]! ** 2;
    else singles[from + JOB + bin] = 0;
  }
  singles[from + JOB_ERROR_BY] = SURE_SHARE * singles[from + JOB_ERROR]!;
}

function timesOf(state: number): number {
  return (state >= KNOWN ? state - KNOWN : state) - LEARNED;
}

function learnBin(cells: Float64Array, at: number, sample: Prediction, bin: number): void {
  const { singles, wholes } = sample;
  const from = 2 * at;
  const state = wholes[4 * at + JOB_STATE]!;
  const times = timesOf(state);
  const before = singles[from + JOB + bin]!;
  const whole = clamp(sample.residual * sample.wide + sample.job, DEVIATION_MAX);
  const error = whole - before;
  singles[from + JOB_ERROR]! += whole * whole;
  singles[from + JOB_ERROR_BY]! += times === 0 ? whole * whole : error * error;
  const most = times === 0 ? DEVIATION_MAX : Math.max(Math.abs(before), JOB_ERRORS * cells[at + SPREAD]!);
  const gain = times === 0 ? 1 : Math.max(BIN_GAIN_MIN, 1 / (times + 1)) / binSamples(at, wholes);
  singles[from + JOB + bin] = before + gain * clamp(error, most);
}

/** The window is over: once more it was the job, or it was not. */
function endTime(cells: Float64Array, at: number, sample: Prediction): void {
  const { singles, wholes } = sample;
  const from = 2 * at;
  const state = wholes[4 * at + JOB_STATE]!;
  const times = timesOf(state) + 1;
  const share = singles[from + JOB_ERROR_BY]! / singles[from + JOB_ERROR]!;
  const scatter = scatterShare(cells, at, sample);
  const isKnown = state >= KNOWN;
  if (!isLikely(cells, at, sample) || (isKnown && !(share < GIVEN_UP_SHARE && scatter < GIVEN_UP_SCATTER))) {
    // That it comes back is no news.
    const size = Math.max(largestBin(at, singles), sample.floor);
    if (isKnown && times > TIMES_MIN)
      cells[at + LOG_QUANTILE] = Math.max(cells[at + LOG_QUANTILE]!, Math.log(size));
    forget(at, sample);
    return;
  }
  const begins = !isKnown && times >= TIMES_MIN && share < KNOWN_SHARE && scatter < ALIKE_SHARE;
  if (!isKnown && !begins && times > 2 * TIMES_MIN) {
    forget(at, sample);
    return;
  }
  if (times === 1) {
    // What it was like the first time says nothing of how it comes back.
    singles[from + JOB_ERROR] = 0;
    singles[from + JOB_ERROR_BY] = 0;
  } else {
    singles[from + JOB_ERROR]! *= 1 - 1 / TIMES_REMEMBERED;
    singles[from + JOB_ERROR_BY]! *= 1 - 1 / TIMES_REMEMBERED;
  }
  wholes[4 * at + JOB_STATE] = (isKnown || begins ? KNOWN : 0) + LEARNED + Math.min(times, TIMES_MAX);
  if (isKnown && times === EXPLAINED_TIMES && scatter < EXPLAINED_SHARE) {
    restartTail(cells, at, Math.max(Math.min(cells[at + ERROR]!, singles[from + JOB_CALM]!), sample.floor));
  }
}

function largestBin(at: number, singles: Float32Array): number {
  let largest = 0;
  for (let bin = 0; bin < JOB_BINS; bin++) {
    largest = Math.max(largest, Math.abs(singles[2 * at + JOB + bin]!));
  }
  return largest;
}

/** Whether the bins hold something that is over before they are. */
function isLikely(cells: Float64Array, at: number, { singles, wholes }: Prediction): boolean {
  const from = 2 * at + JOB;
  const largest = largestBin(at, singles);
  if (largest < LEAST_SPREADS * cells[at + SPREAD]!) return false;
  if (JOB_BINS * binSamples(at, wholes) * cells[at + PERIOD]! >= wholes[4 * at + JOB_MINUTES]! * MINUTE_MS)
    return true;
  const end = Math.max(Math.abs(singles[from + JOB_BINS - 2]!), Math.abs(singles[from + JOB_BINS - 1]!));
  return end < END_SHARE * largest;
}

function forget(at: number, { singles, wholes }: Prediction): void {
  singles.fill(0, 2 * at + JOB, 2 * at + JOB + JOB_BINS);
  wholes[4 * at + JOB_MINUTES] = 0;
  wholes[4 * at + JOB_STATE] = NONE;
}

/** Minutes after which a job comes back, 0 where none is known. */
export function describeJob(at: number, wholes: Int16Array): Record<string, number> {
  const isKnown = wholes[4 * at + JOB_STATE]! >= KNOWN;
  return { jobMinutes: isKnown ? wholes[4 * at + JOB_MINUTES]! : 0 };
}
