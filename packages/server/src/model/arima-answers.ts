import {
  type ArimaEvaluation,
  type ArimaPlusAnomalies,
  type ArimaPlusForecast,
  type ArimaPlusModel,
  arimaCoefficients,
  detectBy,
  type Expectations,
  type ExplainedForecast,
  evaluateBy,
  evaluateRowsBy,
  SEASONALITIES,
} from '@seismo/engine';
import { type ArimaColumns, ERROR_COLUMNS, type SeriesRows } from './arima-columns.js';
import { type UnjudgedCounts, unjudgedCounts } from './arima-unjudged.js';

/** What is compared, and how it is told. */
export interface EvaluationAsk {
  readonly aggregated: boolean;
  /** No further ahead than this, where it is less than the model's. */
  readonly horizon?: number;
  readonly confidenceLevel?: number;
}

/** Of data that was given: what is told of it, and rows without an answer, by reason. */
interface DataAnswer {
  readonly columns: ArimaColumns;
  readonly unjudged?: UnjudgedCounts;
}

export function forecastColumns(forecast: ArimaPlusForecast): ArimaColumns {
  const { timesMs, values, standardErrors, lower, upper } = forecast;
  return { time: timesMs, forecast: values, standard_error: standardErrors, lower, upper };
}

/** With the values, and truths where there is a verdict. */
export function anomalyColumns(found: ArimaPlusAnomalies): ArimaColumns {
  return {
    time: found.timesMs,
    data: found.values,
    ...verdictColumns(found),
    is_anomaly: Array.from(found.isAnomaly, (one) => (one < 0 ? null : one === 1)),
  };
}

export function verdictColumns(found: ArimaPlusAnomalies): ArimaColumns {
  return {
    is_anomaly: found.isAnomaly,
    lower_bound: found.lower,
    upper_bound: found.upper,
    anomaly_probability: found.probability,
  };
}

export function judgedBy(by: Expectations, threshold: number, data: SeriesRows): DataAnswer {
  const found = detectBy(by, { anomalyProbThreshold: threshold }, data);
  const unjudged = unjudgedCounts(by, data, (row) => found.isAnomaly[row]! >= 0);
  return { columns: verdictColumns(found), unjudged };
}

export function explainColumns(explained: ExplainedForecast, confidenceLevel: number): ArimaColumns {
  const { timesMs, historyLength } = explained;
  const none = new Float64Array(timesMs.length).fill(Number.NaN);
  // Of the history it would be the level of intervals that are not there.
  const level = none.map((_, at) => (at < historyLength ? Number.NaN : confidenceLevel));
  const seasons = [...SEASONALITIES]
    .reverse()
    .map((name) => [`seasonal_period_${name.toLowerCase()}`, explained.seasonal[name] ?? none]);
  return {
    time: timesMs,
    time_series_type: Array.from(timesMs, (_, at) => (at < historyLength ? 'history' : 'forecast')),
    time_series_data: explained.values,
    time_series_adjusted_data: explained.adjustedValues,
    standard_error: explained.standardErrors,
    confidence_level: level,
    prediction_interval_lower_bound: explained.lower,
    prediction_interval_upper_bound: explained.upper,
    trend: explained.trend,
    ...Object.fromEntries(seasons),
    holiday_effect: explained.holidayEffect,
    spikes_and_dips: explained.spikesAndDips,
    step_changes: explained.stepChanges,
    residual: explained.residual,
  };
}

/** Rows as columns. */
export function orderColumns(rows: readonly ArimaEvaluation[]): ArimaColumns {
  const names = Object.keys(rows[0]!) as (keyof ArimaEvaluation)[];
  return Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name])]));
}

export function coefficientColumns(model: ArimaPlusModel): ArimaColumns {
  const { ar_coefficients, ma_coefficients, intercept_or_drift } = arimaCoefficients(model);
  return {
    ar_coefficients: [ar_coefficients],
    ma_coefficients: [ma_coefficients],
    intercept_or_drift: [intercept_or_drift],
  };
}

export function evaluatedBy(
  whole: Expectations,
  { aggregated, horizon, confidenceLevel }: EvaluationAsk,
  data: SeriesRows | undefined,
): DataAnswer {
  const by = { ...whole, horizon: Math.min(horizon ?? whole.horizon, whole.horizon) };
  const unjudged = data === undefined ? {} : { unjudged: unjudgedCounts(by, data) };
  if (aggregated) {
    // Null where no value lies in the horizon.
    const found = evaluateBy(by, data);
    return {
      columns: Object.fromEntries(ERROR_COLUMNS.map((name) => [name, [found?.[name] ?? null]])),
      ...unjudged,
    };
  }
  const rows = evaluateRowsBy(by, data, confidenceLevel);
  return {
    columns: {
      time: rows.timesMs,
      data: rows.values,
      forecasted: rows.forecasts,
      lower_bound: rows.lower,
      upper_bound: rows.upper,
      absolute_error: rows.absoluteErrors,
      absolute_percentage_error: rows.absolutePercentageErrors,
    },
    ...unjudged,
  };
}
