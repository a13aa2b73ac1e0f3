-- Judges the minutes that came late, inside the history of the model of their time, or before any model knew their
-- series: by a model that was trained after that was noted, and so has learned them, within its history, which is
-- what ML.DETECT_ANOMALIES does when it gets no data. Runs after each training of series_anomalies, without parameters.
DECLARE this_round TIMESTAMP DEFAULT COALESCE(
  (SELECT MAX(started) FROM `metrics_dataset.model_jobs` WHERE kind = 'detect_late' AND state = 'running'),
  CURRENT_TIMESTAMP());
DECLARE minutes_from TIMESTAMP DEFAULT (
  SELECT MIN(late.minute)
  FROM `metrics_dataset.unjudged` AS late
  JOIN `metrics_dataset.model_series` AS learned
  ON learned.model = 'series_anomalies' AND learned.series = late.series AND learned.trained > late.found
  WHERE late.resolved IS NULL AND late.reason NOT IN ('left_out', 'constant_series'));

IF minutes_from IS NOT NULL THEN
  CREATE OR REPLACE TEMP TABLE verdicts AS
  SELECT
    judged.series, judged.minute, judged.value, late.trained,
    judged.is_anomaly, judged.lower_bound, judged.upper_bound, judged.anomaly_probability
  FROM (
    SELECT DISTINCT late.series, late.minute, learned.trained
    FROM `metrics_dataset.unjudged` AS late
    JOIN `metrics_dataset.model_series` AS learned
    ON learned.model = 'series_anomalies' AND learned.series = late.series AND learned.trained > late.found
    WHERE late.resolved IS NULL AND late.reason NOT IN ('left_out', 'constant_series')
  ) AS late
  JOIN (
    SELECT series, minute, value, is_anomaly, lower_bound, upper_bound, anomaly_probability
    FROM ML.DETECT_ANOMALIES(MODEL `metrics_dataset.series_anomalies`,
      STRUCT(0.9999 AS anomaly_prob_threshold))
  ) AS judged ON judged.series = late.series AND judged.minute = late.minute
  WHERE judged.is_anomaly OR judged.lower_bound < judged.upper_bound;

  -- From here to the end of the MERGE word for word as in detect-minutes.sql, where the reasons stand; a test keeps
  -- the two alike.
  CREATE OR REPLACE TEMP TABLE found_now AS
  SELECT
    verdict.minute AS time, verdict.series, verdict.value,
    (verdict.lower_bound + verdict.upper_bound) / 2 AS expected,
    verdict.lower_bound, verdict.upper_bound, verdict.anomaly_probability,
    3.8906 * ABS(verdict.value - (verdict.lower_bound + verdict.upper_bound) / 2)
      / NULLIF((verdict.upper_bound - verdict.lower_bound) / 2, 0) AS score,
    before.series IS NULL AND just_before.series IS NULL AS alarm
  FROM verdicts AS verdict
  LEFT JOIN (
    SELECT series, minute, LAG(minute) OVER (PARTITION BY series ORDER BY minute) AS previous_minute
    FROM `metrics_dataset.samples_per_minute`
    WHERE minute >= TIMESTAMP_SUB(minutes_from, INTERVAL 1 HOUR)
  ) AS place ON place.series = verdict.series AND place.minute = verdict.minute
  LEFT JOIN `metrics_dataset.anomalies` AS before
  ON before.series = verdict.series AND before.time = place.previous_minute
    AND before.detector = 'bigquery-ml-arima-plus' AND before.time >= TIMESTAMP_SUB(minutes_from, INTERVAL 1 HOUR)
    AND (
      before.time = TIMESTAMP_SUB(verdict.minute, INTERVAL 1 MINUTE)
      OR (before.value > before.upper_bound) = (verdict.value > verdict.upper_bound))
  LEFT JOIN verdicts AS just_before
  ON just_before.series = verdict.series AND just_before.minute = place.previous_minute AND just_before.is_anomaly
    AND (
      just_before.minute = TIMESTAMP_SUB(verdict.minute, INTERVAL 1 MINUTE)
      OR (just_before.value > just_before.upper_bound) = (verdict.value > verdict.upper_bound))
  WHERE verdict.is_anomaly;

  MERGE `metrics_dataset.anomalies` AS known
  USING (
    SELECT
      *,
      REGEXP_EXTRACT(series, r'^[^{]*') AS name,
      SAFE.PARSE_JSON(REGEXP_REPLACE(
        COALESCE(REGEXP_EXTRACT(series, r'\{.*\}$'), '{}'),
        r'([A-Za-z_][A-Za-z0-9_.:/-]*)=("(?:[^"\\]|\\.)*")', r'"\1":\2')) AS labels
    FROM found_now
  ) AS fresh
  ON known.time = fresh.time AND known.series = fresh.series
    AND known.detector = 'bigquery-ml-arima-plus' AND known.time >= minutes_from
  WHEN NOT MATCHED THEN
    INSERT (time, series, name, labels, value, expected, lower_bound, upper_bound, anomaly_probability, score,
      alarm, detector, model, found)
    VALUES (fresh.time, fresh.series, fresh.name, fresh.labels, fresh.value, fresh.expected, fresh.lower_bound,
      fresh.upper_bound, fresh.anomaly_probability, fresh.score, fresh.alarm, 'bigquery-ml-arima-plus',
      'series_anomalies (history)', this_round);

  UPDATE `metrics_dataset.unjudged` AS late
  SET resolved = this_round
  WHERE late.resolved IS NULL AND EXISTS (
    SELECT 1
    FROM verdicts
    WHERE verdicts.series = late.series AND verdicts.minute = late.minute AND verdicts.trained > late.found);

  -- What whoever collects the round reports.
  SELECT 'anomaly' AS kind, series, time, value, expected, anomaly_probability, alarm, CAST(NULL AS STRING) AS reason,
    1 AS count
  FROM `metrics_dataset.anomalies`
  WHERE found = this_round AND time >= minutes_from;
END IF;
