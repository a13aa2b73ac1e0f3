import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lacksPeer } from '../cloud/support/peers.js';
import { Bq } from './support/bq.js';
import { SqlServer } from './support/sql-server.js';

const TIME_MS_MAX = 240_000;

describe.skipIf(lacksPeer('gcloud'))('bq of the Google Cloud SDK', { timeout: TIME_MS_MAX }, () => {
  let server: SqlServer;
  let bq: Bq;
  const folder = mkdtempSync(join(tmpdir(), 'seismo-bq-files-'));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  beforeAll(async () => {
    server = await SqlServer.start();
    bq = new Bq(server.url);
  }, TIME_MS_MAX);
  afterAll(async () => {
    bq.close();
    rmSync(folder, { recursive: true, force: true });
    await server.stop();
  });

  it('runs a query', async () => {
    expect(await bq.json('query', 'SELECT 1 AS x, "a" AS y')).toEqual([{ x: '1', y: 'a' }]);
  });

  it('makes a dataset and a table, lists and shows them', async () => {
    expect(await bq.say('mk', 'shop')).toContain("Dataset 'test:shop' successfully created.");
    await bq.say(
      'mk',
      '-t',
      '--time_partitioning_field=at',
      'shop.sales',
      'id:INTEGER,item:STRING,at:TIMESTAMP',
    );
    expect(await bq.json('ls')).toMatchObject([{ id: 'test:metrics_dataset' }, { id: 'test:shop' }]);
    expect(await bq.json('ls', 'shop')).toMatchObject([{ id: 'test:shop.sales', type: 'TABLE' }]);
    expect(await bq.json('show', 'shop.sales')).toMatchObject({
      numRows: '0',
      timePartitioning: { type: 'DAY', field: 'at' },
      schema: {
        fields: [{ name: 'id', type: 'INTEGER' }, { name: 'item' }, { name: 'at', type: 'TIMESTAMP' }],
      },
    });
    const again = await bq.run('mk', 'shop');
    expect(again.code).not.toBe(0);
    expect(again.stdout + again.stderr).toContain("Dataset 'test:shop' already exists");
  });

  it('brings rows in by insert and by load, and shows them', async () => {
    await bq.say(
      'insert',
      'shop.sales',
      file('rows.json', '{"id": 1, "item": "tea", "at": "2026-01-02 03:04:05"}\n'),
    );
    await bq.say(
      'load',
      '--skip_leading_rows=1',
      'shop.sales',
      file('rows.csv', 'id,item,at\n2,"a ""b""",2026-01-03\n3,,\n'),
    );
    const nested = file(
      'nested.json',
      '{"id": 4, "tags": ["x", "y"], "place": {"city": "Ulm"}}\n{"id": 5}\n',
    );
    await bq.say('load', '--source_format=NEWLINE_DELIMITED_JSON', '--autodetect', 'shop.nested', nested);
    await bq.say('load', '--autodetect', 'shop.named', file('named.csv', 'id,item\n7,tea\n8,rum\n'));
    expect(await bq.json('head', 'shop.named')).toEqual([
      { id: '7', item: 'tea' },
      { id: '8', item: 'rum' },
    ]);
    expect(await bq.json('head', '-n', '10', 'shop.sales')).toEqual([
      { id: '1', item: 'tea', at: '2026-01-02 03:04:05' },
      { id: '2', item: 'a "b"', at: '2026-01-03 00:00:00' },
      { id: '3', item: '', at: null },
    ]);
    expect(
      await bq.json('query', '--nouse_legacy_sql', 'SELECT id, tags, place FROM shop.nested ORDER BY id'),
    ).toEqual([
      { id: '4', tags: ['x', 'y'], place: { city: 'Ulm' } },
      { id: '5', tags: [], place: null },
    ]);
  });

  it('says what is wrong with a file, and loads nothing of it', async () => {
    const { code, stdout } = await bq.run(
      'load',
      'shop.sales',
      file('bad.csv', '9,ok,2026-01-03\nnine,bad,\n'),
    );
    expect(code).not.toBe(0);
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'CSV table encountered too many errors, giving up. Rows: 2; errors: 1',
    );
    expect(stdout.replace(/\s+/g, ' ')).toContain('Cannot convert value to integer: nine');
    expect(await bq.json('query', 'SELECT COUNT(*) AS n FROM shop.sales')).toEqual([{ n: '3' }]);
  });

  it('checks a query without running it, and says what is wrong with one', async () => {
    expect(await bq.say('query', '--dry_run', 'SELECT id FROM shop.sales')).toContain(
      'Query successfully validated',
    );
    const failed = await bq.run('query', 'SELECT nothing FROM shop.sales');
    expect(failed.code).not.toBe(0);
    expect(failed.stdout.replace(/\s+/g, ' ')).toContain('Unrecognized name: nothing at [1:8]');
  });

  it('runs several statements, each with its result', async () => {
    const script =
      'DECLARE least INT64 DEFAULT 2; CREATE TABLE shop.some AS SELECT * FROM shop.sales WHERE id >= least; SELECT COUNT(*) AS n FROM shop.some;';
    const said = await bq.say('query', script);
    expect(said).toContain(
      'CREATE TABLE shop.some AS SELECT * FROM shop.sales WHERE id >= least; -- at [1:32]',
    );
    expect(said).toContain('Created test.shop.some');
    expect(said).toContain('| 2 |');
  });

  it('sends parameters, by job and by --rpc', async () => {
    const query = ['--parameter=least:INT64:3', 'SELECT id FROM shop.sales WHERE id >= @least'];
    expect(await bq.json('query', ...query)).toEqual([{ id: '3' }]);
    expect(await bq.json('query', '--rpc', ...query)).toEqual([{ id: '3' }]);
  });

  it('lists jobs and removes tables and datasets', async () => {
    const jobs = (await bq.json('ls', '-j')) as { configuration: { jobType: string } }[];
    expect(new Set(jobs.map(({ configuration }) => configuration.jobType))).toEqual(
      new Set(['QUERY', 'LOAD']),
    );
    await bq.say('rm', '-f', '-t', 'shop.nested');
    await bq.say('rm', '-r', '-f', 'shop');
    expect(await bq.json('ls')).toMatchObject([{ id: 'test:metrics_dataset' }]);
  });
});
