/*
 * What the tails of the single error, of the views and of what moves less than ever have in common: a high quantile q,
 * tracked one sample at a time (stochastic approximation, Robbins & Monro 1951, in steps of ln q), and beyond it a power
 * law whose exponent is the mean log excess (Hill 1975). Small enough to be compiled into their callers.
 */

/** Samples over which a tail is learned. */
export const TAIL_MEMORY = 4000;
/** What is expected of a quantile weighs as much as so many samples. */
const PRIOR_SAMPLES = 300;
/** Largest step of ln q. */
const STEP_MAX = 0.5;
/** A step is as large as if the mean log excess were at least this. */
const EXCESS_MIN = 0.1;
/** The quantile falls faster than it should, or what raised it once would blind for long. */
const FALL = 1.5;

/** Weight of one sample, of which there were `count` before. */
export function tailGain(count: number): number {
  return count >= TAIL_MEMORY ? 1 / TAIL_MEMORY : 1 / count;
}

/** ln q, drawn towards what was expected of it while samples are few. */
export function drawnQuantile(logQuantile: number, logPrior: number, count: number): number {
  const seen = Math.min(count, TAIL_MEMORY);
  return (seen * logQuantile + PRIOR_SAMPLES * logPrior) / (seen + PRIOR_SAMPLES);
}

/** The mean of faded log excesses, drawn towards `prior` by as many as `priorCount`. */
export function drawnExcess(sum: number, count: number, prior: number, priorCount: number): number {
  return (prior * priorCount + sum) / (priorCount + count);
}

/** How far ln q moves for one sample, times the share of samples that exceed q. `pace`: 0.6 of neighbours that say nothing of each other. */
export function quantileStep(gain: number, excess: number, share: number, pace: number): number {
  return Math.min(STEP_MAX * share, pace * gain * Math.max(excess, EXCESS_MIN));
}

/** q after one more size, by a step of `quantileStep`. */
export function movedQuantile(q: number, size: number, step: number, share: number): number {
  return size > q ? q * Math.exp(step / share - step) : q - q * FALL * step;
}

/** Takes one more log excess into their faded sum, and into their number in the cell after it. */
export function countExcess(
  cells: Float64Array | Float32Array,
  sumAt: number,
  excess: number,
  fade: number,
): void {
  cells[sumAt] = fade * cells[sumAt]! + excess;
  cells[sumAt + 1] = fade * cells[sumAt + 1]! + 1;
}
