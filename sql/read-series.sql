-- Every series that has a sample.
SELECT series, ANY_VALUE(name) AS name, TO_JSON_STRING(ANY_VALUE(labels)) AS labels
FROM `metrics_dataset.samples`
GROUP BY series;
