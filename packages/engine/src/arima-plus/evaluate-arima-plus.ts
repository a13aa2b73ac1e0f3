import type { ArimaModel } from '../arima/arima-model.js';
import type { ArimaCandidate } from '../arima/select-order.js';
import { evaluateForecast, type ForecastEvaluation } from '../evaluation/forecast-evaluation.js';
import { gridTimeMs } from '../series/time-grid.js';
import type { ArimaPlusModel } from './arima-plus-model.js';
import type { TimedValues } from './detect-arima-plus-anomalies.js';
import { type Expectations, expectationsOf, expectedAhead, expectedInHistory } from './expectations.js';
import { intervals } from './forecast-limits.js';
import { type ModelledScale, plainUnits } from './modelled-scale.js';
import { share } from './options.js';

/** Columns of ML.EVALUATE with perform_aggregation = FALSE, one row a pair. */
export interface EvaluatedRows {
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  readonly forecasts: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly absoluteErrors: Float64Array;
  /** As shares: 0.1 is 10%. NaN, for NULL, where the value is 0 and was missed. */
  readonly absolutePercentageErrors: Float64Array;
}

/** A row of ML.ARIMA_EVALUATE: one order that was tried. */
export interface ArimaEvaluation {
  readonly non_seasonal_p: number;
  readonly non_seasonal_d: number;
  readonly non_seasonal_q: number;
  readonly has_drift: boolean;
  /** Null, with those after it, for an order that the series was too short for. */
  readonly log_likelihood: number | null;
  /** Null, as the likelihood, with a variance of 0: a density without width has no bound. */
  readonly AIC: number | null;
  readonly variance: number | null;
  /** NO_SEASONALITY alone if none was found. */
  readonly seasonal_periods: readonly string[];
  readonly has_holiday_effect: boolean;
  readonly has_spikes_and_dips: boolean;
  readonly has_step_changes: boolean;
  /** Empty if there is none. */
  readonly error_message: string;
}

/** The row of ML.ARIMA_COEFFICIENTS. */
export interface ArimaCoefficients {
  readonly ar_coefficients: readonly number[];
  readonly ma_coefficients: readonly number[];
  /** Mean with d = 0, drift a step with d = 1, 0 with d = 2. */
  readonly intercept_or_drift: number;
}

/**
 * How far a model is off: with data the forecasts of those values that lie in the horizon, without it the one-step
 * expectations of the history (where BigQuery answers as {@link arimaEvaluate}). The scaled error is in units of the
 * mean change, from season to season, of the history. Forecasts, values and errors are in the units of the series, also
 * where it is modelled on another scale.
 * @returns null if no value of the data lies in the horizon
 * @throws RangeError without data for a model that was fitted with DECOMPOSE_TIME_SERIES = false
 */
export function evaluateArimaPlus(model: ArimaPlusModel, data?: TimedValues): ForecastEvaluation | null {
  return evaluateBy(expectationsOf(model), data);
}

/** As {@link evaluateArimaPlus}, by expectations that may be those of a sum. */
export function evaluateBy(of: Expectations, data?: TimedValues): ForecastEvaluation | null {
  const { values, forecasts } = pairs(of, data);
  return evaluateForecast(values, forecasts, of.naiveError);
}

/**
 * The pairs that {@link evaluateArimaPlus} sums up, with their errors and bounds.
 * @param confidenceLevel of the bounds, at least 0 and below 1
 * @throws RangeError on a level out of range, or without data for a model without history
 */
export function evaluateArimaPlusRows(
  model: ArimaPlusModel,
  data?: TimedValues,
  confidenceLevel = 0.95,
): EvaluatedRows {
  return evaluateRowsBy(expectationsOf(model), data, confidenceLevel);
}

/** As {@link evaluateArimaPlusRows}, by expectations that may be those of a sum. */
export function evaluateRowsBy(of: Expectations, data?: TimedValues, confidenceLevel = 0.95): EvaluatedRows {
  share('confidence_level', confidenceLevel);
  const { timesMs, values, forecasts, modelled } = pairs(of, data);
  const absoluteErrors = values.map((value, row) => Math.abs(value - forecasts[row]!));
  return {
    timesMs,
    values,
    forecasts,
    ...intervals(of, modelled, confidenceLevel),
    absoluteErrors,
    absolutePercentageErrors: absoluteErrors.map((error, row) => shareOf(error, values[row]!)),
  };
}

/**
 * The orders that were tried, by AIC, the one chosen first; what was found of the other parts is the same in all. With
 * FORECAST_LIMIT bounds likelihood, AIC and variance are those of the logarithm or logit of the values.
 * @param showAllCandidates false for the chosen one alone. Default true
 */
export function arimaEvaluate(model: ArimaPlusModel, showAllCandidates = true): ArimaEvaluation[] {
  const rows = model.candidates.map((candidate) => evaluationOf(model, candidate));
  const best = evaluationOf(model, {
    order: model.arima.order,
    withConstant: model.arima.withConstant,
    model: model.arima,
  });
  if (!showAllCandidates) return [best];
  const aic = ({ AIC }: ArimaEvaluation) => AIC ?? Number.POSITIVE_INFINITY;
  const others = rows
    .filter((row) => !isSameOrder(row, best))
    .sort((a, b) => Number(aic(a) > aic(b)) - Number(aic(a) < aic(b)));
  return [best, ...others];
}

/**
 * The coefficients of the chosen ARIMA, in R's signs and with R's meaning of the constant; with FORECAST_LIMIT bounds
 * of the logarithm or logit.
 */
export function arimaCoefficients({ arima, scale }: ArimaPlusModel): ArimaCoefficients {
  return {
    ar_coefficients: [...arima.ar],
    ma_coefficients: [...arima.ma],
    intercept_or_drift: inPlainUnits(arima, scale).constant,
  };
}

/**
 * The figures of an ARIMA of a modelled scale as those of the plain logarithm or logit, so that anyone who takes it
 * finds the same.
 */
function inPlainUnits(arima: ArimaModel, scale: ModelledScale | undefined): ArimaModel {
  if (scale === undefined) return arima;
  const { factor, shift } = plainUnits(scale);
  const { order, withConstant, observations } = arima;
  const density = observations * Math.log(factor);
  return {
    ...arima,
    constant: arima.constant * factor + (withConstant && order.d === 0 ? shift : 0),
    variance: arima.variance * factor ** 2,
    logLikelihood: arima.logLikelihood - density,
    aic: arima.aic + 2 * density,
  };
}

function evaluationOf(
  model: ArimaPlusModel,
  { order, withConstant, model: fitted }: ArimaCandidate,
): ArimaEvaluation {
  const { seasons, holidayEffects, hasSpikesAndDips, steps } = model;
  const arima = fitted && inPlainUnits(fitted, model.scale);
  const likely = arima?.variance === 0 ? undefined : arima;
  return {
    non_seasonal_p: order.p,
    non_seasonal_d: order.d,
    non_seasonal_q: order.q,
    has_drift: order.d === 1 && withConstant,
    log_likelihood: likely?.logLikelihood ?? null,
    AIC: likely?.aic ?? null,
    variance: arima?.variance ?? null,
    seasonal_periods: seasons.length > 0 ? seasons.map(({ seasonality }) => seasonality) : ['NO_SEASONALITY'],
    has_holiday_effect: holidayEffects.length > 0,
    has_spikes_and_dips: hasSpikesAndDips,
    has_step_changes: steps.length > 0,
    error_message: arima ? model.errorMessage : 'The time series is too short for this order.',
  };
}

function isSameOrder(one: ArimaEvaluation, other: ArimaEvaluation): boolean {
  return (
    one.non_seasonal_p === other.non_seasonal_p &&
    one.non_seasonal_d === other.non_seasonal_d &&
    one.non_seasonal_q === other.non_seasonal_q &&
    one.has_drift === other.has_drift
  );
}

function shareOf(error: number, value: number): number {
  if (error === 0) return 0;
  return value === 0 ? Number.NaN : error / Math.abs(value);
}

/** Measured values for which there is an expected one. */
function pairs(of: Expectations, data: TimedValues | undefined) {
  const history = data ? undefined : of.history('an evaluation without data');
  const expected = history ? expectedInHistory(history) : expectedAhead(of, data!.timesMs);
  const source = history?.values ?? data!.values;
  const rows: number[] = [];
  for (let row = 0; row < source.length; row++) {
    if (Number.isFinite(source[row]) && expected(row)) rows.push(row);
  }
  const column = (value: (row: number) => number) => Float64Array.from(rows, value);
  return {
    timesMs: column((row) => data?.timesMs[row] ?? gridTimeMs(of.grid, row)),
    values: column((row) => source[row]!),
    forecasts: column((row) => expected(row)!.value),
    modelled: {
      means: column((row) => expected(row)!.mean),
      standardErrors: column((row) => expected(row)!.standardError),
    },
  };
}
