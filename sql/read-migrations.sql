SELECT DISTINCT number
FROM `metrics_dataset.migrations`
ORDER BY number;
