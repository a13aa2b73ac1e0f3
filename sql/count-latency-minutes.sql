-- Whether there is anything to train latency_anomalies on.
SELECT COUNT(*) AS minutes
FROM `metrics_dataset.samples_per_minute`
WHERE series = 'latency' AND minute > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 347 DAY);
