import type { MlCallShape } from '../sql/plan.js';
import { callColumns } from './call-columns.js';
import { callSettings } from './call-settings.js';
import { evaluateRows, judgeRows } from './call-with-input.js';
import {
  explainSeries,
  forecastSeries,
  judgeHistory,
  seriesCoefficients,
  seriesOrders,
} from './call-without-input.js';
import type { MlRows } from './ml-rows.js';
import type { MlAnswer, ModelCall } from './model-call.js';

/** @throws SqlError where an argument or the input does not suit; rejects with the signal's reason once it is aborted */
export async function callModel(
  shape: Pick<MlCallShape, 'function' | 'model' | 'settings'>,
  input: MlRows | undefined,
  parts: Pick<ModelCall, 'model' | 'threads' | 'signal'>,
): Promise<MlAnswer> {
  const { header } = parts.model;
  const given = input === undefined ? shape : { ...shape, inputColumns: input.columns };
  const call = { ...parts, name: shape.function, columns: callColumns(given, header) };
  const settings = callSettings(shape.function, shape.settings, header.horizon);
  switch (shape.function) {
    case 'FORECAST':
      return forecastSeries(call, settings);
    case 'DETECT_ANOMALIES':
      return input === undefined ? judgeHistory(call, settings) : judgeRows(call, input, settings);
    case 'EVALUATE':
      return input === undefined ? seriesOrders(call, false) : evaluateRows(call, input, settings);
    case 'ARIMA_EVALUATE':
      return seriesOrders(call, settings.showAllCandidateModels ?? header.idColumns.length === 0);
    case 'ARIMA_COEFFICIENTS':
      return seriesCoefficients(call);
    case 'EXPLAIN_FORECAST':
      return explainSeries(call, settings);
  }
}
