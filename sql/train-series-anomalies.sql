-- One model for all series, on the means of closed minutes: eight weeks of them, which hold daily and weekly
-- rhythms; a year's would need two years. BigQuery takes 500,000 points of a series (347 days), but bills every one
-- of them once for each candidate model, with each training. The horizon, in minutes, is three rounds of the daily
-- schedule. Afterwards it is noted which series the model knows, from when to when, and which ones BigQuery left
-- out and why.
DECLARE this_training TIMESTAMP DEFAULT COALESCE(
  (SELECT MAX(started) FROM `metrics_dataset.model_jobs`
   WHERE kind = 'train' AND model = 'series_anomalies' AND state = 'running'),
  CURRENT_TIMESTAMP());

CREATE OR REPLACE MODEL `metrics_dataset.series_anomalies`
OPTIONS(
  model_type = 'ARIMA_PLUS',
  time_series_id_col = 'series',
  time_series_timestamp_col = 'minute',
  time_series_data_col = 'value',
  data_frequency = 'PER_MINUTE',
  horizon = 4320
) AS
SELECT series, minute, value
FROM `metrics_dataset.samples_per_minute`
WHERE minute > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 56 DAY);

MERGE `metrics_dataset.model_series` AS known
USING (
  SELECT
    'series_anomalies' AS model,
    learned.series,
    learned.first_minute,
    learned.last_minute,
    learned.points,
    learned.constant,
    IF(evaluated.series IS NULL, 'BigQuery made no model of it.', NULLIF(evaluated.error_message, '')) AS error_message
  FROM (
    SELECT
      series,
      MIN(minute) AS first_minute,
      MAX(minute) AS last_minute,
      COUNT(*) AS points,
      MIN(value) = MAX(value) AS constant
    FROM `metrics_dataset.samples_per_minute`
    WHERE minute > TIMESTAMP_SUB(this_training, INTERVAL 56 DAY) AND updated <= this_training
    GROUP BY series
  ) AS learned
  LEFT JOIN (
    SELECT series, error_message
    FROM ML.ARIMA_EVALUATE(MODEL `metrics_dataset.series_anomalies`, STRUCT(FALSE AS show_all_candidate_models))
  ) AS evaluated ON evaluated.series = learned.series
) AS fresh
ON known.model = fresh.model AND known.series = fresh.series
WHEN MATCHED THEN UPDATE SET
  first_minute = fresh.first_minute, last_minute = fresh.last_minute, points = fresh.points,
  constant = fresh.constant, error_message = fresh.error_message, trained = this_training
WHEN NOT MATCHED BY TARGET THEN
  INSERT (model, series, first_minute, last_minute, points, constant, error_message, trained)
  VALUES (fresh.model, fresh.series, fresh.first_minute, fresh.last_minute, fresh.points, fresh.constant,
    fresh.error_message, this_training)
WHEN NOT MATCHED BY SOURCE AND known.model = 'series_anomalies' THEN DELETE;

-- What whoever collects the training reports. Of a constant series there may be an error_message besides its model.
SELECT
  IF(constant AND points > 2, 'constant_series', 'left_out') AS reason,
  series,
  error_message AS detail
FROM `metrics_dataset.model_series`
WHERE model = 'series_anomalies' AND (constant OR error_message IS NOT NULL)
ORDER BY series;
