SELECT COUNT(*) AS samples
FROM `metrics_dataset.samples`
WHERE message_id = 'metrics_table_before_seismo';
