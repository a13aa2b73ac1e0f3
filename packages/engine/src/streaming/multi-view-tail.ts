import type { Prediction } from './multi-view-prediction.js';
import * as quantileModule from './multi-view-quantile.js';
import * as stateModule from './multi-view-state.js';

/** Constants of this module: what is imported is looked up anew at each use. */
const { drawnExcess, drawnQuantile, TAIL_MEMORY } = quantileModule;
const { F, noiseFloor, STILL_FLOORS, WARM_UP_SAMPLES } = stateModule;

const { COUNT, ERROR, EXCESS_COUNT, EXCESS_SUM, LOG_QUANTILE, MOVE_COUNT, MOVE_SCATTER, PERIOD } = F;

/*
 * How rare an absolute error is. Noise of real series is anything from rounded Gaussian to heavy-tailed, so the
 * tail is learned from the series: see multi-view-quantile.ts. Its quantile is kept as ln q, and an error may raise it beyond
 * a step.
 */

/** Share of samples beyond the tracked quantile. */
const EXCEEDANCE = 0.003;
const RARITY_AT_QUANTILE = -Math.log10(EXCEEDANCE);
/** Before the data say otherwise: the quantile in units of the mean error (Gaussian noise: 3.2), as samples. */
const PRIOR_QUANTILE = 5;
const LOG_PRIOR_QUANTILE = Math.log(PRIOR_QUANTILE);
/** The mean log excess (Gaussian noise: 0.13), as exceedances. */
const PRIOR_EXCESS = 0.2;
const PRIOR_EXCESSES = 10;
/** One excess adds at most so many times the present mean: a single wild sample must not blind the series. */
const EXCESS_CLIP = 4;
/** What that leaves of the mean of exponential ones. */
const CLIPPED_SHARE = 1 - Math.exp(-EXCESS_CLIP);
/** Excesses fade over the samples of so long, where those are more than the quantile's, up to so many: a second asks for rarer ones. */
const EXCESS_MEMORY_MS = 86_400_000;
const EXCESS_MEMORY_MAX = 20_000;
/** More exceedances than so many times those to be expected are not a tail, but a quantile that is too low. */
const SURPLUS = 1.5;
/** Largest step of ln q, and largest rise beyond it when it is too low. */
const STEP_MAX = 0.5;
const RISE_MAX = 1.5;
/**
 * Where the warm-up lasts for two days and more, the first errors are those of a day that was not known, and thousands of samples take
 * months. There the quantile falls faster while exceedances are so many times fewer than they should be, up to a limit.
 */
const LONG_WARM_UP_MS = (2 * 86_400_000) / WARM_UP_SAMPLES;
const DEFICIT = 1.5;
const DEFICIT_PRIOR = 0.5;
const FALL_MAX = 30;
/** A band is finite, whatever the tail; below the second it is none, as that of a series of zeros. */
const BAND_MAX = 1e306;
const BAND_MIN = 1e-303;

const WEEK_MS = 604_800_000;
/**
 * What error one sample in a million exceeds, a few hundred cannot tell. A young series is therefore asked for no
 * more than one in so many times the samples it has shown. Of the false alarms asked for each week that costs it
 * ln(n2 / n1) / 100 while it grows from n1 to n2 samples: 0.05 in all at one sample a second.
 */
const YOUNG_SAMPLES = 100;
/** Decades rarer than asked for: most of the false alarms allowed are for the views, which see more. */
const SINGLE_MARGIN = 1;
/** Below this rarity nothing is anomalous, however seldom the series is sampled: one sample in a thousand. */
const THRESHOLD_MIN = 3;

/**
 * Rarity from which a sample is anomalous, −log10 of a probability. One false alarm expected a week means one
 * in all samples of a week, or in so many times those `seen` while the series is young.
 */
export function thresholdFor(periodMs: number, falseAlarmsPerWeek: number, seen: number): number {
  const samplesPerAlarm =
    Math.min(WEEK_MS / Math.max(periodMs, 1), YOUNG_SAMPLES * seen) / falseAlarmsPerWeek;
  if (samplesPerAlarm !== lastSamplesPerAlarm) {
    lastSamplesPerAlarm = samplesPerAlarm;
    lastThreshold = SINGLE_MARGIN + Math.max(THRESHOLD_MIN, Math.log10(samplesPerAlarm));
  }
  return lastThreshold;
}

/** The answer before this one: series of one spacing, and one age while they are young, have the same. */
let lastSamplesPerAlarm = Number.NaN;
let lastThreshold = 0;

export function priorLogQuantile(meanError: number): number {
  return LOG_PRIOR_QUANTILE + Math.log(meanError);
}

/** ln q, drawn towards the prior while samples are few; `priorLog` is that of `priorLogQuantile`. */
export function logQuantile(cells: Float64Array, at: number, priorLog: number): number {
  return drawnQuantile(cells[at + LOG_QUANTILE]!, priorLog, cells[at + COUNT]!);
}

/** Mean log excess, drawn towards the prior while exceedances are few. */
export function meanExcess(cells: Float64Array, at: number): number {
  return drawnExcess(cells[at + EXCESS_SUM]!, cells[at + EXCESS_COUNT]!, PRIOR_EXCESS, PRIOR_EXCESSES);
}

/** −log10 of the probability of an error at least so large, beyond the quantile; that of `band` is the threshold. */
export function rarity(error: number, band: number, threshold: number, excess: number): number {
  return threshold + (Math.log(error) - Math.log(band)) / (excess * Math.LN10);
}

/** How many times the quantile an error must be to be as rare as `threshold`. */
export function timesQuantile(threshold: number, excess: number): number {
  return Math.exp((threshold - RARITY_AT_QUANTILE) * excess * Math.LN10);
}

/** The same before the data say otherwise. */
export function timesPriorQuantile(threshold: number): number {
  if (threshold !== lastPriorThreshold) {
    lastPriorThreshold = threshold;
    lastTimesPrior = timesQuantile(threshold, PRIOR_EXCESS);
  }
  return lastTimesPrior;
}

let lastPriorThreshold = Number.NaN;
let lastTimesPrior = 0;

/** A band is finite, whatever the tail; below the least it is none, as that of a series of zeros. */
export function finiteBand(band: number): number {
  return band < BAND_MIN ? 0 : Math.min(band, BAND_MAX);
}

/** Moves the tail towards one more absolute error. */
export function learnTail(cells: Float64Array, at: number, judged: Prediction): void {
  const { quantile, excess } = judged;
  const floor = noiseFloor(cells, at);
  const error = Math.max(judged.error, floor);
  const over = error > quantile ? Math.log(error) - judged.logQuantile : 0;
  // Fades with every sample, not with exceedances alone: a tail that was once too long would meet none.
  const fade = 1 - 1 / excessMemory(cells, at);
  cells[at + EXCESS_SUM]! *= fade;
  cells[at + EXCESS_COUNT]! *= fade;
  if (over > 0) learnExcess(cells, at, judged, over);
  // The density of ln(error) at the quantile is about EXCEEDANCE / excess, which gives the step its size.
  const gain = Math.max(1 / TAIL_MEMORY, 1 / cells[at + COUNT]!);
  const step = Math.min(STEP_MAX, (0.6 * gain * Math.max(excess, 0.1)) / EXCEEDANCE);
  const moved =
    cells[at + LOG_QUANTILE]! + (over > 0 ? step * (1 - EXCEEDANCE) : -fall(cells, at) * step * EXCEEDANCE);
  // What is out of the band is an excursion, and no sign of a quantile that is too low.
  const raised = over > 0 && judged.error <= judged.band ? raise(cells, at, over) : 0;
  // A mean, most of it clipped, lies below what one in a hundred exceeds; and what would be no error is no quantile,
  // or it would sink for as long as the series is still.
  const meanError = Math.max(cells[at + ERROR]!, floor);
  const isKnown = meanError === judged.meanError;
  const least = isKnown ? judged.priorLog - LOG_PRIOR_QUANTILE : Math.log(meanError);
  cells[at + LOG_QUANTILE] = Math.max(moved + raised, least);
}

/** How many times as fast as usual the quantile falls. */
function fall(cells: Float64Array, at: number): number {
  if (cells[at + PERIOD]! < LONG_WARM_UP_MS) return 1;
  const expected = EXCEEDANCE * Math.min(cells[at + COUNT]!, excessMemory(cells, at));
  const times = (expected + DEFICIT_PRIOR) / (cells[at + EXCESS_COUNT]! + DEFICIT_PRIOR);
  return times > DEFICIT ? Math.min(times * times, FALL_MAX) : 1;
}

/** Samples over which excesses fade. */
function excessMemory(cells: Float64Array, at: number): number {
  return Math.min(Math.max(EXCESS_MEMORY_MS / cells[at + PERIOD]!, TAIL_MEMORY), EXCESS_MEMORY_MAX);
}

function learnExcess(
  cells: Float64Array,
  at: number,
  { quantile, excess, still }: Prediction,
  over: number,
): void {
  // Over a quantile of stillness, as over rounding noise, an excess is that of a move over nothing: no news of a tail.
  const newsless = still || quantile <= STILL_FLOORS * noiseFloor(cells, at);
  cells[at + EXCESS_SUM]! += newsless ? excess : Math.min(over, EXCESS_CLIP * excess) / CLIPPED_SHARE;
  cells[at + EXCESS_COUNT]! += 1;
}

/** How far a quantile that far too many samples exceed is to rise for one of them, beyond its step. */
function raise(cells: Float64Array, at: number, over: number): number {
  const expected = EXCEEDANCE * Math.min(cells[at + COUNT]!, excessMemory(cells, at));
  const count = cells[at + EXCESS_COUNT]!;
  if (PRIOR_EXCESSES + count <= SURPLUS * (PRIOR_EXCESSES + expected)) return 0;
  // What exceeded it was no tail, and teaches nothing of the one beyond a higher quantile.
  cells[at + EXCESS_SUM] = 0;
  cells[at + EXCESS_COUNT] = 0;
  return Math.min(over, RISE_MAX);
}

/** Begins the tail anew with so large a mean error: what made larger ones is explained, and its moves are none from rest. */
export function restartTail(cells: Float64Array, at: number, meanError: number): void {
  cells[at + ERROR] = meanError;
  cells[at + LOG_QUANTILE] = Math.min(cells[at + LOG_QUANTILE]!, priorLogQuantile(meanError));
  cells[at + EXCESS_SUM] = 0;
  cells[at + EXCESS_COUNT] = 0;
  cells[at + MOVE_COUNT] = 0;
  cells[at + MOVE_SCATTER] = 0;
}
