UPDATE `metrics_dataset.model_jobs`
SET state = @state, reason = @reason, ended = @ended
WHERE job_id IN UNNEST(@job_ids) AND state = 'running' AND started > TIMESTAMP_SUB(@ended, INTERVAL 30 DAY);
