-- Mean of each series in each closed minute, repeats removed: what models are trained on and what they judge.
-- Kept up by detect-minutes.sql. Training bills its bytes once for each candidate model, so it never reads samples.
CREATE TABLE IF NOT EXISTS `metrics_dataset.samples_per_minute` (
  minute TIMESTAMP NOT NULL OPTIONS (description = 'Start of the minute.'),
  series STRING NOT NULL,
  value FLOAT64 NOT NULL OPTIONS (description = 'Mean of the samples of that minute.'),
  samples INT64 NOT NULL OPTIONS (description = 'How many samples the mean was taken of.'),
  updated TIMESTAMP NOT NULL OPTIONS (description = 'The round of detection that last changed the row.')
)
PARTITION BY DATE(minute)
CLUSTER BY series
OPTIONS (
  description = 'Mean of each series in each closed minute.',
  partition_expiration_days = 730
);
