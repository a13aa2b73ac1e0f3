import {
  type BigQuerySampleWriter,
  type BigQuerySampleWriterOptions,
  openBigQuerySampleWriter,
} from '@seismo/server/adapters/gcp/bigquery-sample-writer';
import { silentLogger } from '@seismo/server/logger';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AppendRequest,
  CONFIRMED,
  startWriteServer,
  type WriteServer,
} from '../cloud/support/write-server.js';
import { batchOf, lookup } from './store-harness.js';

const T = 1_700_000_000_000;
const ORIGIN = { messageId: '17', publishedMs: T };

describe('the writer of samples into BigQuery', () => {
  let server: WriteServer;
  const writers: BigQuerySampleWriter[] = [];
  beforeEach(async () => {
    server = await startWriteServer();
  });
  afterEach(async () => {
    for (const writer of writers.splice(0)) await writer.close();
    server.stop();
  });

  async function open(options: Partial<BigQuerySampleWriterOptions> = {}): Promise<BigQuerySampleWriter> {
    const writer = await openBigQuerySampleWriter({
      project: 'p',
      dataset: 'd',
      lookup,
      clock: { nowMs: () => T },
      endpoint: server.endpoint,
      log: silentLogger,
      ...options,
    });
    writers.push(writer);
    return writer;
  }

  it('describes the rows once a connection and names the table in each request', async () => {
    const writer = await open();
    await writer.append(batchOf([12, T, 0.5]), ORIGIN);
    await writer.append(batchOf([1, T, 1]), ORIGIN);
    const [first, second] = server.requests;
    expect(first!.writeStream).toBe('projects/p/datasets/d/tables/samples/streams/_default');
    const fields = first!.protoRows!.writerSchema!.protoDescriptor!.field!.map(({ name }) => name);
    expect(fields).toEqual(['time', 'series', 'name', 'labels', 'value', 'ingest_time', 'message_id']);
    expect(second!.protoRows!.writerSchema).toBeNull();
    expect(second!.writeStream).toBe(first!.writeStream);
    expect(server.connections).toBe(1);
  });

  it('appends together what comes while an append is under way', async () => {
    const writer = await open();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    server.react = () => held.then(() => CONFIRMED);
    const appends = Array.from({ length: 4 }, (_, i) => writer.append(batchOf([1, T + i, i])));
    await expect.poll(() => server.requests.length).toBeGreaterThan(0);
    for (let i = 0; i < 500; i++) appends.push(writer.append(batchOf([1, T + 10 + i, i])));
    release();
    await Promise.all(appends);
    expect(server.requests.length).toBeLessThanOrEqual(5);
    expect(rowsIn(server.requests)).toBe(504);
  });

  it('keeps requests below the limit of 10 MB, whatever one message holds', async () => {
    const writer = await open();
    const rows = 150_000;
    await writer.append(
      {
        seriesIds: new Uint32Array(rows).fill(12),
        timesMs: Float64Array.from({ length: rows }, (_, i) => T + i),
        values: new Float64Array(rows),
      },
      ORIGIN,
    );
    expect(server.requests.length).toBeGreaterThan(1);
    expect(rowsIn(server.requests)).toBe(rows);
    for (const { protoRows } of server.requests) {
      const bytes = protoRows!.rows!.serializedRows!.reduce((sum, row) => sum + row.length, 0);
      expect(bytes).toBeLessThan(9_000_000);
    }
  });

  it('refuses only the message whose sample the table never takes, and stores the others', async () => {
    const writer = await open();
    server.react = ({ protoRows }) => {
      const faults = protoRows!.rows!.serializedRows!.flatMap((row, index) =>
        Buffer.from(row).includes('metric_6') ? [{ index, code: 1, message: 'value is out of range' }] : [],
      );
      return faults.length === 0 ? CONFIRMED : { error: { code: 3, message: 'bad rows' }, rowErrors: faults };
    };
    const results = await Promise.allSettled([
      writer.append(batchOf([1, T, 1], [2, T, 1])),
      writer.append(batchOf([3, T, 1], [6, T, 1], [6, T + 1, 1])),
      writer.append(batchOf([4, T, 1])),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({
      reason: { code: 'bad_request', message: expect.stringContaining('value is out of range') },
    });
    expect(rowsIn(server.requests.slice(-1))).toBe(3);
  });

  it.each([
    ['a table of an older form', 3, 'not_ready'],
    ['a missing table', 5, 'not_ready'],
    ['a missing right', 7, 'not_ready'],
    ['a used up quota', 8, 'queue_full'],
    ['a fault of the service', 13, 'unreachable'],
    ['a service that is away', 14, 'unreachable'],
  ] as const)(
    'calls %s worth a retry, as an answer and as the end of the connection',
    async (_, code, expected) => {
      const writer = await open();
      for (const reaction of [{ error: { code, message: 'so' } }, { code, details: 'so' }]) {
        server.react = () => reaction;
        await expect(writer.append(batchOf([1, T, 1]))).rejects.toMatchObject({ code: expected });
      }
      server.react = () => CONFIRMED;
      await writer.append(batchOf([1, T, 1]));
    },
  );

  it('tries once more when the connection has failed, and opens another one', async () => {
    const writer = await open();
    const reactions = [{ code: 14, details: 'gone' }, CONFIRMED];
    server.react = () => reactions.shift() ?? CONFIRMED;
    await writer.append(batchOf([1, T, 1]));
    expect(server.connections).toBe(2);
    server.endConnections();
    await writer.append(batchOf([1, T + 1, 1]));
    await writer.append(batchOf([1, T + 2, 1]));
    expect(server.requests.at(-1)!.protoRows!.writerSchema).toBeNull();
  });

  it('opens another connection when one goes on refusing, as after a table was made again; not for a quota', async () => {
    const writer = await open();
    server.react = ({ protoRows }) =>
      server.connections === 1 ? { error: { code: 5, message: 'no such table' } } : described(protoRows);
    await expect(writer.append(batchOf([1, T, 1]))).rejects.toMatchObject({ code: 'not_ready' });
    await writer.append(batchOf([1, T, 1]));
    expect(server.connections).toBe(2);
    server.react = () => ({ error: { code: 8, message: 'quota' } });
    await expect(writer.append(batchOf([1, T, 1]))).rejects.toMatchObject({ code: 'queue_full' });
    server.react = () => CONFIRMED;
    await writer.append(batchOf([1, T, 1]));
    expect(server.connections).toBe(2);
  });

  it('gives up on an answer that does not come', async () => {
    const writer = await open({ answerMsMax: 100 });
    server.react = () => 'silence';
    await expect(writer.append(batchOf([1, T, 1]))).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('did not answer'),
    });
    server.react = () => CONFIRMED;
    await writer.append(batchOf([1, T, 1]));
  });

  it('refuses while too much waits, and takes samples again afterwards', async () => {
    const writer = await open({ queueRowsMax: 10 });
    const batch = batchOf(...Array.from({ length: 8 }, (_, i) => [1, T + i, i] as const));
    const first = writer.append(batch);
    await expect(writer.append(batch)).rejects.toMatchObject({ code: 'queue_full' });
    await first;
    await writer.append(batch);
  });

  it('stores what waits when it closes, and refuses afterwards', async () => {
    const writer = await open();
    const waiting = [1, 2, 3].map((i) => writer.append(batchOf([1, T + i, i])));
    await writer.close();
    await Promise.all(waiting);
    expect(rowsIn(server.requests)).toBe(3);
    await expect(writer.append(batchOf([1, T, 1]))).rejects.toMatchObject({ code: 'not_ready' });
  });
});

/** BigQuery reads the rows of a connection only after they were described. */
function described(protoRows: AppendRequest['protoRows']) {
  const error = { code: 3, message: 'no description of the rows' };
  return protoRows?.writerSchema?.protoDescriptor ? CONFIRMED : { error };
}

function rowsIn(requests: readonly AppendRequest[]): number {
  return requests.reduce((sum, { protoRows }) => sum + protoRows!.rows!.serializedRows!.length, 0);
}
