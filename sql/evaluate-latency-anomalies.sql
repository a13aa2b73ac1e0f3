SELECT * FROM ML.EVALUATE(MODEL `metrics_dataset.latency_anomalies`,
  (SELECT TIMESTAMP_SECONDS(timestamp) AS timestamp, latency FROM `metrics_dataset.metrics_table`));
