-- One round of detection: brings samples_per_minute up to date, judges what changed with series_anomalies, and
-- notes what it found and what it could not judge. Runs without parameters; started as a job that is noted in
-- model_jobs it takes its time and its span from there.
--
-- Each table that a statement names is billed with 10 MiB at least, each minute: so what is asked of one is asked
-- at once, and what found nothing is not written.
DECLARE noted STRUCT<this_round TIMESTAMP, minutes_from TIMESTAMP, judged_through TIMESTAMP> DEFAULT (
  SELECT AS STRUCT
    MAX(IF(state = 'running', started, NULL)) AS this_round,
    MIN(IF(state = 'running', minutes_from, NULL)) AS minutes_from,
    MAX(IF(state = 'done' AND model = 'series_anomalies', started, NULL)) AS judged_through
  FROM `metrics_dataset.model_jobs`
  WHERE kind = 'detect');
DECLARE first_trained TIMESTAMP DEFAULT (
  SELECT MIN(trained) FROM `metrics_dataset.model_series` WHERE model = 'series_anomalies');
DECLARE this_round TIMESTAMP DEFAULT COALESCE(noted.this_round, CURRENT_TIMESTAMP());
DECLARE minutes_from TIMESTAMP DEFAULT COALESCE(
  noted.minutes_from,
  TIMESTAMP_SUB(TIMESTAMP_TRUNC(this_round, MINUTE), INTERVAL 2 HOUR));
-- The last round that had a model; before the first such one, what came since the first training began.
DECLARE judged_through TIMESTAMP DEFAULT COALESCE(noted.judged_through, first_trained);
-- A minute is closed half a minute after its end, when its samples are through the queue.
DECLARE minutes_until TIMESTAMP DEFAULT TIMESTAMP_TRUNC(TIMESTAMP_SUB(this_round, INTERVAL 30 SECOND), MINUTE);
DECLARE counts STRUCT<anomalies INT64, unjudged INT64>;

-- What scripts/smoke-test.sh sends differs each time on purpose: judged, every deployment would be an anomaly.
-- Rounding errors of a sum in another order are no change, or every round would judge everything once more.
MERGE `metrics_dataset.samples_per_minute` AS known
USING (
  SELECT TIMESTAMP_TRUNC(time, MINUTE) AS minute, series, AVG(value) AS value, COUNT(*) AS samples
  FROM (
    SELECT time, series, ARRAY_AGG(value ORDER BY ingest_time DESC, LENGTH(message_id) DESC, message_id DESC LIMIT 1)[OFFSET(0)] AS value
    FROM `metrics_dataset.samples`
    WHERE time >= minutes_from AND time < minutes_until AND NOT STARTS_WITH(series, 'seismo_smoke_test')
    GROUP BY time, series
  )
  GROUP BY minute, series
) AS fresh
ON known.minute = fresh.minute AND known.series = fresh.series AND known.minute >= minutes_from
WHEN MATCHED AND (
  known.samples != fresh.samples OR ABS(known.value - fresh.value) > 1e-9 * (ABS(known.value) + ABS(fresh.value))
) THEN UPDATE SET value = fresh.value, samples = fresh.samples, updated = this_round
WHEN NOT MATCHED THEN
  INSERT (minute, series, value, samples, updated)
  VALUES (fresh.minute, fresh.series, fresh.value, fresh.samples, this_round);

-- Until the first training there is nothing to judge by.
IF first_trained IS NOT NULL THEN
  -- Threshold 0.9999: of 10,080 minutes a week one is flagged by chance. What has no row, or NULL, has no verdict.
  CREATE OR REPLACE TEMP TABLE verdicts AS
  SELECT
    fresh.series, fresh.minute, fresh.value,
    judged.is_anomaly, judged.lower_bound, judged.upper_bound, judged.anomaly_probability,
    CASE
      WHEN judged.is_anomaly OR judged.lower_bound < judged.upper_bound THEN NULL
      WHEN learned.series IS NULL THEN 'no_model'
      WHEN learned.constant AND learned.points > 2 OR judged.lower_bound = judged.upper_bound THEN 'constant_series'
      WHEN learned.error_message IS NOT NULL THEN 'left_out'
      WHEN fresh.minute <= learned.last_minute THEN 'in_history'
      WHEN fresh.minute > TIMESTAMP_ADD(learned.last_minute, INTERVAL 4320 MINUTE) THEN 'past_horizon'
      ELSE 'no_verdict'
    END AS reason,
    learned.error_message, learned.last_minute
  FROM (
    SELECT series, minute, value
    FROM `metrics_dataset.samples_per_minute`
    WHERE minute >= minutes_from AND updated > judged_through AND updated <= this_round
  ) AS fresh
  LEFT JOIN (
    SELECT series, minute, is_anomaly, lower_bound, upper_bound, anomaly_probability
    FROM ML.DETECT_ANOMALIES(MODEL `metrics_dataset.series_anomalies`,
      STRUCT(0.9999 AS anomaly_prob_threshold),
      (SELECT series, minute, value
       FROM `metrics_dataset.samples_per_minute`
       WHERE minute >= minutes_from AND updated > judged_through AND updated <= this_round))
  ) AS judged ON judged.series = fresh.series AND judged.minute = fresh.minute
  LEFT JOIN `metrics_dataset.model_series` AS learned
  ON learned.model = 'series_anomalies' AND learned.series = fresh.series;

  SET counts = (
    SELECT AS STRUCT COUNTIF(is_anomaly) AS anomalies, COUNTIF(reason IS NOT NULL) AS unjudged FROM verdicts);

  IF counts.anomalies > 0 THEN
    -- The first anomaly after a minute that was none is the alarm, and one on the other side of minutes without data.
    -- 3.8906 standard deviations are half the band.
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
        'series_anomalies', this_round);
  END IF;

  IF counts.unjudged > 0 THEN
    -- A series that is left out, or never moves, is noted once a day and not for each of its minutes.
    INSERT INTO `metrics_dataset.unjudged` (minute, series, value, reason, detail, model, found)
    SELECT
      verdict.minute, verdict.series, verdict.value, verdict.reason,
      CASE verdict.reason
        WHEN 'no_model' THEN 'The series is newer than the model; the next training learns it.'
        WHEN 'left_out' THEN verdict.error_message
        WHEN 'constant_series' THEN 'All values learned are equal: there is no spread to judge by.'
        WHEN 'in_history' THEN 'The minute came late, inside the span that the model was trained on.'
        WHEN 'past_horizon' THEN CONCAT('The forecast ends three days after ', STRING(verdict.last_minute), '.')
        ELSE 'BigQuery gave no verdict.'
      END,
      'series_anomalies', this_round
    FROM verdicts AS verdict
    LEFT JOIN (
      SELECT DISTINCT series, reason
      FROM `metrics_dataset.unjudged`
      WHERE found > TIMESTAMP_SUB(this_round, INTERVAL 1 DAY) AND reason IN ('left_out', 'constant_series')
    ) AS told ON told.series = verdict.series AND told.reason = verdict.reason
    WHERE verdict.reason IS NOT NULL AND told.series IS NULL
    QUALIFY verdict.reason NOT IN ('left_out', 'constant_series')
      OR ROW_NUMBER() OVER (PARTITION BY verdict.series, verdict.reason ORDER BY verdict.minute DESC) = 1;
  END IF;

  IF counts.anomalies > 0 OR counts.unjudged > 0 THEN
    -- What whoever collects the round reports.
    SELECT 'anomaly' AS kind, series, time, value, expected, anomaly_probability, alarm, CAST(NULL AS STRING) AS reason,
      1 AS count
    FROM `metrics_dataset.anomalies`
    WHERE found = this_round AND time >= minutes_from
    UNION ALL
    SELECT 'unjudged', NULL, NULL, NULL, NULL, NULL, NULL, reason, COUNT(*)
    FROM `metrics_dataset.unjudged`
    WHERE found = this_round
    GROUP BY reason;
  END IF;
END IF;
