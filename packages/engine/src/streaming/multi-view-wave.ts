import type { Prediction } from './multi-view-prediction.js';
import * as seasonModule from './multi-view-season.js';
import * as stateModule from './multi-view-state.js';
import * as tailModule from './multi-view-tail.js';
import * as viewsModule from './multi-view-views.js';
import * as waveShapeModule from './multi-view-wave-shape.js';

/** Constants of this module: what is imported is looked up anew at each use. */
const { seasonalPart, takeRound } = seasonModule;
const { clamp, F, noiseFloor, SINGLE, STILL_FLOORS, WAVE_BINS, WHOLE } = stateModule;
const { restartTail } = tailModule;
const { moveViews, PLACE, restartViews, viewMean } = viewsModule;
const { binsFor, centre, isAlike, KIND_BITS, PERIODS_MS, placeIn, waveBins, waveMs, wavePart } =
  waveShapeModule;

const { COUNT, ERROR, LAST_RESIDUAL, LAST_TIME, LAST_VALUE, LEVEL, PERIOD, SPREAD, WAVE_LEVEL } = F;
const {
  COVARIANCE,
  VARIANCE,
  WAVE,
  WAVE_ERROR,
  WAVE_ERROR_BY,
  WAVE_LAST,
  WAVE_LARGEST,
  WAVE_LAST_BY,
  WAVE_MOVES,
  WAVE_MOVES_BY,
  WAVE_SUM,
} = SINGLE;
const { SEASON_KNOWN, WAVE_BIN, WAVE_BIN_COUNT, WAVE_KIND, WAVE_STATE } = WHOLE;

/*
 * A wave of some minutes or hours. Periods are tried in turn: one round of bins is learned, and then what the steps from
 * the mean of one bin to the next are with and without it, each judged before it is learned. Taken off the samples
 * while it explains most of them. Steps and not levels, or what wanders would pass for a wave.
 */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Samples of a wave at least and at most. */
const SAMPLES_MIN = 16;
const SAMPLES_MAX = 4000;
/** So many times: noise has no wave, and spares the search. */
const SLOW_TIMES = 1.8;
/** States: none is tried; the bins seen of the one that is, and 1; from KNOWN on it is taken off. */
const NONE = 0;
const KNOWN = 1000;
/** Rounds after which more of them change nothing. */
const ROUNDS_MAX = 16;
/** A period is tried for as long as the squared steps with it are below this share of those without. */
const LIKELY_SHARE = 0.8;
/** It is known from this share on, after so many rounds; and given up again. */
const KNOWN_SHARE = 0.5;
const KNOWN_SHARE_LONG = 0.2;
const KNOWN_ROUNDS = 5;
const GIVEN_UP_SHARE = 0.9;
/** The same of single samples' distances from what the bin before lets expect: a spike in a bin is no wave. */
const KNOWN_MOVES_SHARE = 0.9;
/** Rounds before those are looked at. */
const MOVES_ROUNDS = 2;
/** Rounds over which the squares fade. */
const ROUNDS_REMEMBERED = 4;
/** Weight of one round in a bin, at least. */
const BIN_GAIN_MIN = 0.125;
/** An error counts up to so many usual ones, once known. */
const CLIP = 4;
/** Squares of more do not go into single precision. */
const DEVIATION_MAX = 1e15;
/** More samples of a bin do not count. */
const BIN_COUNT_MAX = 32_000;
/** Tails begin anew where no sample was off by so many mean distances. */
const CLEAN_ERRORS = 6;
/** What WAVE_LARGEST holds then. */
const RESTARTED = -1;
/** The tails learn anew as those of a series of so many samples do; a multiple of the views' cycle of blocks. */
const YOUNG_COUNT = 108;
const CYCLE = 36;

/** Takes a known wave off the sample: `wave`, `known` and `value`. */
export function predictWave(cells: Float64Array, at: number, out: Prediction): void {
  out.wave = 0;
  if (out.wholes[4 * at + WAVE_STATE]! < KNOWN) return;
  placeIn(cells, at, out);
  out.wave = wavePart(at, out);
  out.known += out.wave;
  out.value -= out.wave;
}

/**
 * Follows the wave, or the search for one, by one more sample, before its time is learned. True where one is known or
 * given up from the next sample on: see `settleWave`.
 */
export function learnWave(cells: Float64Array, at: number, sample: Prediction): boolean {
  const { wholes, singles, timeMs } = sample;
  const state = wholes[4 * at + WAVE_STATE]!;
  if (state === NONE) {
    tryNext(cells, at, sample);
    return false;
  }
  if (state < KNOWN) placeIn(cells, at, sample);
  const everyMs = waveMs(at, wholes);
  if (timeMs - cells[at + LAST_TIME]! > everyMs) return pass(at, sample);
  const bin = sample.wavePlace | 0;
  if (bin + 1 !== wholes[4 * at + WAVE_BIN]!) {
    const isChanged = endBin(cells, at, sample);
    if (isChanged || wholes[4 * at + WAVE_STATE] === NONE) return isChanged;
    enterBin(at, sample);
  }
  const deviation = clamp(withWave(at, sample) - cells[at + WAVE_LEVEL]!, DEVIATION_MAX);
  singles[2 * at + WAVE_SUM]! += deviation;
  if (wholes[4 * at + WAVE_BIN_COUNT]! < BIN_COUNT_MAX) wholes[4 * at + WAVE_BIN_COUNT]! += 1;
  const isJudged =
    state < KNOWN ? state > MOVES_ROUNDS * waveBins(at, wholes) : singles[2 * at + WAVE_LARGEST]! >= 0;
  if (isJudged) followMoves(cells, at, sample);
  return false;
}

/** The sample with the wave, without what else is known of it; what the time of day has of a long wave is left in until it is known. */
function withWave(at: number, { raw, known, wave, seasonal, wholes }: Prediction): number {
  const isLeft = wholes[4 * at + WAVE_STATE]! < KNOWN && waveMs(at, wholes) > HOUR_MS;
  return raw - (known - wave) - (isLeft ? 0 : seasonal);
}

/** One period after another, one for each sample, where the series is farther from its mean than from what is expected. */
function tryNext(cells: Float64Array, at: number, sample: Prediction): void {
  const { wholes } = sample;
  if (!(viewMean(cells, at, PLACE) > SLOW_TIMES * cells[at + ERROR]!)) return;
  const index = (wholes[4 * at + WAVE_KIND]! >> KIND_BITS) + 1;
  begin(cells, at, sample, index === PERIODS_MS.length ? 0 : index);
}

/** Begins to try a period, if it may be one. */
function begin(cells: Float64Array, at: number, sample: Prediction, index: number): void {
  const { singles, wholes } = sample;
  const everyMs = PERIODS_MS[index]!;
  const samples = everyMs / cells[at + PERIOD]!;
  wholes[4 * at + WAVE_KIND] = index << KIND_BITS;
  wholes[4 * at + WAVE_STATE] = NONE;
  if (!(samples >= SAMPLES_MIN && samples <= SAMPLES_MAX)) return;
  // Before the time of day is known it would be taken for a part of it.
  if (everyMs > HOUR_MS && wholes[4 * at + SEASON_KNOWN] === 0) return;
  wholes[4 * at + WAVE_KIND] = (index << KIND_BITS) + binsFor(Math.round(samples));
  wholes[4 * at + WAVE_STATE] = NONE + 1;
  singles.fill(0, 2 * at + WAVE, 2 * at + WAVE + WAVE_BINS);
  singles[2 * at + WAVE_ERROR] = 0;
  singles[2 * at + WAVE_ERROR_BY] = 0;
  singles[2 * at + WAVE_MOVES] = 0;
  singles[2 * at + WAVE_MOVES_BY] = 0;
  singles[2 * at + WAVE_LARGEST] = 0;
  cells[at + WAVE_LEVEL] = withWave(at, sample);
  placeIn(cells, at, sample);
  enterBin(at, sample);
}

function enterBin(at: number, { singles, wholes, wavePlace }: Prediction): void {
  wholes[4 * at + WAVE_BIN] = (wavePlace | 0) + 1;
  wholes[4 * at + WAVE_BIN_COUNT] = 0;
  singles[2 * at + WAVE_SUM] = 0;
}

/** After a gap: what is known stays, what is tried is tried anew. */
function pass(at: number, sample: Prediction): boolean {
  const { singles, wholes } = sample;
  if (wholes[4 * at + WAVE_STATE]! < KNOWN) wholes[4 * at + WAVE_STATE] = NONE;
  singles[2 * at + WAVE_LAST_BY] = Number.NaN;
  enterBin(at, sample);
  return false;
}

/** How far samples are from what the mean of the bin before lets expect, without the wave and with it. */
function followMoves(cells: Float64Array, at: number, sample: Prediction): void {
  const { singles, wholes } = sample;
  const from = 2 * at;
  if (Number.isNaN(singles[from + WAVE_LAST_BY]!)) return;
  const everyMs = waveMs(at, wholes);
  const gain = cells[at + PERIOD]! / everyMs;
  const deviation = clamp(withWave(at, sample) - cells[at + WAVE_LEVEL]!, DEVIATION_MAX);
  const without = Math.abs(deviation - singles[from + WAVE_LAST]!);
  const withIt = Math.abs(deviation - wavePart(at, sample) - singles[from + WAVE_LAST_BY]!);
  singles[from + WAVE_MOVES]! += gain * (without - singles[from + WAVE_MOVES]!);
  if (withIt > singles[from + WAVE_LARGEST]!) singles[from + WAVE_LARGEST] = withIt;
  singles[from + WAVE_MOVES_BY]! += gain * (withIt - singles[from + WAVE_MOVES_BY]!);
}

/** Judges the mean of a bin, then learns it. True where the wave is known or given up by it. */
function endBin(cells: Float64Array, at: number, sample: Prediction): boolean {
  const { singles, wholes } = sample;
  const from = 2 * at;
  const bins = waveBins(at, wholes);
  const state = wholes[4 * at + WAVE_STATE]!;
  if (wholes[4 * at + WAVE_BIN_COUNT]! === 0) return false;
  const seen = state - (state >= KNOWN ? KNOWN : 0) - 1;
  if (seen < bins) {
    const deviation = singles[from + WAVE_SUM]! / wholes[4 * at + WAVE_BIN_COUNT]!;
    singles[from + WAVE + wholes[4 * at + WAVE_BIN]! - 1] = deviation;
    singles[from + WAVE_LAST] = deviation;
    singles[from + WAVE_LAST_BY] = 0;
  } else judgeBin(cells, at, sample, seen);
  const next = seen + 1 >= ROUNDS_MAX * bins ? seen + 1 - bins : seen + 1;
  wholes[4 * at + WAVE_STATE] = state + next - seen;
  return next % bins === 0 && endRound(cells, at, sample, next / bins);
}

/** The step from the bin before, without the wave and with it; then the bin, and the level that all are measured from. */
function judgeBin(cells: Float64Array, at: number, { singles, wholes }: Prediction, seen: number): void {
  const from = 2 * at;
  const bins = waveBins(at, wholes);
  const isKnown = wholes[4 * at + WAVE_STATE]! >= KNOWN;
  const bin = from + WAVE + wholes[4 * at + WAVE_BIN]! - 1;
  const deviation = singles[from + WAVE_SUM]! / wholes[4 * at + WAVE_BIN_COUNT]!;
  const off = deviation - singles[bin]!;
  const before = singles[from + WAVE_ERROR]!;
  const beforeBy = singles[from + WAVE_ERROR_BY]!;
  const most = isKnown ? CLIP * Math.sqrt(beforeBy) : DEVIATION_MAX;
  const lastBy = singles[from + WAVE_LAST_BY]!;
  if (!Number.isNaN(lastBy)) {
    const step = clamp(
      deviation - singles[from + WAVE_LAST]!,
      isKnown ? CLIP * Math.sqrt(before) : DEVIATION_MAX,
    );
    const stepBy = clamp(off - lastBy, most);
    const gain = 1 / Math.min(seen + 1 - bins, ROUNDS_REMEMBERED * bins);
    singles[from + WAVE_ERROR] = before + gain * (step * step - before);
    singles[from + WAVE_ERROR_BY] = beforeBy + gain * (stepBy * stepBy - beforeBy);
  }
  const by = Math.max(BIN_GAIN_MIN, 1 / (Math.floor(seen / bins) + 1)) * clamp(off, most);
  singles[bin]! += by;
  // All bins together stay where they are, or what is judged without them would move.
  const shared = isKnown ? by / bins : 0;
  if (isKnown) for (let one = 0; one < bins; one++) singles[from + WAVE + one]! -= shared;
  const moved = off / bins;
  cells[at + WAVE_LEVEL]! += moved;
  singles[from + WAVE_LAST] = deviation - moved;
  singles[from + WAVE_LAST_BY] = off - moved + shared;
}

/** What has been seen so often by now. */
function endRound(cells: Float64Array, at: number, sample: Prediction, rounds: number): boolean {
  const { singles, wholes } = sample;
  const from = 2 * at;
  const isKnown = wholes[4 * at + WAVE_STATE]! >= KNOWN;
  if (rounds === 1) {
    centre(cells, at, sample);
    return false;
  }
  const share = singles[from + WAVE_ERROR_BY]! / singles[from + WAVE_ERROR]!;
  const known = waveMs(at, wholes) > HOUR_MS ? KNOWN_SHARE_LONG : KNOWN_SHARE;
  if (isKnown) {
    if (share < GIVEN_UP_SHARE) {
      restart(cells, at, sample);
      return false;
    }
    wholes[4 * at + WAVE_STATE] = NONE;
    return true;
  }
  if (!(share < LIKELY_SHARE)) wholes[4 * at + WAVE_STATE] = NONE;
  else if (rounds >= KNOWN_ROUNDS) {
    wholes[4 * at + WAVE_STATE] = NONE;
    const isLess = singles[from + WAVE_MOVES_BY]! < KNOWN_MOVES_SHARE * singles[from + WAVE_MOVES]!;
    const isStill = sample.still || cells[at + SPREAD]! <= STILL_FLOORS * noiseFloor(cells, at);
    if (share < known && isLess && !isStill && !tryPart(cells, at, sample)) {
      centre(cells, at, sample);
      wholes[4 * at + WAVE_STATE] = KNOWN + 1 + rounds * waveBins(at, wholes);
      return true;
    }
  }
  return false;
}

/** Where the wave is one of a part of the period, that part is tried instead. */
function tryPart(cells: Float64Array, at: number, sample: Prediction): boolean {
  const { wholes } = sample;
  const everyMs = waveMs(at, wholes);
  const bins = waveBins(at, wholes);
  for (let parts = bins >> 1; parts > 1; parts--) {
    if (bins % parts !== 0 || everyMs / parts < SAMPLES_MIN * cells[at + PERIOD]!) continue;
    const index = PERIODS_MS.indexOf(everyMs / parts);
    if (index < 0 || !isAlike(at, sample, bins / parts)) continue;
    begin(cells, at, sample, index);
    return true;
  }
  return false;
}

/**
 * Of a wave that is known or given up from now on: the level is that without it, scales and tails those of what it leaves;
 * after all else of the sample was learned.
 */
export function settleWave(cells: Float64Array, at: number, sample: Prediction): void {
  const { singles, wholes } = sample;
  const value = sample.raw - (sample.known - sample.wave);
  const isKnown = wholes[4 * at + WAVE_STATE]! >= KNOWN;
  if (isKnown && waveMs(at, wholes) > HOUR_MS) takeFromSeason(cells, at, sample);
  cells[at + LEVEL] = cells[at + WAVE_LEVEL]!;
  cells[at + LAST_RESIDUAL] = 0;
  cells[at + LAST_VALUE] = isKnown ? value - wavePart(at, sample) : value;
  const seasonal = wholes[4 * at + SEASON_KNOWN] === 0 ? 0 : seasonalPart(sample, at, sample.place);
  moveViews(cells, at, cells[at + LEVEL]! + seasonal, 1);
  if (!isKnown) return;
  cells[at + SPREAD] = Math.min(
    cells[at + SPREAD]!,
    Math.max(singles[2 * at + WAVE_MOVES_BY]!, sample.floor),
  );
  singles[2 * at + COVARIANCE] = 0;
  singles[2 * at + VARIANCE] = 1;
  restart(cells, at, sample);
}

/** What the time of day has of a long wave is the wave's from now on: it follows faster, and has more bins. */
function takeFromSeason(cells: Float64Array, at: number, sample: Prediction): void {
  const { singles, wholes } = sample;
  takeRound(at, sample, waveMs(at, wholes) / HOUR_MS);
  // What is left of the time of day was in the level: it is where the bin before lay.
  const left = seasonalPart(sample, at, sample.place);
  cells[at + WAVE_LEVEL]! += singles[2 * at + WAVE_LAST_BY]! - left;
  singles[2 * at + WAVE_LAST_BY] = Number.NaN;
}

/** Tails by what the wave leaves, once: after a round of which it leaves no large errors, as at edges. */
function restart(cells: Float64Array, at: number, { singles }: Prediction): void {
  const from = 2 * at;
  const largest = singles[from + WAVE_LARGEST]!;
  if (largest < 0) return;
  const calm = Math.max(singles[from + WAVE_MOVES_BY]!, noiseFloor(cells, at));
  singles[from + WAVE_LARGEST] = largest > CLEAN_ERRORS * calm ? 0 : RESTARTED;
  if (largest > CLEAN_ERRORS * calm) return;
  restartTail(cells, at, Math.min(cells[at + ERROR]!, calm));
  restartViews(cells, singles, at, calm);
  // Last, since the views' blocks lie where the count says.
  cells[at + COUNT] = Math.min(cells[at + COUNT]!, YOUNG_COUNT + (cells[at + COUNT]! % CYCLE));
}

/** Bins of the wave, 0 where none is known. */
export function knownBins(at: number, { wholes }: Prediction): number {
  return wholes[4 * at + WAVE_STATE]! < KNOWN ? 0 : waveBins(at, wholes);
}

/** Minutes of the wave, 0 where none is known. */
export function describeWave(at: number, wholes: Int16Array): Record<string, number> {
  if (wholes[4 * at + WAVE_STATE]! < KNOWN) return { waveMinutes: 0 };
  return { waveMinutes: waveMs(at, wholes) / MINUTE_MS };
}
