import type { v1 } from '@google-cloud/bigquery-storage';
import { bytesField, numberField } from '@seismo/server/bigquery/storage-write/wire-writer';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type AppendAnswer,
  Appender,
  LABEL,
  Rest,
  type StorageServer,
  startStorageServer,
  TYPE,
  tableName,
  writeClient,
} from './support/storage-harness.js';

const DATASET = 'streams';
const DESCRIPTOR = {
  name: 'Row',
  field: [
    { name: 'id', number: 1, label: LABEL.optional, type: TYPE.int64 },
    { name: 'text', number: 2, label: LABEL.optional, type: TYPE.string },
  ],
};

let server: StorageServer;
let rest: Rest;
let client: v1.BigQueryWriteClient;
let table = '';
let tables = 0;

beforeAll(async () => {
  server = await startStorageServer();
  rest = new Rest(server);
  client = writeClient(server.endpoint);
});
afterAll(async () => {
  await client.close();
  await server.stop();
});
beforeEach(async () => {
  table = `t${++tables}`;
  await rest.createTable(DATASET, table, [
    { name: 'id', type: 'INTEGER', mode: 'REQUIRED' },
    { name: 'text', type: 'STRING' },
  ]);
});

const row = (id: number, text = `row ${id}`) => Buffer.concat([numberField(1, id), bytesField(2, text)]);
const parent = () => tableName(DATASET, table);
const ids = async () => (await rest.rows(DATASET, table)).map(([id]) => Number(id)).sort((a, b) => a - b);

async function create(type: 'COMMITTED' | 'PENDING' | 'BUFFERED') {
  const [stream] = await client.createWriteStream({ parent: parent(), writeStream: { type } });
  return stream;
}

/** google.cloud.bigquery.storage.v1.StorageError.StorageErrorCode of an answer. */
function storageCode(answer: AppendAnswer): number | undefined {
  const [detail] = answer.error?.details ?? [];
  const value = Buffer.from((detail?.value as Uint8Array | undefined) ?? []);
  return value[0] === 8 ? value[1] : undefined;
}

describe('the default stream', () => {
  it('answers in the order of the requests, without offsets, when the rows are in the table', async () => {
    const appender = new Appender(client);
    const stream = `${parent()}/streams/_default`;
    const answers = await Promise.all([
      appender.rows(stream, DESCRIPTOR, [row(1), row(2)]),
      ...[3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((id) =>
        appender.append({ protoRows: { rows: { serializedRows: [row(id)] } } }),
      ),
    ]);
    expect(await ids()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    for (const answer of answers) {
      expect(answer.error ?? null).toBeNull();
      expect(answer.appendResult?.offset ?? null).toBeNull();
      expect(answer.writeStream).toBe(stream);
    }
    appender.end();
  });

  it('takes no offset, no end and no flush', async () => {
    const stream = `${parent()}/streams/_default`;
    const appender = new Appender(client);
    expect(await appender.rows(stream, DESCRIPTOR, [row(1)], 0)).toMatchObject({ error: { code: 3 } });
    expect((await appender.rows(stream, DESCRIPTOR, [row(2)])).error ?? null).toBeNull();
    appender.end();
    await expect(client.finalizeWriteStream({ name: stream })).rejects.toMatchObject({ code: 3 });
    await expect(client.flushRows({ writeStream: stream })).rejects.toMatchObject({ code: 3 });
    const [shown] = await client.getWriteStream({ name: stream, view: 'FULL' });
    expect(shown).toMatchObject({ name: stream, type: 'COMMITTED' });
    expect(shown.tableSchema?.fields).toMatchObject([
      { name: 'id', type: 'INT64', mode: 'REQUIRED' },
      { name: 'text', type: 'STRING', mode: 'NULLABLE' },
    ]);
    expect(await ids()).toEqual([2]);
  });

  it('says that a table got columns, and takes them', async () => {
    const appender = new Appender(client);
    const stream = `${parent()}/streams/_default`;
    await appender.rows(stream, DESCRIPTOR, [row(1)]);
    await rest.setColumns(DATASET, table, [
      { name: 'id', type: 'INTEGER', mode: 'REQUIRED' },
      { name: 'text', type: 'STRING' },
      { name: 'more', type: 'BOOLEAN' },
    ]);
    const told = await appender.append({ protoRows: { rows: { serializedRows: [row(2)] } } });
    expect(told.error ?? null).toBeNull();
    expect(told.updatedSchema?.fields?.map(({ name }) => name)).toEqual(['id', 'text', 'more']);
    const wider = {
      name: 'Row',
      field: [...DESCRIPTOR.field, { name: 'more', number: 3, label: LABEL.optional, type: TYPE.bool }],
    };
    const last = await appender.rows(stream, wider, [Buffer.concat([row(3), numberField(3, 1)])]);
    expect(last.updatedSchema ?? null).toBeNull();
    appender.end();
    expect(await rest.rows(DATASET, table)).toEqual([
      ['1', 'row 1', null],
      ['2', 'row 2', null],
      ['3', 'row 3', 'true'],
    ]);
  });
});

describe('a COMMITTED stream', () => {
  it('takes rows at its end only: what it has is ALREADY_EXISTS, what leaves a gap OUT_OF_RANGE', async () => {
    const stream = await create('COMMITTED');
    const name = stream.name!;
    const appender = new Appender(client);
    const first = await appender.rows(name, DESCRIPTOR, [row(0), row(1)], 0);
    expect(Number(first.appendResult?.offset?.value)).toBe(0);
    const again = await appender.rows(name, DESCRIPTOR, [row(0), row(1)], 0);
    expect(again.error).toMatchObject({
      code: 6,
      message: expect.stringContaining('expected offset 2, received 0'),
    });
    expect(storageCode(again)).toBe(8);
    const gap = await appender.rows(name, DESCRIPTOR, [row(9)], 3);
    expect(gap.error?.code).toBe(11);
    expect(storageCode(gap)).toBe(9);
    const next = await appender.rows(name, DESCRIPTOR, [row(2)], 2);
    expect(Number(next.appendResult?.offset?.value)).toBe(2);
    const without = await appender.rows(name, DESCRIPTOR, [row(3)]);
    expect(Number(without.appendResult?.offset?.value)).toBe(3);
    appender.end();
    expect(await ids()).toEqual([0, 1, 2, 3]);
  });

  it('takes many requests at once in their order', async () => {
    const name = (await create('COMMITTED')).name!;
    const appender = new Appender(client);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        appender.rows(name, DESCRIPTOR, [row(2 * i), row(2 * i + 1)], 2 * i),
      ),
    );
    appender.end();
    expect(answers.map(({ appendResult }) => Number(appendResult?.offset?.value))).toEqual(
      Array.from({ length: 50 }, (_, i) => 2 * i),
    );
    expect(await ids()).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it('takes nothing after its end', async () => {
    const name = (await create('COMMITTED')).name!;
    const appender = new Appender(client);
    await appender.rows(name, DESCRIPTOR, [row(1)], 0);
    const [{ rowCount }] = await client.finalizeWriteStream({ name });
    expect(Number(rowCount)).toBe(1);
    const late = await appender.rows(name, DESCRIPTOR, [row(2)], 1);
    expect(late.error?.code).toBe(3);
    expect(storageCode(late)).toBe(6);
    appender.end();
    expect(await ids()).toEqual([1]);
  });
});

describe('a PENDING stream', () => {
  it('shows its rows after the commit and not before, those of all streams at once', async () => {
    const names = [(await create('PENDING')).name!, (await create('PENDING')).name!];
    const appender = new Appender(client);
    await appender.rows(names[0]!, DESCRIPTOR, [row(1), row(2)], 0);
    await appender.rows(names[0]!, DESCRIPTOR, [row(3)], 2);
    await appender.rows(names[1]!, DESCRIPTOR, [row(4)], 0);
    appender.end();
    await client.finalizeWriteStream({ name: names[0]! });
    const [early] = await client.batchCommitWriteStreams({ parent: parent(), writeStreams: names });
    expect(early.commitTime ?? null).toBeNull();
    expect(early.streamErrors).toMatchObject([{ code: 'INVALID_STREAM_STATE', entity: names[1] }]);
    expect(await ids()).toEqual([]);
    await client.finalizeWriteStream({ name: names[1]! });
    const [done] = await client.batchCommitWriteStreams({ parent: parent(), writeStreams: names });
    expect(Number(done.commitTime?.seconds)).toBeGreaterThan(1_700_000_000);
    expect(await ids()).toEqual([1, 2, 3, 4]);
    const [again] = await client.batchCommitWriteStreams({ parent: parent(), writeStreams: names });
    expect(again.streamErrors?.map(({ code }) => code)).toEqual([
      'STREAM_ALREADY_COMMITTED',
      'STREAM_ALREADY_COMMITTED',
    ]);
    expect(await ids()).toEqual([1, 2, 3, 4]);
  });

  it('is committed once where two ask at the same time', async () => {
    const name = (await create('PENDING')).name!;
    const appender = new Appender(client);
    await appender.rows(name, DESCRIPTOR, [row(1)]);
    appender.end();
    await client.finalizeWriteStream({ name });
    const commits = await Promise.all(
      [1, 2, 3].map(() => client.batchCommitWriteStreams({ parent: parent(), writeStreams: [name] })),
    );
    expect(commits.filter(([{ streamErrors }]) => (streamErrors ?? []).length === 0)).toHaveLength(1);
    expect(await ids()).toEqual([1]);
  });

  it('says of other streams why they cannot be committed', async () => {
    const committed = (await create('COMMITTED')).name!;
    await client.finalizeWriteStream({ name: committed });
    const missing = `${parent()}/streams/nothing`;
    const [{ streamErrors }] = await client.batchCommitWriteStreams({
      parent: parent(),
      writeStreams: [committed],
    });
    expect(streamErrors).toMatchObject([{ code: 'INVALID_STREAM_TYPE', entity: committed }]);
    const [other] = await client.batchCommitWriteStreams({ parent: parent(), writeStreams: [missing] });
    expect(other.streamErrors).toMatchObject([{ code: 'STREAM_NOT_FOUND', entity: missing }]);
  });
});

describe('a BUFFERED stream', () => {
  it('shows its rows as far as they are flushed', async () => {
    const name = (await create('BUFFERED')).name!;
    const appender = new Appender(client);
    await appender.rows(name, DESCRIPTOR, [row(0), row(1), row(2), row(3)], 0);
    expect(await ids()).toEqual([]);
    const [first] = await client.flushRows({ writeStream: name, offset: { value: 1 } });
    expect(Number(first.offset)).toBe(1);
    expect(await ids()).toEqual([0, 1]);
    const [repeated] = await client.flushRows({ writeStream: name, offset: { value: 0 } });
    expect(Number(repeated.offset)).toBe(1);
    await expect(client.flushRows({ writeStream: name, offset: { value: 9 } })).rejects.toMatchObject({
      code: 11,
    });
    await appender.rows(name, DESCRIPTOR, [row(4)], 4);
    appender.end();
    await client.flushRows({ writeStream: name, offset: { value: 4 } });
    expect(await ids()).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('a stream that is not there', () => {
  it('is NOT_FOUND, as is a table', async () => {
    await expect(client.getWriteStream({ name: `${parent()}/streams/nothing` })).rejects.toMatchObject({
      code: 5,
    });
    await expect(
      client.createWriteStream({ parent: tableName(DATASET, 'nothing'), writeStream: { type: 'COMMITTED' } }),
    ).rejects.toMatchObject({ code: 5 });
    for (const name of [`${parent()}/streams/nothing`, `${tableName(DATASET, 'nothing')}/streams/_default`]) {
      await expect(new Appender(client).rows(name, DESCRIPTOR, [row(1)])).rejects.toMatchObject({ code: 5 });
    }
  });

  it('is one whose table has gone', async () => {
    const name = (await create('COMMITTED')).name!;
    const appender = new Appender(client);
    await appender.rows(name, DESCRIPTOR, [row(1)], 0);
    await rest.dropTable(DATASET, table);
    await expect(appender.rows(name, DESCRIPTOR, [row(2)], 1)).rejects.toMatchObject({ code: 5 });
  });
});
