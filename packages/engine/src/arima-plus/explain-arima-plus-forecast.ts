import { SEASONALITIES, type Seasonality } from '../series/seasonal-periods.js';
import { gridTimeMs } from '../series/time-grid.js';
import type { ArimaPlusModel } from './arima-plus-model.js';
import { historyFor } from './expectations.js';
import {
  completeForecastOptions,
  type ForecastOptions,
  type ForecastParts,
  forecastParts,
  rangeOf,
} from './forecast-arima-plus.js';
import { intervals } from './forecast-limits.js';
import { holidayComponent } from './holidays.js';
import { allFromModelled, allModelled, errorFromModelled } from './modelled-scale.js';
import { stackedParts } from './stacked-parts.js';
import { stepComponent } from './step-component.js';

/**
 * Columns of ML.EXPLAIN_FORECAST: the history, then the forecast. NaN is its NULL. In the history the value is the sum
 * of trend, seasons, holiday effect, spikes and dips, step changes and residual; in the forecast of all but the last.
 */
export interface ExplainedForecast {
  readonly timesMs: Float64Array;
  /** So many rows are history; those after it are forecast. */
  readonly historyLength: number;
  /** Measured, or interpolated, in the history; forecast after it. */
  readonly values: Float64Array;
  /** Without spikes and dips and residual. */
  readonly adjustedValues: Float64Array;
  /** In the history that of its residuals. */
  readonly standardErrors: Float64Array;
  /** NaN in the history. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly trend: Float64Array;
  /** Of the seasons that were found. */
  readonly seasonal: Readonly<Partial<Record<Seasonality, Float64Array>>>;
  readonly holidayEffect: Float64Array;
  readonly spikesAndDips: Float64Array;
  readonly stepChanges: Float64Array;
  /** NaN in the forecast. */
  readonly residual: Float64Array;
}

type Parts = Omit<
  ExplainedForecast,
  'timesMs' | 'historyLength' | 'values' | 'adjustedValues' | 'lower' | 'upper' | 'standardErrors'
>;
type PastParts = Parts & Pick<ExplainedForecast, 'standardErrors'>;

/**
 * The parts that a model sees in its history and expects ahead. The trend of the history is what the ARIMA expected
 * from the values before, averaged over TREND_SMOOTHING_WINDOW_SIZE values if that is asked for. With FORECAST_LIMIT
 * bounds each part is what it changes of the sum of those before it, in the order trend, step changes, seasons from the
 * shortest on, holidays, spikes and dips, residual, so that they add up in the units of the series too.
 * Cost: a few passes over the history; some ten columns as long as it.
 * Source: BigQuery ML's documentation, "The ML.EXPLAIN_FORECAST function".
 * @throws RangeError on options out of range, or if the model was fitted with DECOMPOSE_TIME_SERIES = false
 */
export function explainArimaPlusForecast(
  model: ArimaPlusModel,
  options: ForecastOptions = {},
): ExplainedForecast {
  return explained(model, completeForecastOptions(model, options));
}

/** As {@link explainArimaPlusForecast}, and also for steps beyond the model's horizon. */
export function explained(
  model: ArimaPlusModel,
  { horizon, confidenceLevel }: { readonly horizon: number; readonly confidenceLevel: number },
): ExplainedForecast {
  const history = historyFor(model, 'explaining a forecast');
  const past = historyParts(model);
  const ahead = forecastParts(model, horizon);
  const future = futureParts(model, ahead);
  const bounds = intervals(rangeOf(model), ahead.modelled, confidenceLevel);
  const none = new Float64Array(model.length).fill(Number.NaN);
  const adjusted = history.values.map((value, at) => value - past.residual[at]! - past.spikesAndDips[at]!);
  const seasonal: Partial<Record<Seasonality, Float64Array>> = {};
  for (const name of SEASONALITIES) {
    if (past.seasonal[name]) seasonal[name] = joined(past.seasonal[name], future.seasonal[name]!);
  }
  return {
    timesMs: Float64Array.from({ length: model.length + horizon }, (_, index) =>
      gridTimeMs(model.grid, index),
    ),
    historyLength: model.length,
    values: joined(history.values, ahead.values),
    adjustedValues: joined(adjusted, ahead.values),
    standardErrors: joined(past.standardErrors, ahead.standardErrors),
    lower: joined(none, bounds.lower),
    upper: joined(none, bounds.upper),
    trend: joined(past.trend, future.trend),
    seasonal,
    holidayEffect: joined(past.holidayEffect, future.holidayEffect),
    spikesAndDips: joined(past.spikesAndDips, future.spikesAndDips),
    stepChanges: joined(past.stepChanges, future.stepChanges),
    residual: joined(past.residual, future.residual),
  };
}

function historyParts(model: ArimaPlusModel): PastParts {
  const { values, seasonal, spikeIndices, spikeSizes, residuals } = historyFor(
    model,
    'explaining a forecast',
  );
  const { options, grid, length, scale } = model;
  const holidayEffect = holidayComponent(model.holidayEffects, options.holidays, grid, 0, length);
  const stepChanges = stepComponent(model.steps, 0, length);
  const spikesAndDips = new Float64Array(length);
  spikeIndices.forEach((index, number) => {
    spikesAndDips[index] = spikeSizes[number]!;
  });
  const others = values.map((_, at) =>
    seasonal.reduce(
      (sum, season) => sum + season[at]!,
      holidayEffect[at]! + stepChanges[at]! + spikesAndDips[at]!,
    ),
  );
  const modelled = allModelled(scale, values);
  const expected = modelled.map((value, at) => value - others[at]! - residuals[at]!);
  const trend = movingMean(expected, options.trendSmoothingWindowSize ?? 0);
  const explained = trend.map((value, at) => value + others[at]!);
  const last = allFromModelled(scale, explained);
  const deviation = Math.sqrt(model.arima.variance);
  const [first, steps, ...rest] = stackedParts(scale, [
    ...[trend, stepChanges, ...seasonal, holidayEffect, spikesAndDips],
  ]);
  return {
    trend: first!,
    seasonal: named(model, rest.slice(0, -2)),
    holidayEffect: rest.at(-2)!,
    spikesAndDips: rest.at(-1)!,
    stepChanges: steps!,
    residual: values.map((value, at) =>
      scale === undefined ? value - others[at]! - trend[at]! : value - last[at]!,
    ),
    standardErrors: explained.map((mean, at) =>
      errorFromModelled(scale, mean - spikesAndDips[at]!, deviation),
    ),
  };
}

function futureParts(model: ArimaPlusModel, { trend, seasonal, holidays, steps }: ForecastParts): Parts {
  return {
    trend,
    seasonal: named(model, seasonal),
    holidayEffect: holidays,
    spikesAndDips: new Float64Array(trend.length),
    stepChanges: steps,
    residual: new Float64Array(trend.length).fill(Number.NaN),
  };
}

function named(
  model: ArimaPlusModel,
  seasonal: readonly Float64Array[],
): Partial<Record<Seasonality, Float64Array>> {
  return Object.fromEntries(model.seasons.map(({ seasonality }, number) => [seasonality, seasonal[number]!]));
}

/** Centred means; the first and last value stand for those before and after. Windows of 0 and 1 change nothing. */
function movingMean(values: Float64Array, window: number): Float64Array {
  if (window < 2) return values;
  const before = Math.floor((window - 1) / 2);
  const at = (index: number) => values[Math.max(0, Math.min(values.length - 1, index))]!;
  // From a level near the values, so that the running sum keeps its digits.
  const level = values[0]!;
  let sum = 0;
  for (let index = -before; index < window - before; index++) sum += at(index) - level;
  return values.map((_, index) => {
    const mean = level + sum / window;
    sum += at(index + window - before) - at(index - before);
    return mean;
  });
}

function joined(past: Float64Array, future: Float64Array): Float64Array {
  const out = new Float64Array(past.length + future.length);
  out.set(past);
  out.set(future, past.length);
  return out;
}
