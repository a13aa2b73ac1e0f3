-- What was applied already. Always run first; it changes nothing where the table is there.
CREATE TABLE IF NOT EXISTS `metrics_dataset.migrations` (
  number INT64 NOT NULL,
  name STRING NOT NULL,
  applied TIMESTAMP NOT NULL
)
OPTIONS (description = 'Which numbered migrations of this dataset were applied, and when.');
