-- Before the job starts, so that no job runs that nobody knows of.
INSERT INTO `metrics_dataset.model_jobs` (job_id, kind, model, statement, started, minutes_from, state)
VALUES (@job_id, @kind, @model, @statement, @started, @minutes_from, 'running');
