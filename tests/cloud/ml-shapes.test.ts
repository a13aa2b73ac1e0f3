import { readdirSync } from 'node:fs';
import { readMigrations, readStatement } from '@seismo/server/adapters/gcp/sql-files';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BigQueryClient, clientOf } from './support/bigquery-client.js';
import type { BigQueryEmulator } from './support/bigquery-emulator.js';
import { ML_COLUMNS, type MlFunction } from './support/ml-columns.js';
import { startSeismoBigQuery } from './support/seismo-bigquery.js';

const statements = readdirSync(new URL('../../sql/', import.meta.url))
  .filter((file) => file.endsWith('.sql'))
  .map((file) => file.slice(0, -4));

const DATASET = 'shapes';

/** Columns of the model beside the function's own: id, time and data, as the two models of sql/ name them. */
const OWN_COLUMNS = ['series', 'minute', 'value', 'timestamp', 'latency'];

describe('the columns that the statements take of BigQuery ML', () => {
  test('are all among those that BigQuery documents', async () => {
    let seen = 0;
    for (const name of statements) {
      for (const [, list, called] of (await readStatement(name)).matchAll(
        /SELECT([^;]*?)FROM ML\.([A-Z_]+)\(/g,
      )) {
        const documented = Object.keys(ML_COLUMNS[called as MlFunction]);
        const taken = columnsOf(list!.split('SELECT').at(-1)!);
        const unknown = taken.filter(
          (column) => !documented.includes(column) && !OWN_COLUMNS.includes(column),
        );
        expect(unknown, `${name}.sql of ML.${called}`).toEqual([]);
        seen++;
      }
    }
    expect(seen).toBe(8);
  });
});

describe('statements of BigQuery ML on the embedded server', () => {
  let bigquery: BigQueryEmulator;
  let client: BigQueryClient;

  beforeAll(async () => {
    bigquery = await startSeismoBigQuery();
    client = clientOf(bigquery);
    await bigquery.createDataset(DATASET);
    for (const { statement } of await readMigrations(DATASET)) await bigquery.query(statement);
    // Both models learn the same forty minutes that ended two minutes ago; two more have come since.
    await rowsOf(`
      INSERT INTO \`metrics_dataset.samples\` (time, series, name, labels, value, ingest_time, message_id)
      SELECT minute, 'latency', 'latency', NULL, 10 + MOD(UNIX_SECONDS(minute), 7), minute, 'm'
      FROM UNNEST(GENERATE_TIMESTAMP_ARRAY(
        TIMESTAMP_SUB(TIMESTAMP_TRUNC(CURRENT_TIMESTAMP(), MINUTE), INTERVAL 41 MINUTE),
        TIMESTAMP_SUB(TIMESTAMP_TRUNC(CURRENT_TIMESTAMP(), MINUTE), INTERVAL 2 MINUTE),
        INTERVAL 1 MINUTE)) AS minute;
      INSERT INTO \`metrics_dataset.samples_per_minute\` (minute, series, value, samples, updated)
      SELECT time, series, value, 1, time FROM \`metrics_dataset.samples\`;`);
    await rowsOf(await readStatement('train-latency-anomalies'));
    await rowsOf(await readStatement('train-series-anomalies'));
  });
  afterAll(() => bigquery?.stop());

  /** Also tells the columns of an answer without rows. */
  async function answerOf(
    query: string,
  ): Promise<{ rows: Record<string, unknown>[]; columns: Record<string, string> }> {
    const own = query.replaceAll('metrics_dataset', DATASET);
    const [job] = await client.createQueryJob({ query: own, useLegacySql: false });
    const [rows, , answer] = await job.getQueryResults();
    const fields = (answer?.schema?.fields ?? []) as readonly {
      name: string;
      type: string;
      mode: string;
    }[];
    const columns = fields.map(({ name, type, mode }) => [
      name,
      mode === 'REPEATED' ? `ARRAY<${type}>` : type,
    ]);
    return { rows, columns: Object.fromEntries(columns) };
  }
  const rowsOf = async (query: string) => (await answerOf(query)).rows;

  const MODEL = 'MODEL `metrics_dataset.series_anomalies`';
  const DATA = '(SELECT series, minute, value FROM `metrics_dataset.samples_per_minute`)';
  const ALL_COLUMNS: Record<MlFunction, [call: string, own: Record<string, string>]> = {
    DETECT_ANOMALIES: [
      `(${MODEL}, STRUCT(0.95 AS anomaly_prob_threshold), ${DATA})`,
      { series: 'STRING', minute: 'TIMESTAMP', value: 'FLOAT64' },
    ],
    FORECAST: [`(${MODEL}, STRUCT(2 AS horizon, 0.95 AS confidence_level))`, { series: 'STRING' }],
    EVALUATE: [`(${MODEL}, ${DATA})`, { series: 'STRING' }],
    ARIMA_EVALUATE: [`(${MODEL}, STRUCT(FALSE AS show_all_candidate_models))`, { series: 'STRING' }],
    EXPLAIN_FORECAST: [`(${MODEL}, STRUCT(2 AS horizon, 0.95 AS confidence_level))`, { series: 'STRING' }],
  };

  test.each(Object.keys(ML_COLUMNS) as MlFunction[])(
    'ML.%s has the documented columns and types',
    async (name) => {
      const [call, own] = ALL_COLUMNS[name];
      const { columns } = await answerOf(`SELECT * FROM ML.${name}${call}`);
      expect(spelled(columns)).toEqual(Object.entries({ ...own, ...ML_COLUMNS[name] }));
    },
  );

  test('detection gives NULL for what lies in the history, past the horizon, off the minute, and for unknown series', async () => {
    const rows = await rowsOf(`
      SELECT what, is_anomaly, lower_bound, upper_bound, anomaly_probability FROM (
        SELECT * FROM ML.DETECT_ANOMALIES(${MODEL}, STRUCT(0.95 AS anomaly_prob_threshold),
          (SELECT 'latency' AS series, TIMESTAMP_ADD(MAX(minute), INTERVAL 1 MINUTE) AS minute, 99.0 AS value
           FROM \`metrics_dataset.samples_per_minute\`
           UNION ALL SELECT 'latency', MAX(minute), 99.0 FROM \`metrics_dataset.samples_per_minute\`
           UNION ALL SELECT 'latency', TIMESTAMP_ADD(MAX(minute), INTERVAL 4321 MINUTE), 99.0
           FROM \`metrics_dataset.samples_per_minute\`
           UNION ALL SELECT 'latency', TIMESTAMP_ADD(MAX(minute), INTERVAL 90 SECOND), 99.0
           FROM \`metrics_dataset.samples_per_minute\`
           UNION ALL SELECT 'nobody', TIMESTAMP_ADD(MAX(minute), INTERVAL 1 MINUTE), 99.0
           FROM \`metrics_dataset.samples_per_minute\`)))
      CROSS JOIN (SELECT 'x' AS what)`);
    const known = rows.filter((row) => row.is_anomaly !== null);
    expect(known).toHaveLength(1);
    expect(known[0]).toMatchObject({ is_anomaly: true, anomaly_probability: expect.closeTo(1, 5) });
    const none = { is_anomaly: null, lower_bound: null, upper_bound: null, anomaly_probability: null };
    for (const row of rows) if (row !== known[0]) expect(row).toMatchObject(none);
    expect(rows).toHaveLength(5);
  });

  test('the documented statements answer with the columns they name', async () => {
    const detected = await answerOf(await readStatement('detect-latency-anomalies'));
    expect(spelled(detected.columns)).toEqual([
      ['timestamp', 'TIMESTAMP'],
      ['latency', 'FLOAT64'],
      ['is_anomaly', 'BOOL'],
      ['anomaly_probability', 'FLOAT64'],
    ]);
    // The table that a model was trained on lies in its history: no verdict, as users meet it.
    expect(detected.rows.length).toBeGreaterThan(30);
    expect(detected.rows.every((row) => row.is_anomaly === null)).toBe(true);

    const evaluated = await answerOf(await readStatement('evaluate-latency-anomalies'));
    expect(spelled(evaluated.columns)).toEqual(Object.entries(ML_COLUMNS.EVALUATE));
  });

  test('a model that is there is trained anew only by the statement that says so', async () => {
    await expect(rowsOf(await readStatement('train-latency-anomalies'))).rejects.toThrow(/Already Exists/);
    await rowsOf(await readStatement('retrain-latency-anomalies'));
  });
});

/** Types by the names that statements use. */
function spelled(columns: Readonly<Record<string, string>>): [string, string][] {
  const names: Record<string, string> = { FLOAT: 'FLOAT64', INTEGER: 'INT64', BOOLEAN: 'BOOL' };
  return Object.entries(columns).map(([name, type]) => [name, names[type] ?? type]);
}

/** Names of columns in a list of expressions: words that are no function, no keyword and no new name. */
function columnsOf(list: string): string[] {
  const words = list
    .replace(/--.*$/gm, '')
    .replace(/\bAS\s+\w+/g, '')
    .match(/\b[A-Za-z_]\w*\b(?!\s*\()/g);
  return (words ?? []).filter((word) => word !== 'NULL');
}
