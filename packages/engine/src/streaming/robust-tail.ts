import { F, noiseFloor, STILL_FLOORS } from './robust-state.js';

/*
 * How rare an absolute error is. Noise of real series is anything from rounded Gaussian to heavy-tailed, so the
 * tail is learned from the series: a high quantile q, tracked one sample at a time (stochastic approximation,
 * Robbins & Monro 1951, in steps of ln q), and beyond it a power law whose exponent is the mean log excess
 * (Hill 1975).
 */

/** Share of samples beyond the tracked quantile. */
const EXCEEDANCE = 0.01;
const RARITY_AT_QUANTILE = -Math.log10(EXCEEDANCE);
/** Samples over which the tail is learned. */
const MEMORY = 4000;
/** Before the data say otherwise: the quantile in units of the mean error (Gaussian noise: 3.2), as samples. */
const PRIOR_QUANTILE = 4.5;
const PRIOR_SAMPLES = 300;
/** The same for the mean log excess (Gaussian noise: 0.13), as exceedances. */
const PRIOR_EXCESS = 0.2;
const PRIOR_EXCESSES = 10;
/** One excess adds at most so many times the present mean: a single wild sample must not blind the series. */
const EXCESS_CLIP = 3;
const FADE = 1 - 1 / MEMORY;
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
/** Below this rarity nothing is anomalous, however seldom the series is sampled: one sample in a thousand. */
const THRESHOLD_MIN = 3;

/**
 * Rarity from which a sample is anomalous, −log10 of a probability. One false alarm expected a week means one
 * in all samples of a week, or in so many times those `seen` while the series is young.
 */
export function thresholdFor(periodMs: number, falseAlarmsPerWeek: number, seen: number): number {
  const samples = Math.min(WEEK_MS / Math.max(periodMs, 1), YOUNG_SAMPLES * seen);
  return Math.max(THRESHOLD_MIN, Math.log10(samples / falseAlarmsPerWeek));
}

export function priorLogQuantile(meanError: number): number {
  return Math.log(PRIOR_QUANTILE * meanError);
}

/** ln q, drawn towards the prior while samples are few. */
export function logQuantile(cells: Float64Array, at: number): number {
  const seen = Math.min(cells[at + F.COUNT]!, MEMORY);
  const floor = noiseFloor(cells, at);
  const prior = priorLogQuantile(Math.max(cells[at + F.ERROR]!, floor));
  const log = (seen * cells[at + F.LOG_QUANTILE]! + PRIOR_SAMPLES * prior) / (seen + PRIOR_SAMPLES);
  return Math.max(log, Math.log(floor));
}

/** Mean log excess, drawn towards the prior while exceedances are few. */
export function meanExcess(cells: Float64Array, at: number): number {
  return (
    (PRIOR_EXCESS * PRIOR_EXCESSES + cells[at + F.EXCESS_SUM]!) /
    (PRIOR_EXCESSES + cells[at + F.EXCESS_COUNT]!)
  );
}

/** −log10 of the probability that an error of this series is at least so large. Rises strictly with `error`. */
export function rarity(error: number, logQ: number, excess: number): number {
  if (error <= 0) return 0;
  const over = Math.log(error) - logQ;
  return over > 0 ? RARITY_AT_QUANTILE + over / (excess * Math.LN10) : RARITY_AT_QUANTILE * Math.exp(over);
}

/** The error whose rarity is `threshold`: half the width of the band. */
export function bandFor(threshold: number, logQ: number, excess: number): number {
  const band = Math.exp(logQ + (threshold - RARITY_AT_QUANTILE) * excess * Math.LN10);
  return band < BAND_MIN ? 0 : Math.min(band, BAND_MAX);
}

/** ln q with which the band is so wide; the other way round. */
export function logQuantileFor(band: number, threshold: number, excess: number): number {
  return Math.log(band) - (threshold - RARITY_AT_QUANTILE) * excess * Math.LN10;
}

/** Moves the tail towards one more absolute error. */
export function learnTail(
  cells: Float64Array,
  at: number,
  error: number,
  logQ: number,
  excess: number,
): void {
  const floor = noiseFloor(cells, at);
  const over = Math.log(Math.max(error, floor)) - logQ;
  // Fades with every sample, not with exceedances alone: a tail that was once too long would meet none.
  cells[at + F.EXCESS_SUM]! *= FADE;
  cells[at + F.EXCESS_COUNT]! *= FADE;
  // Beyond rounding noise an excess is that of a move over nothing, which says nothing of a tail.
  if (over > 0 && Math.exp(logQ) > STILL_FLOORS * floor) {
    cells[at + F.EXCESS_SUM]! += Math.min(over, EXCESS_CLIP * excess);
    cells[at + F.EXCESS_COUNT]! += 1;
  }
  // The density of ln(error) at the quantile is about EXCEEDANCE / excess, which gives the step its size.
  const gain = Math.max(1 / MEMORY, 1 / cells[at + F.COUNT]!);
  const step = Math.min(0.5, (0.6 * gain * Math.max(excess, 0.1)) / EXCEEDANCE);
  const moved = cells[at + F.LOG_QUANTILE]! + (over > 0 ? step * (1 - EXCEEDANCE) : -step * EXCEEDANCE);
  // Not below what would be no error, or it would sink for as long as the series is still.
  cells[at + F.LOG_QUANTILE] = Math.max(moved, Math.log(floor));
}
