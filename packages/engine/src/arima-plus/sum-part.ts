import { gridTimeMs, type TimeGrid } from '../series/time-grid.js';
import type { ArimaPlusHistory, ArimaPlusModel } from './arima-plus-model.js';
import { expectationsOf } from './expectations.js';
import { type ExplainedForecast, explained } from './explain-arima-plus-forecast.js';
import { completeForecastOptions, forecastParts } from './forecast-arima-plus.js';
import { limitsOf } from './forecast-limits.js';
import { errorFromModelled, fromModelled, type Limits } from './modelled-scale.js';

/** What a sum needs of one of its series; plain data. */
export interface SumPart extends Limits {
  readonly grid: TimeGrid;
  /** Values in the history: the forecast begins at this index of the grid. */
  readonly length: number;
  readonly values: Float64Array;
  readonly standardErrors: Float64Array;
  /** One-step errors of the history, NaN where a value was interpolated; undefined without DECOMPOSE_TIME_SERIES. */
  readonly errors: Float64Array | undefined;
  /** Deviation of those errors. */
  readonly deviation: number;
  readonly history?: PartHistory;
  readonly explained?: ExplainedForecast;
}

interface PartHistory {
  /** Interpolated ones too. */
  readonly values: Float64Array;
  /** 1 where the value was interpolated. */
  readonly filled: Uint8Array;
  readonly expected: Float64Array;
  readonly standardErrors: Float64Array;
  /** Values in the shortest season that was found; 1 if none was. */
  readonly season: number;
}

/** A part on the grid of the sum, without what its history added. */
export interface PlacedPart extends SumPart {
  /** Of the first value of the history, on the grid of the first part. */
  readonly offset: number;
}

/** The steps of every part that the sum's forecast is of. */
export interface SumAhead {
  readonly grid: TimeGrid;
  /** On that grid. */
  readonly from: number;
  readonly count: number;
}

/** BigQuery's largest horizon. */
const STEPS_MAX = 10_000;

export interface SumPartOptions {
  /** At most the model's, which is the default. */
  readonly horizon?: number | undefined;
  /** Newest time of any series of the sums. */
  readonly newestMs: number;
  /** What besides the forecast is to be summed up: the history, where the model has one, or its parts. */
  readonly of?: 'history' | 'explanation' | undefined;
}

/**
 * The part that a model has in the sums above it: its forecast up to `horizon` steps after the newest value of any
 * series of them, also where that is beyond its own horizon. Cost: that of the forecast.
 * @throws RangeError on a horizon beyond the model's, or an explanation of a model without history
 */
export function sumPartOf(model: ArimaPlusModel, { horizon, newestMs, of }: SumPartOptions): SumPart {
  const { grid, length, history, options } = model;
  const most = horizon ?? options.horizon;
  completeForecastOptions(model, { horizon: most });
  let steps = most;
  while (steps < STEPS_MAX && gridTimeMs(grid, length + steps - most) <= newestMs) steps++;
  const { values, standardErrors } = forecastParts(model, steps);
  return {
    ...{ grid, length, values, standardErrors },
    ...oneStepErrors(model, history),
    ...limitsOf(options),
    ...(of === 'history' && history && { history: historyOf(model, history) }),
    ...(of === 'explanation' && { explained: explained(model, { horizon: steps, confidenceLevel: 0 }) }),
  };
}

/** In the units of the series, on whatever scale it is modelled: deviations are then those of each time, squared mean. */
function oneStepErrors(
  model: ArimaPlusModel,
  history: ArimaPlusHistory | undefined,
): Pick<SumPart, 'errors' | 'deviation'> {
  const { scale, arima } = model;
  const deviation = Math.sqrt(arima.variance);
  if (history === undefined) return { errors: undefined, deviation };
  const { residuals, filled } = history;
  const known = (errors: Float64Array) => errors.map((error, at) => (filled[at] === 1 ? Number.NaN : error));
  if (scale === undefined) return { errors: known(residuals), deviation };
  const { means } = expectationsOf(model).history('a sum of histories').modelled;
  const errors = means.map(
    (mean, at) => fromModelled(scale, mean + residuals[at]!) - fromModelled(scale, mean),
  );
  const squares = means.reduce((sum, mean) => sum + errorFromModelled(scale, mean, deviation) ** 2, 0);
  return { errors: known(errors), deviation: Math.sqrt(squares / means.length) };
}

function historyOf(model: ArimaPlusModel, { values, filled }: ArimaPlusHistory): PartHistory {
  const { expected, standardErrors } = expectationsOf(model).history('a sum of histories');
  return { values, filled, expected, standardErrors, season: model.seasons[0]?.period ?? 1 };
}
