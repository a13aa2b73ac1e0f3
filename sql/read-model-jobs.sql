-- What runs, and of each kind, model and state the newest.
SELECT job_id, kind, model, statement, started, minutes_from, state, reason
FROM `metrics_dataset.model_jobs`
WHERE started > TIMESTAMP_SUB(@now, INTERVAL 30 DAY)
QUALIFY state = 'running' OR ROW_NUMBER() OVER (PARTITION BY kind, model, state ORDER BY started DESC) = 1
ORDER BY started, kind, model;
