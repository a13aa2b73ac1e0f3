import { adapt, managedwriter } from '@google-cloud/bigquery-storage';
import { openBigQuerySampleWriter } from '@seismo/server/adapters/gcp/bigquery-sample-writer';
import { SAMPLE_ROW_DESCRIPTOR } from '@seismo/server/adapters/gcp/sample-rows';
import { bytesField, numberField } from '@seismo/server/bigquery/storage-write/wire-writer';
import { silentLogger } from '@seismo/server/logger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batchOf, lookup } from '../contract/store-harness.js';
import {
  Appender,
  managedClient,
  PROJECT,
  Rest,
  type StorageServer,
  startStorageServer,
  tableName,
  writeClient,
} from './support/storage-harness.js';

let server: StorageServer;
let rest: Rest;
beforeAll(async () => {
  server = await startStorageServer();
  rest = new Rest(server);
});
afterAll(() => server.stop());

describe("the managed writer of Google's npm client", () => {
  it('writes rows by name to the default stream', async () => {
    await rest.createTable('managed', 'people', [
      { name: 'name', type: 'STRING', mode: 'REQUIRED' },
      { name: 'age', type: 'INTEGER' },
    ]);
    const client = managedClient(server.endpoint);
    const parent = tableName('managed', 'people');
    // FULL.
    const stream = await client.getWriteStream({ streamId: `${parent}/streams/_default`, view: 2 });
    const descriptor = adapt.convertStorageSchemaToProto2Descriptor(stream.tableSchema!, 'root');
    const connection = await client.createStreamConnection({
      streamId: managedwriter.DefaultStream,
      destinationTable: parent,
    });
    const writer = new managedwriter.JSONWriter({ connection, protoDescriptor: descriptor });
    const writes = [
      writer.appendRows([{ name: 'Ada', age: 36 }, { name: 'Grace' }]),
      writer.appendRows([{ name: 'Alan', age: 41 }]),
    ];
    for (const write of writes) expect((await write.getResult()).error ?? null).toBeNull();
    writer.close();
    client.close();
    expect(await rest.rows('managed', 'people')).toEqual([
      ['Ada', '36'],
      ['Grace', null],
      ['Alan', '41'],
    ]);
  });
});

describe('samples', () => {
  it('are ingested as all others: judged, shown, counted', async () => {
    const writer = await openBigQuerySampleWriter({
      project: PROJECT,
      dataset: 'metrics_dataset',
      lookup,
      clock: { nowMs: () => Date.now() },
      endpoint: server.endpoint,
      log: silentLogger,
    });
    const fromMs = Math.floor(Date.now() / 1000) * 1000 - 400_000;
    const rows = Array.from({ length: 400 }, (_, i) => [12, fromMs + i * 1000, 10 + Math.sin(i)] as const);
    await writer.append(batchOf(...rows));
    await writer.append(batchOf(...rows.slice(0, 5)));
    await writer.append(batchOf([1, fromMs, 0.1]));
    await writer.close();
    const { key } = lookup(12);
    const stored = await rest.rows('metrics_dataset', 'samples');
    expect(stored.filter(([, series]) => series === key)).toHaveLength(400);
    expect(stored.filter(([, series]) => series === 'metric_1')).toEqual([
      [String(fromMs * 1000), 'metric_1', 'metric_1', '{}', '0.1', null, null],
    ]);
    await expect
      .poll(async () => (await seriesList()).find((one) => one.series === key))
      .toMatchObject({ state: 'ok' });
  });

  it('that are not as they should be are named by their row', async () => {
    const client = writeClient(server.endpoint);
    const appender = new Appender(client);
    const nowMicros = Date.now() * 1000;
    const row = (name: string, time: number, value: number) =>
      Buffer.concat([numberField(1, time), bytesField(2, name), bytesField(3, name), double(5, value)]);
    const answer = await appender.rows(SAMPLES, SAMPLE_ROW_DESCRIPTOR, [
      row('good', nowMicros, 1),
      row('bad name!', nowMicros, 1),
      row('good', nowMicros, Number.NaN),
      row('good', 5_000_000, 1),
    ]);
    expect(answer.error?.code).toBe(3);
    expect(answer.rowErrors?.map(({ index }) => Number(index))).toEqual([1, 2, 3]);
    const [name, value, time] = answer.rowErrors!.map(({ message }) => message);
    expect(name).toContain('bad name!');
    expect(value).toContain('finite');
    expect(time).toMatch(/old/);
    appender.end();
    await client.close();
  });

  it('wait in a PENDING stream until it is committed', async () => {
    const client = writeClient(server.endpoint);
    const parent = tableName('metrics_dataset', 'samples');
    const [{ name }] = await client.createWriteStream({ parent, writeStream: { type: 'PENDING' } });
    const appender = new Appender(client);
    const time = Math.floor(Date.now() / 1000) * 1_000_000;
    const rows = [1, 2, 3].map((i) =>
      Buffer.concat([
        numberField(1, time - i * 1_000_000),
        bytesField(2, 'pending{host="a"}'),
        bytesField(3, 'pending'),
        bytesField(4, '{"host":"a"}'),
        double(5, i),
      ]),
    );
    await appender.rows(name!, SAMPLE_ROW_DESCRIPTOR, rows, 0);
    appender.end();
    await client.finalizeWriteStream({ name: name! });
    const stored = async () =>
      (await rest.rows('metrics_dataset', 'samples')).filter(([, series]) => series === 'pending{host="a"}');
    expect(await stored()).toEqual([]);
    await client.batchCommitWriteStreams({ parent, writeStreams: [name!] });
    expect((await stored()).map(([, , , , value]) => Number(value)).sort()).toEqual([1, 2, 3]);
    await client.close();
  });

  it('are not written to the view over them, and findings are not written at all', async () => {
    const client = writeClient(server.endpoint);
    const create = (table: string) =>
      client.createWriteStream({
        parent: tableName('metrics_dataset', table),
        writeStream: { type: 'PENDING' },
      });
    await expect(create('metrics_table')).rejects.toMatchObject({
      code: 3,
      message: expect.stringContaining('metrics_dataset.samples'),
    });
    await expect(create('anomalies')).rejects.toMatchObject({ code: 7 });
    await client.close();
  });
});

describe('keys', () => {
  it('are asked for where there are some: as Bearer token, and one that may write', async () => {
    const guarded = await startStorageServer({
      args: ['--api-key', 'write:alpha-key-1', '--api-key', 'read:beta-key-22'],
    });
    const client = writeClient(guarded.endpoint);
    const get = (headers: Record<string, string>) =>
      client.getWriteStream({ name: SAMPLES }, { otherArgs: { headers } });
    await expect(get({})).rejects.toMatchObject({ code: 16 });
    await expect(get({ authorization: 'Bearer gamma-key-3' })).rejects.toMatchObject({ code: 16 });
    await expect(get({ authorization: 'Bearer beta-key-22' })).rejects.toMatchObject({ code: 7 });
    expect((await get({ authorization: 'Bearer alpha-key-1' }))[0].name).toBe(SAMPLES);
    const refused = new Appender(client, { authorization: 'Bearer beta-key-22' });
    await expect(refused.rows(SAMPLES, SAMPLE_ROW_DESCRIPTOR, [Buffer.alloc(0)])).rejects.toMatchObject({
      code: 7,
    });
    await client.close();
    await guarded.stop();
  });
});

const SAMPLES = `${tableName('metrics_dataset', 'samples')}/streams/_default`;

async function seriesList(): Promise<{ series: string; state: string }[]> {
  const answer = await fetch(`${server.url}/api/series`);
  return ((await answer.json()) as { series: { series: string; state: string }[] }).series;
}

function double(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(9, (field << 3) | 1);
  bytes.writeDoubleLE(value, 1);
  return bytes;
}
