import type { Prediction } from './multi-view-prediction.js';
import { F, SINGLE } from './multi-view-state.js';

const { COUNT, FIRST_TIME, LASTING } = F;
const { SPIKE_RATE, SPIKE_SUM } = SINGLE;

/*
 * Spikes of a usual size that come far more often than they did. Each is a large error that begins; a CUSUM of the log
 * likelihood ratio (Page 1954) of so many times the rate learned against that rate says how surely they do.
 */

/** An error of so many mean errors is a spike; Gaussian noise has one in 700 samples. */
const SPIKE_ERRORS = 4;
/** How many times as often is told soonest. */
const TIMES = 8;
const LOG_TIMES = Math.log(TIMES);
/** Samples over which the rate is learned; before the data say otherwise, the rate, as samples. */
const MEMORY = 4000;
const PRIOR_RATE = 0.01;
const PRIOR_SAMPLES = 100;
/** Decades rarer than the band: spikes come in clusters where nothing is wrong too. */
const CLUSTER_DECADES = 4;
/** Time before which nothing is said: what comes once in some minutes has no rate yet. */
const SEEN_MS = 3_600_000;
/** The sum stops at so many times what is told, so that it comes down when the rate does. */
const SUM_MAX = 1.5;

/** Decades by which a spike makes their frequency rarer than it must be to be anomalous; negative where it does not. */
export function frequencyExcess(cells: Float64Array, at: number, sample: Prediction): number {
  sample.spike = isSpike(cells, at, sample);
  if (!sample.spike || sample.timeMs - cells[at + FIRST_TIME]! < SEEN_MS) return -1;
  return (sample.singles[2 * at + SPIKE_SUM]! + LOG_TIMES) / Math.LN10 - neededDecades(sample);
}

/** Follows spikes by one more sample. */
export function learnFrequency(cells: Float64Array, at: number, sample: Prediction): void {
  const count = cells[at + COUNT]!;
  const seen = Math.min(count, MEMORY);
  const { singles } = sample;
  const before = singles[2 * at + SPIKE_RATE]!;
  const isOne = sample.spike;
  singles[2 * at + SPIKE_RATE] = before + ((isOne ? 1 : 0) - before) / seen;
  // Most samples have nothing to sum.
  if (!isOne && singles[2 * at + SPIKE_SUM] === 0) return;
  sumSpikes(cells, at, sample, isOne, before);
}

/** `before`: the rate before this sample. */
function sumSpikes(
  cells: Float64Array,
  at: number,
  sample: Prediction,
  isOne: boolean,
  before: number,
): void {
  const seen = Math.min(cells[at + COUNT]!, MEMORY);
  const rate = (before * seen + PRIOR_RATE * PRIOR_SAMPLES) / (seen + PRIOR_SAMPLES);
  const { singles } = sample;
  const sum = singles[2 * at + SPIKE_SUM]! + (isOne ? LOG_TIMES : 0) - (TIMES - 1) * rate;
  singles[2 * at + SPIKE_SUM] = Math.min(Math.max(0, sum), SUM_MAX * neededDecades(sample) * Math.LN10);
}

function neededDecades({ bandRarity }: Prediction): number {
  return bandRarity + CLUSTER_DECADES;
}

/** What follows a large error is part of it. */
function isSpike(cells: Float64Array, at: number, { error, meanError, still }: Prediction): boolean {
  return !still && cells[at + LASTING] === 0 && error > SPIKE_ERRORS * meanError;
}
