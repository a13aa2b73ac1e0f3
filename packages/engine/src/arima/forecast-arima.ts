import type { ArimaModel } from './arima-model.js';
import { integrate } from './differencing.js';
import type { ArimaEnd } from './filter-arima.js';
import { shift } from './kalman-filter.js';

/** Steps 1 to horizon ahead, in the units of the series. */
export interface ArimaForecast {
  readonly mean: Float64Array;
  /** Standard deviations of the forecast errors; never falling with d > 0. 0 for a model of a constant. */
  readonly standardErrors: Float64Array;
}

/**
 * The best linear forecast and its standard errors. They carry the noise to come and what the filter does not know of
 * the state; not that the coefficients are estimates, as in R. With normal errors, bounds at a level are
 * mean ± Φ⁻¹((1 + level)/2) · standard error.
 * The error of step h is Z(S_h), S the sums of the state's errors over the differences: its variance follows from the
 * state's covariance and the weights ψ of the differenced series, summed d times.
 * Cost: horizon · r, plus r² weights of horizon numbers. Source: Harvey (1989), equations 2.6.1 to 2.6.4; Box &
 * Jenkins (1976), section 5.1 for the weights.
 * @param horizon steps, a whole number from 1
 * @throws RangeError if the horizon is not a positive whole number
 */
export function forecastArima(model: ArimaModel, end: ArimaEnd, horizon: number): ArimaForecast {
  if (!Number.isInteger(horizon) || horizon < 1) {
    throw new RangeError(`horizon is a whole number from 1, not ${horizon}`);
  }
  const mean = ahead(end.state, model.ar, horizon);
  for (let step = 0; step < horizon; step++) mean[step] = mean[step]! + model.constant;
  integrate(mean, end.tail);
  const standardErrors = new Float64Array(horizon);
  if (model.variance > 0) {
    addStateVariance(model, end, standardErrors);
    addNoiseVariance(model, standardErrors);
  }
  for (let step = 0; step < horizon; step++) {
    standardErrors[step] = Math.sqrt(model.variance) * Math.sqrt(standardErrors[step]!);
  }
  return { mean, standardErrors };
}

/** First elements of the state as it goes on without noise. */
function ahead(state: Float64Array, ar: Float64Array, horizon: number): Float64Array {
  const moving = state.slice();
  const out = new Float64Array(horizon);
  for (let step = 0; step < horizon; step++) {
    out[step] = moving[0]!;
    shift(moving, ar);
  }
  return out;
}

/** What is uncertain in the predicted state: cᵢ′ P cⱼ with c the summed answers to a unit in each element. */
function addStateVariance(model: ArimaModel, end: ArimaEnd, variances: Float64Array): void {
  const size = end.state.length;
  const answers = Array.from({ length: size }, (_, element) => {
    const unit = new Float64Array(size);
    unit[element] = 1;
    return summed(ahead(unit, model.ar, variances.length), model.order.d);
  });
  for (let step = 0; step < variances.length; step++) {
    let sum = 0;
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++)
        sum += answers[i]![step]! * end.covariance[i * size + j]! * answers[j]![step]!;
    }
    variances[step] = Math.max(0, sum);
  }
}

/** The noise after the first step; that of the first is in the state's covariance already. */
function addNoiseVariance(model: ArimaModel, variances: Float64Array): void {
  const first = new Float64Array(Math.max(model.ar.length, model.ma.length + 1));
  first[0] = 1;
  first.set(model.ma, 1);
  const psi = summed(ahead(first, model.ar, variances.length), model.order.d);
  let sum = 0;
  for (let step = 1; step < variances.length; step++) {
    sum += psi[step - 1]! * psi[step - 1]!;
    variances[step] = variances[step]! + sum;
  }
}

/** Running sums, d times over, in place. */
function summed(values: Float64Array, d: number): Float64Array {
  for (let round = 0; round < d; round++) {
    for (let index = 1; index < values.length; index++) values[index] = values[index]! + values[index - 1]!;
  }
  return values;
}
