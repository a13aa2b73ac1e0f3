import { F, noiseFloor } from './robust-state.js';
import { priorLogQuantile } from './robust-tail.js';

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
/** An excursion of so many samples that has lasted so long is absorbed. */
const ABSORB_SAMPLES = 60;
const ABSORB_MS = 15 * MINUTE_MS;
/**
 * Anomalous samples of one excursion that are still learned. One must be, or the tail of a series with rare large
 * values would stay too short for ever; a run must not be, or an outage would widen the band to itself.
 */
const LEARNED_ANOMALIES = 1;

/** Follows the excursion by one more sample; `band` is half the width. True when model and tail may learn it. */
export function learnExcursion(
  cells: Float64Array,
  at: number,
  timeMs: number,
  value: number,
  error: number,
  band: number,
): boolean {
  const anomalous = error > band;
  if (cells[at + F.IN_EXCURSION] === 0) {
    if (!anomalous) return true;
    startAgain(cells, at, timeMs, value);
  }
  followShift(cells, at, value);
  if (anomalous) cells[at + F.EXCURSION_ANOMALIES]! += 1;
  if (error > CALM_SHARE * band || anomalous) cells[at + F.IN_EXCURSION] = 1;
  else if (++cells[at + F.IN_EXCURSION]! > recoverySamples(cells[at + F.PERIOD]!)) {
    cells[at + F.IN_EXCURSION] = 0;
  }
  return !anomalous || cells[at + F.EXCURSION_ANOMALIES]! <= LEARNED_ANOMALIES;
}

/** Moves the level to where the series now lives, once an excursion has lasted long enough. */
export function absorbShift(cells: Float64Array, at: number, timeMs: number, seasonal: number): void {
  // Calm of late means on the way to recovery, not a new normal.
  if (cells[at + F.IN_EXCURSION] !== 1) return;
  if (cells[at + F.EXCURSION_SAMPLES]! < ABSORB_SAMPLES) return;
  if (timeMs - cells[at + F.EXCURSION_START]! < ABSORB_MS) return;
  const level = cells[at + F.SHIFT_LEVEL]!;
  const spread = cells[at + F.SHIFT_SPREAD]!;
  cells[at + F.LEVEL] = level - seasonal;
  // Scales only grow here: a quieter series narrows its band by itself, and a constant stretch proves nothing.
  cells[at + F.SPREAD] = Math.max(cells[at + F.SPREAD]!, spread);
  const floor = noiseFloor(cells, at);
  const error = Math.max(cells[at + F.ERROR]!, floor);
  if (spread > error) {
    const grown = cells[at + F.LOG_QUANTILE]! + Math.log(spread / error);
    // The quantile of a still series is rounding noise, and nothing to grow from.
    cells[at + F.LOG_QUANTILE] = Math.max(grown, priorLogQuantile(spread));
    cells[at + F.ERROR] = spread;
  }
  // The new normal is no move.
  cells[at + F.EXCURSION_MOVE] = 0;
  // Still one excursion: the next alarm needs a recovery first.
  startAgain(cells, at, timeMs, level);
}

function startAgain(cells: Float64Array, at: number, timeMs: number, value: number): void {
  cells[at + F.EXCURSION_START] = timeMs;
  cells[at + F.EXCURSION_SAMPLES] = 0;
  cells[at + F.EXCURSION_ANOMALIES] = 0;
  cells[at + F.IN_EXCURSION] = 1;
  cells[at + F.SHIFT_LEVEL] = value;
  cells[at + F.SHIFT_SPREAD] = 0;
}

/** Plain means over the first samples, then exponential ones of the same memory. */
function followShift(cells: Float64Array, at: number, value: number): void {
  const seen = cells[at + F.EXCURSION_SAMPLES]! + 1;
  const gain = 1 / Math.min(seen, ABSORB_SAMPLES);
  cells[at + F.EXCURSION_SAMPLES] = seen;
  const deviation = value - cells[at + F.SHIFT_LEVEL]!;
  cells[at + F.SHIFT_LEVEL]! += gain * deviation;
  cells[at + F.SHIFT_SPREAD]! += gain * (Math.abs(deviation) - cells[at + F.SHIFT_SPREAD]!);
}

function recoverySamples(periodMs: number): number {
  const samples = Math.ceil(RECOVERY_MS / Math.max(periodMs, 1));
  return Math.min(Math.max(samples, RECOVERY_SAMPLES_MIN), RECOVERY_SAMPLES_MAX);
}
