-- The rounds of training and detection, so that the next call collects what an earlier one started.
CREATE TABLE IF NOT EXISTS `metrics_dataset.model_jobs` (
  job_id STRING NOT NULL OPTIONS (description = 'Id of the BigQuery job.'),
  kind STRING NOT NULL OPTIONS (description = 'train or detect.'),
  model STRING NOT NULL OPTIONS (description = 'The model; none for detection before the first training.'),
  statement STRING NOT NULL OPTIONS (description = 'The file of sql/ that it runs.'),
  started TIMESTAMP NOT NULL,
  minutes_from TIMESTAMP OPTIONS (description = 'Detection: the first minute that it brought up to date.'),
  state STRING NOT NULL OPTIONS (description = 'running, done or failed.'),
  reason STRING OPTIONS (description = 'Why it failed.'),
  ended TIMESTAMP
)
PARTITION BY DATE(started)
OPTIONS (
  description = 'Rounds of training and detection.',
  partition_expiration_days = 90
);

-- What each model knows of each series: the span it was trained on, or why BigQuery left the series out.
CREATE TABLE IF NOT EXISTS `metrics_dataset.model_series` (
  model STRING NOT NULL,
  series STRING NOT NULL,
  first_minute TIMESTAMP NOT NULL,
  last_minute TIMESTAMP NOT NULL,
  points INT64 NOT NULL,
  constant BOOL NOT NULL OPTIONS (description = 'All its values are equal: there is nothing to learn a spread from.'),
  error_message STRING OPTIONS (description = 'Why the model has no forecast for the series; NULL when it has.'),
  trained TIMESTAMP NOT NULL
)
CLUSTER BY model
OPTIONS (description = 'What each model knows of each series.');
