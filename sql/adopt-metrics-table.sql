-- Copies the rows of a table metrics_table that was there before Seismo into samples. It bears this name since:
-- the view has taken its own. Rows of one second become samples of its milliseconds, so that the view gives back
-- the same rows; rows that are alike in everything are one. Once more it changes nothing.
MERGE `metrics_dataset.samples` AS known
USING (
  SELECT TIMESTAMP_MILLIS(timestamp * 1000 + place) AS time, 'latency' AS series, latency AS value
  FROM (
    SELECT timestamp, latency, ROW_NUMBER() OVER (PARTITION BY timestamp ORDER BY latency, cpu) - 1 AS place
    FROM (SELECT DISTINCT timestamp, latency, cpu FROM `metrics_dataset.metrics_table_before_seismo`)
  )
  WHERE place < 1000 AND NOT IS_NAN(latency) AND NOT IS_INF(latency)
  UNION ALL
  SELECT TIMESTAMP_MILLIS(timestamp * 1000 + place), 'cpu', CAST(cpu AS FLOAT64)
  FROM (
    SELECT timestamp, cpu, ROW_NUMBER() OVER (PARTITION BY timestamp ORDER BY latency, cpu) - 1 AS place
    FROM (SELECT DISTINCT timestamp, latency, cpu FROM `metrics_dataset.metrics_table_before_seismo`)
  )
  WHERE place < 1000 AND cpu IS NOT NULL
) AS fresh
ON known.time = fresh.time AND known.series = fresh.series AND known.message_id = 'metrics_table_before_seismo'
WHEN NOT MATCHED THEN
  INSERT (time, series, name, labels, value, ingest_time, message_id)
  VALUES (fresh.time, fresh.series, fresh.series, JSON '{}', fresh.value, fresh.time, 'metrics_table_before_seismo');
