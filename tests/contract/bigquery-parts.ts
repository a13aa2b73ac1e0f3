import { createBigQueryAnomalyReader } from '@seismo/server/adapters/gcp/bigquery-anomaly-reader';
import { openBigQuerySampleWriter } from '@seismo/server/adapters/gcp/bigquery-sample-writer';
import { BigQueryStatements } from '@seismo/server/adapters/gcp/bigquery-statements';
import { readMigrations } from '@seismo/server/adapters/gcp/sql-files';
import { silentLogger } from '@seismo/server/logger';
import { SeriesRegistry } from '@seismo/server/model/series-registry';
import type { Anomaly } from '@seismo/server/model/verdict';
import { clientOf } from '../cloud/support/bigquery-client.js';
import type { BigQueryEmulator } from '../cloud/support/bigquery-emulator.js';
import { lookup, type OpenParts } from './store-harness.js';

/** A server that speaks BigQuery's REST and Storage Write APIs. */
export type BigQueryServer = Omit<BigQueryEmulator, 'stop'>;

let datasets = 0;

/** What the services on Google Cloud have of the store, over a new dataset of this server. */
export async function openBigQueryParts(
  bigquery: BigQueryServer,
  endpoint = bigquery.writeEndpoint,
): Promise<OpenParts> {
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

/** By the rule of the view metrics_table, which all statements share. */
async function samplesOf(
  bigquery: BigQueryServer,
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
  bigquery: BigQueryServer,
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
