import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BigQuery } from '@google-cloud/bigquery';
import { OAuth2Client } from 'google-auth-library';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT, SqlServer } from './support/sql-server.js';

let server: SqlServer;
let client: BigQuery;
const folder = mkdtempSync(join(tmpdir(), 'seismo-npm-client-'));

beforeAll(async () => {
  server = await SqlServer.start();
  // Without credentials of some kind the client ends the process when it sends a file.
  const authClient = new OAuth2Client();
  authClient.setCredentials({ access_token: 'any', expiry_date: Date.now() + 3_600_000 });
  client = new BigQuery({ projectId: PROJECT, apiEndpoint: server.url, authClient });
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await server.stop();
});

describe('@google-cloud/bigquery', () => {
  it('gives values of every type as it gives them from Google', async () => {
    const [rows] = await client.query({
      query: `SELECT 1 AS whole, 1.5 AS part, NUMERIC '12.340' AS exact, TRUE AS truth, 'ä' AS text, FROM_BASE64('YWI=') AS bytes,
        DATE '2026-01-02' AS day, TIMESTAMP '2026-01-02 03:04:05.678901+00' AS instant,
        DATETIME '2026-01-02 03:04:05' AS wall, [1, 2] AS list, STRUCT(1 AS a, 'b' AS b) AS pair, JSON '{"a":1}' AS json`,
    });
    const [row] = rows;
    expect(row).toMatchObject({
      whole: 1,
      part: 1.5,
      truth: true,
      text: 'ä',
      bytes: Buffer.from('ab'),
      day: { value: '2026-01-02' },
      instant: { value: '2026-01-02T03:04:05.678901000Z' },
      wall: { value: '2026-01-02T03:04:05' },
      list: [1, 2],
      pair: { a: 1, b: 'b' },
    });
    expect(String(row.exact)).toBe('12.34');
  });

  it('pages through a long result', async () => {
    const [job] = await client.createQueryJob(
      'SELECT n FROM UNNEST(GENERATE_ARRAY(1, 25000)) AS n ORDER BY n',
    );
    const [all] = await job.getQueryResults();
    expect(all.length).toBe(25_000);
    expect(all.at(-1)).toEqual({ n: 25_000 });
    const [some, next] = await job.getQueryResults({
      maxResults: 10,
      startIndex: '20000',
      autoPaginate: false,
    });
    expect(some.map(({ n }: { n: number }) => n)).toEqual([...Array(10).keys()].map((i) => 20_001 + i));
    expect(next?.pageToken).toBeTruthy();
  });

  it('sends parameters by name and by place, arrays and structs too', async () => {
    const named = await client.query({
      query: 'SELECT @n + 1 AS n, @s AS s, ARRAY_LENGTH(@a) AS a, @p.x AS x, @t AS t',
      params: { n: 41, s: 'x', a: [1, 2, 3], p: { x: 'y' }, t: new Date(Date.UTC(2026, 0, 2)) },
    });
    expect(named[0][0]).toMatchObject({
      n: 42,
      s: 'x',
      a: 3,
      x: 'y',
      t: { value: '2026-01-02T00:00:00.000Z' },
    });
    const [[placed]] = await client.query({ query: 'SELECT ? AS a, ? AS b', params: [1, 'two'] });
    expect(placed).toEqual({ a: 1, b: 'two' });
  });

  it('makes a dataset and tables, inserts and loads rows', async () => {
    const [dataset] = await client.createDataset('npm');
    const [table] = await dataset.createTable('t', { schema: 'id:INTEGER,name:STRING,at:TIMESTAMP' });
    await table.insert([
      { id: 1, name: 'a', at: client.timestamp('2026-01-02T03:04:05Z') },
      { id: 2, name: null },
    ]);
    const refused = await table.insert([{ id: 'x' }, { id: 3, other: 1 }]).catch((error) => error);
    expect(refused.name).toBe('PartialFailureError');
    expect(refused.errors.map((one: { errors: { message: string }[] }) => one.errors[0]!.message)).toEqual([
      'Cannot convert value to integer: x',
      'no such field: other.',
    ]);
    const file = join(folder, 'rows.json');
    writeFileSync(file, '{"id": 4, "name": "d"}\n{"id": 5, "name": "e"}\n');
    const [job] = await table.load(file, { sourceFormat: 'NEWLINE_DELIMITED_JSON' });
    expect(job.statistics?.load?.outputRows).toBe('2');
    const [rows] = await table.getRows();
    expect(rows.map(({ id, name }) => [id, name])).toEqual([
      [1, 'a'],
      [2, null],
      [4, 'd'],
      [5, 'e'],
    ]);
    const [[counted]] = await client.query('SELECT COUNT(*) AS n FROM npm.t');
    expect(counted).toEqual({ n: 4 });
  });

  it('rejects where a query fails, with its reason', async () => {
    const failed = await client.query('SELECT 1 / 0').catch((error) => error);
    expect(failed.message).toBe('division by zero: 1 / 0');
    const unknown = await client.query('SELECT * FROM npm.missing').catch((error) => error);
    expect(unknown.message).toContain('Not found: Table test:npm.missing');
    const [validated] = await client.createQueryJob({ query: 'SELECT 1 AS x', dryRun: true });
    expect(validated.metadata.status.state).toBe('DONE');
  });

  it('ends a job that it cancels', async () => {
    const [job] = await client.createQueryJob(
      'SELECT COUNT(*) FROM UNNEST(GENERATE_ARRAY(1, 100000)) AS a, UNNEST(GENERATE_ARRAY(1, 1000000)) AS b WHERE MOD(a * b, 7) = 3',
    );
    await job.cancel();
    const failed = await job.getQueryResults().catch((error) => error);
    expect(failed.message).toContain('cancelled');
    const [metadata] = await job.getMetadata();
    expect(metadata.status).toMatchObject({ state: 'DONE', errorResult: { reason: 'stopped' } });
  });
});
