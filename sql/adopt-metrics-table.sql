-- Copies the rows of a table metrics_table that was there before Seismo into samples. It bears this name since:
-- the view has taken its own. Rows of one second become samples of its milliseconds, so that the view gives back
-- the same rows; rows that are alike in everything are one, and numbers that are none are left out:
-- count-adopted-rows.sql says how many. Once more it changes nothing.
MERGE `metrics_dataset.samples` AS known
USING (
  SELECT TIMESTAMP_MILLIS(placed.timestamp * 1000 + placed.place) AS time, measured.series, measured.value
  FROM (
    SELECT
      timestamp, latency, cpu,
      ROW_NUMBER() OVER (PARTITION BY timestamp ORDER BY latency, cpu) - 1 AS place
    FROM (
      SELECT DISTINCT timestamp, latency, cpu
      FROM `metrics_dataset.metrics_table_before_seismo`
      WHERE timestamp BETWEEN -62135596800 AND 253402300799
    )
  ) AS placed
  CROSS JOIN UNNEST([
    STRUCT('latency' AS series, CAST(placed.latency AS FLOAT64) AS value),
    STRUCT('cpu' AS series, CAST(placed.cpu AS FLOAT64) AS value)
  ]) AS measured
  WHERE placed.place < 1000
    AND measured.value IS NOT NULL AND NOT IS_NAN(measured.value) AND NOT IS_INF(measured.value)
) AS fresh
ON known.time = fresh.time AND known.series = fresh.series AND known.message_id = 'metrics_table_before_seismo'
WHEN NOT MATCHED THEN
  INSERT (time, series, name, labels, value, ingest_time, message_id)
  VALUES (fresh.time, fresh.series, fresh.series, JSON '{}', fresh.value, fresh.time, 'metrics_table_before_seismo');
