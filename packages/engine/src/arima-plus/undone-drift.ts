import type { ArimaModel } from '../arima/arima-model.js';
import { quantile } from './robust-scale.js';
import type { StepChange } from './step-component.js';

/** Fewer steps against a drift are changes of their own. */
const STEPS_LEAST = 3;
const QUARTER_LEAST = 3;

/**
 * Is a drift one that steps take back, and that the series does not show between them? With one-sided steps taken off,
 * as of a series of bursts, a drift makes up for them, and would go ahead, without steps, where the series never was.
 * One that climbs and drops again and again does show it.
 * Cost: one pass.
 * @param trend the series without steps, of which the model is
 * @param steps of the same series, in order
 */
export function isDriftUndone(
  trend: Float64Array,
  { order, constant, observations }: ArimaModel,
  steps: readonly StepChange[],
): boolean {
  if (order.d !== 1 || steps.length < STEPS_LEAST) return false;
  const stepped = steps.reduce((sum, { size }) => sum + size, 0);
  const drifted = constant * observations;
  if (drifted * stepped >= 0 || Math.abs(stepped) < Math.abs(drifted) / 2) return false;
  const borders = [0, ...steps.map(({ index }) => index), trend.length];
  const shown = borders
    .slice(1)
    .flatMap((to, number) => shareShown(trend.subarray(borders[number]!, to), constant));
  return shown.length > 0 && quantile(Float64Array.from(shown), 0.5) < 0.5;
}

/** Which share of a drift a stretch without steps shows, from its first quarter to its last; of a short one nothing. */
function shareShown(stretch: Float64Array, drift: number): readonly number[] {
  const quarter = stretch.length >> 2;
  if (quarter < QUARTER_LEAST) return [];
  const moved = mean(stretch.subarray(stretch.length - quarter)) - mean(stretch.subarray(0, quarter));
  return [moved / (drift * (stretch.length - quarter))];
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value / values.length, 0);
}
