-- Every sample, as delivered: Pub/Sub delivers at least once, so repeats are here and the views remove them.
-- A sample is known by (series, time) with time in whole milliseconds; the last write wins: the largest
-- ingest_time (when Pub/Sub took the message in, the same for every delivery of it), then the largest message_id as a number.
CREATE TABLE IF NOT EXISTS `metrics_dataset.samples` (
  time TIMESTAMP NOT NULL OPTIONS (description = 'Time of the sample, whole milliseconds.'),
  series STRING NOT NULL OPTIONS (description = 'Name with labels sorted by name: latency{service="checkout"}.'),
  name STRING NOT NULL OPTIONS (description = 'The name of the metric.'),
  labels JSON OPTIONS (description = 'The labels as an object of texts; {} or NULL when there are none.'),
  value FLOAT64 NOT NULL OPTIONS (description = 'The value; always finite.'),
  ingest_time TIMESTAMP NOT NULL OPTIONS (description = 'When Pub/Sub took the message in.'),
  message_id STRING OPTIONS (description = 'The message the sample came with.')
)
PARTITION BY DATE(time)
CLUSTER BY series
OPTIONS (
  description = 'Every sample as delivered; the only table that ingestion writes.',
  partition_expiration_days = 730
);
