import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FULL_LENGTH } from '../support/test-length.js';
import { SqlServer } from './support/sql-server.js';

/** Statements made up at random. */
const RUNS = FULL_LENGTH ? 1000 : 100;

let server: SqlServer;
let file: string;
beforeAll(async () => {
  server = await SqlServer.start();
  await server.query(
    "CREATE SCHEMA d; CREATE TABLE d.t (a INT64, b STRING); INSERT INTO d.t VALUES (1, 'x')",
  );
  file = join(server.dataFolder, 'secret.csv');
  writeFileSync(file, 'secret\nopen sesame\n');
  await server.send([{ timestamp: seconds(), latency: 1 }]);
});
afterAll(() => server.stop());

const seconds = () => Math.floor(Date.now() / 1000);
const raw = String.raw;

/** What DuckDB says of itself when something of it shows through. */
const DUCKDB =
  /duckdb|(?:Binder|Catalog|Parser|Internal|Conversion|Invalid Input|Permission|IO) (?:Error|exception)/i;

async function expectRefused(sql: string, more: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const { status, body } = await server.query(sql, more);
  expect([400, 403, 404], `${sql} gave ${JSON.stringify(body)}`).toContain(status);
  expect(body.error.message.replaceAll(/`[^`]*`|"[^"]*"|DUCKDB_\w+/gi, ''), sql).not.toMatch(DUCKDB);
  expect(JSON.stringify(body), sql).not.toContain('sesame');
}

/** Done, or refused for what it is. */
async function expectUnderstood(sql: string): Promise<void> {
  const { status, body } = await server.query(sql);
  if (status !== 200) expect(body.error.message, sql).not.toMatch(DUCKDB);
  expect(status, sql).toBeLessThan(500);
}

describe('a statement reaches its own tables and nothing else', () => {
  const TABLE_FUNCTIONS = (
    'read_csv read_csv_auto sniff_csv read_text read_blob read_json read_json_auto read_ndjson read_json_objects ' +
    'parquet_scan read_parquet parquet_metadata glob query query_table duckdb_settings duckdb_tables duckdb_secrets ' +
    'duckdb_functions duckdb_databases duckdb_extensions duckdb_temporary_files duckdb_logs pragma_database_size ' +
    'pragma_table_info pragma_storage_info pragma_version pragma_show pragma_metadata_info which_secret seq_scan ' +
    'arrow_scan json_execute_serialized_sql checkpoint force_checkpoint repeat_row test_all_types summary range ' +
    'generate_series enable_logging enable_profiling'
  ).split(' ');

  it.each(TABLE_FUNCTIONS)('%s', async (name) => {
    for (const called of [
      name,
      `\`${name}\``,
      `main.${name}`,
      `\`main\`.\`${name}\``,
      `\`system.main.${name}\``,
    ]) {
      await expectRefused(`SELECT * FROM ${called}('${file}')`);
      await expectRefused(`SELECT ${called}('${file}')`);
    }
    await expectRefused(`SELECT SAFE.${name}('${file}')`);
    await expectRefused(`SELECT * FROM d.t, ${name}('${file}')`);
    await expectRefused(`SELECT * FROM d.t JOIN ${name}('${file}') ON TRUE`);
    await expectRefused(`SELECT * FROM UNNEST(${name}('${file}'))`);
    await expectRefused(`CREATE TABLE d.stolen AS SELECT * FROM ${name}('${file}')`);
    await expectRefused(`CREATE VIEW d.stolen AS SELECT * FROM ${name}('${file}')`);
    await expectRefused(`INSERT INTO d.t (b) SELECT ${name}('${file}')`);
  });

  it.each(
    (
      'getenv current_setting current_database current_schemas version getvariable nextval currval parse_path ' +
      'in_search_path txid_current write_log sql_auto_complete icu_sort_key pg_typeof typeof list_transform ' +
      'array_extract struct_extract bq_fail bq_repeat bq_joined once_1 row error_of create_sort_key'
    ).split(' '),
  )('the function %s', async (name) => {
    for (const called of [
      name,
      `\`${name}\``,
      `SAFE.${name}`,
      `main.${name}`,
      `\`main.${name}\``,
      `bq.${name}`,
    ]) {
      await expectRefused(`SELECT ${called}('HOME')`);
      await expectRefused(`SELECT a FROM d.t WHERE ${called}('HOME') = 'x'`);
      await expectRefused(`UPDATE d.t SET b = ${called}('HOME') WHERE TRUE`);
    }
  });

  it.each(
    (
      'sqlite_master sqlite_schema duckdb_tables pg_catalog.pg_tables pg_catalog.pg_class information_schema.tables ' +
      'information_schema.constraint_table_usage seismo_store.series seismo_store.samples_hot seismo_store.meta main.t temp.t ' +
      'seismo.d.t system.main.duckdb_settings metrics_dataset.verdicts metrics_dataset.minutes metrics_dataset.models ' +
      'memory.main.t query_result seismo_ml_1 d.INFORMATION_SCHEMA.character_sets'
    ).split(' '),
  )('the table %s', async (name) => {
    await expectRefused(`SELECT * FROM ${name}`);
    await expectRefused(`SELECT * FROM \`${name}\``);
    await expectRefused(`SELECT x.* FROM d.t, ${name} AS x`);
    await expectRefused(`DELETE FROM ${name} WHERE TRUE`);
    await expectRefused(`INSERT INTO ${name} VALUES (1)`);
    await expectRefused(`DROP TABLE ${name}`);
  });

  it('a file in the place of a table', async () => {
    for (const name of [
      `'${file}'`,
      `"${file}"`,
      `\`${file}\``,
      `d.\`${file}\``,
      `\`d.${file}\``,
      '`*.csv`',
    ]) {
      await expectRefused(`SELECT * FROM ${name}`);
      await expectRefused(`WITH x AS (SELECT * FROM ${name}) SELECT * FROM x`);
      await expectRefused(`INSERT INTO d.t SELECT * FROM ${name}`);
    }
  });

  it.each([
    "COPY d.t TO '/tmp/x'",
    "COPY d.t FROM '/tmp/x'",
    "EXPORT DATABASE '/tmp/x'",
    "IMPORT DATABASE '/tmp/x'",
    "EXPORT DATA OPTIONS(uri = 'file:///tmp/x', format = 'CSV') AS SELECT 1",
    "ATTACH '/tmp/x.db' AS x",
    'DETACH seismo',
    'USE d',
    'INSTALL httpfs',
    "LOAD '/tmp/x'",
    'FORCE INSTALL httpfs',
    'UPDATE EXTENSIONS',
    'SET memory_limit = "1GB"',
    'SET GLOBAL threads = 64',
    'SET @@memory_limit = 1',
    'RESET memory_limit',
    'PRAGMA database_list',
    'PRAGMA enable_external_access = true',
    'CALL pragma_version()',
    'CALL d.p()',
    'CREATE MACRO d.f(x) AS x',
    'CREATE SECRET s (TYPE s3)',
    'CREATE SEQUENCE d.s',
    "CREATE TYPE d.e AS ENUM ('a')",
    'CREATE INDEX i ON d.t (a)',
    'PREPARE p AS SELECT 1',
    'EXECUTE p',
    'EXECUTE IMMEDIATE "SELECT * FROM read_csv(\'/etc/passwd\')"',
    'DESCRIBE d.t',
    'SHOW TABLES',
    'SUMMARIZE d.t',
    'EXPLAIN ANALYZE SELECT 1',
    'CHECKPOINT',
    'VACUUM',
    'ANALYZE',
    'SELECT @@memory_limit',
    'SELECT rowid FROM d.t',
    'SELECT COLUMNS(*) FROM d.t',
    'SELECT * FROM (PRAGMA database_list)',
    'SELECT * FROM (DESCRIBE d.t)',
    'SELECT a::STRING FROM d.t',
    'CREATE SCHEMA seismo_store',
    'CREATE SCHEMA information_schema',
    'CREATE SCHEMA Main',
    'DROP SCHEMA metrics_dataset CASCADE',
    'DROP VIEW metrics_dataset.metrics_table',
    'ALTER TABLE metrics_dataset.samples RENAME TO gone',
    'DELETE FROM metrics_dataset.samples WHERE TRUE',
  ])('the statement %s, alone, behind another, and with comments', async (sql) => {
    await expectRefused(sql);
    await expectRefused(`SELECT 1; ${sql}`);
    await expectRefused(`/* SELECT 1 */ ${sql} -- SELECT 1`);
    await expectRefused(`BEGIN ${sql}; END`);
    await expectRefused(`IF TRUE THEN ${sql}; END IF`);
    await expectRefused(`SELECT * FROM (${sql})`);
  });

  it('names with quotes, dots and semicolons', async () => {
    for (const name of ['x"; DROP TABLE d.t; --', "x'; DROP TABLE d.t; --", 'x"."y', 'a;b', 'x"y', "x'y"]) {
      await expectRefused(`SELECT * FROM d.\`${name}\``);
      await expectRefused(`SELECT * FROM \`d.${name}\``);
      await expectRefused(`SELECT \`${name}\` FROM d.t`);
      await expectRefused(`CREATE TABLE d.\`${name}\` (a INT64)`);
      await expectRefused(`CREATE SCHEMA \`${name}\``);
      await expectUnderstood(`CREATE OR REPLACE TABLE d.u (\`${name}\` INT64)`);
      await expectRefused(`ALTER TABLE d.t RENAME TO \`${name}\``);
      await expectUnderstood(`ALTER TABLE d.u ADD COLUMN \`a${name}\` INT64`);
      await expectUnderstood(`INSERT INTO d.u (\`${name}\`) VALUES (1)`);
      expect(await server.rows(`SELECT STRUCT(b AS \`${name}\`).\`${name}\` FROM d.t`)).toEqual([['x']]);
      expect(await server.rows(`SELECT \`${name}\`.b FROM d.t AS \`${name}\``)).toEqual([['x']]);
      // What has a dot is a path.
      if (name.includes('.')) continue;
      expect(await server.rows(`WITH \`${name}\` AS (SELECT 5 AS v) SELECT v FROM \`${name}\``)).toEqual([
        ['5'],
      ]);
      expect(await server.rows(`DECLARE \`${name}\` INT64 DEFAULT 4; SELECT \`${name}\``)).toEqual([['4']]);
    }
  });

  it('texts whose escapes mean something else to DuckDB', async () => {
    const cases: readonly (readonly [string, string])[] = [
      [raw`'\x27 || 1 || \x27'`, "' || 1 || '"],
      [raw`'\u0027; DROP TABLE d.t; --'`, "'; DROP TABLE d.t; --"],
      [raw`'\047'`, "'"],
      [raw`r'\''`, raw`\'`],
      [raw`r"\\"`, raw`\\`],
      [raw`'\\\' OR 1=1 --'`, raw`\' OR 1=1 --`],
      [`'''a'b''c'''`, `a'b''c`],
      [`"""a"b""c"""`, `a"b""c`],
      [raw`r'''\''''`, raw`\'`],
      [`"';--"`, `';--`],
      [raw`'$1 $$ ? @x {}'`, '$1 $$ ? @x {}'],
      [raw`'\U0001F600'`, '😀'],
    ];
    for (const [written, text] of cases) {
      expect(await server.rows(`SELECT ${written}`), written).toEqual([[text]]);
      expect(
        await server.rows(`SELECT CONCAT(${written}, 'e'), [${written}][OFFSET(0)], ${written} = @p`, {
          queryParameters: [
            { name: 'p', parameterType: { type: 'STRING' }, parameterValue: { value: text } },
          ],
        }),
      ).toEqual([[`${text}e`, text, 'true']]);
    }
  });

  it('parameters that hold SQL', async () => {
    for (const value of ["'; DROP TABLE d.t; --", raw`\'`, "getenv('HOME')", '"; SELECT 1', 'ü\n😀']) {
      const one = { parameterType: { type: 'STRING' }, parameterValue: { value } };
      expect(await server.rows('SELECT ?', { parameterMode: 'POSITIONAL', queryParameters: [one] })).toEqual([
        [value],
      ]);
    }
    const wrong = {
      name: 'n',
      parameterType: { type: 'INT64' },
      parameterValue: { value: '1; DROP TABLE d.t' },
    };
    await expectRefused('SELECT @n', { queryParameters: [wrong] });
    const type = { name: 'n', parameterType: { type: 'INT64) --' }, parameterValue: { value: '1' } };
    await expectRefused('SELECT @n', { queryParameters: [type] });
    const field = { name: "x'}); DROP TABLE d.t; --", type: { type: 'INT64' } };
    const struct = {
      name: 's',
      parameterType: { type: 'STRUCT', structTypes: [field] },
      parameterValue: { structValues: { [field.name]: { value: '7' } } },
    };
    expect((await server.query('SELECT @s', { queryParameters: [struct] })).status).toBeLessThan(500);
  });

  it('names that the server uses for itself stay free for users', async () => {
    expect(
      await server.rows('CREATE TEMP TABLE query_result AS SELECT 3 AS a; SELECT a FROM query_result'),
    ).toEqual([['3']]);
  });

  it('and what was there is there still', async () => {
    expect(await server.rows('SELECT a, b FROM d.t')).toEqual([['1', 'x']]);
    expect(await server.rows('SELECT COUNT(*) FROM metrics_dataset.samples')).toEqual([['1']]);
  });
});

describe('whatever is sent', () => {
  const GOOD = [
    "SELECT a, COUNT(*) OVER (ORDER BY b) AS n FROM d.t WHERE b LIKE 'x%' ORDER BY a DESC LIMIT 3",
    'WITH x AS (SELECT STRUCT(1 AS a, [1, 2] AS b) AS s) SELECT s.a, s.b[OFFSET(0)] FROM x, UNNEST(s.b) AS e',
    "SELECT FORMAT_TIMESTAMP('%F %T', TIMESTAMP '2026-01-01 00:00:00+00'), SAFE_CAST('x' AS INT64)",
    'MERGE d.m USING d.t ON m.a = t.a WHEN MATCHED THEN UPDATE SET b = t.b WHEN NOT MATCHED THEN INSERT ROW',
    "SELECT JSON_VALUE('{\"a\": 1}', '$.a'), REGEXP_EXTRACT('abc', r'b(.)'), DATE_ADD(CURRENT_DATE(), INTERVAL 1 DAY)",
    'DECLARE x INT64 DEFAULT 1; SET x = x + 1; IF x = 2 THEN SELECT x / 0; END IF',
  ];
  const PIECES = [
    ...'\'"`()[]{}<>;,.@$?*+-/\\|%#:!~=\u0000\n 0'.split(''),
    '/*',
    '--',
    '"""',
    "r'",
    '\\x27',
    '\\u0000',
    '\ud800',
    'NULL',
    'SELECT',
    'FROM',
    'UNNEST(',
    'SAFE.',
    'STRUCT(',
    'CAST(',
    ' AS ',
    'INTERVAL',
    'ARRAY<',
    '1e999',
    '0x',
    '9223372036854775808',
    'OFFSET(',
    '@x',
    '@@x',
    'ML.FORECAST(MODEL d.t',
    'é😀',
  ];
  const text = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    fc
      .array(fc.constantFrom(...PIECES, 'a', 'd.t', '1'), { minLength: 1, maxLength: 30 })
      .map((all) => all.join('')),
    fc
      .tuple(
        fc.constantFrom(...GOOD),
        fc.array(fc.tuple(fc.nat(200), fc.nat(6), fc.constantFrom(...PIECES)), {
          minLength: 1,
          maxLength: 4,
        }),
      )
      .map(([sql, changes]) =>
        changes.reduce((one, [at, gone, piece]) => {
          const place = at % (one.length + 1);
          return one.slice(0, place) + piece + one.slice(place + gone);
        }, sql),
      ),
  );

  it('is answered in the form of BigQuery, and samples go on being taken', async () => {
    let timestamp = seconds() - 50_000;
    await fc.assert(
      fc.asyncProperty(text, fc.boolean(), async (sql, dryRun) => {
        const { status, body } = await server.query(sql, { dryRun, timeoutMs: 20_000 });
        if (status !== 200) {
          expect([400, 403, 404, 409]).toContain(status);
          expect(body.error.errors[0].reason).not.toBe('internalError');
          const said = body.error.message.replaceAll(/`[^`]*`|"[^"]*"|'[^']*'/g, '');
          expect(said).not.toMatch(DUCKDB);
        }
        await server.send([{ timestamp: timestamp++, latency: 1 }]);
      }),
      { numRuns: RUNS },
    );
    expect(
      await server.rows('SELECT COUNT(*) > @runs FROM metrics_dataset.samples', {
        queryParameters: [
          { name: 'runs', parameterType: { type: 'INT64' }, parameterValue: { value: String(RUNS) } },
        ],
      }),
    ).toEqual([['true']]);
  });
});
