import { forecastArima } from '../arima/forecast-arima.js';
import { continueSeason } from '../decomposition/double-exponential-smoothing.js';
import { gridTimeMs } from '../series/time-grid.js';
import type { ArimaPlusModel } from './arima-plus-model.js';
import { forecastCombined } from './combined-forecast.js';
import { withAllErrors } from './forecast-errors.js';
import { bound, intervals, limitsOf, type ModelledErrors, type ValueRange } from './forecast-limits.js';
import { holidayComponent } from './holidays.js';
import { errorFromModelled } from './modelled-scale.js';
import { share, whole } from './options.js';
import { stackedParts } from './stacked-parts.js';
import { stepComponent } from './step-component.js';

export interface ForecastOptions {
  /** Steps ahead, 1 to the model's HORIZON. Default 3, or the model's if that is less. */
  readonly horizon?: number | undefined;
  /** Share of the values that the intervals are to hold, at least 0 and below 1. Default 0.95. */
  readonly confidenceLevel?: number | undefined;
}

/** Columns of ML.FORECAST, one row a step. Confidence and prediction intervals are the same, as in BigQuery. */
export interface ArimaPlusForecast {
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  readonly standardErrors: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** What a forecast is made of: parts that add up to the values, but where a limit holds those. */
export interface ForecastParts {
  readonly values: Float64Array;
  /** With a scale of its own, by the width of the 95% interval. */
  readonly standardErrors: Float64Array;
  /** What the intervals are made of. */
  readonly modelled: ModelledErrors;
  readonly trend: Float64Array;
  /** In the order of the model's seasons. */
  readonly seasonal: readonly Float64Array[];
  readonly holidays: Float64Array;
  readonly steps: Float64Array;
}

/**
 * The values to come, from the first one after the history. Bounds are value ± Φ⁻¹((1 + level)/2) · standard error. With
 * FORECAST_LIMIT bounds that holds on the logarithm or logit, and values, which are medians, and bounds come back from
 * there, strictly within the limits; with FORECAST_LIMIT_METHOD = 'clip' all is cut off there. Cost: some microseconds
 * a step.
 * @throws RangeError on a horizon beyond the model's, or a level out of range
 */
export function forecastArimaPlus(model: ArimaPlusModel, options: ForecastOptions = {}): ArimaPlusForecast {
  const { horizon, confidenceLevel } = completeForecastOptions(model, options);
  const { values, standardErrors, modelled } = forecastParts(model, horizon);
  const timesMs = Float64Array.from({ length: horizon }, (_, step) =>
    gridTimeMs(model.grid, model.length + step),
  );
  return {
    timesMs,
    values,
    standardErrors,
    ...intervals(rangeOf(model), modelled, confidenceLevel),
  };
}

/** @throws RangeError on a horizon beyond the model's, or a level out of range */
export function completeForecastOptions(model: ArimaPlusModel, options: ForecastOptions) {
  const most = model.options.horizon;
  const { horizon = Math.min(3, most), confidenceLevel = 0.95 } = options;
  whole('horizon', horizon, 1, most);
  share('confidence_level', confidenceLevel);
  return { horizon, confidenceLevel };
}

/** Where forecasts of a model lie. */
export function rangeOf({ options, scale }: ArimaPlusModel): ValueRange {
  return { ...limitsOf(options), scale };
}

export function forecastParts(model: ArimaPlusModel, horizon: number): ForecastParts {
  const ofTrend = forecastArima(model.arima, model.end, horizon);
  const standardErrors = withAllErrors(model, ofTrend);
  const trend = ofTrend.mean;
  const seasonal = model.seasons.map(({ smoothed }) => continueSeason(smoothed, horizon));
  const { holidayEffects, options, grid, length } = model;
  const holidays = holidayComponent(holidayEffects, options.holidays, grid, length, horizon);
  const steps = stepComponent(model.steps, length, horizon);
  if (model.combined) {
    // What the methods agree on beyond the seasons and steps is trend.
    const others = trend.map((_, step) =>
      seasonal.reduce((sum, season) => sum + season[step]!, steps[step]!),
    );
    const baseline = { mean: trend.map((value, step) => value + others[step]!), standardErrors };
    const combined = forecastCombined(model.combined, horizon, baseline);
    for (let step = 0; step < horizon; step++) trend[step] = combined.mean[step]! - others[step]!;
    standardErrors.set(combined.standardErrors);
  }
  const sums = trend.map((value, step) => {
    const sum = seasonal.reduce((total, season) => total + season[step]!, value);
    return sum + holidays[step]! + steps[step]!;
  });
  const { scale } = model;
  const range = rangeOf(model);
  // What is beyond a limit is cut off before the bounds are taken.
  const means = scale === undefined ? sums.map((value) => bound(range, value)) : sums;
  const [ownTrend, ownSteps, ...others] = stackedParts(scale, [trend, steps, ...seasonal, holidays]);
  return {
    values: means.map((mean) => bound(range, mean)),
    standardErrors: standardErrors.map((error, step) => errorFromModelled(scale, means[step]!, error)),
    modelled: { means, standardErrors },
    ...{ trend: ownTrend!, steps: ownSteps!, seasonal: others.slice(0, -1), holidays: others.at(-1)! },
  };
}
