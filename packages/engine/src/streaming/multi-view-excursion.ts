import * as movesModule from './multi-view-moves.js';
import type { Prediction } from './multi-view-prediction.js';
import * as stateModule from './multi-view-state.js';
import * as tailModule from './multi-view-tail.js';

/** Constants of this module: what is imported is looked up anew at each use. */
const { endMove } = movesModule;
const { F, noiseFloor, WHOLE, widenRange } = stateModule;
const { priorLogQuantile } = tailModule;

const {
  ERROR,
  EXCURSION_PEAK,
  EXCURSION_START,
  HIGH,
  IN_EXCURSION,
  LEVEL,
  LOG_QUANTILE,
  LOW,
  PERIOD,
  SHIFT_LEVEL,
  SHIFT_SPREAD,
  SHORT_ERROR,
  SPREAD,
} = F;
const { ABSORBED, EXCURSION_ANOMALIES, EXCURSION_SAMPLES } = WHOLE;

/*
 * An excursion begins with an anomalous sample, which is the alarm, and ends with recovery: calm samples in a
 * row. One that lasts is the new normal: the model moves there.
 */

const MINUTE_MS = 60_000;
/** Recovery is an hour of calm samples in a row, but no fewer than 6 and no more than 60. */
const RECOVERY_MS = 60 * MINUTE_MS;
const RECOVERY_SAMPLES_MIN = 6;
const RECOVERY_SAMPLES_MAX = 60;
/** Calm is well inside the band: at most this share of its half-width (hysteresis). */
const CALM_SHARE = 0.8;
/** While views still see the excursion, what is out of this share of the band is part of it. */
export const HELD_SHARE = 0.5;
/** Of an excursion's samples those are learned that are at most this share out: its own quieter ones must not widen the band. */
const LEARN_SHARE = 0.4;
/** An excursion of so many samples that has lasted so long is absorbed. */
const ABSORB_SAMPLES = 60;
const ABSORB_MS = 15 * MINUTE_MS;
/**
 * Samples of one excursion out of the calm that are still learned. One must be, or the tail of a series with rare large
 * values would stay too short for ever; a run must not be, or an outage would widen the band to itself.
 */
const LEARNED_ANOMALIES = 1;
/** More samples of an excursion are not counted. */
const COUNT_MAX = 32_000;

/** Follows an excursion by its first sample or one more. True when model and tail may learn it. */
export function learnExcursion(cells: Float64Array, at: number, sample: Prediction): boolean {
  const { raw, value, error, band, wholes } = sample;
  const anomalous = error > band;
  // What leaves the new normal that was just learned, as an outage's end does, is an excursion of its own.
  if (cells[at + IN_EXCURSION] === 0 || (anomalous && wholes[4 * at + ABSORBED] === 1)) {
    startAgain(cells, at, sample, value);
    cells[at + EXCURSION_PEAK] = raw;
    wholes[4 * at + ABSORBED] = 0;
  }
  followShift(cells, at, sample);
  if (anomalous) {
    countUp(wholes, 4 * at + EXCURSION_ANOMALIES);
    const level = cells[at + LEVEL]!;
    const peak = cells[at + EXCURSION_PEAK]!;
    if (Math.abs(raw - level) > Math.abs(peak - level)) cells[at + EXCURSION_PEAK] = raw;
  }
  const calm = error <= CALM_SHARE * band;
  if (!calm) cells[at + IN_EXCURSION] = 1;
  else if (
    ++cells[at + IN_EXCURSION]! > recoverySamples(cells[at + PERIOD]!) &&
    !isDisplaced(cells, at, band)
  ) {
    cells[at + IN_EXCURSION] = 0;
    // Only now: an outage must not widen the band over its own rest.
    widenRange(cells, at, cells[at + EXCURSION_PEAK]!);
  }
  return (
    error <= LEARN_SHARE * band || (anomalous && wholes[4 * at + EXCURSION_ANOMALIES]! <= LEARNED_ANOMALIES)
  );
}

/** Takes a sample within the band into the range of those so far. */
export function learnRange(cells: Float64Array, at: number, { raw, error, band }: Prediction): void {
  const isNews = raw < cells[at + LOW]! || raw > cells[at + HIGH]!;
  if (isNews && error <= band) widenRange(cells, at, raw);
}

/** Moves the level to where the series now lives, once an excursion has lasted long enough. True when it did. */
export function absorbShift(cells: Float64Array, at: number, sample: Prediction): boolean {
  const { timeMs, seasonal, band, wholes } = sample;
  const phase = cells[at + IN_EXCURSION]!;
  // Calm of late means on the way to recovery, not a new normal, unless it is one in a band that is too wide for it.
  const isLasting =
    phase === 1 || (phase > recoverySamples(cells[at + PERIOD]!) && isDisplaced(cells, at, band));
  if (!isLasting) return false;
  if (wholes[4 * at + EXCURSION_SAMPLES]! < ABSORB_SAMPLES) return false;
  if (timeMs - cells[at + EXCURSION_START]! < ABSORB_MS) return false;
  const level = cells[at + SHIFT_LEVEL]!;
  const spread = cells[at + SHIFT_SPREAD]!;
  cells[at + LEVEL] = level - seasonal;
  // Scales only grow here: a quieter series narrows its band by itself, and a constant stretch proves nothing.
  cells[at + SPREAD] = Math.max(cells[at + SPREAD]!, spread);
  const floor = noiseFloor(cells, at);
  const error = Math.max(cells[at + ERROR]!, floor);
  if (spread > error) {
    const grown = cells[at + LOG_QUANTILE]! + Math.log(spread / error);
    // The quantile of a still series is rounding noise, and nothing to grow from.
    cells[at + LOG_QUANTILE] = Math.max(grown, priorLogQuantile(spread));
    cells[at + ERROR] = spread;
  }
  widenRange(cells, at, cells[at + EXCURSION_PEAK]!);
  endMove(cells, at);
  // Still one excursion: the next alarm needs a recovery first.
  startAgain(cells, at, sample, level);
  wholes[4 * at + ABSORBED] = 1;
  return true;
}

/** Calm within a wide band may all the same be somewhere else. */
function isDisplaced(cells: Float64Array, at: number, band: number): boolean {
  return Math.abs(cells[at + SHORT_ERROR]!) > LEARN_SHARE * band;
}

function startAgain(cells: Float64Array, at: number, { timeMs, wholes }: Prediction, value: number): void {
  cells[at + EXCURSION_START] = timeMs;
  wholes[4 * at + EXCURSION_SAMPLES] = 0;
  wholes[4 * at + EXCURSION_ANOMALIES] = 0;
  cells[at + IN_EXCURSION] = 1;
  cells[at + EXCURSION_PEAK] = value;
  cells[at + SHIFT_LEVEL] = value;
  cells[at + SHIFT_SPREAD] = 0;
}

/** Counts one more, up to what 16 bits hold, and gives the sum. */
function countUp(wholes: Int16Array, at: number): number {
  const count = Math.min(wholes[at]! + 1, COUNT_MAX);
  wholes[at] = count;
  return count;
}

/** Plain means over the first samples, then exponential ones of the same memory. */
function followShift(cells: Float64Array, at: number, { value, wholes }: Prediction): void {
  const seen = countUp(wholes, 4 * at + EXCURSION_SAMPLES);
  const deviation = value - cells[at + SHIFT_LEVEL]!;
  cells[at + SHIFT_LEVEL]! += deviation / Math.min(seen, ABSORB_SAMPLES);
  // The way there is no spread of what is there: it begins anew with the second half.
  const counted = Math.max(1, seen - ABSORB_SAMPLES / 2);
  const size = Math.abs(deviation);
  cells[at + SHIFT_SPREAD]! += (size - cells[at + SHIFT_SPREAD]!) / Math.min(counted, ABSORB_SAMPLES);
}

function recoverySamples(periodMs: number): number {
  const samples = Math.ceil(RECOVERY_MS / Math.max(periodMs, 1));
  return Math.min(Math.max(samples, RECOVERY_SAMPLES_MIN), RECOVERY_SAMPLES_MAX);
}
