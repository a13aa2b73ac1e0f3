-- Makes room for the view where somebody has a table of that name; nothing of it is changed or dropped.
ALTER TABLE `metrics_dataset.metrics_table` RENAME TO metrics_table_before_seismo;
