import { allFunctionNames } from '@seismo/server/bigquery/sql/calls';
import { checkScript } from '@seismo/server/bigquery/sql/script-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { SqlBench } from './support/sql-bench.js';

let bench: SqlBench;
beforeAll(async () => {
  bench = await SqlBench.open();
  await bench.run('CREATE SCHEMA d; CREATE TABLE d.t (a INT64, b STRING)');
});

const check = (sql: string) => () => checkScript(sql, bench.options());

const STATEMENTS: readonly string[] = [
  "SELECT * FROM read_csv('/etc/passwd')",
  "SELECT * FROM '/etc/passwd'",
  'SELECT * FROM `/etc/passwd`',
  'SELECT * FROM `main./etc/passwd`',
  "SELECT read_text('/etc/passwd')",
  "SELECT * FROM glob('*')",
  "COPY d.t TO '/tmp/x'",
  "EXPORT DATABASE '/tmp/x'",
  "EXPORT DATA OPTIONS(uri = 'gs://x') AS SELECT 1",
  "ATTACH '/tmp/x.db'",
  'INSTALL httpfs',
  "LOAD 'httpfs'",
  "LOAD DATA INTO d.t FROM FILES(format = 'CSV', uris = ['/etc/passwd'])",
  "SELECT getenv('HOME')",
  'SET memory_limit = 1',
  'PRAGMA database_list',
  'CALL pragma_version()',
  'SELECT * FROM duckdb_settings()',
  'SELECT * FROM seismo_store.samples_hot',
  'SELECT * FROM information_schema.tables',
  'SELECT * FROM pg_catalog.pg_class',
  'SELECT * FROM temp.duckdb_tables',
  'SELECT current_setting("memory_limit")',
  'CREATE SCHEMA seismo_store',
  'CREATE SCHEMA main',
  'CREATE TABLE main.t (a INT64)',
  'DROP SCHEMA seismo_store CASCADE',
  'CREATE EXTERNAL TABLE d.x OPTIONS (format = "CSV", uris = ["/etc/passwd"])',
  'CREATE PROCEDURE d.p() BEGIN SELECT 1; END',
  'CREATE FUNCTION d.f(x INT64) AS (x)',
  'CREATE TEMP FUNCTION f(x INT64) RETURNS INT64 LANGUAGE js AS "return x"',
  'SELECT * FROM EXTERNAL_QUERY("c", "SELECT 1")',
  'SELECT bq_fail("x")',
  'SELECT rowid FROM d.t',
  'SELECT a FROM d.t ORDER BY COLUMNS(*)',
  'SELECT a::VARCHAR FROM d.t',
  'SELECT $1',
  'SELECT #1 FROM d.t',
  "SELECT E'\\\\n'",
  'SELECT a FROM d.t USING SAMPLE 10',
  'FROM d.t',
  'VALUES (1)',
  'DESCRIBE d.t',
  'EXPLAIN SELECT 1',
  'SUMMARIZE d.t',
  'VACUUM',
  'CHECKPOINT',
  'BEGIN TRANSACTION',
];

describe('nothing of DuckDB is reached', () => {
  it('by a function that BigQuery does not have, under any way of writing its name', async () => {
    const known = new Set(allFunctionNames().map((name) => name.toLowerCase()));
    const names = (await bench.duckDbFunctions()).filter(
      (name) => /^\w+$/.test(name) && !known.has(name.toLowerCase()),
    );
    expect(names.length).toBeGreaterThan(300);
    for (const name of names) {
      for (const call of [`${name}('x')`, `\`${name}\`('x')`, `SAFE.${name}('x')`, `main.${name}('x')`]) {
        expect(check(`SELECT ${call}`), call).toThrow();
      }
      expect(check(`SELECT * FROM ${name}('x')`), name).toThrow();
      expect(check(`SELECT * FROM \`${name}\`('x')`), name).toThrow();
    }
  });

  it.each(STATEMENTS)('by %s', (sql) => {
    expect(check(sql)).toThrow();
  });

  it.each(STATEMENTS)('by EXECUTE IMMEDIATE of %s', async (sql) => {
    await expect(bench.run(`EXECUTE IMMEDIATE ${JSON.stringify(sql)}`)).rejects.toThrow();
  });

  it('by quotes in names and texts, which stay names and texts', async () => {
    await bench.run('CREATE TABLE d.q (a STRING)');
    const text = `'); DROP TABLE d.q; --`;
    await bench.run(`INSERT INTO d.q VALUES (@x)`, [
      { name: 'x', parameterType: { type: 'STRING' }, parameterValue: { value: text } },
    ]);
    expect((await bench.run('SELECT a AS `x"y` FROM d.q')).rows).toEqual([[text]]);
    expect((await bench.run(`SELECT STRUCT(a AS \`it's\`).\`it's\` FROM d.q`)).rows).toEqual([[text]]);
    expect((await bench.run(`SELECT "${text.replaceAll('"', '\\"')}" AS \`a'b\``)).rows).toEqual([[text]]);
  });

  it('by depth: a text that is too deep is refused, and the next one is read', () => {
    for (const deep of [
      `SELECT ${'('.repeat(5000)}1${')'.repeat(5000)}`,
      `SELECT ${'- '.repeat(50_000)}1`,
      `SELECT ${'1 + '.repeat(20_000)}1`,
    ]) {
      expect(check(deep)).toThrow('too complex');
      expect(check('SELECT 1')).not.toThrow();
    }
  });
});
