-- The last minutes of a series' history and the first of its forecast, in the parts that the model sees in them.
SELECT
  time_series_timestamp AS time,
  time_series_type AS part,
  time_series_data AS value,
  standard_error,
  prediction_interval_lower_bound AS lower_bound,
  prediction_interval_upper_bound AS upper_bound,
  trend,
  seasonal_period_yearly AS seasonal_yearly,
  seasonal_period_quarterly AS seasonal_quarterly,
  seasonal_period_monthly AS seasonal_monthly,
  seasonal_period_weekly AS seasonal_weekly,
  seasonal_period_daily AS seasonal_daily,
  COALESCE(holiday_effect, 0) AS holiday,
  COALESCE(spikes_and_dips, 0) AS spikes_and_dips,
  COALESCE(step_changes, 0) AS step_changes,
  COALESCE(residual, 0) AS residual
FROM ML.EXPLAIN_FORECAST(MODEL `metrics_dataset.series_anomalies`,
  STRUCT(4320 AS horizon, 0.95 AS confidence_level))
WHERE series = @series
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY time_series_type
  ORDER BY IF(time_series_type = 'history', -1, 1) * UNIX_SECONDS(time_series_timestamp)) <= @minutes
ORDER BY time;
