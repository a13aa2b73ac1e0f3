SELECT timestamp, latency, is_anomaly, anomaly_probability
FROM ML.DETECT_ANOMALIES(MODEL `metrics_dataset.latency_anomalies`,
  STRUCT(0.01 AS anomaly_prob_threshold),
  (SELECT TIMESTAMP_SECONDS(timestamp) AS timestamp, latency FROM `metrics_dataset.metrics_table`))
ORDER BY timestamp DESC LIMIT 100;
