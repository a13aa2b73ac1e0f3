import { type AppError, ERROR_TABLE } from '@seismo/server/errors';
import { fnv1a } from '@seismo/server/model/metric-message';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BigQueryEmulator, startBigQueryEmulator } from '../cloud/support/bigquery-emulator.js';
import { GRPC_STATUS, startGrpcFaultProxy } from '../cloud/support/grpc-fault-proxy.js';
import { lacksPeer } from '../cloud/support/peers.js';
import { describeAnomalyReader } from './anomaly-reader.contract.js';
import { openBigQueryParts } from './bigquery-parts.js';
import { describeSampleWriter } from './sample-writer.contract.js';
import { batchOf } from './store-harness.js';

const T = 1_700_000_000_000;

// Without the emulator there is nothing to look at; `lacksPeer` says what to install.
describe.skipIf(lacksPeer('bigquery'))('on the BigQuery emulator', () => {
  let bigquery: BigQueryEmulator;
  beforeAll(async () => {
    bigquery = await startBigQueryEmulator();
  });
  afterAll(() => bigquery?.stop());

  const open = (endpoint?: string) => openBigQueryParts(bigquery, endpoint);

  it('keeps the value of the later message, in whatever order and however often messages come', async () => {
    const { writer, samplesOf, clear } = await open();
    const messages = Array.from({ length: 40 }, (_, i) => ({
      batch: batchOf([1, T + (i % 5), i], [2, T, -i]),
      origin: { messageId: String(1000 + i), publishedMs: T + i },
    }));
    // Every third one comes again, and all of them in an order of its own.
    const delivered = [...messages, ...messages.filter((_, i) => i % 3 === 0)].sort(
      (a, b) => fnv1a(a.origin.messageId) - fnv1a(b.origin.messageId),
    );
    for (const { batch, origin } of delivered) await writer.append(batch, origin);
    expect(await samplesOf(1)).toEqual([0, 1, 2, 3, 4].map((i) => [T + i, 35 + i]));
    expect(await samplesOf(2)).toEqual([[T, -39]]);
    await clear();
  });

  it('loses nothing of what it confirmed while connections fail in every way', async () => {
    const faults = [
      { kind: 'status', status: GRPC_STATUS.unavailable },
      { kind: 'refused' },
      { kind: 'unanswered' },
      { kind: 'half' },
      { kind: 'status', status: GRPC_STATUS.internal },
      { kind: 'slow', ms: 50 },
      { kind: 'status', status: GRPC_STATUS.resourceExhausted },
    ] as const;
    const proxy = await startGrpcFaultProxy(bigquery.writeEndpoint);
    proxy.faultOf = ({ index }) => (index % 3 === 0 ? undefined : faults[index % faults.length]);
    const { writer, samplesOf, clear } = await open(proxy.endpoint);
    const refused = new Set<string>();
    const sendUntilTaken = async (i: number): Promise<void> => {
      for (;;) {
        try {
          await writer.append(batchOf([i % 4, T + i, i]), { messageId: String(i), publishedMs: T });
          return;
        } catch (error) {
          const { code } = error as AppError;
          expect(ERROR_TABLE[code].retry).toBe(true);
          refused.add(code);
        }
      }
    };
    for (let i = 0; i < 60; i += 3) await Promise.all([i, i + 1, i + 2].map(sendUntilTaken));
    for (const id of [0, 1, 2, 3]) {
      const expected = Array.from({ length: 15 }, (_, k) => [T + k * 4 + id, k * 4 + id]);
      expect(await samplesOf(id)).toEqual(expected);
    }
    expect([...refused].sort()).toEqual(['queue_full', 'unreachable']);
    expect(proxy.faults.size).toBe(7);
    await clear();
    await proxy.stop();
  });

  describeSampleWriter({ name: 'BigQuery', open: () => open() });
  describeAnomalyReader({ name: 'BigQuery', open: () => open() });
});
