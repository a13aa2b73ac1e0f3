import { fromModelled, type Limits, type ModelledScale } from './modelled-scale.js';
import { normalPoint } from './normal-distribution.js';
import type { CompleteOptions } from './options.js';

/** Where values may lie, and on which scale they are spread evenly around what is expected. */
export interface ValueRange extends Limits {
  /** Undefined where that is the values' own. */
  readonly scale?: ModelledScale | undefined;
}

export function limitsOf(
  options: Pick<CompleteOptions, 'forecastLimitLowerBound' | 'forecastLimitUpperBound'>,
): Limits {
  return {
    lowerLimit: options.forecastLimitLowerBound ?? Number.NEGATIVE_INFINITY,
    upperLimit: options.forecastLimitUpperBound ?? Number.POSITIVE_INFINITY,
  };
}

function limited({ lowerLimit, upperLimit }: Limits, value: number): number {
  return Math.min(Math.max(value, lowerLimit), upperLimit);
}

/** Means and their standard errors on the scale that a series is modelled on. */
export interface ModelledErrors {
  readonly means: Float64Array;
  readonly standardErrors: Float64Array;
}

/** Bounds at a level: mean ± Φ⁻¹((1 + level)/2) · standard error, back from the scale and within the limits. */
export function intervals(
  range: ValueRange,
  { means, standardErrors }: ModelledErrors,
  level: number,
): { lower: Float64Array; upper: Float64Array } {
  const point = normalPoint(level);
  return {
    lower: means.map((mean, step) => bound(range, mean - point * standardErrors[step]!)),
    upper: means.map((mean, step) => bound(range, mean + point * standardErrors[step]!)),
  };
}

/** The value of a place on the scale, within the limits. */
export function bound(range: ValueRange, modelled: number): number {
  return limited(range, fromModelled(range.scale, modelled));
}
