-- How far the forecasts were off the minutes that came since the training, by series.
SELECT
  series,
  mean_absolute_error,
  mean_squared_error,
  root_mean_squared_error,
  mean_absolute_percentage_error,
  symmetric_mean_absolute_percentage_error,
  mean_absolute_scaled_error
FROM ML.EVALUATE(MODEL `metrics_dataset.series_anomalies`,
  (SELECT series, minute, value
   FROM `metrics_dataset.samples_per_minute`
   WHERE minute > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 3 DAY)))
WHERE mean_absolute_error IS NOT NULL
ORDER BY series;
