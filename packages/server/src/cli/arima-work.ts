import {
  type ArimaEvaluation,
  type ArimaPlusModel,
  type ArimaPlusOptions,
  arimaCoefficients,
  arimaEvaluate,
  detectArimaPlusAnomalies,
  evaluateArimaPlus,
  evaluateArimaPlusRows,
  explainArimaPlusForecast,
  fitArimaPlus,
  forecastArimaPlus,
  loadArimaPlus,
  SEASONALITIES,
  saveArimaPlus,
} from '@seismo/engine';
import { ERROR_COLUMNS } from './arima-columns.js';
import type { RowCell } from './rows-output.js';

/** What is asked of one series, and of what; plain data, so that any thread can answer it. */
export interface ArimaTask {
  readonly source: ArimaSource;
  readonly ask: ArimaAsk;
}

export interface SeriesRows {
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
}

/** Rows to learn from, but for the last `holdout` of them, or a model that has learned. */
export type ArimaSource =
  | (SeriesRows & { readonly options: ArimaPlusOptions; readonly holdout?: number })
  | { readonly saved: Uint8Array };

export type ArimaAsk =
  | { readonly kind: 'save' | 'coefficients' }
  | { readonly kind: 'forecast' | 'explain'; readonly horizon: number; readonly confidenceLevel: number }
  | { readonly kind: 'detect'; readonly threshold: number; readonly data?: SeriesRows }
  /** Of the rows held out, or of data given. */
  | { readonly kind: 'evaluate'; readonly aggregated: boolean; readonly data?: SeriesRows }
  | { readonly kind: 'orders'; readonly all: boolean };

/** Columns by BigQuery's names; NaN is NULL. `time` is in milliseconds since 1970. */
export type ArimaColumns = Readonly<Record<string, Float64Array | readonly RowCell[]>>;

export interface ArimaAnswer {
  /** Why there is no model, or that it is no more than a constant. */
  readonly errorMessage?: string;
  /** Undefined where there is no model. */
  readonly columns?: ArimaColumns;
  readonly saved?: Uint8Array;
}

/** @throws RangeError on an option out of range, named as BigQuery spells it */
export function runArimaTask({ source, ask }: ArimaTask): ArimaAnswer {
  if ('saved' in source) return answered(loadArimaPlus(source.saved), ask, undefined);
  const { learned, heldOut } = split(source, source.holdout ?? 0);
  const { model, errorMessage } = fitArimaPlus(learned.timesMs, learned.values, source.options);
  const message = errorMessage === undefined ? {} : { errorMessage };
  return model === undefined ? message : { ...message, ...answered(model, ask, heldOut) };
}

/** The newest rows apart from the others; rows of one time stay together. */
function split(rows: SeriesRows, holdout: number): { learned: SeriesRows; heldOut: SeriesRows | undefined } {
  if (holdout === 0) return { learned: rows, heldOut: undefined };
  const measured = rows.timesMs.filter((_, at) => Number.isFinite(rows.values[at]));
  const distinct = [...new Set(measured)].sort((a, b) => a - b);
  const firstHeldOutMs = distinct[Math.max(0, distinct.length - holdout)] ?? Number.POSITIVE_INFINITY;
  const pick = (isHeldOut: boolean): SeriesRows => {
    const keep = (_: number, at: number) => rows.timesMs[at]! >= firstHeldOutMs === isHeldOut;
    return { timesMs: rows.timesMs.filter(keep), values: rows.values.filter(keep) };
  };
  return { learned: pick(false), heldOut: pick(true) };
}

function answered(model: ArimaPlusModel, ask: ArimaAsk, heldOut: SeriesRows | undefined): ArimaAnswer {
  switch (ask.kind) {
    case 'save':
      return { saved: saveArimaPlus(model), columns: orderColumns(arimaEvaluate(model, false)) };
    case 'forecast':
      return { columns: forecastColumns(model, ask) };
    case 'explain':
      return { columns: explainColumns(model, ask) };
    case 'detect':
      return { columns: anomalyColumns(model, ask.threshold, ask.data) };
    case 'orders':
      return { columns: orderColumns(arimaEvaluate(model, ask.all)) };
    case 'coefficients': {
      const { ar_coefficients, ma_coefficients, intercept_or_drift } = arimaCoefficients(model);
      const texts = (numbers: readonly number[]) => [numbers.map(String)];
      return {
        columns: {
          ar_coefficients: texts(ar_coefficients),
          ma_coefficients: texts(ma_coefficients),
          intercept_or_drift: [intercept_or_drift],
        },
      };
    }
    case 'evaluate':
      return { columns: evaluationColumns(model, ask.aggregated, ask.data ?? heldOut) };
  }
}

interface Ahead {
  readonly horizon: number;
  readonly confidenceLevel: number;
}

function forecastColumns(model: ArimaPlusModel, ask: Ahead): ArimaColumns {
  const { timesMs, values, lower, upper } = forecastArimaPlus(model, ask);
  return { time: timesMs, forecast: values, lower, upper };
}

function anomalyColumns(
  model: ArimaPlusModel,
  threshold: number,
  data: SeriesRows | undefined,
): ArimaColumns {
  const found = detectArimaPlusAnomalies(model, { anomalyProbThreshold: threshold }, data);
  return {
    time: found.timesMs,
    data: found.values,
    is_anomaly: Array.from(found.isAnomaly, (one) => (one < 0 ? null : one === 1)),
    lower_bound: found.lower,
    upper_bound: found.upper,
    anomaly_probability: found.probability,
  };
}

function explainColumns(model: ArimaPlusModel, ask: Ahead): ArimaColumns {
  const explained = explainArimaPlusForecast(model, ask);
  const { timesMs, historyLength } = explained;
  const none = new Float64Array(timesMs.length).fill(Number.NaN);
  // Of the history it would be the level of intervals that are not there.
  const level = none.map((_, at) => (at < historyLength ? Number.NaN : ask.confidenceLevel));
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
function orderColumns(rows: readonly ArimaEvaluation[]): ArimaColumns {
  const names = Object.keys(rows[0]!) as (keyof ArimaEvaluation)[];
  return Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name])]));
}

function evaluationColumns(
  model: ArimaPlusModel,
  aggregated: boolean,
  data: SeriesRows | undefined,
): ArimaColumns {
  if (aggregated) {
    // Null where no value lies in the horizon.
    const found = evaluateArimaPlus(model, data);
    return Object.fromEntries(ERROR_COLUMNS.map((name) => [name, [found?.[name] ?? null]]));
  }
  const rows = evaluateArimaPlusRows(model, data);
  return {
    time: rows.timesMs,
    data: rows.values,
    forecasted: rows.forecasts,
    lower_bound: rows.lower,
    upper_bound: rows.upper,
    absolute_error: rows.absoluteErrors,
    absolute_percentage_error: rows.absolutePercentageErrors,
  };
}
