import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { v1 } from '@google-cloud/bigquery-storage';
import { bytesField, numberField } from '@seismo/server/bigquery/storage-write/wire-writer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FULL_LENGTH } from '../support/test-length.js';
import {
  Appender,
  LABEL,
  Rest,
  type StorageServer,
  startStorageServer,
  TYPE,
  tableName,
  writeClient,
} from './support/storage-harness.js';

const ROUNDS = FULL_LENGTH ? 10 : 2;
const ROWS = 50;
const DESCRIPTOR = {
  name: 'Row',
  field: [
    { name: 'id', number: 1, label: LABEL.optional, type: TYPE.int64 },
    { name: 'text', number: 2, label: LABEL.optional, type: TYPE.string },
  ],
};
const COLUMNS = [
  { name: 'id', type: 'INTEGER', mode: 'REQUIRED' },
  { name: 'text', type: 'STRING' },
];

let dataFolder = '';
let server: StorageServer;
let rest: Rest;
let client: v1.BigQueryWriteClient;
beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), 'seismo-storage-'));
  return start();
});
afterEach(async () => {
  await client.close();
  await server.stop();
  rmSync(dataFolder, { recursive: true, force: true });
});

async function start(): Promise<void> {
  server = await startStorageServer({ args: ['--data', dataFolder] });
  rest = new Rest(server);
  client = writeClient(server.endpoint);
}

async function restart(): Promise<void> {
  await client.close();
  await start();
}

const rowsFrom = (first: number) =>
  Array.from({ length: ROWS }, (_, i) =>
    Buffer.concat([numberField(1, first + i), bytesField(2, `row ${first + i}`)]),
  );

const ids = async (table: string) =>
  (await rest.rows('kept', table)).map(([id]) => Number(id)).sort((a, b) => a - b);

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('kill -9', () => {
  it('loses nothing that was acknowledged on the default stream', async () => {
    await rest.createTable('kept', 'many', COLUMNS);
    const stream = `${tableName('kept', 'many')}/streams/_default`;
    const acknowledged = new Set<number>();
    let next = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const writers = [0, 1, 2].map(async () => {
        const appender = new Appender(client);
        const sending: Promise<unknown>[] = [];
        for (let i = 0; i < 200; i++) {
          const first = next;
          next += ROWS;
          const answered = appender.rows(stream, DESCRIPTOR, rowsFrom(first)).then(({ error }) => {
            if (!error) for (let id = first; id < first + ROWS; id++) acknowledged.add(id);
          });
          sending.push(answered.catch(() => {}));
          // Some wait for their answer, most do not.
          if (i % 20 === 0) await sending.at(-1);
        }
        await Promise.all(sending);
      });
      const before = acknowledged.size;
      while (acknowledged.size < before + 20 * ROWS) await new Promise((resolve) => setTimeout(resolve, 1));
      await server.kill();
      await Promise.all(writers);
      await restart();
      const kept = new Set(await ids('many'));
      expect([...acknowledged].filter((id) => !kept.has(id))).toEqual([]);
    }
    expect(acknowledged.size).toBeGreaterThanOrEqual(ROUNDS * 20 * ROWS);
  });

  it('lets a COMMITTED stream go on where it was: each row once, whatever was sent again', async () => {
    await rest.createTable('kept', 'once', COLUMNS);
    const parent = tableName('kept', 'once');
    const [{ name }] = await client.createWriteStream({ parent, writeStream: { type: 'COMMITTED' } });
    let acknowledged = 0;
    const repeats: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const appender = new Appender(client);
      const send = async (offset: number) => {
        const { error } = await appender.rows(name!, DESCRIPTOR, rowsFrom(offset), offset);
        if (error?.code === 6) repeats.push(offset);
        else if (error) throw new Error(String(error.message));
        acknowledged = Math.max(acknowledged, offset + ROWS);
      };
      const target = acknowledged + 20 * ROWS;
      const sending: Promise<void>[] = [];
      for (let offset = acknowledged; offset < target + 100 * ROWS; offset += ROWS)
        sending.push(send(offset).catch(() => {}));
      while (acknowledged < target) await new Promise((resolve) => setTimeout(resolve, 1));
      await server.kill();
      await Promise.all(sending);
      await restart();
    }
    const appender = new Appender(client);
    await appender.rows(name!, DESCRIPTOR, rowsFrom(acknowledged), acknowledged);
    appender.end();
    const stored = await ids('once');
    expect(stored).toEqual(upTo(stored.length));
    expect(stored.length).toBeGreaterThanOrEqual(acknowledged);
    const [{ rowCount }] = await client.finalizeWriteStream({ name: name! });
    expect(Number(rowCount)).toBe(stored.length);
  });

  it('keeps a PENDING stream with its rows until it is committed', async () => {
    await rest.createTable('kept', 'pending', COLUMNS);
    const parent = tableName('kept', 'pending');
    const [{ name }] = await client.createWriteStream({ parent, writeStream: { type: 'PENDING' } });
    await new Appender(client).rows(name!, DESCRIPTOR, rowsFrom(0), 0);
    await server.kill();
    await restart();
    const again = await new Appender(client).rows(name!, DESCRIPTOR, rowsFrom(0), 0);
    expect(again.error?.code).toBe(6);
    await new Appender(client).rows(name!, DESCRIPTOR, rowsFrom(ROWS), ROWS);
    await client.finalizeWriteStream({ name: name! });
    await server.kill();
    await restart();
    expect(await ids('pending')).toEqual([]);
    await client.batchCommitWriteStreams({ parent, writeStreams: [name!] });
    expect(await ids('pending')).toEqual(upTo(2 * ROWS));
    await server.kill();
    await restart();
    const [{ streamErrors }] = await client.batchCommitWriteStreams({ parent, writeStreams: [name!] });
    expect(streamErrors).toMatchObject([{ code: 'STREAM_ALREADY_COMMITTED' }]);
    expect(await ids('pending')).toEqual(upTo(2 * ROWS));
  });
});

describe('SIGTERM', () => {
  it('answers what has come, refuses the rest as UNAVAILABLE, and ends with 0', async () => {
    await rest.createTable('kept', 'drained', COLUMNS);
    const stream = `${tableName('kept', 'drained')}/streams/_default`;
    const appender = new Appender(client);
    const acknowledged: number[] = [];
    const codes = new Set<unknown>();
    const sending = upTo(300).map((i) =>
      appender.rows(stream, DESCRIPTOR, rowsFrom(i * ROWS)).then(
        ({ error }) => {
          if (error) codes.add(error.code);
          else acknowledged.push(i);
        },
        (error: { code: unknown }) => codes.add(error.code),
      ),
    );
    await Promise.race(sending);
    server.process.kill('SIGTERM');
    await Promise.all(sending);
    expect(await server.ended()).toEqual({ code: 0, signal: null });
    expect([...codes].filter((code) => code !== 14)).toEqual([]);
    await restart();
    expect(acknowledged.length).toBeGreaterThan(0);
    const stored = new Set(await ids('drained'));
    expect(acknowledged.filter((i) => !stored.has(i * ROWS) || !stored.has(i * ROWS + ROWS - 1))).toEqual([]);
    // Requests are stored in order, so what was answered is a beginning of what was sent.
    expect(acknowledged).toEqual(upTo(acknowledged.length));
  });
});
