-- What the model of all series knows of each: the span that it learned, or why BigQuery left the series out.
SELECT model, series, first_minute, last_minute, error_message, trained
FROM `metrics_dataset.model_series`
WHERE model = 'series_anomalies'
ORDER BY series;
