import type { Prediction } from './multi-view-prediction.js';
import * as predictionModule from './multi-view-prediction.js';
import * as quantileModule from './multi-view-quantile.js';
import * as stateModule from './multi-view-state.js';

/** Constants of this module: what is imported is looked up anew at each use. */
const { createPrediction } = predictionModule;
const { countExcess, drawnExcess, drawnQuantile, movedQuantile, quantileStep, TAIL_MEMORY, tailGain } =
  quantileModule;
const {
  BLOCK_COUNT,
  BLOCK_SAMPLES,
  bounded,
  clamp,
  F,
  noiseFloor,
  SEASON_ON_TRIAL,
  SINGLE,
  VIEW_CELLS,
  VIEW_COUNT,
  WARM_UP_SAMPLES,
  WHOLE,
} = stateModule;

const {
  BLOCKS,
  COUNT,
  HIGH,
  IN_EXCURSION,
  LAST_VALUE,
  LEVEL,
  LONG_ERROR,
  LOW,
  MEAN,
  PERIOD,
  SHORT_ERROR,
  STEP_SIZE,
  VIEWS,
} = F;
const { VIEW_EXCESSES } = SINGLE;
const { ABSORBED, EXCURSION_SAMPLES, SEASON_KNOWN } = WHOLE;

/*
 * What a single sample hides shows in others' company: an error that stays, a mean that moved, steps that grew.
 * Each view turns the series into one number, its surprise, and learns what surprises are usual: a high quantile
 * (stochastic approximation, Robbins & Monro 1951) and a power law beyond it (Hill 1975).
 */

export const SHORT = 0;
export const LONG = 1;
export const SHIFT = 2;
export const PLACE = 3;
export const STEPS = 4;
/** Where the cells of a view stand, from its first one. */
const V_MEAN = 0;
const V_QUANTILE = 1;
/** Sum and number of a view's log excesses. */
const EXCESS_CELLS = 2;

const SHORT_GAIN = 1 / 6;
const LONG_GAIN = 1 / 24;
const STEP_GAIN = 1 / 6;
const MEAN_GAIN = 0.003;
/** Share of samples beyond the quantile, and −log10 of it. */
const EXCEEDANCE = Float64Array.of(0.003, 0.003, 0.003, 0.02, 0.003);
const AT_QUANTILE = EXCEEDANCE.map((share) => -Math.log10(share));
const FADE = EXCEEDANCE.map((share) => 1 - 1 / (TAIL_MEMORY * share));
/** Before the data say otherwise: the quantile in units of the mean surprise; the mean log excess, as exceedances. */
const PRIOR_QUANTILE = 5;
const PRIOR_EXCESS = 0.25;
const PRIOR_EXCESSES = 10;
const EXCESS_CLIP = 3;
const PACE = 0.6;
const MEAN_CLIP = 8;
const V_MEAN_GAIN = 0.001;
/** A quantile so many times what is expected of it is one of the past. */
const STALE_TIMES = 1.6;
/** While the time of day is on trial means follow within six hours: weight of a sample for each millisecond. */
const TRIAL_RATE = 1 / 21_600_000;
const CYCLE = BLOCK_COUNT * BLOCK_SAMPLES;
/** What is kept of one sample is at most so many ranges of all values so far: a wild one is over when it is over. */
const KEEP_RANGES = 5;
/** The long view takes an error up to so many quantiles of the single one: a spike is told by itself, and would be most of what it sees. */
const LONG_QUANTILES = 2;

/** What each view says of the value, whose error against level and time of day is the residual. */
export function surprise(cells: Float64Array, at: number, out: Prediction): void {
  const { value, residual, floor, quantile, sizes } = out;
  const short = cells[at + SHORT_ERROR]!;
  const long = cells[at + LONG_ERROR]!;
  const mean = cells[at + MEAN]!;
  const stepSize = cells[at + STEP_SIZE]!;
  const step = Math.abs(value - cells[at + LAST_VALUE]!);
  out.step = step;
  sizes[SHORT] = Math.abs(short + SHORT_GAIN * (residual - short));
  sizes[LONG] = Math.abs(long + LONG_GAIN * (clamp(residual, LONG_QUANTILES * quantile) - long));
  sizes[SHIFT] = Math.abs(blockMean(cells, at, value) - mean);
  sizes[PLACE] = Math.abs(value - mean);
  sizes[STEPS] = stepSize + STEP_GAIN * (step - stepSize);
  let isNews = false;
  let rank = 0;
  for (let view = 0, from = at + VIEWS; view < VIEW_COUNT; view++, from += VIEW_CELLS) {
    const size = sizes[view]!;
    const q = cells[from + V_QUANTILE]!;
    const usual = Math.max(cells[from + V_MEAN]!, floor);
    // Most samples are below both of what a quantile is mixed of, in every view, and need no logarithm.
    if (size > floor && (size > q || size > PRIOR_QUANTILE * usual)) isNews = true;
    const times = size / usual;
    rank += times * times;
  }
  out.rank = rank;
  if (isNews) judgeSizes(cells, at, out);
  else if (out.viewStrength !== 0) forgetSizes(out);
}

function priorQuantile(cells: Float64Array, from: number, floor: number): number {
  return PRIOR_QUANTILE * Math.max(cells[from + V_MEAN]!, floor);
}

function judgeSizes(cells: Float64Array, at: number, out: Prediction): void {
  const { floor, singles, sizes, overs, rarities } = out;
  const count = cells[at + COUNT]!;
  let sum = 0;
  for (let view = 0; view < VIEW_COUNT; view++) {
    const from = at + VIEWS + view * VIEW_CELLS;
    const size = sizes[view]!;
    const q = cells[from + V_QUANTILE]!;
    const prior = priorQuantile(cells, from, floor);
    let over = 0;
    if (size > floor && size > Math.min(q, prior)) {
      over = Math.max(0, Math.log(size) - drawnQuantile(Math.log(q), Math.log(prior), count));
    }
    const rarity = over > 0 ? AT_QUANTILE[view]! + over / (meanExcess(singles, at, view) * Math.LN10) : 0;
    overs[view] = over;
    rarities[view] = rarity;
    sum += rarity * rarity;
  }
  // Root of the summed squares: views that agree weigh more than one alone.
  out.viewStrength = Math.sqrt(sum);
}

function forgetSizes(out: Prediction): void {
  out.overs.fill(0);
  out.rarities.fill(0);
  out.viewStrength = 0;
}

/** Takes the sample into what the views see, and its surprises into their tails. */
export function learnViews(cells: Float64Array, at: number, sample: Prediction): void {
  const { wholes } = sample;
  // An excursion counts by its first sample until it is over or absorbed: else the views would be blind after an outage
  // for as long as they remember.
  const isWithin =
    cells[at + IN_EXCURSION] !== 0 &&
    wholes[4 * at + ABSORBED] === 0 &&
    wholes[4 * at + EXCURSION_SAMPLES]! > 1;
  if (!isWithin) learnTails(cells, at, sample);
  followSeries(cells, at, cells[at + COUNT]!, sample);
}

function learnTails(cells: Float64Array, at: number, sample: Prediction): void {
  const { floor, singles, sizes, usual: usualMove } = sample;
  const gain = tailGain(cells[at + COUNT]!);
  const isOnTrial = sample.wholes[4 * at + SEASON_KNOWN] === SEASON_ON_TRIAL;
  const meanGain = Math.max(isOnTrial ? cells[at + PERIOD]! * TRIAL_RATE : V_MEAN_GAIN, gain);
  for (let view = 0, from = at + VIEWS; view < VIEW_COUNT; view++, from += VIEW_CELLS) {
    const share = EXCEEDANCE[view]!;
    const size = sizes[view]!;
    const step = quantileStep(gain, meanExcess(singles, at, view), share, PACE);
    const moved = movedQuantile(cells[from + V_QUANTILE]!, size, step, share);
    const usual = Math.max(cells[from + V_MEAN]!, floor);
    cells[from + V_QUANTILE] = Math.max(moved, usual);
    // From rest alone a mean would take many moves to grow; those that are nothing new count in full.
    const most = Math.max(MEAN_CLIP * usual, usualMove);
    cells[from + V_MEAN] = usual + meanGain * (Math.min(size, most) - usual);
  }
  if (sample.viewStrength > 0) learnExcesses(at, sample);
}

function learnExcesses(at: number, { overs, singles }: Prediction): void {
  for (let view = 0; view < VIEW_COUNT; view++) {
    const over = overs[view]!;
    if (over === 0) continue;
    const most = EXCESS_CLIP * meanExcess(singles, at, view);
    countExcess(singles, 2 * at + VIEW_EXCESSES + view * EXCESS_CELLS, Math.min(over, most), FADE[view]!);
  }
}

/** `count`: samples before this one. */
function followSeries(cells: Float64Array, at: number, count: number, sample: Prediction): void {
  const { value } = sample;
  const most = KEEP_RANGES * (cells[at + HIGH]! - cells[at + LOW]!);
  const residual = clamp(sample.residual, most);
  cells[at + SHORT_ERROR]! += SHORT_GAIN * (residual - cells[at + SHORT_ERROR]!);
  const lasting = clamp(residual, LONG_QUANTILES * sample.quantile);
  cells[at + LONG_ERROR]! += LONG_GAIN * (lasting - cells[at + LONG_ERROR]!);
  const step = Math.min(sample.step, 2 * most);
  cells[at + STEP_SIZE]! += STEP_GAIN * (step - cells[at + STEP_SIZE]!);
  cells[at + LAST_VALUE] = value;
  const mean = cells[at + MEAN]!;
  const kept = mean + clamp(value - mean, most);
  // Moved by an excursion, what comes after it would be out of place.
  const isCalm = cells[at + IN_EXCURSION] === 0 || sample.wholes[4 * at + ABSORBED] === 1;
  if (isCalm) cells[at + MEAN] = mean + Math.max(MEAN_GAIN, 1 / (count + 1)) * (kept - mean);
  const inCycle = placeInCycle(count);
  const present = (inCycle / BLOCK_SAMPLES) | 0;
  const block = at + BLOCKS + present;
  cells[block] = (inCycle === present * BLOCK_SAMPLES ? 0 : cells[block]!) + kept;
}

/** Where the sample stands in the cycle of blocks. By hand: `%` of doubles is a call that costs as much as a logarithm. */
function placeInCycle(count: number): number {
  return (count - CYCLE * Math.floor(count / CYCLE)) | 0;
}

/** Mean of the last 31 to 36 samples, the value among them. */
function blockMean(cells: Float64Array, at: number, value: number): number {
  const inCycle = placeInCycle(cells[at + COUNT]!);
  const present = (inCycle / BLOCK_SAMPLES) | 0;
  const inPresent = inCycle - present * BLOCK_SAMPLES;
  let sum = value;
  for (let block = 0; block < BLOCK_COUNT; block++) {
    if (block !== present || inPresent > 0) sum += cells[at + BLOCKS + block]!;
  }
  return sum / (CYCLE - BLOCK_SAMPLES + inPresent + 1);
}

/** The level has moved: what the views remember of the old one goes, and what they see is `growth` times as large. */
export function moveViews(cells: Float64Array, at: number, level: number, growth: number): void {
  for (let view = 0; view < VIEW_COUNT; view++) {
    const from = at + VIEWS + view * VIEW_CELLS;
    cells[from + V_MEAN] = bounded(cells[from + V_MEAN]! * growth);
    cells[from + V_QUANTILE] = bounded(cells[from + V_QUANTILE]! * growth);
  }
  cells[at + MEAN] = level;
  cells[at + SHORT_ERROR] = 0;
  cells[at + LONG_ERROR] = 0;
  const inCycle = placeInCycle(cells[at + COUNT]!);
  const present = (inCycle / BLOCK_SAMPLES) | 0;
  for (let block = 0; block < BLOCK_COUNT; block++) {
    const samples = block === present ? inCycle - present * BLOCK_SAMPLES : BLOCK_SAMPLES;
    cells[at + BLOCKS + block] = samples * level;
  }
}

/** Begins those tails anew that reach far beyond what the views see of late. */
export function relearnViews(
  cells: Float64Array,
  at: number,
  { singles, quantile, meanError }: Prediction,
): void {
  // Where single errors have a heavy tail, what views see of them has one too.
  const times = Math.max(PRIOR_QUANTILE, quantile / meanError);
  for (let view = 0; view < VIEW_COUNT; view++) {
    const from = at + VIEWS + view * VIEW_CELLS;
    const expected = times * cells[from + V_MEAN]!;
    if (cells[from + V_QUANTILE]! < STALE_TIMES * expected) continue;
    cells[from + V_QUANTILE] = expected;
    const excesses = 2 * at + VIEW_EXCESSES + view * EXCESS_CELLS;
    singles.fill(0, excesses, excesses + EXCESS_CELLS);
  }
}

/** Mean and quantile of a view in units of the mean distance of samples from their level, with room, were they independent. */
const NOISE_MEANS = Float64Array.of(0.36, 0.17, 0.21, 1.1, 1.6);
const NOISE_QUANTILES = Float64Array.of(1.3, 0.65, 0.8, 3.5, 3);

/** Begins the tails anew, by how far samples are from the level. */
export function restartViews(cells: Float64Array, singles: Float32Array, at: number, calm: number): void {
  for (let view = 0; view < VIEW_COUNT; view++) {
    const from = at + VIEWS + view * VIEW_CELLS;
    cells[from + V_MEAN] = Math.min(cells[from + V_MEAN]!, NOISE_MEANS[view]! * calm);
    cells[from + V_QUANTILE] = Math.min(cells[from + V_QUANTILE]!, NOISE_QUANTILES[view]! * calm);
  }
  singles.fill(0, 2 * at + VIEW_EXCESSES, 2 * at + VIEW_EXCESSES + VIEW_COUNT * EXCESS_CELLS);
  cells[at + STEP_SIZE] = Math.min(cells[at + STEP_SIZE]!, NOISE_MEANS[STEPS]! * calm);
}

/** An excursion is over: what the longest memory still has of it would be told as another. */
export function endEcho(cells: Float64Array, at: number): void {
  cells[at + LONG_ERROR] = cells[at + SHORT_ERROR]!;
}

function meanExcess(singles: Float32Array, at: number, view: number): number {
  const from = 2 * at + VIEW_EXCESSES + view * EXCESS_CELLS;
  return drawnExcess(singles[from]!, singles[from + 1]!, PRIOR_EXCESS, PRIOR_EXCESSES);
}

const sample = createPrediction(1);

/** Starts the views by the samples of the warm-up, around their level. */
export function startViews(
  cells: Float64Array,
  singles: Float32Array,
  at: number,
  samples: Float64Array,
): void {
  sample.singles = singles;
  const level = cells[at + LEVEL]!;
  const most = KEEP_RANGES * (cells[at + HIGH]! - cells[at + LOW]!);
  cells[at + LAST_VALUE] = samples[0]!;
  cells[at + MEAN] = level;
  sample.floor = noiseFloor(cells, at);
  sample.quantile = Number.POSITIVE_INFINITY;
  const counted = cells[at + COUNT]!;
  for (let index = 0; index < WARM_UP_SAMPLES; index++) {
    sample.residual = clamp(samples[index]! - level, most);
    sample.value = level + sample.residual;
    cells[at + COUNT] = index;
    surprise(cells, at, sample);
    followSeries(cells, at, index + WARM_UP_SAMPLES, sample);
    if (index < BLOCK_COUNT * BLOCK_SAMPLES) sample.sizes[SHIFT] = 0;
    for (let view = 0; view < VIEW_COUNT; view++) {
      const from = at + VIEWS + view * VIEW_CELLS;
      const samplesSeen = view === SHIFT ? WARM_UP_SAMPLES - BLOCK_COUNT * BLOCK_SAMPLES : WARM_UP_SAMPLES;
      cells[from + V_MEAN]! += sample.sizes[view]! / samplesSeen;
      cells[from + V_QUANTILE] = Math.max(cells[from + V_QUANTILE]!, sample.sizes[view]!, sample.floor);
    }
  }
  cells[at + COUNT] = counted;
}

/** Size that surprises the view, in the sample's unit. */
export function viewQuantile(cells: Float64Array, at: number, view: number): number {
  return cells[at + F.VIEWS + view * VIEW_CELLS + V_QUANTILE]!;
}

/** Mean of what the view sees, in the sample's unit. */
export function viewMean(cells: Float64Array, at: number, view: number): number {
  return cells[at + F.VIEWS + view * VIEW_CELLS + V_MEAN]!;
}
