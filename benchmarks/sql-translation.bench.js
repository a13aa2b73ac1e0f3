/**
 * What reading a statement of BigQuery, checking it and writing it anew for DuckDB costs the main thread, by the CPU
 * time used: a short query, statements of sql/, and rows written out in an INSERT.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import process from 'node:process';
import { checkScript } from '@seismo/server/bigquery/sql/script-check';
import { readFlags } from './load/read-flags.js';

const { rounds, rows } = readFlags('CPU time of translating BigQuery SQL, on one core.', {
  rounds: { default: 200, tells: 'how often each statement is translated' },
  rows: { default: 10_000, tells: 'rows of the INSERT' },
});

const columns = (text) =>
  text.split(', ').map((one) => {
    const [name, type] = one.split(' ');
    return { name, type };
  });
const TABLES = {
  metrics_table: columns('timestamp INT64, latency FLOAT64, cpu INT64'),
  samples: columns('time TIMESTAMP, series STRING, value FLOAT64, ingest_time TIMESTAMP, message_id STRING'),
  samples_per_minute: columns(
    'minute TIMESTAMP, series STRING, value FLOAT64, samples INT64, updated TIMESTAMP',
  ),
};
const VERDICTS = columns(
  'timestamp TIMESTAMP, latency FLOAT64, is_anomaly BOOL, anomaly_probability FLOAT64',
);
const options = {
  projectId: 'benchmark',
  catalog: {
    dataset: () => true,
    table: (_, name) => (TABLES[name] === undefined ? undefined : { kind: 'table', columns: TABLES[name] }),
    model: () => true,
    mlColumns: () => VERDICTS,
  },
};

const file = (name) => readFileSync(new URL(`../sql/${name}.sql`, import.meta.url), 'utf8');
const values = Array.from({ length: rows }, (_, i) => `(${1_700_000_000 + i}, ${i / 8}, ${i % 100})`).join(
  ', ',
);
const STATEMENTS = [
  ['a short query', 'SELECT COUNT(*) FROM metrics_dataset.samples', rounds],
  ['detect-latency-anomalies.sql', file('detect-latency-anomalies'), rounds],
  ['retrain-latency-anomalies.sql', file('retrain-latency-anomalies'), rounds],
  ['rebuild-minutes.sql', file('rebuild-minutes'), rounds],
  [`INSERT of ${rows} rows`, `INSERT INTO metrics_dataset.metrics_table VALUES ${values}`, 5],
];

function measure([what, sql, times]) {
  for (let round = 0; round < Math.min(20, times); round++) checkScript(sql, options);
  const before = process.cpuUsage();
  for (let round = 0; round < times; round++) checkScript(sql, options);
  const { user, system } = process.cpuUsage(before);
  return { what, characters: sql.length, 'CPU ms': Number(((user + system) / 1000 / times).toPrecision(2)) };
}

const startedMs = performance.now();
checkScript('SELECT 1', options);
const firstMs = performance.now() - startedMs;
console.log(`${cpus()[0].model}, ${availableParallelism()} cores, Node ${process.version}`);
console.log(`the first statement, which loads the parser: ${firstMs.toFixed(0)} ms`);
console.table(STATEMENTS.map(measure));
