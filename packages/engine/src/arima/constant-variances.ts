import type { ArimaModel } from './arima-model.js';

/**
 * What it adds to the variance of a forecast that the model's constant is an estimate, in squared units of the series,
 * for the steps 1 to horizon ahead; R and {@link forecastArima} leave it out. The variance of the estimate is that of
 * the noise over n ε², ε = (1 − Σφ) / (1 + Σθ) being what a change of the constant by 1 takes off each error. With d = 0
 * a wrong mean shows only as the last values' hold on the forecast fades, with d = 1 a wrong drift adds up.
 * Cost: horizon · (p + q). Source: Box & Jenkins (1976), section 5.1 and appendix A7.5 for the mean.
 * @param observations from which the constant was learned
 */
export function constantVariances(model: ArimaModel, horizon: number, observations: number): Float64Array {
  const out = new Float64Array(horizon);
  if (!model.withConstant || model.variance === 0) return out;
  const { ar, ma, order } = model;
  const error = (1 - sum(ar)) / (1 + sum(ma));
  const deviation = Math.sqrt(model.variance / observations) / Math.abs(error);
  // Of the differenced series from its constant, when that moves up by 1: its past lies lower by as much.
  const moves = new Float64Array(horizon);
  let level = 0;
  for (let step = 0; step < horizon; step++) {
    let move = 0;
    for (const [lag, value] of ar.entries()) move += value * (step > lag ? moves[step - 1 - lag]! : -1);
    for (let lag = step; lag < ma.length; lag++) move -= ma[lag]! * error;
    moves[step] = move;
    level = order.d === 0 ? 1 + move : level + 1 + move;
    out[step] = (deviation * level) ** 2;
  }
  return out;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
