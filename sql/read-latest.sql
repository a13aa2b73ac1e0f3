-- The newest sample of each series, repeats removed.
SELECT series, name, TO_JSON_STRING(labels) AS labels, UNIX_MILLIS(time) AS time_ms, value
FROM `metrics_dataset.samples`
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY series ORDER BY time DESC, ingest_time DESC, LENGTH(message_id) DESC, message_id DESC) = 1;
