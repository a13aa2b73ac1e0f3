export interface SeriesRows {
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
}

export type ArimaCell = string | number | boolean | null | undefined | readonly (string | number)[];

/**
 * Columns by BigQuery's names; NaN is NULL, in arrays of bytes −1. `time` is in milliseconds since 1970, `expected`
 * the forecast value.
 */
export type ArimaColumns = Readonly<Record<string, Float64Array | Int8Array | readonly ArimaCell[]>>;

/** Of ML.EXPLAIN_FORECAST, after the time. */
export const EXPLAIN_COLUMNS = [
  'time_series_type',
  'time_series_data',
  'time_series_adjusted_data',
  'standard_error',
  'confidence_level',
  'prediction_interval_lower_bound',
  'prediction_interval_upper_bound',
  'trend',
  'seasonal_period_yearly',
  'seasonal_period_quarterly',
  'seasonal_period_monthly',
  'seasonal_period_weekly',
  'seasonal_period_daily',
  'holiday_effect',
  'spikes_and_dips',
  'step_changes',
  'residual',
];

/** Of ML.EVALUATE, aggregated. */
export const ERROR_COLUMNS = [
  'mean_absolute_error',
  'mean_squared_error',
  'root_mean_squared_error',
  'mean_absolute_percentage_error',
  'symmetric_mean_absolute_percentage_error',
  'mean_absolute_scaled_error',
] as const;
