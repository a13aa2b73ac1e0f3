import type { Prediction } from './multi-view-prediction.js';
import * as stateModule from './multi-view-state.js';

/** Constants of this module: what is imported is looked up anew at each use. */
const { F, SINGLE } = stateModule;

const { COUNT, FIRST_TIME, LASTING, PERIOD } = F;
const { SPIKE_RATE, SPIKE_SUM } = SINGLE;

/*
 * Spikes of a usual size that come far more often than they did, or no longer. Each is a large error that begins; a CUSUM of the log
 * likelihood ratio (Page 1954) of so many times the rate learned against that rate says how surely they do.
 */

/** An error of so many mean errors is a spike; Gaussian noise has one in 700 samples. */
const SPIKE_ERRORS = 4;
/** How many times as often is told soonest, or as seldom. */
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

/** A silence that is told lasts as long at least: nights and weekends without spikes are none. */
const SILENCE_MS = 4 * 86_400_000;
/** Samples before which there is no rate that could fall. */
const SILENCE_SEEN = 1000;

/**
 * Decades by which a spike makes their frequency rarer than it must be to be anomalous, or one more sample makes their silence so;
 * negative where neither does.
 */
export function frequencyExcess(cells: Float64Array, at: number, sample: Prediction): number {
  const { singles } = sample;
  sample.spike = isSpike(cells, at, sample);
  const sum = singles[2 * at + SPIKE_SUM]!;
  if (!sample.spike && sum >= 0) return -1;
  if (sample.still || sample.timeMs - cells[at + FIRST_TIME]! < SEEN_MS) return -1;
  const nats = sample.spike ? Math.max(0, sum) + LOG_TIMES : -sum;
  return nats / Math.LN10 - neededDecades(sample);
}

/** Follows spikes by one more sample. */
export function learnFrequency(cells: Float64Array, at: number, sample: Prediction): void {
  const count = cells[at + COUNT]!;
  const { singles } = sample;
  if (sample.spike || singles[2 * at + SPIKE_SUM]! > 0) sumSpikes(cells, at, sample);
  else if (count > SILENCE_SEEN) sumSilence(cells, at, sample);
  const before = singles[2 * at + SPIKE_RATE]!;
  singles[2 * at + SPIKE_RATE] = before + ((sample.spike ? 1 : 0) - before) / Math.min(count, MEMORY);
}

/** Above 0: that they come more often. */
function sumSpikes(cells: Float64Array, at: number, sample: Prediction): void {
  const { singles } = sample;
  if (singles[2 * at + SPIKE_SUM]! < 0) {
    sumSilence(cells, at, sample);
    if (singles[2 * at + SPIKE_SUM]! < 0) return;
  }
  const seen = Math.min(cells[at + COUNT]!, MEMORY);
  const rate = (singles[2 * at + SPIKE_RATE]! * seen + PRIOR_RATE * PRIOR_SAMPLES) / (seen + PRIOR_SAMPLES);
  const sum = singles[2 * at + SPIKE_SUM]! + (sample.spike ? LOG_TIMES : 0) - (TIMES - 1) * rate;
  singles[2 * at + SPIKE_SUM] = Math.min(Math.max(0, sum), SUM_MAX * neededDecades(sample) * Math.LN10);
}

/** Below 0: that they come more seldom, no faster than a silence may be told. Once it is, that is their rate. */
function sumSilence(cells: Float64Array, at: number, sample: Prediction): void {
  const { singles } = sample;
  const needed = neededDecades(sample) * Math.LN10;
  const before = singles[2 * at + SPIKE_SUM]!;
  if (before <= -needed) {
    singles[2 * at + SPIKE_SUM] = 0;
    singles[2 * at + SPIKE_RATE]! /= TIMES;
    return;
  }
  const step = (1 - 1 / TIMES) * singles[2 * at + SPIKE_RATE]!;
  const most = (needed * cells[at + PERIOD]!) / SILENCE_MS;
  const pace = step > most ? most / step : 1;
  const sum = before + pace * ((sample.spike ? LOG_TIMES : 0) - step);
  singles[2 * at + SPIKE_SUM] = Math.min(0, sum);
}

function neededDecades({ bandRarity }: Prediction): number {
  return bandRarity + CLUSTER_DECADES;
}

/** What follows a large error is part of it. */
function isSpike(cells: Float64Array, at: number, { error, meanError, still }: Prediction): boolean {
  return !still && cells[at + LASTING] === 0 && error > SPIKE_ERRORS * meanError;
}
