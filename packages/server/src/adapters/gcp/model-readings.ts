import type { ExplainedMinute, ForecastMinute, ModelError } from '../../ports/model-store.js';
import { type Row, timeMsOf } from './bigquery-statements.js';

/** The rows of forecast-series.sql. */
export function readForecast(rows: readonly Row[]): ForecastMinute[] {
  return rows.map((row) => ({
    timeMs: timeMsOf(row.time),
    expected: numberOf(row.expected),
    lower: numberOf(row.lower_bound),
    upper: numberOf(row.upper_bound),
  }));
}

/** The rows of evaluate-series.sql. */
export function readErrors(rows: readonly Row[]): ModelError[] {
  return rows.map((row) => ({
    series: String(row.series),
    meanAbsoluteError: numberOf(row.mean_absolute_error),
    rootMeanSquaredError: numberOf(row.root_mean_squared_error),
    symmetricMeanAbsolutePercentageError: numberOf(row.symmetric_mean_absolute_percentage_error),
  }));
}

/** The rows of explain-series.sql. */
export function readExplained(rows: readonly Row[]): ExplainedMinute[] {
  return rows.map((row) => ({
    timeMs: timeMsOf(row.time),
    part: row.part === 'history' ? 'history' : 'forecast',
    value: numberOf(row.value),
    trend: numberOf(row.trend),
    seasonal: numberOf(row.seasonal),
    holiday: numberOf(row.holiday),
    spikesAndDips: numberOf(row.spikes_and_dips),
    stepChanges: numberOf(row.step_changes),
    residual: numberOf(row.residual),
  }));
}

/** NULL is NaN, never zero. */
export function numberOf(value: unknown): number {
  return value === null || value === undefined ? Number.NaN : Number(value);
}
