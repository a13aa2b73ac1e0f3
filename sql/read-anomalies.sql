-- A page of anomalies, newest first, then by series, then by detector.
-- names: keys or bare names of series; '' among them stands for every series.
-- labels_with: `name="value"` as in the key; labels_without: names of labels that must be absent or empty; '' is
-- no condition. Within a key every quote of a value is escaped, so that such a text can only be a label.
-- detector: '' stands for every one.
-- after_*: the last row of the page before.
SELECT
  UNIX_MILLIS(time) AS time_ms, series, name, TO_JSON_STRING(labels) AS labels, value, expected, lower_bound,
  upper_bound, anomaly_probability, score, alarm, detector
FROM `metrics_dataset.anomalies`
WHERE time BETWEEN @from_time AND @to_time
  AND ('' IN UNNEST(@names) OR series IN UNNEST(@names) OR name IN UNNEST(@names))
  AND NOT EXISTS (
    SELECT 1 FROM UNNEST(@labels_with) AS label
    WHERE label != '' AND STRPOS(series, CONCAT('{', label)) = 0 AND STRPOS(series, CONCAT(',', label)) = 0)
  AND NOT EXISTS (
    SELECT 1 FROM UNNEST(@labels_without) AS label
    WHERE label != ''
      AND (STRPOS(series, CONCAT('{', label, '="')) > 0 OR STRPOS(series, CONCAT(',', label, '="')) > 0)
      AND STRPOS(series, CONCAT('{', label, '=""')) = 0 AND STRPOS(series, CONCAT(',', label, '=""')) = 0)
  AND (@min_probability <= 0 OR anomaly_probability >= @min_probability)
  AND (alarm OR NOT @alarms_only)
  AND (@detector = '' OR detector = @detector)
  AND (time < @after_time
    OR (time = @after_time AND (series > @after_series OR (series = @after_series AND detector > @after_detector))))
ORDER BY time DESC, series, detector
LIMIT @rows_max;
