/**
 * The same plain statements on this server and on bqemulator, an independent emulator of BigQuery on the same machine,
 * one after the other over REST: the time of each and their ratio. Both have the same table, made by the same statement.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBigQueryEmulator } from '../tests/cloud/support/bigquery-emulator.js';
import { lacksPeer } from '../tests/cloud/support/peers.js';
import { startBenchServer } from './load/bench-server.js';
import { readFlags, SERVER_FLAGS } from './load/read-flags.js';
import { askRest } from './load/rest-query.js';

/** As many elements as an array may have, in round numbers. */
const ROWS_MAX = 1_000_000;
const { rows: ROWS, reads: READS } = readFlags('Plain statements here and on bqemulator.', {
  rows: { default: ROWS_MAX, tells: 'rows of the table, at most a million' },
  reads: { default: 7, tells: 'of each statement; the median counts' },
  ...SERVER_FLAGS,
});
const TABLE = `CREATE TABLE ds.t AS SELECT n, MOD(n, 1000) AS host, MOD(n * 7919, 100003) / 100 AS value,
  TIMESTAMP_ADD(TIMESTAMP '2026-01-01 00:00:00+00', INTERVAL n SECOND) AS time, CONCAT('name ', CAST(MOD(n, 97) AS STRING)) AS name
  FROM UNNEST(GENERATE_ARRAY(1, ${Math.min(ROWS, ROWS_MAX)})) AS n`;

const STATEMENTS: readonly (readonly [string, string])[] = [
  ['SELECT 1', 'SELECT 1 AS x'],
  ['count', 'SELECT COUNT(*) AS n FROM ds.t'],
  [
    'filter by time',
    "SELECT COUNT(*) AS n, AVG(value) AS mean FROM ds.t WHERE time >= TIMESTAMP '2026-01-10 00:00:00+00'",
  ],
  [
    'GROUP BY minute',
    'SELECT TIMESTAMP_TRUNC(time, MINUTE) AS minute, COUNT(*) AS n, AVG(value) AS mean FROM ds.t GROUP BY minute',
  ],
  [
    'GROUP BY text',
    'SELECT name, COUNT(*) AS n, MAX(value) AS most FROM ds.t GROUP BY name ORDER BY n DESC, name',
  ],
  ['COUNT(DISTINCT)', 'SELECT COUNT(DISTINCT value) AS n FROM ds.t'],
  [
    'window',
    'SELECT MAX(step) AS most FROM (SELECT value - LAG(value) OVER (PARTITION BY host ORDER BY time) AS step FROM ds.t)',
  ],
  ['join', 'SELECT COUNT(*) AS n FROM ds.t AS a JOIN ds.t AS b ON a.n = b.n + 1 WHERE a.value > b.value'],
  ['top 100', 'SELECT n, time, value FROM ds.t ORDER BY value DESC, n LIMIT 100'],
  ['10,000 rows out', 'SELECT n, time, name, value FROM ds.t WHERE n <= 10000'],
];

if (!lacksPeer('bigquery')) await main();

async function main() {
  const dataFolder = mkdtempSync(join(tmpdir(), 'seismo-bigquery-peer-'));
  const server = await startBenchServer(dataFolder);
  const emulator = await startBigQueryEmulator({ dataset: 'ds' });
  try {
    const here = askRest(server.url);
    const there = askRest(emulator.url, emulator.project);
    await here.query('CREATE SCHEMA ds');
    for (const rest of [here, there]) await rest.query(TABLE);
    console.table(await compare(here, there));
    const rows = Math.min(ROWS, ROWS_MAX).toLocaleString('en');
    console.log(
      `${rows} rows, both on ${availableParallelism()} cores, medians of ${READS}, Node ${process.version}`,
    );
  } finally {
    await emulator.stop();
    await server.stop();
    rmSync(dataFolder, { recursive: true, force: true });
  }
}

type Rest = ReturnType<typeof askRest>;

async function compare(here: Rest, there: Rest) {
  const table: Record<string, string | number>[] = [];
  for (const [what, sql] of STATEMENTS) {
    const [ours, theirs]: [number[], number[]] = [[], []];
    let rows = ['', ''];
    for (let read = 0; read < READS; read++) {
      const [a, b] = [await timed(here, sql), await timed(there, sql)];
      ours.push(a.ms);
      theirs.push(b.ms);
      rows = [a.rows, b.rows];
    }
    if (rows[0] !== rows[1]) throw new Error(`${what}: ${rows[0]} rows here, ${rows[1]} there`);
    table.push({
      what,
      rows: Number(rows[0]),
      'ms here': Number(median(ours).toPrecision(3)),
      'ms bqemulator': Number(median(theirs).toPrecision(3)),
      ratio: Number((median(ours) / median(theirs)).toPrecision(2)),
    });
  }
  return table;
}

async function timed(rest: Rest, sql: string): Promise<{ ms: number; rows: string }> {
  const startMs = performance.now();
  const answer = await rest.query(sql, { maxResults: 10_000 });
  return { ms: performance.now() - startMs, rows: answer.totalRows };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
