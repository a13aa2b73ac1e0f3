import { createBigQueryAnomalyReader } from '@seismo/server/adapters/gcp/bigquery-anomaly-reader';
import { openBigQuerySampleWriter } from '@seismo/server/adapters/gcp/bigquery-sample-writer';
import { BigQueryStatements } from '@seismo/server/adapters/gcp/bigquery-statements';
import { readMigrations } from '@seismo/server/adapters/gcp/sql-files';
import { type AppError, ERROR_TABLE } from '@seismo/server/errors';
import { silentLogger } from '@seismo/server/logger';
import { fnv1a } from '@seismo/server/model/metric-message';
import { SeriesRegistry } from '@seismo/server/model/series-registry';
import type { Anomaly } from '@seismo/server/model/verdict';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientOf } from '../cloud/support/bigquery-client.js';
import { type BigQueryEmulator, startBigQueryEmulator } from '../cloud/support/bigquery-emulator.js';
import { GRPC_STATUS, startGrpcFaultProxy } from '../cloud/support/grpc-fault-proxy.js';
import { lacksPeer } from '../cloud/support/peers.js';
import { describeAnomalyReader } from './anomaly-reader.contract.js';
import { describeSampleWriter } from './sample-writer.contract.js';
import { batchOf, lookup, type OpenParts } from './store-harness.js';

const T = 1_700_000_000_000;

// Without the emulator there is nothing to look at; `lacksPeer` says what to install.
describe.skipIf(lacksPeer('bigquery'))('on the BigQuery emulator', () => {
  let bigquery: BigQueryEmulator;
  let datasets = 0;
  beforeAll(async () => {
    bigquery = await startBigQueryEmulator();
  });
  afterAll(() => bigquery?.stop());

  async function open(endpoint = bigquery.writeEndpoint): Promise<OpenParts> {
    const dataset = `dataset_${++datasets}`;
    await bigquery.createDataset(dataset);
    for (const { name, statement } of await readMigrations(dataset)) {
      if (/-(samples|anomalies)$/.test(name)) await bigquery.query(statement);
    }
    const registry = new SeriesRegistry();
    registry.restore(Array.from({ length: 20 }, (_, id) => lookup(id)));
    const statements = new BigQueryStatements({
      client: clientOf(bigquery),
      dataset,
      maxBytesBilled: 1_000_000_000,
    });
    const writer = await openBigQuerySampleWriter({
      project: bigquery.project,
      dataset,
      lookup,
      clock: { nowMs: () => Date.now() },
      endpoint,
      log: silentLogger,
    });
    let messages = 0;
    return {
      writer,
      anomalies: createBigQueryAnomalyReader({ statements, registry }),
      samplesOf: (seriesId) => samplesOf(bigquery, dataset, seriesId),
      nextOrigin: () => ({ messageId: String(++messages), publishedMs: messages }),
      keepAnomalies: (anomalies) => insertAnomalies(bigquery, dataset, anomalies),
      clear: () => writer.close(),
    };
  }

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

/** By the rule of the view metrics_table, which all statements share. */
async function samplesOf(
  bigquery: BigQueryEmulator,
  dataset: string,
  seriesId: number,
): Promise<[timeMs: number, value: number][]> {
  const view = (await readMigrations(dataset)).find(({ name }) => name.endsWith('-metrics-table'));
  const [lastWrite] = /ARRAY_AGG\(value .*?\)\[OFFSET\(0\)\]/.exec(view!.statement)!;
  const rows = await bigquery.query(`SELECT UNIX_MILLIS(time) AS time_ms, ${lastWrite} AS value
    FROM ${dataset}.samples WHERE series = '${lookup(seriesId).key}' GROUP BY time ORDER BY time`);
  return rows.map(({ time_ms, value }) => [Number(time_ms), Number(value)]);
}

async function insertAnomalies(
  bigquery: BigQueryEmulator,
  dataset: string,
  anomalies: readonly Anomaly[],
): Promise<void> {
  const number = (value: number) => (Number.isNaN(value) ? 'NULL' : String(value));
  const rows = anomalies.map((one) => {
    const { key, name, labels } = lookup(one.seriesId);
    const numbers = [one.value, one.expected, one.lower, one.upper, one.probability, one.score].map(number);
    return `(TIMESTAMP_MILLIS(${one.timeMs}), '${key}', '${name}', JSON '${JSON.stringify(labels)}',
      ${numbers.join(', ')}, ${one.alarm}, '${one.detector}', 'model', CURRENT_TIMESTAMP())`;
  });
  await bigquery.query(`INSERT INTO ${dataset}.anomalies (time, series, name, labels, value, expected, lower_bound,
    upper_bound, anomaly_probability, score, alarm, detector, model, found) VALUES ${rows.join(', ')}`);
}
