import type {
  ExplainedMinute,
  ForecastMinute,
  ModelError,
  ModelInfo,
  SeasonName,
} from '../../ports/model-store.js';
import { numberOf, type Row, timeMsOf } from './bigquery-statements.js';

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
    meanSquaredError: numberOf(row.mean_squared_error),
    rootMeanSquaredError: numberOf(row.root_mean_squared_error),
    meanAbsolutePercentageError: numberOf(row.mean_absolute_percentage_error),
    symmetricMeanAbsolutePercentageError: numberOf(row.symmetric_mean_absolute_percentage_error),
    meanAbsoluteScaledError: numberOf(row.mean_absolute_scaled_error),
  }));
}

/** The rows of explain-series.sql. */
export function readExplained(rows: readonly Row[]): ExplainedMinute[] {
  return rows.map((row) => {
    const seasons = seasonsOf(row);
    const parts = {
      trend: numberOf(row.trend),
      seasonal: Object.values(seasons).reduce((sum, one) => sum + one, 0),
      seasons,
      holiday: numberOf(row.holiday),
      stepChanges: numberOf(row.step_changes),
    };
    return {
      ...parts,
      timeMs: timeMsOf(row.time),
      part: row.part === 'history' ? 'history' : 'forecast',
      value: numberOf(row.value),
      expected: parts.trend + parts.seasonal + parts.holiday + parts.stepChanges,
      standardError: numberOf(row.standard_error),
      lower: numberOf(row.lower_bound),
      upper: numberOf(row.upper_bound),
      spikesAndDips: numberOf(row.spikes_and_dips),
      residual: numberOf(row.residual),
    };
  });
}

const SEASONS: readonly SeasonName[] = ['yearly', 'quarterly', 'monthly', 'weekly', 'daily'];

function seasonsOf(row: Row): Partial<Record<SeasonName, number>> {
  const seasons: Partial<Record<SeasonName, number>> = {};
  for (const name of SEASONS) {
    const part = row[`seasonal_${name}`];
    if (part !== null && part !== undefined) seasons[name] = numberOf(part);
  }
  return seasons;
}

/** The rows of read-model-series.sql: what one training of all series knows of each. */
export function readModels(rows: readonly Row[], horizonMs: number): ModelInfo[] {
  return rows.map((row) => {
    const historyToMs = timeMsOf(row.last_minute);
    const error = row.error_message === null ? undefined : String(row.error_message);
    return {
      name: String(row.model),
      series: String(row.series),
      state: error === undefined ? 'trained' : 'failed',
      ...(error === undefined ? { horizonEndMs: historyToMs + horizonMs } : { error }),
      options: {},
      trainedMs: timeMsOf(row.trained),
      historyFromMs: timeMsOf(row.first_minute),
      historyToMs,
    };
  });
}
