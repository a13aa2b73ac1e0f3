-- The unlabelled series latency and cpu as the documented statements read them: one row for each time, repeats
-- removed (the last write wins), seconds since 1970, cpu as a whole number. Being a view it takes no INSERT.
CREATE OR REPLACE VIEW `metrics_dataset.metrics_table`
OPTIONS (description = 'The unlabelled series latency and cpu, repeats removed; a view over samples.')
AS
WITH last_writes AS (
  SELECT time, series, ARRAY_AGG(value ORDER BY ingest_time DESC, LENGTH(message_id) DESC, message_id DESC LIMIT 1)[OFFSET(0)] AS value
  FROM `metrics_dataset.samples`
  WHERE series IN ('latency', 'cpu')
  GROUP BY time, series
)
SELECT
  DIV(UNIX_MILLIS(time), 1000) AS timestamp,
  MAX(IF(series = 'latency', value, NULL)) AS latency,
  SAFE_CAST(ROUND(MAX(IF(series = 'cpu', value, NULL))) AS INT64) AS cpu
FROM last_writes
GROUP BY time;
