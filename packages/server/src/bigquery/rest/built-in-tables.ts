import type { BigQueryType, Column } from '../sql/plan.js';
import type { DatasetEntry, TableEntry } from './catalog-entries.js';
import { METRICS_TABLE_ROWS } from './metrics-pairs.js';

/**
 * The tables that are there from the first second, with the names, columns and types that they have on Google Cloud
 * (sql/migrations), read from what this machine keeps. They cannot be dropped or changed; rows that are inserted into
 * `samples` are ingested like all others.
 */
export const METRICS_DATASET = 'metrics_dataset';

export function builtInDataset(createdMs: number): DatasetEntry {
  return {
    dataset: METRICS_DATASET,
    createdMs,
    modifiedMs: createdMs,
    location: 'US',
    description: 'What this server takes in and what it finds.',
    builtIn: true,
  };
}

const column = (name: string, type: BigQueryType, description?: string): Column =>
  description === undefined ? { name, type } : { name, type, description };
const required = (name: string, type: BigQueryType, description?: string): Column => ({
  ...column(name, type, description),
  mode: 'REQUIRED',
});

const SERIES = [
  required('series', 'STRING', 'Name with labels sorted by name: latency{service="checkout"}.'),
  required('name', 'STRING', 'The name of the metric.'),
  column('labels', 'JSON', 'The labels as an object of texts.'),
];

type BuiltIn = Omit<TableEntry, 'dataset' | 'createdMs' | 'modifiedMs'>;

/** Times are kept without a zone and are UTC. */
const instant = (expression: string) => `make_timestamptz((${expression}) * 1000)`;

/** Of `samples`, without those of its series. */
const OWN_COLUMNS = `${instant('s.time_ms')} AS time, s.value, NULL::TIMESTAMPTZ AS ingest_time, NULL::VARCHAR AS message_id`;

const TABLES: readonly BuiltIn[] = [
  {
    table: 'metrics_table',
    kind: 'VIEW',
    description: 'The unlabelled series latency and cpu, repeats removed; a view over samples.',
    columns: [column('timestamp', 'INT64'), column('latency', 'FLOAT64'), column('cpu', 'INT64')],
    readAs: METRICS_TABLE_ROWS,
    shownQuery: `SELECT
  DIV(UNIX_MILLIS(time), 1000),
  MAX(IF(series = 'latency', value, NULL)),
  SAFE_CAST(ROUND(MAX(IF(series = 'cpu', value, NULL))) AS INT64)
FROM \`metrics_dataset.samples\`
WHERE series IN ('latency', 'cpu')
GROUP BY time`,
  },
  {
    table: 'samples',
    kind: 'TABLE',
    description: 'Every sample; the only table that ingestion writes.',
    columns: [
      required('time', 'TIMESTAMP', 'Time of the sample, whole milliseconds.'),
      ...SERIES,
      required('value', 'FLOAT64', 'The value; always finite.'),
      column('ingest_time', 'TIMESTAMP', 'Not kept on one machine: NULL.'),
      column('message_id', 'STRING', 'Not kept on one machine: NULL.'),
    ],
    partitioning: { type: 'DAY', field: 'time' },
    clustering: ['series'],
    readAs: `(SELECT n.series, n.name, n.labels, ${OWN_COLUMNS} FROM seismo_store.samples s LEFT JOIN (
        SELECT id, any_value(key) AS series, any_value(name) AS name, any_value(labels)::JSON AS labels
        FROM seismo_store.series GROUP BY id) n ON n.id = s.series_id)`,
    readWithout: {
      columns: ['series', 'name', 'labels'],
      readAs: `(SELECT ${OWN_COLUMNS} FROM seismo_store.samples s)`,
    },
  },
  {
    table: 'anomalies',
    kind: 'TABLE',
    description: 'Samples and minutes whose verdict is anomalous.',
    columns: [
      required('time', 'TIMESTAMP', 'Time of the sample, or start of the minute, that was judged.'),
      ...SERIES,
      required('value', 'FLOAT64'),
      column('expected', 'FLOAT64'),
      column('lower_bound', 'FLOAT64'),
      column('upper_bound', 'FLOAT64'),
      column('anomaly_probability', 'FLOAT64'),
      column('score', 'FLOAT64', 'Distance from the expected value in standard deviations; for ranking.'),
      required('alarm', 'BOOL', 'First anomaly of an excursion; the next only after recovery.'),
      required('detector', 'STRING'),
      column('model', 'STRING', 'Not kept on one machine: NULL.'),
      column('found', 'TIMESTAMP', 'Not kept on one machine: NULL.'),
    ],
    partitioning: { type: 'DAY', field: 'time' },
    clustering: ['series'],
    readAs: `(SELECT ${instant('a.time_ms')} AS time, a.series, n.name, n.labels::JSON AS labels, a.value, a.expected,
      a.lower_bound, a.upper_bound, a.anomaly_probability, a.score, a.alarm, a.detector, NULL::VARCHAR AS model,
      NULL::TIMESTAMPTZ AS found
      FROM metrics_dataset.anomalies a JOIN seismo_store.series n ON n.id = a.series_id
      WHERE a.review IS DISTINCT FROM 'withdrawn')`,
  },
  {
    table: 'samples_per_minute',
    kind: 'VIEW',
    description: 'Mean of each series in each minute.',
    columns: [
      required('minute', 'TIMESTAMP', 'Start of the minute.'),
      required('series', 'STRING'),
      required('value', 'FLOAT64', 'Mean of the samples of that minute.'),
      required('samples', 'INT64', 'How many samples the mean was taken of.'),
    ],
    readAs: `(SELECT ${instant('s.time_ms // 60000 * 60000')} AS minute, s.series, avg(s.value) AS value,
      count(*) AS samples FROM metrics_dataset.samples s GROUP BY ALL)`,
    shownQuery: `SELECT TIMESTAMP_TRUNC(time, MINUTE) AS minute, series, AVG(value), COUNT(*)
FROM \`metrics_dataset.samples\`
GROUP BY minute, series`,
  },
];

export function builtInTables(createdMs: number): TableEntry[] {
  return TABLES.map((table) => ({
    dataset: METRICS_DATASET,
    createdMs,
    modifiedMs: createdMs,
    ...table,
  }));
}

/** Schemas that DuckDB, or this server, has for itself. */
const RESERVED = new Set([
  'main',
  'temp',
  'system',
  'seismo_store',
  'information_schema',
  'pg_catalog',
  'seismo',
]);

export function isReservedName(dataset: string): boolean {
  const name = dataset.toLowerCase();
  return RESERVED.has(name) || name.startsWith('seismo_');
}
