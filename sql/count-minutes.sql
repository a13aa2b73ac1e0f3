-- Whether there is anything to train on.
SELECT COUNT(DISTINCT minute) AS minutes, COUNTIF(series = 'latency') AS latency_minutes
FROM `metrics_dataset.samples_per_minute`
WHERE minute > TIMESTAMP_SUB(@now, INTERVAL 7 DAY);
