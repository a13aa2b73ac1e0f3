import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT, SqlServer } from './support/sql-server.js';

let server: SqlServer;
beforeAll(async () => {
  server = await SqlServer.start();
});
afterAll(() => server.stop());

describe('datasets', () => {
  it('are made, shown, changed and deleted', async () => {
    const made = await server.call('POST', 'datasets', {
      datasetReference: { projectId: PROJECT, datasetId: 'first' },
      description: 'of a test',
      labels: { team: 'a' },
    });
    expect(made).toMatchObject({ status: 200, body: { id: 'test:first', description: 'of a test' } });
    const changed = await server.call('PATCH', 'datasets/first', {
      description: null,
      friendlyName: 'First',
    });
    expect(changed.body).toMatchObject({ friendlyName: 'First', labels: { team: 'a' } });
    expect(changed.body).not.toHaveProperty('description');
    const list = await server.call('GET', 'datasets');
    expect(list.body.datasets.map((one: { id: string }) => one.id)).toEqual([
      'test:first',
      'test:metrics_dataset',
    ]);
    expect(await server.call('DELETE', 'datasets/first')).toEqual({ status: 204, body: undefined });
    expect(await server.call('GET', 'datasets/first')).toMatchObject({
      status: 404,
      body: {
        error: { code: 404, message: 'Not found: Dataset test:first', errors: [{ reason: 'notFound' }] },
      },
    });
  });

  it('are found by their labels, and changed by whoever read them last', async () => {
    for (const team of ['b', 'c']) {
      const datasetReference = { datasetId: `team_${team}` };
      await server.call('POST', 'datasets', { datasetReference, labels: { team, live: '' } });
    }
    const found = async (filter: string) => {
      const { body } = await server.call('GET', `datasets?filter=${encodeURIComponent(filter)}`);
      return (body.datasets ?? body.error.errors).map(
        (one: { id?: string; reason?: string }) => one.id ?? one.reason,
      );
    };
    expect(await found('labels.team:b')).toEqual(['test:team_b']);
    expect(await found('labels.live AND labels.team:c')).toEqual(['test:team_c']);
    expect(await found('labels.gone')).toEqual([]);
    expect(await found('team=b')).toEqual(['invalid']);
    const { etag } = (await server.call('GET', 'datasets/team_b')).body;
    const change = (description: string) =>
      server.call('PATCH', 'datasets/team_b', { description }, { 'if-match': etag });
    expect((await change('first')).status).toBe(200);
    expect(await change('second')).toMatchObject({
      status: 412,
      body: { error: { errors: [{ reason: 'conditionNotMet' }] } },
    });
  });

  it('are told apart by name and refused where the name cannot be', async () => {
    const make = (datasetId: string) => server.call('POST', 'datasets', { datasetReference: { datasetId } });
    expect((await make('twice')).status).toBe(200);
    expect(await make('twice')).toMatchObject({
      status: 409,
      body: { error: { message: 'Already Exists: Dataset test:twice', status: 'ALREADY_EXISTS' } },
    });
    expect((await make('Twice')).body.error.message).toContain('differs in case only');
    expect((await make('seismo_store')).status).toBe(400);
    expect((await make('main')).status).toBe(400);
    expect((await make('a-b')).body.error.message).toContain('alphanumeric');
    expect((await server.call('POST', 'datasets', {})).body.error.errors[0].reason).toBe('required');
  });

  it('stay while they have tables, unless their contents are to go', async () => {
    await server.query('CREATE SCHEMA full; CREATE TABLE full.t (a INT64)');
    expect(await server.call('DELETE', 'datasets/full')).toMatchObject({
      status: 400,
      body: {
        error: { message: 'Dataset test:full is still in use', errors: [{ reason: 'resourceInUse' }] },
      },
    });
    expect((await server.call('DELETE', 'datasets/full?deleteContents=true')).status).toBe(204);
    expect((await server.query('SELECT * FROM full.t')).status).toBe(404);
  });
});

describe('tables', () => {
  const schema = {
    fields: [
      { name: 'id', type: 'INT64', mode: 'REQUIRED', description: 'the id' },
      { name: 'at', type: 'TIMESTAMP' },
      { name: 'tags', type: 'STRING', mode: 'REPEATED' },
      { name: 'place', type: 'RECORD', fields: [{ name: 'city', type: 'STRING' }] },
    ],
  };

  it('keep what DuckDB has no place for', async () => {
    await server.query('CREATE SCHEMA kept');
    const made = await server.call('POST', 'datasets/kept/tables', {
      tableReference: { tableId: 't' },
      schema,
      timePartitioning: { type: 'DAY', field: 'at', expirationMs: '86400000' },
      clustering: { fields: ['id'] },
      labels: { a: 'b' },
      description: 'kept',
    });
    expect(made.status).toBe(200);
    const { body } = await server.call('GET', 'datasets/kept/tables/t');
    expect(body).toMatchObject({
      type: 'TABLE',
      numRows: '0',
      timePartitioning: { type: 'DAY', field: 'at', expirationMs: '86400000' },
      clustering: { fields: ['id'] },
      labels: { a: 'b' },
      description: 'kept',
      location: 'US',
    });
    expect(body.schema.fields).toEqual([
      { name: 'id', type: 'INTEGER', mode: 'REQUIRED', description: 'the id' },
      { name: 'at', type: 'TIMESTAMP', mode: 'NULLABLE' },
      { name: 'tags', type: 'STRING', mode: 'REPEATED' },
      {
        name: 'place',
        type: 'RECORD',
        mode: 'NULLABLE',
        fields: [{ name: 'city', type: 'STRING', mode: 'NULLABLE' }],
      },
    ]);
  });

  it('take new fields of records, and NULL where it was refused', async () => {
    const place = { name: 'place', type: 'RECORD', fields: [{ name: 'city', type: 'STRING' }] };
    const id = { name: 'id', type: 'INT64', mode: 'REQUIRED' };
    const change = (fields: object[]) =>
      server.call('PATCH', 'datasets/kept/tables/changed', { schema: { fields } });
    await server.call('POST', 'datasets/kept/tables', {
      tableReference: { tableId: 'changed' },
      schema: { fields: [id, place, { ...place, name: 'places', mode: 'REPEATED' }] },
    });
    await server.query("INSERT INTO kept.changed VALUES (1, STRUCT('Ulm'), [STRUCT('Bonn')])");
    const wider = { ...place, fields: [...place.fields, { name: 'zip', type: 'STRING' }] };
    const fields = [{ ...id, mode: 'NULLABLE' }, wider, { ...wider, name: 'places', mode: 'REPEATED' }];
    expect((await change(fields)).status).toBe(200);
    await server.query("INSERT INTO kept.changed VALUES (NULL, STRUCT('Ulm', '1'), [STRUCT('Bonn', '2')])");
    expect(
      await server.rows(
        'SELECT id, TO_JSON_STRING(place), TO_JSON_STRING(places) FROM kept.changed ORDER BY id',
      ),
    ).toEqual([
      [null, '{"city":"Ulm","zip":"1"}', '[{"city":"Bonn","zip":"2"}]'],
      ['1', '{"city":"Ulm","zip":null}', '[{"city":"Bonn","zip":null}]'],
    ]);
    // A new column is the last one, wherever it is named.
    expect((await change([{ name: 'note', type: 'STRING' }, ...fields])).status).toBe(200);
    const row = { id: 2, place: { zip: '3' }, note: 'last' };
    await server.call('POST', 'datasets/kept/tables/changed/insertAll', { rows: [{ json: row }] });
    expect(await server.rows('SELECT note, place.zip FROM kept.changed WHERE id = 2')).toEqual([
      ['last', '3'],
    ]);
    const back = await change([id, ...fields.slice(1), { name: 'note', type: 'STRING' }]);
    expect(back.body.error.message).toContain('Field id has changed mode from NULLABLE to REQUIRED');
    const less = await change([fields[0]!, place, fields[2]!, { name: 'note', type: 'STRING' }]);
    expect(less.body.error.message).toContain('Field place.zip is missing in new schema');
  });

  it('take new columns at the end and refuse every other change', async () => {
    const more = { fields: [...schema.fields, { name: 'note', type: 'STRING' }] };
    expect((await server.call('PATCH', 'datasets/kept/tables/t', { schema: more })).status).toBe(200);
    await server.query("INSERT INTO kept.t (id, note) VALUES (1, 'x')");
    expect(await server.rows('SELECT id, tags, note FROM kept.t')).toEqual([['1', [], 'x']]);
    const fewer = { fields: schema.fields.slice(1) };
    expect((await server.call('PATCH', 'datasets/kept/tables/t', { schema: fewer })).body.error.message).toBe(
      'Provided Schema does not match Table test:kept.t. Field id is missing in new schema',
    );
    const other = { fields: [{ name: 'id', type: 'STRING' }, ...more.fields.slice(1)] };
    expect(
      (await server.call('PATCH', 'datasets/kept/tables/t', { schema: other })).body.error.message,
    ).toContain('Field id has changed type');
  });

  it('are listed by columns and by fields of records, in the order of the table', async () => {
    await server.query(
      "CREATE TABLE kept.wide AS SELECT 1 AS id, 'x' AS name, STRUCT(2 AS a, [STRUCT(3 AS c, 'y' AS d)] AS b) AS rec",
    );
    const list = async (fields: string) => {
      const { body } = await server.call('GET', `datasets/kept/tables/wide/data?selectedFields=${fields}`);
      return body.rows?.[0] ?? body.error.message;
    };
    expect(await list('name,id')).toEqual({ f: [{ v: '1' }, { v: 'x' }] });
    // `bq head -c` asks for the columns of the rows by the same words.
    const { schema } = (await server.call('GET', 'datasets/kept/tables/wide?selectedFields=name,id')).body;
    expect(schema.fields.map((one: { name: string }) => one.name)).toEqual(['id', 'name']);
    const inner = { f: [{ v: [{ v: { f: [{ v: 'y' }] } }] }] };
    expect(await list('rec.b.d,id')).toEqual({ f: [{ v: '1' }, { v: inner }] });
    expect(await list('rec.none')).toBe('The selected field none does not exist.');
    expect(await list('id.none')).toBe('The selected field id.none does not exist.');
  });

  it('are divided by columns that they have', async () => {
    const make = (tableId: string, more: object) =>
      server.call('POST', 'datasets/kept/tables', {
        tableReference: { tableId },
        schema: { fields: [{ name: 'name', type: 'STRING' }] },
        ...more,
      });
    const partitioned = (field: string) => make('divided', { timePartitioning: { type: 'DAY', field } });
    expect((await partitioned('gone')).body.error.message).toContain(
      'The field specified for partitioning cannot be found in the schema',
    );
    expect((await partitioned('name')).body.error.message).toContain('The type found is: STRING');
    expect((await make('divided', { clustering: { fields: ['gone'] } })).status).toBe(400);
    expect((await make('divided', { clustering: { fields: ['name'] } })).status).toBe(200);
  });

  it('have labels that are added one by one, and taken away by null', async () => {
    const change = async (labels: object, method = 'PATCH') =>
      (await server.call(method, 'datasets/kept/tables/wide', { labels })).body.labels;
    expect(await change({ a: '1' })).toEqual({ a: '1' });
    expect(await change({ b: '2' })).toEqual({ a: '1', b: '2' });
    expect(await change({ a: null })).toEqual({ b: '2' });
    expect(await change({ c: '3' }, 'PUT')).toEqual({ c: '3' });
  });

  it('are gone once their time is over', async () => {
    const { body } = await server.call('PATCH', 'datasets/kept/tables/t', {
      expirationTime: String(Date.now() - 1000),
    });
    expect(body.id).toBe('test:kept.t');
    expect((await server.call('GET', 'datasets/kept/tables/t')).status).toBe(404);
    expect((await server.query('SELECT * FROM kept.t')).status).toBe(404);
    expect((await server.query('CREATE TABLE kept.t (other STRING)')).status).toBe(200);
    expect(await server.rows('SELECT * FROM kept.t')).toEqual([]);
  });

  it('are listed by page', async () => {
    await server.query(
      'CREATE SCHEMA many; CREATE TABLE many.a (x INT64); CREATE TABLE many.b (x INT64); CREATE VIEW many.c AS SELECT 1 AS x',
    );
    const first = await server.call('GET', 'datasets/many/tables?maxResults=2');
    expect(first.body.tables.map((one: { id: string }) => one.id)).toEqual(['test:many.a', 'test:many.b']);
    const next = await server.call('GET', `datasets/many/tables?pageToken=${first.body.nextPageToken}`);
    expect(next.body).toMatchObject({ tables: [{ id: 'test:many.c', type: 'VIEW' }], totalItems: 3 });
    expect(next.body).not.toHaveProperty('nextPageToken');
  });
});

describe('rows by insertAll', () => {
  const insert = (table: string, body: object) =>
    server.call('POST', `datasets/rows/tables/${table}/insertAll`, body);
  const ids = (table: string) => server.rows(`SELECT id FROM rows.${table} ORDER BY id`);
  beforeAll(async () => {
    await server.query('CREATE SCHEMA rows; CREATE TABLE rows.t (id INT64, name STRING(3))');
  });

  it('are stored once for an insertId, unless they were not stored', async () => {
    const bad = { insertId: 'b', json: { id: 'two' } };
    const refused = await insert('t', { rows: [{ insertId: 'a', json: { id: 1 } }, bad] });
    expect(refused.body.insertErrors).toMatchObject([
      { index: 0, errors: [{ reason: 'stopped' }] },
      { index: 1, errors: [{ reason: 'invalid', location: 'id' }] },
    ]);
    const mended = [
      { insertId: 'a', json: { id: 1 } },
      { insertId: 'b', json: { id: 2 } },
      { insertId: 'b', json: { id: 2 } },
    ];
    await Promise.all([insert('t', { rows: mended }), insert('t', { rows: mended })]);
    expect(await ids('t')).toEqual([['1'], ['2']]);
  });

  it('leave out bad rows or unknown fields where that is asked for', async () => {
    const rows = [{ json: { id: 3, name: 'long' } }, { json: { id: 4, nope: 1 } }, { json: { id: 5 } }];
    const { body } = await insert('t', { rows, skipInvalidRows: true });
    expect(body.insertErrors).toMatchObject([
      { index: 0, errors: [{ reason: 'invalid', location: 'name' }] },
      { index: 1, errors: [{ reason: 'invalid', location: 'nope' }] },
    ]);
    await insert('t', { rows: rows.slice(1, 2), ignoreUnknownValues: true });
    expect(await ids('t')).toEqual([['1'], ['2'], ['4'], ['5']]);
  });

  it('go into a table of their own by a template suffix', async () => {
    const sent = await Promise.all(
      [6, 7].map((id) => insert('t', { templateSuffix: '_today', rows: [{ json: { id } }] })),
    );
    expect(sent.map(({ status }) => status)).toEqual([200, 200]);
    expect(await ids('t_today')).toEqual([['6'], ['7']]);
    expect(await ids('t')).toEqual([['1'], ['2'], ['4'], ['5']]);
    const builtIn = await server.call('POST', 'datasets/metrics_dataset/tables/samples/insertAll', {
      templateSuffix: '_today',
      rows: [{ json: {} }],
    });
    expect(builtIn.body.error.message).toContain('cannot be a template');
  });

  it('are refused by a table without columns', async () => {
    await server.call('POST', 'datasets/rows/tables', { tableReference: { tableId: 'bare' } });
    expect(await insert('bare', { rows: [{ json: { id: 1 } }] })).toMatchObject({
      status: 400,
      body: { error: { message: 'The destination table rows.bare has no schema.' } },
    });
    for (const sql of ['SELECT * FROM rows.bare', 'DELETE FROM rows.bare WHERE TRUE']) {
      await expect(server.rows(sql)).rejects.toThrow('Table test:rows.bare does not have a schema. at [1:');
    }
    expect((await server.query('DROP TABLE rows.bare')).status).toBe(200);
  });
});

describe('what the server keeps itself', () => {
  it('is there with the columns that it has on Google Cloud', async () => {
    const time = Math.floor(Date.now() / 1000);
    await server.send([
      { timestamp: time, latency: 12.5, cpu: 40 },
      { timestamp: time, requests: 3, labels: { service: 'a' } },
    ]);
    const { body } = await server.call('GET', 'datasets/metrics_dataset/tables/samples');
    expect(body.schema.fields.map(({ name, type }: { name: string; type: string }) => [name, type])).toEqual([
      ['time', 'TIMESTAMP'],
      ['series', 'STRING'],
      ['name', 'STRING'],
      ['labels', 'JSON'],
      ['value', 'FLOAT'],
      ['ingest_time', 'TIMESTAMP'],
      ['message_id', 'STRING'],
    ]);
    expect(body.numRows).toBe('3');
    expect(await server.rows('SELECT * FROM metrics_dataset.metrics_table')).toEqual([
      [String(time), '12.5', '40'],
    ]);
    expect(
      await server.rows(
        "SELECT UNIX_SECONDS(time), name, JSON_VALUE(labels, '$.service'), value FROM metrics_dataset.samples WHERE series = 'requests{service=\"a\"}'",
      ),
    ).toEqual([[String(time), 'requests', 'a', '3.0']]);
  });

  it('is as old as the folder', async () => {
    const { body } = await server.call('GET', 'datasets/metrics_dataset/tables/samples');
    const created = Number(body.creationTime);
    expect(Math.abs(Date.now() - created)).toBeLessThan(86_400_000);
    const sql = `SELECT DISTINCT UNIX_MILLIS(creation_time) FROM metrics_dataset.INFORMATION_SCHEMA.TABLES
      WHERE table_name IN ('samples', 'metrics_table', 'anomalies', 'samples_per_minute')`;
    expect(await server.rows(sql)).toEqual([[body.creationTime]]);
  });

  it('cannot be made again, changed or dropped', async () => {
    const messages = await Promise.all(
      [
        'CREATE SCHEMA `metrics_dataset`',
        'CREATE TABLE `metrics_dataset.metrics_table` (timestamp INT64, latency FLOAT64, cpu INT64)',
        'DROP VIEW metrics_dataset.metrics_table',
        'DROP SCHEMA metrics_dataset CASCADE',
        'CREATE OR REPLACE TABLE metrics_dataset.samples (a INT64)',
        'DELETE FROM metrics_dataset.samples WHERE TRUE',
      ].map(async (sql) => (await server.query(sql)).body.error?.message as string),
    );
    expect(messages[0]).toMatch(/^Already Exists: Dataset test:metrics_dataset/);
    expect(messages[1]).toMatch(/^Already Exists: Table test:metrics_dataset.metrics_table/);
    for (const message of messages.slice(2)) expect(message).toMatch(/^Access Denied/);
    expect((await server.call('DELETE', 'datasets/metrics_dataset?deleteContents=true')).status).toBe(403);
    expect((await server.call('DELETE', 'datasets/metrics_dataset/tables/samples')).status).toBe(403);
    expect((await server.query('CREATE SCHEMA IF NOT EXISTS metrics_dataset')).status).toBe(200);
  });
});

describe('copies and views', () => {
  const done = async (configuration: object) => {
    const { body } = await server.call('POST', 'jobs', { configuration });
    const path = `jobs/${body.jobReference.jobId}`;
    await expect.poll(async () => (await server.call('GET', path)).body.status.state).toBe('DONE');
    return (await server.call('GET', path)).body;
  };
  const table = (tableId: string) => ({ projectId: PROJECT, datasetId: 'copies', tableId });

  it('of tables keep columns, partitions and rows', async () => {
    await server.query(
      'CREATE SCHEMA copies; CREATE TABLE copies.a (id INT64 NOT NULL, day DATE) PARTITION BY day; INSERT INTO copies.a VALUES (1, NULL)',
    );
    const copy = { sourceTable: table('a'), destinationTable: table('b') };
    expect((await done({ copy })).status).toEqual({ state: 'DONE' });
    expect((await server.call('GET', 'datasets/copies/tables/b')).body).toMatchObject({
      numRows: '1',
      timePartitioning: { type: 'DAY', field: 'day' },
      schema: {
        fields: [
          { name: 'id', mode: 'REQUIRED' },
          { name: 'day', type: 'DATE' },
        ],
      },
    });
    expect((await done({ copy })).status.errorResult.message).toBe('Already Exists: Table test:copies.b');
    await done({ copy: { ...copy, writeDisposition: 'WRITE_APPEND' } });
    expect(await server.rows('SELECT COUNT(*) FROM copies.b')).toEqual([['2']]);
  });

  it('of what a query gives are made, replaced and added to', async () => {
    const run = (query: string, writeDisposition: string) =>
      done({ query: { query, destinationTable: table('c'), writeDisposition } });
    await run('SELECT 1 AS x', 'WRITE_EMPTY');
    await run('SELECT 2 AS x', 'WRITE_APPEND');
    expect(await server.rows('SELECT x FROM copies.c ORDER BY x')).toEqual([['1'], ['2']]);
    expect((await run('SELECT "a" AS x', 'WRITE_APPEND')).status.errorResult.message).toContain(
      'Field x has changed type',
    );
    await run('SELECT "a" AS x', 'WRITE_TRUNCATE');
    expect(await server.rows('SELECT x FROM copies.c')).toEqual([['a']]);
    expect((await run('SELECT 3 AS x', 'WRITE_TRUNCATE_DATA')).status.errorResult.message).toContain(
      'Field x has changed type',
    );
    expect(await server.rows('SELECT x FROM copies.c')).toEqual([['a']]);
    await run('SELECT "b" AS x', 'WRITE_TRUNCATE_DATA');
    expect(await server.rows('SELECT x FROM copies.c')).toEqual([['b']]);
  });

  it('keep default values, as do those that are replaced and those of a template', async () => {
    await server.query("CREATE TABLE copies.d (id INT64, note STRING DEFAULT 'none', n INT64 DEFAULT 3)");
    const fresh = async (name: string) => {
      await server.rows(`INSERT INTO copies.${name} (id) VALUES (1)`);
      const { body } = await server.call('GET', `datasets/copies/tables/${name}`);
      const told = body.schema.fields.map(
        (field: { defaultValueExpression?: string }) => field.defaultValueExpression,
      );
      const rows = await server.rows(`SELECT * FROM copies.${name} WHERE id = 1`);
      return { told, rows };
    };
    await done({ copy: { sourceTable: table('d'), destinationTable: table('d_copied') } });
    expect(await fresh('d_copied')).toEqual({ told: [undefined, "'none'", '3'], rows: [['1', 'none', '3']] });
    await server.call('POST', 'datasets/copies/tables/d/insertAll', {
      templateSuffix: '_day',
      rows: [{ json: { id: 2 } }],
    });
    expect(await fresh('d_day')).toEqual({ told: [undefined, "'none'", '3'], rows: [['1', 'none', '3']] });
    expect(await server.rows('SELECT * FROM copies.d_day WHERE id = 2')).toEqual([['2', 'none', '3']]);
    const query = "SELECT 5 AS id, 'b' AS note, 'c' AS n";
    await done({ query: { query, destinationTable: table('d'), writeDisposition: 'WRITE_TRUNCATE' } });
    // A column of another type is another column.
    expect(await fresh('d')).toEqual({ told: [undefined, "'none'", undefined], rows: [['1', 'none', null]] });
  });

  it('of a query without rows are views', async () => {
    const made = await server.call('POST', 'datasets/copies/tables', {
      tableReference: table('v'),
      view: { query: 'SELECT id + 1 AS next FROM `test.copies.a`', useLegacySql: false },
      description: 'seen',
    });
    expect(made.body).toMatchObject({
      type: 'VIEW',
      description: 'seen',
      schema: { fields: [{ name: 'next', type: 'INTEGER' }] },
      view: { query: 'SELECT id + 1 AS next FROM `test.copies.a`' },
    });
    expect(await server.rows('SELECT next FROM copies.v')).toEqual([['2']]);
    await server.call('PATCH', 'datasets/copies/tables/v', { view: { query: 'SELECT 5 AS five' } });
    expect(await server.rows('SELECT * FROM copies.v')).toEqual([['5']]);
    const wrong = { tableReference: table('w'), view: { query: 'SELECT nothing' } };
    expect((await server.call('POST', 'datasets/copies/tables', wrong)).body.error.message).toContain(
      'Unrecognized name: nothing',
    );
  });
});
