import { builtInTables } from '@seismo/server/bigquery/rest/built-in-tables';
import { checkScript } from '@seismo/server/bigquery/sql/script-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SqlServer } from './support/sql-server.js';

const START = 1_790_000_040;
const MINUTE = 'TIMESTAMP_TRUNC(time, MINUTE)';

let server: SqlServer;
beforeAll(async () => {
  server = await SqlServer.start();
  await server.send([
    { timestamp: START, latency: 10, cpu: 1 },
    { timestamp: START + 60, latency: 20 },
    { timestamp: START + 120, cpu: 3 },
    { timestamp: START + 60, cpu: 2 },
    // Sent again, and replaced.
    { timestamp: START, latency: 10, cpu: 1 },
    { timestamp: START + 60, latency: 30 },
  ]);
  await server.query('CREATE SCHEMA d');
  await server.query('CREATE VIEW d.values_only AS SELECT time, value FROM metrics_dataset.samples');
  await server.query('CREATE VIEW d.everything AS SELECT * FROM metrics_dataset.samples');
});
afterAll(() => server.stop());

const SAMPLES = 'metrics_dataset.samples';

describe('samples', () => {
  it.each([
    [`SELECT COUNT(*), SUM(value) FROM ${SAMPLES}`, [['5', '46.0']]],
    [
      `SELECT series, COUNT(*) FROM ${SAMPLES} GROUP BY series ORDER BY series`,
      [
        ['cpu', '3'],
        ['latency', '2'],
      ],
    ],
    [`SELECT COUNT(*) FROM ${SAMPLES} WHERE series = 'cpu'`, [['3']]],
    [`SELECT COUNT(*) FROM ${SAMPLES} AS s WHERE s.name = 'cpu'`, [['3']]],
    [`SELECT COUNT(DISTINCT TO_JSON_STRING(s)) FROM ${SAMPLES} AS s`, [['5']]],
    [`SELECT s.series FROM (SELECT s FROM ${SAMPLES} AS s WHERE s.value = 30)`, [['latency']]],
    [`SELECT COUNT(series) FROM (SELECT * FROM ${SAMPLES})`, [['5']]],
    [`SELECT COUNT(*) FROM (SELECT * EXCEPT (series, name, labels) FROM ${SAMPLES})`, [['5']]],
    [`WITH s AS (SELECT time, value FROM ${SAMPLES}) SELECT SUM(value) FROM s`, [['46.0']]],
    [`SELECT SUM(a.value) FROM ${SAMPLES} a JOIN ${SAMPLES} b USING (time, series)`, [['46.0']]],
    [`SELECT COUNT(*) FROM ${SAMPLES} a JOIN ${SAMPLES} b USING (time)`, [['9']]],
    [
      `SELECT COUNT(*) FROM ${SAMPLES} a WHERE EXISTS (SELECT 1 FROM ${SAMPLES} b WHERE b.name < a.name AND b.time = a.time)`,
      [['2']],
    ],
    ['SELECT SUM(value) FROM d.values_only', [['46.0']]],
    ["SELECT SUM(value) FROM d.everything WHERE series = 'latency'", [['40.0']]],
    [
      `SELECT UNIX_SECONDS(${MINUTE}) - ${START}, SUM(value) FROM ${SAMPLES} GROUP BY ${MINUTE} ORDER BY 1`,
      [
        ['0', '11.0'],
        ['60', '32.0'],
        ['120', '3.0'],
      ],
    ],
    [`SELECT COUNT(*) FROM ${SAMPLES} TABLESAMPLE SYSTEM (100 PERCENT)`, [['5']]],
    [`SELECT COUNT(*), COUNT(ingest_time), COUNT(message_id) FROM ${SAMPLES}`, [['5', '0', '0']]],
  ])('%s', async (sql, rows) => {
    expect(await server.rows(sql)).toEqual(rows);
  });

  it('are not joined with their series where a statement reads none of its columns', () => {
    const tables = builtInTables(0);
    const sqlOf = (sql: string) => {
      const catalog = {
        dataset: () => true,
        table: (_: string, name: string) => tables.find(({ table }) => table === name)!,
        model: () => false,
        mlColumns: () => [],
      };
      const [plan] = checkScript(sql, { projectId: 'test', catalog: catalog as never });
      return (plan as { sql: string }).sql;
    };
    expect(sqlOf(`SELECT ${MINUTE} AS minute, AVG(value) FROM ${SAMPLES} GROUP BY minute`)).not.toContain(
      'JOIN',
    );
    expect(sqlOf(`SELECT COUNT(*) FROM ${SAMPLES} AS s`)).not.toContain('JOIN');
    for (const read of ['series', 's.labels', 's', '*']) {
      expect(sqlOf(`SELECT ${read} FROM ${SAMPLES} AS s`), read).toContain('LEFT JOIN');
    }
  });
});

describe('metrics_table', () => {
  const TABLE = 'metrics_dataset.metrics_table';

  it.each([
    [
      `SELECT timestamp - ${START}, latency, cpu FROM ${TABLE} ORDER BY timestamp`,
      [
        ['0', '10.0', '1'],
        ['60', '30.0', '2'],
        ['120', null, '3'],
      ],
    ],
    [`SELECT COUNT(*), COUNT(latency), MAX(cpu) FROM ${TABLE}`, [['3', '2', '3']]],
    [`SELECT AVG(latency) FROM ${TABLE} WHERE cpu < 3`, [['20.0']]],
    [`SELECT COUNT(*) FROM ${TABLE} a JOIN ${TABLE} b USING (timestamp)`, [['3']]],
    [
      `DECLARE n INT64 DEFAULT (SELECT COUNT(*) FROM ${TABLE}); SELECT n, MAX(cpu) FROM ${TABLE}`,
      [['3', '3']],
    ],
    [
      `IF EXISTS (SELECT 1 FROM ${TABLE} WHERE cpu = 3) THEN SELECT COUNT(latency) FROM ${TABLE}; END IF`,
      [['2']],
    ],
  ])('%s', async (sql, rows) => {
    expect(await server.rows(sql)).toEqual(rows);
  });

  it('is the source of a table', async () => {
    await server.query(`CREATE TABLE d.copied AS SELECT * FROM ${TABLE}`);
    await server.query(`INSERT INTO d.copied SELECT timestamp + 1000, latency, cpu FROM ${TABLE}`);
    expect(await server.rows('SELECT COUNT(*), SUM(latency), SUM(cpu) FROM d.copied')).toEqual([
      ['6', '80.0', '12'],
    ]);
  });

  it('can be read again after a statement that failed', async () => {
    const { status } = await server.query(`SELECT ERROR('no') FROM ${TABLE}`);
    expect(status).toBe(400);
    expect(await server.rows(`SELECT COUNT(*) FROM ${TABLE}`)).toEqual([['3']]);
  });
});

describe.each(['metrics_table', 'samples_per_minute'])('the statement that makes %s', (view) => {
  it('gives the same rows', async () => {
    const [[ddl]] = (await server.rows(
      `SELECT ddl FROM metrics_dataset.INFORMATION_SCHEMA.TABLES WHERE table_name = '${view}'`,
    )) as [[string]];
    await server.rows(ddl.replace(`test.metrics_dataset.${view}`, `test.d.${view}`));
    const inOrder = (dataset: string) => server.rows(`SELECT * FROM ${dataset}.${view} ORDER BY 1, 2`);
    expect(await inOrder('d')).toEqual(await inOrder('metrics_dataset'));
    const { body } = await server.call('GET', `datasets/metrics_dataset/tables/${view}`);
    expect(ddl).toContain(body.view.query);
  });
});
