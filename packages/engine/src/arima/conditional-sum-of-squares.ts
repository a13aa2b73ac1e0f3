import { steadyErrors } from './innovations.js';

const sums = new Float64Array(1);

/**
 * Σ e² over the values from the p-th on, given that the errors before it are 0: a cheap stand-in for the exact
 * likelihood that has no trouble near the border of stationarity, used for start values.
 * Cost: p + q multiplications a value, no allocation. Source: Box & Jenkins (1976), section 7.1.2.
 * @param values centred on their mean
 * @param coefficients φ₁…φ_p, θ₁…θ_q with p, q ≤ 5
 * @param errors as long as the values; overwritten
 */
export function conditionalSumOfSquares(
  values: Float64Array,
  coefficients: Float64Array,
  p: number,
  q: number,
  errors: Float64Array,
): number {
  errors.fill(0, 0, p);
  return steadyErrors(values, coefficients, p, q, p, errors, sums);
}
