import {
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanAbsoluteScaledError,
  meanSquaredError,
  symmetricMeanAbsolutePercentageError,
} from './forecast-metrics.js';

/**
 * The columns of BigQuery's ML.EVALUATE for a time series, aggregated; percentages as shares. Null, as in SQL, where
 * there is no finite value: the percentage error if an actual value is 0, the scaled one if the history never changed.
 */
export interface ForecastEvaluation {
  readonly mean_absolute_error: number | null;
  readonly mean_squared_error: number | null;
  readonly root_mean_squared_error: number | null;
  readonly mean_absolute_percentage_error: number | null;
  readonly symmetric_mean_absolute_percentage_error: number | null;
  readonly mean_absolute_scaled_error: number | null;
}

/**
 * Judges a forecast by what came. Cost: five passes.
 * @param scale what the scaled error divides by, from `seasonalNaiveScale` of the history
 * @returns null without a single pair
 * @throws RangeError if actual and forecast differ in length
 */
export function evaluateForecast(
  actual: Float64Array,
  forecast: Float64Array,
  scale: number,
): ForecastEvaluation | null {
  if (actual.length === 0 && forecast.length === 0) return null;
  const squared = meanSquaredError(actual, forecast);
  return {
    mean_absolute_error: finite(meanAbsoluteError(actual, forecast)),
    mean_squared_error: finite(squared),
    root_mean_squared_error: finite(Math.sqrt(squared)),
    mean_absolute_percentage_error: finite(meanAbsolutePercentageError(actual, forecast)),
    symmetric_mean_absolute_percentage_error: finite(symmetricMeanAbsolutePercentageError(actual, forecast)),
    mean_absolute_scaled_error: finite(meanAbsoluteScaledError(actual, forecast, scale)),
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
