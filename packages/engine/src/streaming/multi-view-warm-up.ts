import { correlation } from './multi-view-model.js';
import { learnStep, startMoves } from './multi-view-moves.js';
import { startQuiet } from './multi-view-quiet.js';
import { clamp, F, noiseFloor, SINGLE, WARM_UP_SAMPLES } from './multi-view-state.js';
import { priorLogQuantile } from './multi-view-tail.js';
import { startViews } from './multi-view-views.js';

const { ERROR, HIGH, LAST_RESIDUAL, LEVEL, LOG_QUANTILE, LOW, SPREAD, WARM_UP, WEEK_LEVEL } = F;
const { COVARIANCE, VARIANCE } = SINGLE;

/** Products of neighbours are of deviations clipped at so many spreads; so is the last one. */
const CLIP = 4;
/** A series is still when so many of its first samples are the same. */
const STILL_SAMPLES = 45;

const samples = new Float64Array(WARM_UP_SAMPLES);
const sorted = new Float64Array(WARM_UP_SAMPLES);

/**
 * Turns the samples of the warm-up, which lie in the slot itself, into the first level, scales and
 * autocorrelation: median, and mean absolute deviation without the two largest, so that a wild sample or two do
 * no harm.
 */
export function endWarmUp(cells: Float64Array, singles: Float32Array, at: number): void {
  const from = at + WARM_UP;
  for (let i = 0; i < WARM_UP_SAMPLES; i++) samples[i] = cells[from + i]!;
  cells.fill(0, from, from + WARM_UP_SAMPLES);

  sorted.set(samples);
  sorted.sort();
  const level = sorted[WARM_UP_SAMPLES / 2 - 1]! / 2 + sorted[WARM_UP_SAMPLES / 2]! / 2;
  cells[at + LOW] = sorted[0]!;
  cells[at + HIGH] = sorted[WARM_UP_SAMPLES - 1]!;
  for (let i = 1; i < WARM_UP_SAMPLES; i++) learnStep(cells, at, sorted[i]! - sorted[i - 1]!);
  const floor = noiseFloor(cells, at);
  // The scale of a series at rest is none: its moves are counted apart, and would else hide the rest for an hour.
  const isStill = samples.filter((sample) => Math.abs(sample - level) <= floor).length >= STILL_SAMPLES;
  const meanDistance = meanWithoutTop((i) => samples[i]! - level);
  const spread = isStill ? floor : Math.max(meanDistance, floor);

  cells[at + LEVEL] = level;
  cells[at + WEEK_LEVEL] = level;
  cells[at + SPREAD] = spread;
  for (let i = 1; i < WARM_UP_SAMPLES; i++) {
    const before = clamp((samples[i - 1]! - level) / spread, CLIP);
    const now = clamp((samples[i]! - level) / spread, CLIP);
    singles[2 * at + COVARIANCE]! += (now * before) / (WARM_UP_SAMPLES - 1);
    singles[2 * at + VARIANCE]! += (before * before) / (WARM_UP_SAMPLES - 1);
  }
  const rho = correlation(cells, singles, at);
  const error = meanWithoutTop((i) => samples[i]! - level - (i > 0 ? rho * (samples[i - 1]! - level) : 0));
  cells[at + ERROR] = isStill ? floor : Math.max(error, floor);
  cells[at + LOG_QUANTILE] = priorLogQuantile(cells[at + ERROR]!);
  cells[at + LAST_RESIDUAL] = clamp(samples[WARM_UP_SAMPLES - 1]! - level, CLIP * spread);
  if (isStill) startMoves(cells, at, samples);
  startViews(cells, singles, at, samples);
  startQuiet(cells, at);
}

/** Mean magnitude over the warm-up without the two largest. */
function meanWithoutTop(differenceAt: (index: number) => number): number {
  for (let i = 0; i < WARM_UP_SAMPLES; i++) sorted[i] = Math.abs(differenceAt(i));
  sorted.sort();
  let sum = 0;
  for (let i = 0; i < WARM_UP_SAMPLES - 2; i++) sum += sorted[i]! / (WARM_UP_SAMPLES - 2);
  return sum;
}
