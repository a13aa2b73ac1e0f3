-- Minutes for which there is no verdict, with the reason: no verdict never means normal. Partitioned by when that
-- was found, so that old minutes that were loaded late do not expire at once.
CREATE TABLE IF NOT EXISTS `metrics_dataset.unjudged` (
  minute TIMESTAMP NOT NULL,
  series STRING NOT NULL,
  value FLOAT64,
  reason STRING NOT NULL OPTIONS (description = 'no_model, left_out, constant_series, in_history, past_horizon or no_verdict.'),
  detail STRING OPTIONS (description = 'The reason in words.'),
  model STRING NOT NULL,
  found TIMESTAMP NOT NULL OPTIONS (description = 'The round of detection that gave no verdict.'),
  resolved TIMESTAMP OPTIONS (description = 'When a later model that knows the minute judged it; NULL until then.')
)
PARTITION BY DATE(found)
CLUSTER BY series
OPTIONS (
  description = 'Minutes without a verdict, and why.',
  partition_expiration_days = 90
);
