import type { ArimaModel } from '../arima/arima-model.js';
import type { ArimaPlusHistory } from './arima-plus-model.js';

/** With fewer errors between observed values the variance stays as it was fitted. */
const ERRORS_LEAST = 10;

/**
 * A model fitted to a series with filled gaps, with the noise's variance from the values whose predecessors were
 * observed too: a line that fills a gap has no noise, and would make all of it look smaller. The rest of the model
 * stays. A series without gaps gives the model itself. Cost: one pass.
 * Source: Jones (1980), Technometrics 22, for missing values that add nothing to the sum of squares.
 * @param errors of the model over the series
 * @param filled as long as the series, 1 where a value is interpolated
 */
export function withObservedVariance(
  model: ArimaModel,
  { residuals, startVariances }: Pick<ArimaPlusHistory, 'residuals' | 'startVariances'>,
  filled: Uint8Array,
): ArimaModel {
  const { observations, order, ar, ma, withConstant } = model;
  const from = filled.length - observations;
  if (!filled.subarray(from).includes(1)) return model;
  const before = Math.max(1, order.d);
  let count = 0;
  let squares = 0;
  for (let index = Math.max(from, before); index < filled.length; index++) {
    if (filled.subarray(index - before, index + 1).includes(1)) continue;
    squares += residuals[index]! ** 2 / (startVariances[index] ?? 1);
    count++;
  }
  if (count < ERRORS_LEAST) return model;
  const spare = 1 - (ar.length + ma.length + (withConstant ? 1 : 0)) / observations;
  return { ...model, variance: squares / count / spare };
}
