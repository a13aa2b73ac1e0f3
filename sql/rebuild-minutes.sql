-- Brings samples_per_minute up to date over all of samples, by hand after samples of long ago were loaded: rounds of
-- detection look back a week at most. Models learn these minutes with their next training; nothing judges them.
MERGE `metrics_dataset.samples_per_minute` AS known
USING (
  SELECT TIMESTAMP_TRUNC(time, MINUTE) AS minute, series, AVG(value) AS value, COUNT(*) AS samples
  FROM (
    SELECT time, series, ARRAY_AGG(value ORDER BY ingest_time DESC, LENGTH(message_id) DESC, message_id DESC LIMIT 1)[OFFSET(0)] AS value
    FROM `metrics_dataset.samples`
    WHERE time < TIMESTAMP_TRUNC(TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 30 SECOND), MINUTE)
      AND NOT STARTS_WITH(series, 'seismo_smoke_test')
    GROUP BY time, series
  )
  GROUP BY minute, series
) AS fresh
ON known.minute = fresh.minute AND known.series = fresh.series
WHEN MATCHED AND (
  known.samples != fresh.samples OR ABS(known.value - fresh.value) > 1e-9 * (ABS(known.value) + ABS(fresh.value))
) THEN UPDATE SET value = fresh.value, samples = fresh.samples, updated = CURRENT_TIMESTAMP()
WHEN NOT MATCHED THEN
  INSERT (minute, series, value, samples, updated)
  VALUES (fresh.minute, fresh.series, fresh.value, fresh.samples, CURRENT_TIMESTAMP());
