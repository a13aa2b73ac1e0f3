SELECT
  forecast_timestamp AS time,
  forecast_value AS expected,
  prediction_interval_lower_bound AS lower_bound,
  prediction_interval_upper_bound AS upper_bound
FROM ML.FORECAST(MODEL `metrics_dataset.series_anomalies`,
  STRUCT(4320 AS horizon, 0.95 AS confidence_level))
WHERE series = @series AND forecast_timestamp >= @from
ORDER BY time
LIMIT @minutes;
