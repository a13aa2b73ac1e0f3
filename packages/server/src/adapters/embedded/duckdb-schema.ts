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

/**
 * Version 4 keeps what the minutes of anomalies were judged by once the model that judged them is gone; `parts` is
 * JSON.
 */
const VERSION_4: readonly string[] = [
  'CREATE TABLE seismo_store.explanations (series_id UINTEGER, time_ms BIGINT, expected DOUBLE, parts VARCHAR)',
];

/**
 * Version 5 adds what BigQuery knows of datasets and tables and DuckDB cannot hold: `about` is JSON (see
 * bigquery/rest/catalog-entries.ts). Datasets are schemas of this file and their tables lie in them.
 */
const VERSION_5: readonly string[] = [
  'CREATE TABLE seismo_store.sql_datasets (dataset VARCHAR, about VARCHAR)',
  'CREATE TABLE seismo_store.sql_tables (dataset VARCHAR, name VARCHAR, about VARCHAR)',
];

/** Version 6 keeps write streams of the Storage Write API: how far each got, as JSON. */
const VERSION_6: readonly string[] = [
  'CREATE TABLE seismo_store.sql_write_streams (id VARCHAR, about VARCHAR)',
];

/** Version 7 joins the two series of `metrics_table`, each without repeats as it is, in a third of the time of grouping. */
const VERSION_7: readonly string[] = [
  `CREATE OR REPLACE VIEW metrics_dataset.metrics_table AS
    SELECT time_ms // 1000 AS timestamp, l.value AS latency, try_cast(round(c.value) AS BIGINT) AS cpu
    FROM (SELECT time_ms, value FROM metrics_dataset.samples WHERE series = 'latency') l
    FULL JOIN (SELECT time_ms, value FROM metrics_dataset.samples WHERE series = 'cpu') c USING (time_ms)`,
];

/**
 * Version 8 keeps what of a series says that a sample is anomalous: a code of the engine's COMPONENTS, 0 for none. A
 * band has no bound to a side to which nothing is told.
 */
const VERSION_8: readonly string[] = [
  'ALTER TABLE seismo_store.anomalies ADD COLUMN component UTINYINT DEFAULT 0',
  `CREATE OR REPLACE VIEW metrics_dataset.anomalies AS
    SELECT s.key AS series, a.series_id, make_timestamp_ms(a.time_ms) AS time, a.time_ms, a.value,
      if(isnan(expected), NULL, expected) AS expected, if(isfinite(lower), lower, NULL) AS lower_bound,
      if(isfinite(upper), upper, NULL) AS upper_bound, probability AS anomaly_probability, score,
      alarm = 1 AS alarm, detector,
      CASE review WHEN 1 THEN 'confirmed' WHEN 2 THEN 'withdrawn' END AS review,
      CASE component WHEN 1 THEN 'level' WHEN 2 THEN 'time_of_day' WHEN 3 THEN 'variance' END AS component
    FROM seismo_store.anomalies a JOIN seismo_store.series s ON s.id = a.series_id`,
  `CREATE OR REPLACE VIEW metrics_dataset.verdicts AS
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
      if(isnan(expected), NULL, expected) AS expected, if(isfinite(lower), lower, NULL) AS lower_bound,
      if(isfinite(upper), upper, NULL) AS upper_bound,
      if(isnan(probability), NULL, probability) AS anomaly_probability,
      if(isnan(score), NULL, score) AS score, alarm = 1 AS alarm
    FROM merged m JOIN seismo_store.series s ON s.id = m.series_id`,
];

/**
 * Version 9 keeps the FORECAST_LIMIT bounds that what is expected of a minute lies strictly between, where its model
 * is of the logarithm or logit: errors are not the same to both sides there. Infinite for any other.
 */
const VERSION_9: readonly string[] = ['forecasts', 'minutes'].flatMap((table) => [
  `ALTER TABLE seismo_store.${table} ADD COLUMN lower_limit DOUBLE DEFAULT '-inf'`,
  `ALTER TABLE seismo_store.${table} ADD COLUMN upper_limit DOUBLE DEFAULT 'inf'`,
]);

/** Of each id once, so that DuckDB leaves the join out where nothing reads the name: it is most of what a count takes. */
const KEYS = '(SELECT id, any_value(key) AS key FROM seismo_store.series GROUP BY id)';

/**
 * Version 10 compares hot rows with cold ones only where their times are, and keeps of the hot keys those that stand
 * in both tables: mostly none, so that the rows of all other ranges are read as they lie there.
 */
const VERSION_10: readonly string[] = [
  `CREATE VIEW seismo_store.samples AS
    WITH hot AS (
      SELECT series_id, time_ms, arg_max(value, rowid) AS value FROM seismo_store.samples_hot GROUP BY ALL),
    replaced AS (
      SELECT h.series_id, h.time_ms FROM hot h JOIN seismo_store.samples_cold c
      ON c.series_id = h.series_id AND c.time_ms = h.time_ms)
    SELECT series_id, time_ms, value FROM seismo_store.samples_cold c
    WHERE NOT EXISTS (FROM replaced r WHERE r.series_id = c.series_id AND r.time_ms = c.time_ms)
    UNION ALL SELECT series_id, time_ms, value FROM hot`,
  `CREATE OR REPLACE VIEW metrics_dataset.samples AS
    SELECT s.key AS series, m.series_id, make_timestamp_ms(m.time_ms) AS time, m.time_ms, m.value
    FROM seismo_store.samples m LEFT JOIN ${KEYS} s ON s.id = m.series_id`,
  `CREATE OR REPLACE VIEW metrics_dataset.metrics_table AS
    SELECT time_ms // 1000 AS timestamp, l.value AS latency, try_cast(round(c.value) AS BIGINT) AS cpu
    FROM (${valuesOf('latency')}) l FULL JOIN (${valuesOf('cpu')}) c USING (time_ms)`,
];

function valuesOf(key: string): string {
  return `SELECT time_ms, value FROM seismo_store.samples m JOIN seismo_store.series s ON s.id = m.series_id
    WHERE s.key = '${key}'`;
}

/** Version 11 names another code of what says so: an anomaly that would be ordinary on another day of the week. */
const VERSION_11: readonly string[] = [
  `CREATE OR REPLACE VIEW metrics_dataset.anomalies AS
    SELECT s.key AS series, a.series_id, make_timestamp_ms(a.time_ms) AS time, a.time_ms, a.value,
      if(isnan(expected), NULL, expected) AS expected, if(isfinite(lower), lower, NULL) AS lower_bound,
      if(isfinite(upper), upper, NULL) AS upper_bound, probability AS anomaly_probability, score,
      alarm = 1 AS alarm, detector,
      CASE review WHEN 1 THEN 'confirmed' WHEN 2 THEN 'withdrawn' END AS review,
      CASE component WHEN 1 THEN 'level' WHEN 2 THEN 'time_of_day' WHEN 3 THEN 'variance'
        WHEN 4 THEN 'day_of_week' END AS component
    FROM seismo_store.anomalies a JOIN seismo_store.series s ON s.id = a.series_id`,
];

/**
 * Version 12 says ANTI JOIN for NOT EXISTS: under a condition on series or time DuckDB kept the latter as a join over
 * the distinct keys of all cold rows.
 */
const VERSION_12: readonly string[] = [
  `CREATE OR REPLACE VIEW seismo_store.samples AS
    WITH hot AS (
      SELECT series_id, time_ms, arg_max(value, rowid) AS value FROM seismo_store.samples_hot GROUP BY ALL),
    replaced AS (
      SELECT h.series_id, h.time_ms FROM hot h JOIN seismo_store.samples_cold c
      ON c.series_id = h.series_id AND c.time_ms = h.time_ms)
    SELECT c.series_id, c.time_ms, c.value FROM seismo_store.samples_cold c
    ANTI JOIN replaced r ON r.series_id = c.series_id AND r.time_ms = c.time_ms
    UNION ALL SELECT series_id, time_ms, value FROM hot`,
];

/**
 * Version 13 looks for replaced keys in the hot rows as they lie there. Read twice, what is left of them without repeats
 * was kept whole beside the statement's own work, and no condition of the statement reached it.
 */
const VERSION_13: readonly string[] = [
  `CREATE OR REPLACE VIEW seismo_store.samples AS
    WITH replaced AS (
      SELECT h.series_id, h.time_ms FROM seismo_store.samples_hot h JOIN seismo_store.samples_cold c
      ON c.series_id = h.series_id AND c.time_ms = h.time_ms)
    SELECT c.series_id, c.time_ms, c.value FROM seismo_store.samples_cold c
    ANTI JOIN replaced r ON r.series_id = c.series_id AND r.time_ms = c.time_ms
    UNION ALL
    SELECT series_id, time_ms, arg_max(value, rowid) AS value FROM seismo_store.samples_hot GROUP BY ALL`,
];

/** Oldest first; a released version is never changed again. */
export const SCHEMA_VERSIONS: readonly SchemaVersion[] = [
  { version: 1, statements: VERSION_1 },
  { version: 2, statements: VERSION_2 },
  { version: 3, statements: VERSION_3 },
  { version: 4, statements: VERSION_4 },
  { version: 5, statements: VERSION_5 },
  { version: 6, statements: VERSION_6 },
  { version: 7, statements: VERSION_7 },
  { version: 8, statements: VERSION_8 },
  { version: 9, statements: VERSION_9 },
  { version: 10, statements: VERSION_10 },
  { version: 11, statements: VERSION_11 },
  { version: 12, statements: VERSION_12 },
  { version: 13, statements: VERSION_13 },
];

export const SCHEMA_VERSION = SCHEMA_VERSIONS.at(-1)!.version;
