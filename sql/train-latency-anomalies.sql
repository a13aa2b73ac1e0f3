CREATE MODEL `metrics_dataset.latency_anomalies`
OPTIONS(model_type='ARIMA_PLUS', time_series_data_col='latency', time_series_timestamp_col='timestamp') AS
SELECT TIMESTAMP_SECONDS(timestamp) AS timestamp, latency
FROM `metrics_dataset.metrics_table`
WHERE TIMESTAMP_SECONDS(timestamp) > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 730 DAY);
