import type { ArimaModel } from './arima-model.js';
import { solveInPlace } from './autocovariance.js';
import { prepareSeries } from './differenced-series.js';
import { ExactLikelihood } from './exact-likelihood.js';

/** Standard errors in the order φ₁…φ_p, θ₁…θ_q, constant. */
export interface CoefficientErrors {
  readonly ar: Float64Array;
  readonly ma: Float64Array;
  /** 0 without a constant. */
  readonly constant: number;
}

const STEP = 1e-4;

/**
 * Standard errors of a model's coefficients: the square roots of the diagonal of the inverse of the observed
 * information, which is the matrix of second differences of the exact log-likelihood with the variance concentrated
 * out. Infinity where the likelihood is flat or the coefficient lies on its border; 0 for a model of a constant.
 * Cost: 2 k² + 1 likelihoods for k coefficients. Source: Harvey (1989), section 3.4.5; Abramowitz & Stegun (1972),
 * 25.3.23 and 25.3.26 for the differences.
 * @param series the one that the model was fitted to
 * @throws RangeError if the series cannot be the one of the model
 */
export function coefficientErrors(series: Float64Array, model: ArimaModel): CoefficientErrors {
  const { p, d, q } = model.order;
  const prepared = prepareSeries(series, d, model.withConstant);
  if (prepared.values.length !== model.observations) {
    throw new RangeError(`the model was fitted to ${model.observations + d} values, not ${series.length}`);
  }
  const size = p + q + (model.withConstant ? 1 : 0);
  const errors = new Float64Array(size);
  if (!prepared.constant && size > 0) {
    const { values, centre, scale } = prepared;
    const likelihood = new ExactLikelihood(values, p, q, model.withConstant);
    const at = Float64Array.from([...model.ar, ...model.ma, (model.constant - centre) / scale]);
    const information = secondDifferences((x) => -likelihood.evaluate(x, x[p + q]!), at, size);
    const deviations = inverseDiagonal(information, size);
    for (let index = 0; index < size; index++) {
      errors[index] = deviations[index]! * (index === p + q ? scale : 1);
    }
  }
  return {
    ar: errors.slice(0, p),
    ma: errors.slice(p, p + q),
    constant: model.withConstant ? errors[p + q]! : 0,
  };
}

function secondDifferences(of: (at: Float64Array) => number, at: Float64Array, size: number): Float64Array {
  const out = new Float64Array(size * size);
  const moved = at.slice();
  const value = (i: number, si: number, j: number, sj: number) => {
    moved.set(at);
    moved[i] = moved[i]! + si * STEP;
    moved[j] = moved[j]! + sj * STEP;
    return of(moved);
  };
  const centre = of(moved);
  for (let i = 0; i < size; i++) {
    out[i * size + i] = (value(i, 1, i, 0) - 2 * centre + value(i, -1, i, 0)) / STEP ** 2;
    for (let j = 0; j < i; j++) {
      const crossed = value(i, 1, j, 1) - value(i, 1, j, -1) - value(i, -1, j, 1) + value(i, -1, j, -1);
      out[i * size + j] = crossed / (4 * STEP ** 2);
      out[j * size + i] = out[i * size + j]!;
    }
  }
  return out;
}

/** Square roots of the diagonal of the inverse, Infinity for what cannot be told. */
function inverseDiagonal(matrix: Float64Array, size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, index) => {
    const system = new Float64Array(size * (size + 1));
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) system[i * (size + 1) + j] = matrix[i * size + j]!;
    }
    system[index * (size + 1) + size] = 1;
    const column = new Float64Array(size);
    const solved = solveInPlace(system, size, column) && column[index]! > 0;
    return solved ? Math.sqrt(column[index]!) : Number.POSITIVE_INFINITY;
  });
}
