-- What detection found, each (series, time, detector) once. A row is never changed afterwards.
CREATE TABLE IF NOT EXISTS `metrics_dataset.anomalies` (
  time TIMESTAMP NOT NULL OPTIONS (description = 'Time of the sample, or start of the minute, that was judged.'),
  series STRING NOT NULL,
  name STRING NOT NULL,
  labels JSON,
  value FLOAT64 NOT NULL,
  expected FLOAT64 OPTIONS (description = 'What the model expected at that time.'),
  lower_bound FLOAT64,
  upper_bound FLOAT64,
  anomaly_probability FLOAT64,
  score FLOAT64 OPTIONS (description = 'Distance from the expected value in standard deviations; for ranking.'),
  alarm BOOL NOT NULL OPTIONS (description = 'First anomaly of an excursion; the next only after recovery.'),
  detector STRING NOT NULL,
  model STRING OPTIONS (description = 'The model that judged, and how: ahead of time, or within its history.'),
  found TIMESTAMP NOT NULL OPTIONS (description = 'The round of detection that found it.')
)
PARTITION BY DATE(time)
CLUSTER BY series
OPTIONS (
  description = 'Samples and minutes whose verdict is anomalous.',
  partition_expiration_days = 730
);
