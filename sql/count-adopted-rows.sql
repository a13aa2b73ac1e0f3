-- What became of the table that adopt-metrics-table.sql copied: samples that are there of it, rows that repeat another
-- one in all columns, rows without any value, and values that no sample can have (no number, infinite, without a
-- time, outside the years 1 to 9999 as milliseconds are, or more than a thousand in a second).
SELECT
  stored.adopted_samples,
  COALESCE(found.repeated_rows, 0) AS repeated_rows,
  found.empty_rows,
  GREATEST(0, found.measured - stored.adopted_samples) AS values_left_out
FROM (
  SELECT COUNT(*) AS adopted_samples
  FROM `metrics_dataset.samples`
  WHERE message_id = 'metrics_table_before_seismo'
) AS stored
CROSS JOIN (
  SELECT
    SUM(copies - 1) AS repeated_rows,
    COUNTIF(latency IS NULL AND cpu IS NULL) AS empty_rows,
    COUNT(latency) + COUNT(cpu) AS measured
  FROM (
    SELECT timestamp, latency, cpu, COUNT(*) AS copies
    FROM `metrics_dataset.metrics_table_before_seismo`
    GROUP BY timestamp, latency, cpu
  )
) AS found;
