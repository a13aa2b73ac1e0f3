import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SqlServer } from './support/sql-server.js';

/** https://cloud.google.com/bigquery/docs/information-schema-tables and data-definition-language */
const MADE: Readonly<Record<string, string>> = {
  'columns of every kind': `CREATE TABLE d.t (id INT64 NOT NULL,
    v STRING(10) DEFAULT 'no\\'ne' NOT NULL OPTIONS(description='a "word"\\nmore'), n NUMERIC DEFAULT -1.5, tags ARRAY<STRING>,
    pos STRUCT<x INT64, ys ARRAY<STRUCT<a DATE, \`order\` TIME>>>, \`group\` BOOL, model DATETIME,
    moment TIMESTAMP DEFAULT CURRENT_TIMESTAMP(), j JSON, b BYTES(4), \`my col\` FLOAT64)
    PARTITION BY TIMESTAMP_TRUNC(moment, HOUR) CLUSTER BY id, \`group\`
    OPTIONS(description='x', labels=[('team', 'a')], friendly_name='F', partition_expiration_days=2.5,
      require_partition_filter=true, expiration_timestamp=TIMESTAMP '2099-01-01 02:00:00+02:00')`,
  'a DATE as the partition': 'CREATE TABLE d.t (day DATE) PARTITION BY day',
  'a month as the partition': 'CREATE TABLE d.t (day DATE) PARTITION BY DATE_TRUNC(day, MONTH)',
  'the day of a DATETIME as the partition': 'CREATE TABLE d.t (wall DATETIME) PARTITION BY DATE(wall)',
  'a year of a DATETIME as the partition':
    'CREATE TABLE d.t (wall DATETIME) PARTITION BY DATETIME_TRUNC(wall, YEAR)',
  'ranges as partitions':
    'CREATE TABLE d.t (i INT64) PARTITION BY RANGE_BUCKET(i, GENERATE_ARRAY(0, 100, 10))',
  'the day of ingestion as the partition': 'CREATE TABLE d.t (i INT64) PARTITION BY _PARTITIONDATE',
  'the hour of ingestion as the partition':
    'CREATE TABLE d.t (i INT64) PARTITION BY TIMESTAMP_TRUNC(_PARTITIONTIME, HOUR)',
  'a table of a query': "CREATE TABLE d.t AS SELECT 1 AS a, [STRUCT('x' AS b)] AS c LIMIT 0",
  'a view': `CREATE VIEW d.t OPTIONS(description='v') AS
    SELECT series, value FROM metrics_dataset.samples -- all of them`,
  'a view with names':
    "CREATE VIEW d.t (a OPTIONS(description='A'), `select`) AS WITH q AS (SELECT 1 AS x, 2) SELECT * FROM q",
};

let server: SqlServer;
beforeAll(async () => {
  server = await SqlServer.start();
  await server.query("CREATE SCHEMA d OPTIONS(description='all', labels=[('a', 'b')]); CREATE SCHEMA copy");
});
afterAll(() => server.stop());

/** Everything that is told of a table but its name and when it was made. */
async function shown(dataset: string, table: string) {
  const columns = await server.rows(
    `SELECT * EXCEPT (table_schema, table_name) FROM ${dataset}.INFORMATION_SCHEMA.COLUMNS
      WHERE table_name = '${table}' ORDER BY ordinal_position`,
  );
  const { body } = await server.call('GET', `datasets/${dataset}/tables/${table}`);
  const { etag, id, selfLink, tableReference, creationTime, lastModifiedTime, ...rest } = body;
  return { columns, rest };
}

async function ddlOf(dataset: string, table: string): Promise<string> {
  const rows = await server.rows(
    `SELECT ddl FROM ${dataset}.INFORMATION_SCHEMA.TABLES WHERE table_name = '${table}'`,
  );
  return String(rows[0]![0]);
}

describe('the statement in INFORMATION_SCHEMA.TABLES.ddl makes the same again', () => {
  it.each(Object.entries(MADE))('%s', async (_, sql) => {
    await server.rows(sql);
    const ddl = await ddlOf('d', 't');
    expect(ddl).toMatch(/^CREATE (TABLE|VIEW) `test\.d\.t`/);
    await server.rows(ddl.replace('`test.d.t`', '`test.copy.t`'));
    expect(await shown('copy', 't')).toEqual(await shown('d', 't'));
    expect((await ddlOf('copy', 't')).replace('test.copy.t', 'test.d.t')).toBe(ddl);
    const kind = ddl.startsWith('CREATE VIEW') ? 'VIEW' : 'TABLE';
    await server.rows(`DROP ${kind} d.t; DROP ${kind} copy.t`);
  });

  it('tables of the server, with their columns', async () => {
    await server.rows((await ddlOf('metrics_dataset', 'samples')).replace('metrics_dataset.', 'copy.'));
    const [copy, samples] = [await shown('copy', 'samples'), await shown('metrics_dataset', 'samples')];
    expect(copy.columns).toEqual(samples.columns);
    expect(copy.rest.schema).toEqual(samples.rest.schema);
  });

  it('as a text, and of a dataset', async () => {
    await server.rows('CREATE TABLE d.small (a INT64, b ARRAY<STRING>) CLUSTER BY a');
    expect(await ddlOf('d', 'small')).toBe(
      'CREATE TABLE `test.d.small`\n(\n  a INT64,\n  b ARRAY<STRING>\n)\nCLUSTER BY a;',
    );
    expect(await server.rows("SELECT ddl FROM INFORMATION_SCHEMA.SCHEMATA WHERE schema_name = 'd'")).toEqual([
      ['CREATE SCHEMA `test.d`\nOPTIONS(\n  description="all",\n  labels=[("a", "b")],\n  location="US"\n);'],
    ]);
  });
});

describe('what is made from another table', () => {
  const made = MADE['columns of every kind']!.replace('d.t (', 'd.source (').replace(
    /,\s*expiration_timestamp=[^)]*/,
    '',
  );

  it.each(['LIKE', 'COPY'])('has all that is kept of it: %s', async (how) => {
    await server.rows(`${made}; CREATE TABLE copy.made ${how} d.source`);
    expect(await shown('copy', 'made')).toEqual(await shown('d', 'source'));
    expect(await ddlOf('copy', 'made')).toBe((await ddlOf('d', 'source')).replace('d.source', 'copy.made'));
    await server.rows(`CREATE OR REPLACE TABLE copy.made ${how} d.source OPTIONS(description='other')`);
    const { rest } = await shown('copy', 'made');
    expect(rest).toMatchObject({ description: 'other', friendlyName: 'F', labels: { team: 'a' } });
    await server.rows('DROP TABLE d.source; DROP TABLE copy.made');
  });

  it('may be partitioned and clustered otherwise by LIKE', async () => {
    await server.rows(`${made}; CREATE TABLE copy.made LIKE d.source PARTITION BY DATE(model) CLUSTER BY v`);
    const { rest } = await shown('copy', 'made');
    expect(rest).toMatchObject({ timePartitioning: { field: 'model' }, clustering: { fields: ['v'] } });
    await server.rows('DROP TABLE d.source; DROP TABLE copy.made');
  });

  it('must be told when it expires where the other does', async () => {
    await server.rows(MADE['columns of every kind']!);
    await expect(server.rows('CREATE TABLE copy.made LIKE d.t')).rejects.toThrow('d.t expires');
    await server.rows('CREATE TABLE copy.made LIKE d.t OPTIONS(expiration_timestamp=NULL)');
    expect((await server.call('GET', 'datasets/copy/tables/made')).body.expirationTime).toBeUndefined();
    await server.rows('DROP TABLE d.t; DROP TABLE copy.made');
  });

  it('takes rows of the server', async () => {
    await server.rows('CREATE TABLE copy.made COPY metrics_dataset.samples');
    const [copy, samples] = [await shown('copy', 'made'), await shown('metrics_dataset', 'samples')];
    expect(copy.columns).toEqual(samples.columns);
    await server.rows('DROP TABLE copy.made');
  });
});

describe('a column with a default that must have a value', () => {
  it('is refused where NOT NULL belongs to no column', async () => {
    await expect(server.rows('DECLARE x INT64 DEFAULT 1 NOT NULL; SELECT x')).rejects.toThrow('NOT');
    expect(await server.rows('DECLARE x BOOL DEFAULT 1 IS NOT NULL; SELECT x')).toEqual([['true']]);
  });

  it('takes its default, and no NULL', async () => {
    await server.rows("CREATE TABLE d.must (id INT64, v STRING DEFAULT 'ab' NOT NULL, w INT64)");
    await server.rows('INSERT INTO d.must (id) VALUES (1)');
    expect(await server.rows('SELECT v FROM d.must')).toEqual([['ab']]);
    await expect(server.rows('INSERT INTO d.must VALUES (1, NULL, 1)')).rejects.toThrow(
      'Required field v cannot be null',
    );
  });
});

describe('expiration_timestamp', () => {
  it.each([
    ["TIMESTAMP '2099-01-01 00:00:00 UTC'", '4070908800000'],
    ["TIMESTAMP '2099-01-01'", '4070908800000'],
    ["TIMESTAMP '2099-1-1 2:30:00.5+02:30'", '4070908800500'],
  ])('%s', async (written, ms) => {
    await server.rows(`CREATE OR REPLACE TABLE d.short (a INT64) OPTIONS(expiration_timestamp=${written})`);
    expect((await server.call('GET', 'datasets/d/tables/short')).body.expirationTime).toBe(ms);
  });

  it('of a zone by its name is refused', async () => {
    await expect(
      server.rows(
        "CREATE TABLE d.zone (a INT64) OPTIONS(expiration_timestamp=TIMESTAMP '2099-01-01 00:00:00 Europe/Berlin')",
      ),
    ).rejects.toThrow('expiration_timestamp must be a TIMESTAMP in UTC or with an offset');
  });
});
