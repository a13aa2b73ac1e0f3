-- latency_anomalies once more, on the means of closed minutes: a sample a second would reach the limit of 500,000
-- points of a series within six days, and 347 days of minutes stay below it. Names and columns are those of
-- train-latency-anomalies.sql, so that the other statements go on working. The horizon, in minutes, is three
-- rounds of the daily schedule.
CREATE OR REPLACE MODEL `metrics_dataset.latency_anomalies`
OPTIONS(
  model_type = 'ARIMA_PLUS',
  time_series_data_col = 'latency',
  time_series_timestamp_col = 'timestamp',
  data_frequency = 'PER_MINUTE',
  horizon = 4320
) AS
SELECT minute AS timestamp, value AS latency
FROM `metrics_dataset.samples_per_minute`
WHERE series = 'latency' AND minute > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 347 DAY);
