-- One series in a range of time, repeats removed, with what was found of it. More than points samples are thinned
-- out: each of points/2 equal spans of time keeps its smallest and its largest one; every anomalous one is kept.
WITH samples AS (
  SELECT
    UNIX_MILLIS(time) AS time_ms,
    ARRAY_AGG(value ORDER BY ingest_time DESC, LENGTH(message_id) DESC, message_id DESC LIMIT 1)[OFFSET(0)] AS value
  FROM `metrics_dataset.samples`
  WHERE series = @series AND time BETWEEN @from_time AND @to_time
  GROUP BY time
),
found AS (
  SELECT UNIX_MILLIS(time) AS time_ms, expected, lower_bound, upper_bound, anomaly_probability, alarm
  FROM `metrics_dataset.anomalies`
  WHERE series = @series AND time BETWEEN @from_time AND @to_time
  QUALIFY ROW_NUMBER() OVER (PARTITION BY time ORDER BY anomaly_probability DESC, detector) = 1
),
extent AS (
  SELECT
    COUNT(*) AS total,
    MIN(time_ms) AS first_ms,
    (MAX(time_ms) - MIN(time_ms) + 1) / GREATEST(1, DIV(@points, 2)) AS span_ms
  FROM samples
),
spans AS (
  SELECT
    ARRAY_AGG(time_ms ORDER BY value, time_ms LIMIT 1)[OFFSET(0)] AS low_ms,
    ARRAY_AGG(time_ms ORDER BY value DESC, time_ms LIMIT 1)[OFFSET(0)] AS high_ms
  FROM samples CROSS JOIN extent
  GROUP BY CAST(FLOOR((time_ms - first_ms) / span_ms) AS INT64)
),
kept AS (
  SELECT low_ms AS time_ms FROM spans
  UNION DISTINCT SELECT high_ms FROM spans
  UNION DISTINCT SELECT time_ms FROM found
  UNION DISTINCT SELECT time_ms FROM samples CROSS JOIN extent WHERE total <= @points
)
SELECT
  time_ms, value, total, found.alarm IS NOT NULL AS anomalous, expected, lower_bound, upper_bound,
  anomaly_probability, alarm
FROM samples INNER JOIN kept USING (time_ms) CROSS JOIN extent LEFT JOIN found USING (time_ms)
ORDER BY time_ms;
