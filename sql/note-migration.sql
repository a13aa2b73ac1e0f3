INSERT INTO `metrics_dataset.migrations` (number, name, applied)
VALUES (@number, @name, @applied);
