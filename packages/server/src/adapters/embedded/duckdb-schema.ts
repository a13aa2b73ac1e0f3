/**
 * The tables of the database file. `seismo_store` is ours; `metrics_dataset` is what users query, also on a copy
 * with any DuckDB client, and has the same names in BigQuery.
 *
 * Samples arrive in the hot tables in commit order; compaction moves them to the cold ones, sorted by series
 * and time. The hot tables are stored uncompressed: they live briefly, and folding the log in takes half the time.
 */
export interface SchemaVersion {
  readonly version: number;
  /** Statements that lead here from the version before. */
  readonly statements: readonly string[];
}

const RAW = 'USING COMPRESSION uncompressed';

const VERSION_1: readonly string[] = [
  'CREATE SCHEMA seismo_store',
  'CREATE SCHEMA metrics_dataset',
  'CREATE TABLE seismo_store.meta (name VARCHAR, value BIGINT)',
  'CREATE TABLE seismo_store.series (id UINTEGER, key VARCHAR, name VARCHAR, labels VARCHAR)',
  `CREATE TABLE seismo_store.samples_hot (series_id UINTEGER ${RAW}, time_ms BIGINT ${RAW}, value DOUBLE ${RAW},
    seq BIGINT ${RAW})`,
  'CREATE TABLE seismo_store.samples_cold (series_id UINTEGER, time_ms BIGINT, value DOUBLE)',
  `CREATE TABLE seismo_store.verdicts_hot (series_id UINTEGER ${RAW}, time_ms BIGINT ${RAW}, state UTINYINT ${RAW},
    expected DOUBLE ${RAW}, lower DOUBLE ${RAW}, upper DOUBLE ${RAW}, probability DOUBLE ${RAW},
    score DOUBLE ${RAW}, alarm UTINYINT ${RAW}, seq BIGINT ${RAW})`,
  `CREATE TABLE seismo_store.verdicts_cold (series_id UINTEGER, time_ms BIGINT, state UTINYINT, expected DOUBLE,
    lower DOUBLE, upper DOUBLE, probability DOUBLE, score DOUBLE, alarm UTINYINT)`,
  `CREATE TABLE seismo_store.anomalies (series_id UINTEGER, time_ms BIGINT, value DOUBLE, expected DOUBLE,
    lower DOUBLE, upper DOUBLE, probability DOUBLE, score DOUBLE, alarm UTINYINT, detector VARCHAR)`,
  'CREATE TABLE seismo_store.checkpoint_pieces (checkpoint BIGINT, piece INTEGER, bytes BLOB)',
  'CREATE TABLE seismo_store.checkpoints (detector VARCHAR, version BIGINT, seq BIGINT, checkpoint BIGINT)',
  "INSERT INTO seismo_store.meta VALUES ('schema_version', 1), ('compacted_seq', 0), ('next_series_id', 0)",
];

/** Version 2 adds what users query. */
const VERSION_2: readonly string[] = [
  `CREATE VIEW metrics_dataset.series AS
    SELECT id AS series_id, key AS series, name, labels FROM seismo_store.series`,
  `CREATE VIEW metrics_dataset.samples AS
    WITH hot AS (
      SELECT series_id, time_ms, arg_max(value, rowid) AS value FROM seismo_store.samples_hot GROUP BY ALL),
    merged AS (
      SELECT series_id, time_ms, value FROM seismo_store.samples_cold c
      WHERE NOT EXISTS (FROM hot h WHERE h.series_id = c.series_id AND h.time_ms = c.time_ms)
      UNION ALL SELECT series_id, time_ms, value FROM hot)
    SELECT s.key AS series, m.series_id, make_timestamp_ms(m.time_ms) AS time, m.time_ms, m.value
    FROM merged m JOIN seismo_store.series s ON s.id = m.series_id`,
  `CREATE VIEW metrics_dataset.verdicts AS
    WITH hot AS (
      SELECT * EXCLUDE (seq) FROM seismo_store.verdicts_hot
      WHERE rowid IN (SELECT max(rowid) FROM seismo_store.verdicts_hot GROUP BY series_id, time_ms)),
    merged AS (
      FROM seismo_store.verdicts_cold c
      WHERE NOT EXISTS (FROM hot h WHERE h.series_id = c.series_id AND h.time_ms = c.time_ms)
      UNION ALL FROM hot)
    SELECT s.key AS series, m.series_id, make_timestamp_ms(m.time_ms) AS time, m.time_ms,
      CASE state WHEN 0 THEN 'warming_up' WHEN 1 THEN 'ok' WHEN 2 THEN 'anomalous' WHEN 3 THEN 'unknown'
        ELSE 'no_data' END AS state,
      if(isnan(expected), NULL, expected) AS expected, if(isnan(lower), NULL, lower) AS lower_bound,
      if(isnan(upper), NULL, upper) AS upper_bound,
      if(isnan(probability), NULL, probability) AS anomaly_probability,
      if(isnan(score), NULL, score) AS score, alarm = 1 AS alarm
    FROM merged m JOIN seismo_store.series s ON s.id = m.series_id`,
  `CREATE VIEW metrics_dataset.anomalies AS
    SELECT s.key AS series, a.series_id, make_timestamp_ms(a.time_ms) AS time, a.time_ms, a.value,
      if(isnan(expected), NULL, expected) AS expected, if(isnan(lower), NULL, lower) AS lower_bound,
      if(isnan(upper), NULL, upper) AS upper_bound, probability AS anomaly_probability, score,
      alarm = 1 AS alarm, detector
    FROM seismo_store.anomalies a JOIN seismo_store.series s ON s.id = a.series_id`,
  `CREATE VIEW metrics_dataset.metrics_table AS
    SELECT time_ms // 1000 AS timestamp,
      max(value) FILTER (series = 'latency') AS latency,
      try_cast(round(max(value) FILTER (series = 'cpu')) AS BIGINT) AS cpu
    FROM metrics_dataset.samples WHERE series IN ('latency', 'cpu')
    GROUP BY time_ms`,
];

/**
 * Version 3 adds models of minutes. `minutes` holds what was judged, `forecasts` what is to be; both times are the
 * minute's first millisecond. `review` of an anomaly: 1 confirmed, 2 withdrawn, by samples that came late.
 */
const VERSION_3: readonly string[] = [
  'ALTER TABLE seismo_store.anomalies ADD COLUMN review UTINYINT DEFAULT 0',
  `CREATE TABLE seismo_store.models (series_id UINTEGER, options VARCHAR, error VARCHAR, tried_ms BIGINT,
    trained_ms BIGINT, history_from_ms BIGINT, history_to_ms BIGINT, horizon_end_ms BIGINT, seconds DOUBLE,
    facts VARCHAR)`,
  `CREATE TABLE seismo_store.forecasts (series_id UINTEGER, time_ms BIGINT, expected DOUBLE, deviation DOUBLE)`,
  `CREATE TABLE seismo_store.minutes (series_id UINTEGER, time_ms BIGINT, value DOUBLE, expected DOUBLE,
    deviation DOUBLE, state UTINYINT)`,
  "INSERT INTO seismo_store.meta VALUES ('minutes_closed_ms', 0), ('minutes_seq', 0)",
  `CREATE OR REPLACE VIEW metrics_dataset.anomalies AS
    SELECT s.key AS series, a.series_id, make_timestamp_ms(a.time_ms) AS time, a.time_ms, a.value,
      if(isnan(expected), NULL, expected) AS expected, if(isnan(lower), NULL, lower) AS lower_bound,
      if(isnan(upper), NULL, upper) AS upper_bound, probability AS anomaly_probability, score,
      alarm = 1 AS alarm, detector,
      CASE review WHEN 1 THEN 'confirmed' WHEN 2 THEN 'withdrawn' END AS review
    FROM seismo_store.anomalies a JOIN seismo_store.series s ON s.id = a.series_id`,
  `CREATE VIEW metrics_dataset.minutes AS
    SELECT s.key AS series, m.series_id, make_timestamp_ms(m.time_ms) AS time, m.time_ms,
      if(isnan(value), NULL, value) AS value, m.expected, m.deviation AS standard_error,
      CASE state WHEN 1 THEN 'ok' WHEN 2 THEN 'anomalous' ELSE 'no_data' END AS state
    FROM seismo_store.minutes m JOIN seismo_store.series s ON s.id = m.series_id`,
  `CREATE VIEW metrics_dataset.models AS
    SELECT s.key AS series, m.series_id, m.options, m.error, make_timestamp_ms(m.trained_ms) AS trained,
      make_timestamp_ms(m.history_from_ms) AS history_from, make_timestamp_ms(m.history_to_ms) AS history_to,
      make_timestamp_ms(m.horizon_end_ms) AS horizon_end, m.seconds AS training_seconds
    FROM seismo_store.models m JOIN seismo_store.series s ON s.id = m.series_id`,
];

/** Oldest first; a released version is never changed again. */
export const SCHEMA_VERSIONS: readonly SchemaVersion[] = [
  { version: 1, statements: VERSION_1 },
  { version: 2, statements: VERSION_2 },
  { version: 3, statements: VERSION_3 },
];

export const SCHEMA_VERSION = SCHEMA_VERSIONS.at(-1)!.version;
