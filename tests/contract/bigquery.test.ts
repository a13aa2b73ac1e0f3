import { createBigQueryAnomalyReader } from '@seismo/server/adapters/gcp/bigquery-anomaly-reader';
import { createBigQuerySampleReader } from '@seismo/server/adapters/gcp/bigquery-sample-reader';
import { openBigQuerySampleWriter } from '@seismo/server/adapters/gcp/bigquery-sample-writer';
import { BigQueryStatements } from '@seismo/server/adapters/gcp/bigquery-statements';
import { readMigrations } from '@seismo/server/adapters/gcp/sql-files';
import { SeriesRegistry } from '@seismo/server/model/series-registry';
import type { Anomaly } from '@seismo/server/model/verdict';
import { afterAll, beforeAll, describe } from 'vitest';
import { clientOf } from '../cloud/support/bigquery-client.js';
import { type BigQueryEmulator, startBigQueryEmulator } from '../cloud/support/bigquery-emulator.js';
import { lacksPeer } from '../cloud/support/peers.js';
import { describeAnomalyReader } from './anomaly-reader.contract.js';
import { describeSamples } from './samples.contract.js';
import { lookup, type OpenParts } from './store-harness.js';

// Without the emulator there is nothing to look at; `lacksPeer` says what to install.
describe.skipIf(lacksPeer('bigquery'))('on the BigQuery emulator', () => {
  let bigquery: BigQueryEmulator;
  let datasets = 0;
  beforeAll(async () => {
    bigquery = await startBigQueryEmulator();
  });
  afterAll(() => bigquery?.stop());

  async function open(): Promise<OpenParts> {
    const dataset = `dataset_${++datasets}`;
    await bigquery.createDataset(dataset);
    for (const { statement } of await readMigrations(dataset)) await bigquery.query(statement);
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
      endpoint: bigquery.writeEndpoint,
    });
    let messages = 0;
    return {
      writer,
      reader: createBigQuerySampleReader({ statements, registry }),
      anomalies: createBigQueryAnomalyReader({ statements, registry }),
      nextOrigin: () => ({ messageId: String(++messages), publishedMs: messages }),
      keepAnomalies: (anomalies) => insertAnomalies(bigquery, dataset, anomalies),
      clear: () => writer.close(),
    };
  }

  describeSamples({ name: 'BigQuery', open });
  describeAnomalyReader({ name: 'BigQuery', open });
});

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
