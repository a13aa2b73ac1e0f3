import { setTimeout as pause } from 'node:timers/promises';
import { createBigQueryModelStore } from '@seismo/server/adapters/gcp/bigquery-model-store';
import { BigQueryStatements } from '@seismo/server/adapters/gcp/bigquery-statements';
import { migrate } from '@seismo/server/adapters/gcp/migrations';
import { silentLogger } from '@seismo/server/logger';
import type { ModelRound } from '@seismo/server/ports/model-store';
import { afterAll, beforeAll, describe } from 'vitest';
import { type BigQueryClient, clientOf } from '../cloud/support/bigquery-client.js';
import type { BigQueryEmulator } from '../cloud/support/bigquery-emulator.js';
import { startSeismoBigQuery } from '../cloud/support/seismo-bigquery.js';
import { describeModelStore, type ModelBench } from './model-store.contract.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Of what is not started again: it runs. */
const RUNNING = /(trained|runs) since/;

describe('on the embedded server, spoken to as BigQuery', () => {
  let bigquery: BigQueryEmulator;
  let client: BigQueryClient;
  let datasets = 0;

  beforeAll(async () => {
    bigquery = await startSeismoBigQuery();
    client = clientOf(bigquery);
  });
  afterAll(() => bigquery?.stop());

  describeModelStore('BigQuery ML', async () => {
    const dataset = `contract_${++datasets}`;
    const options = {
      client,
      dataset,
      clock: { nowMs: () => bench.nowMs },
      log: silentLogger,
      maxBytesBilled: 5 * 1024 ** 3,
    };
    const rowsOf = (sql: string) => bigquery.query(sql.replaceAll('metrics_dataset', dataset));
    const bench: ModelBench = {
      store: createBigQueryModelStore({ ...options, statements: new BigQueryStatements(options) }),
      nowMs: Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 20 * HOUR_MS + MINUTE_MS / 2,
      async settle() {
        const rounds: ModelRound[] = [];
        // What one call starts a later one collects.
        for (let underWay = true; underWay; ) {
          const round = await bench.store.detect();
          rounds.push(round);
          underWay = round.started.length > 0 || round.skipped.some(({ reason }) => RUNNING.test(reason));
          if (underWay) await pause(50);
        }
        return rounds;
      },
      async keep(series, values, lastMinutesAgo) {
        const lastMs = bench.nowMs - MINUTE_MS / 2 - lastMinutesAgo * MINUTE_MS + 10_000;
        await rowsOf(insertOf(series, values, lastMs));
      },
      async anomalies() {
        const found = await rowsOf(
          'SELECT series, value, alarm FROM `metrics_dataset.anomalies` ORDER BY time',
        );
        return found.map(({ series, value, alarm }) => ({
          series: String(series),
          value: Number(value),
          alarm: alarm === 'true',
        }));
      },
      close: async () => {},
    };
    await migrate({ ...options, location: 'US', retentionMs: 30 * 24 * HOUR_MS });
    return bench;
  });
});

/** A value a minute, up to `lastMs`, as rows of `samples`. */
function insertOf(series: string, values: readonly number[], lastMs: number): string {
  const rows = values.map((value, i) => {
    const time = `TIMESTAMP_MILLIS(${lastMs - (values.length - 1 - i) * MINUTE_MS})`;
    return `(${time}, '${series}', '${series}', JSON '{}', ${value}, ${time}, '1')`;
  });
  return `INSERT INTO \`metrics_dataset.samples\` (time, series, name, labels, value, ingest_time, message_id)
    VALUES ${rows.join()}`;
}
