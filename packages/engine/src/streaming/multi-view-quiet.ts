import type { Prediction } from './multi-view-prediction.js';
import * as quantileModule from './multi-view-quantile.js';
import * as stateModule from './multi-view-state.js';

/** Constants of this module: what is imported is looked up anew at each use. */
const { countExcess, drawnExcess, drawnQuantile, movedQuantile, quantileStep, TAIL_MEMORY, tailGain } =
  quantileModule;
const { F, noiseFloor } = stateModule;

const {
  COUNT,
  LAST_RESIDUAL,
  LEVEL,
  QUIET_COUNT,
  QUIET_MEAN,
  QUIET_PEAK,
  QUIET_QUANTILE,
  QUIET_SUM,
  RECENT,
  RECENT_MOVES,
  SPREAD,
} = F;

/*
 * A series that moves less than it ever did: a sensor that is stuck, a wave that became a line, noise that shrank.
 * Every sample is ordinary, and nothing surprises a view. So how far the last samples are from their own mean is
 * judged from below: one over it is a size as those of the views, with a quantile that is tracked and a power law beyond.
 */

/** Weights of a sample in the mean that moves are from, and in the mean of the moves. */
const RECENT_GAIN = 1 / 12;
const MOVES_GAIN = 1 / 24;
/** Share of samples beyond the quantile; more than of a view, since runs are few and each counts once. */
const EXCEEDANCE = 0.01;
const AT_QUANTILE = -Math.log10(EXCEEDANCE);
const FADE = 1 - 1 / (TAIL_MEMORY * EXCEEDANCE);
/** Before the data say otherwise: the quantile in units of the mean; the mean log excess, as runs. */
const PRIOR_QUANTILE = 3;
const PRIOR_EXCESS = 0.2;
const PRIOR_EXCESSES = 4;
const EXCESS_CLIP = 3;
/** Where the tracked quantile begins, over the spread: what Gaussian noise has, since it rises faster than it falls. */
const START_QUANTILE = 1.4;
/** Steps of the quantile as those of a view, but half as large: neighbours are alike, and a run of them is one thing. */
const PACE = 0.3;
const MEAN_GAIN = 0.001;
const MEAN_CLIP = 8;
/** A size counts up to so many means, so that what is stuck becomes usual after some hundred samples. */
const SIZE_MAX = 50;
/** Samples before which nothing is said. */
const SEEN_MIN = 500;
/** Decades less rare than the band: low moves last for a dozen samples and more, which are one false alarm. */
const RUN_DECADES = 1;

/** How rare it is that the series moves so little: `quiet`, 0 where that is nothing. */
export function judgeQuiet(cells: Float64Array, at: number, out: Prediction): void {
  const mean = cells[at + QUIET_MEAN]!;
  const before = cells[at + RECENT_MOVES]!;
  out.moves = before + MOVES_GAIN * (Math.abs(out.raw - cells[at + RECENT]!) - before);
  const size = Math.min(1 / Math.max(out.moves, out.floor), SIZE_MAX * mean);
  out.quietSize = size;
  out.quietOver = 0;
  out.quiet = 0;
  const count = cells[at + COUNT]!;
  const q = cells[at + QUIET_QUANTILE]!;
  const prior = PRIOR_QUANTILE * mean;
  // Most samples need no logarithm. What is at rest for the most part is no news when it is, nor what has stood still to the
  // last digit for some five hundred samples.
  const isNews = !out.still && out.moves > out.floor;
  if (size > Math.min(q, prior) && isNews && count >= SEEN_MIN) judgeSize(cells, at, out);
}

function judgeSize(cells: Float64Array, at: number, out: Prediction): void {
  const count = cells[at + COUNT]!;
  const q = cells[at + QUIET_QUANTILE]!;
  const prior = PRIOR_QUANTILE * cells[at + QUIET_MEAN]!;
  const logQ = drawnQuantile(Math.log(q), Math.log(prior), count);
  const over = Math.log(out.quietSize) - logQ;
  if (over <= 0) return;
  out.quietOver = over;
  out.quiet = AT_QUANTILE + over / (meanExcess(cells, at) * Math.LN10);
}

/** Decades by which it is rarer than it must be to be anomalous. */
export function quietExcess({ quiet, bandRarity }: Prediction): number {
  return quiet - (bandRarity - RUN_DECADES);
}

/** Takes the sample into what the series moves, and into the tail of that. */
export function learnQuiet(cells: Float64Array, at: number, sample: Prediction): void {
  const { raw, quietSize: size, quietOver: over } = sample;
  cells[at + RECENT_MOVES] = sample.moves;
  cells[at + RECENT]! += RECENT_GAIN * (raw - cells[at + RECENT]!);

  const mean = cells[at + QUIET_MEAN]!;
  const gain = tailGain(cells[at + COUNT]!);
  const step = quantileStep(gain, meanExcess(cells, at), EXCEEDANCE, PACE);
  const moved = movedQuantile(cells[at + QUIET_QUANTILE]!, size, step, EXCEEDANCE);
  cells[at + QUIET_QUANTILE] = Math.max(moved, mean);
  cells[at + QUIET_MEAN] = mean + Math.max(MEAN_GAIN, gain) * (Math.min(size, MEAN_CLIP * mean) - mean);

  if (over > 0 || cells[at + QUIET_PEAK]! > 0) learnQuietRun(cells, at, over);
}

function learnQuietRun(cells: Float64Array, at: number, over: number): void {
  const peak = cells[at + QUIET_PEAK]!;
  if (over > 0) cells[at + QUIET_PEAK] = Math.max(peak, over);
  else {
    // A run by its peak, once it is over: a series that falls silent by and by must not make that usual on the way.
    countExcess(cells, at + QUIET_SUM, Math.min(peak, EXCESS_CLIP * meanExcess(cells, at)), FADE);
    cells[at + QUIET_PEAK] = 0;
  }
}

/** Starts it by the scales that the warm-up gave. */
export function startQuiet(cells: Float64Array, at: number): void {
  const spread = Math.max(cells[at + SPREAD]!, noiseFloor(cells, at));
  cells[at + RECENT] = cells[at + LEVEL]! + cells[at + LAST_RESIDUAL]!;
  cells[at + RECENT_MOVES] = spread;
  cells[at + QUIET_MEAN] = 1 / spread;
  cells[at + QUIET_QUANTILE] = START_QUANTILE / spread;
}

function meanExcess(cells: Float64Array, at: number): number {
  return drawnExcess(cells[at + QUIET_SUM]!, cells[at + QUIET_COUNT]!, PRIOR_EXCESS, PRIOR_EXCESSES);
}
