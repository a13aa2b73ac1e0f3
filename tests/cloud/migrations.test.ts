import { migrate } from '@seismo/server/adapters/gcp/migrations';
import { readMigrations, readStatement } from '@seismo/server/adapters/gcp/sql-files';
import { type Logger, silentLogger } from '@seismo/server/logger';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BigQueryClient, clientOf } from './support/bigquery-client.js';
import { type BigQueryEmulator, startBigQueryEmulator } from './support/bigquery-emulator.js';
import { lacksPeer } from './support/peers.js';

const DAY_MS = 86_400_000;

describe.skipIf(lacksPeer('bigquery'))('migrating a dataset of BigQuery', () => {
  let emulator: BigQueryEmulator;
  let client: BigQueryClient;
  let count = 0;

  beforeAll(async () => {
    emulator = await startBigQueryEmulator();
    client = clientOf(emulator);
  });
  afterAll(() => emulator?.stop());

  function run(dataset: string, log: Logger = silentLogger, retentionMs = 730 * DAY_MS, asking = client) {
    return migrate({
      client: asking,
      dataset,
      location: 'US',
      retentionMs,
      clock: { nowMs: () => Date.UTC(2026, 0, 1) },
      log,
      maxBytesBilled: 1024 ** 3,
    });
  }

  /** A dataset in which somebody has a table metrics_table, with `values` as its rows. */
  async function datasetWithTable(values: string, { name = 'metrics_table', timestamp = 'INT64' } = {}) {
    const dataset = `owned_${++count}`;
    await emulator.createDataset(dataset);
    const columns = `timestamp ${timestamp}, latency FLOAT64, cpu INT64`;
    await emulator.query(`CREATE TABLE \`${dataset}.${name}\` (${columns})`);
    await emulator.query(`INSERT INTO \`${dataset}.${name}\` VALUES ${values}`);
    return dataset;
  }

  const viewRows = (dataset: string) =>
    emulator.query(`SELECT * FROM \`${dataset}.metrics_table\` ORDER BY timestamp, latency, cpu`);

  test('makes dataset, tables and view, records each migration, and does nothing the second time', async () => {
    const names = (await readMigrations()).slice(1).map((one) => one.name);
    expect(await run('fresh')).toEqual({ applied: names });
    expect(await run('fresh')).toEqual({ applied: [] });

    const recorded = await emulator.query('SELECT number, name FROM `fresh.migrations` ORDER BY number');
    expect(recorded).toEqual(names.map((name, i) => ({ number: String(i + 1), name })));
    expect(await viewRows('fresh')).toEqual([]);
  });

  test('keeps samples, minutes and anomalies as long as it is told, also when that changes', async () => {
    await run('kept', silentLogger, 30 * DAY_MS);
    await run('kept', silentLogger, 10 * DAY_MS);
    for (const name of ['samples', 'samples_per_minute', 'anomalies']) {
      const [{ timePartitioning }] = await client.dataset('kept').table(name).getMetadata();
      expect(timePartitioning, name).toMatchObject({ type: 'DAY', expirationMs: String(10 * DAY_MS) });
    }
  });

  test('applies once more what a crash kept from being recorded', async () => {
    await run('crashed');
    await emulator.query('DELETE FROM `crashed.migrations` WHERE number >= 3');
    expect((await run('crashed')).applied.map((name) => name.slice(0, 4))).toEqual([
      '0003',
      '0004',
      '0005',
      '0006',
    ]);
  });

  test('the view has the last write of a sample once, however often it was delivered', async () => {
    await run('repeats');
    await emulator.query(`INSERT INTO \`repeats.samples\` (time, series, name, labels, value, ingest_time, message_id) VALUES
      ('2026-01-01 00:00:00.250', 'latency', 'latency', JSON '{}', 1.5, '2026-01-01 00:00:01', '1'),
      ('2026-01-01 00:00:00.250', 'latency', 'latency', JSON '{}', 2.5, '2026-01-01 00:00:02', '2'),
      ('2026-01-01 00:00:00.250', 'latency', 'latency', JSON '{}', 1.5, '2026-01-01 00:00:01', '1'),
      ('2026-01-01 00:00:00.250', 'cpu', 'cpu', JSON '{}', 42.5, '2026-01-01 00:00:01', '1'),
      ('2026-01-01 00:00:00.750', 'cpu', 'cpu', JSON '{}', 7, '2026-01-01 00:00:01', '1'),
      ('2026-01-01 00:00:00.750', 'cpu{core="1"}', 'cpu', JSON '{"core":"1"}', 8, '2026-01-01 00:00:01', '1')`);
    const second = String(Date.UTC(2026, 0, 1) / 1000);
    expect(await viewRows('repeats')).toEqual([
      { timestamp: second, latency: null, cpu: '7' },
      { timestamp: second, latency: '2.5', cpu: '43' },
    ]);
  });

  test("takes over somebody's own metrics_table: the view has its rows, and nothing of it is lost", async () => {
    const dataset = await datasetWithTable(
      '(1700000000, 1.5, 40), (1700000000, 1.5, 40), (1700000000, 2.5, 41), (1700000060, NULL, 42), (1700000061, 3.5, NULL)',
    );
    const before = await emulator.query(
      `SELECT DISTINCT * FROM \`${dataset}.metrics_table\` ORDER BY 1, 2, 3`,
    );

    const report = await run(dataset);
    expect(report.applied.at(-1)).toBe('0006-metrics-table');
    expect(report.adopted).toEqual({
      adoptedSamples: 6,
      repeatedRows: 1,
      emptyRows: 0,
      valuesLeftOut: 0,
    });
    expect(await viewRows(dataset)).toEqual(before);
    const kept = await emulator.query(`SELECT COUNT(*) AS n FROM \`${dataset}.metrics_table_before_seismo\``);
    expect(kept).toEqual([{ n: '5' }]);
    expect(await run(dataset)).toEqual({ applied: [] });
  });

  test('says how many rows of a table that it took over are no samples, and of what kind', async () => {
    const dataset = await datasetWithTable(
      `(1700000000, 1.5, 40), (1700000000, 1.5, 40), (1700000000, 1.5, 40), (1700000001, NULL, NULL),
       (1700000001, NULL, NULL), (1700000002, CAST('NaN' AS FLOAT64), 41), (1700000003, CAST('inf' AS FLOAT64), NULL),
       (NULL, 2.5, 42), (1700000004000, 3.5, 43), (-9223372036854775807, NULL, 44)`,
    );
    const said: { event?: string; message: string }[] = [];
    const note = (fields: object, message: string) => void said.push({ ...fields, message });
    const { adopted } = await run(dataset, { ...silentLogger, info: note, warn: note });

    const counts = { adoptedSamples: 3, repeatedRows: 3, emptyRows: 1, valuesLeftOut: 7 };
    expect(adopted).toEqual(counts);
    expect(said.find(({ event }) => event === 'rows_not_adopted')).toEqual({
      event: 'rows_not_adopted',
      ...counts,
      message:
        'Of metrics_table_before_seismo these are no samples: rows that repeat another one in all columns (3), ' +
        'rows without any value (1), values that no sample can have (7).',
    });
    expect(await viewRows(dataset)).toEqual([
      { timestamp: '1700000000', latency: '1.5', cpu: '40' },
      { timestamp: '1700000002', latency: null, cpu: '41' },
    ]);
  });

  test('minutes of what was taken over, or loaded later, are made by the statement for that', async () => {
    const dataset = await datasetWithTable(
      '(1700000040, 1.5, 40), (1700000050, 2.5, 41), (1700000100, 7.5, NULL)',
    );
    await run(dataset);
    for (let again = 0; again < 2; again++)
      await emulator.query(await readStatement('rebuild-minutes', dataset));
    const minutes = await emulator.query(
      `SELECT UNIX_SECONDS(minute) AS minute, series, value, samples FROM \`${dataset}.samples_per_minute\` ORDER BY 2, 1`,
    );
    expect(minutes).toEqual([
      { minute: '1700000040', series: 'cpu', value: '40.5', samples: '2' },
      { minute: '1700000040', series: 'latency', value: '2.0', samples: '2' },
      { minute: '1700000100', series: 'latency', value: '7.5', samples: '1' },
    ]);
  });

  test.each([
    ['renaming', []],
    ['copying', ['adopt-metrics-table']],
    ['making the view', ['adopt-metrics-table', 'migrations/0006-metrics-table']],
  ])('goes on where a crash ended it after %s', async (_, done) => {
    // Made under the new name: the emulator's list of tables does not learn of a renaming.
    const dataset = await datasetWithTable('(1700000000, 1.5, 40), (1700000001, 2.5, 41)', {
      name: 'metrics_table_before_seismo',
    });
    for (const { statement } of (await readMigrations(dataset)).slice(0, 6)) await emulator.query(statement);
    for (const name of done) await emulator.query(await readStatement(name, dataset));

    expect((await run(dataset)).adopted).toMatchObject({ adoptedSamples: 4, repeatedRows: 0 });
    expect(await viewRows(dataset)).toHaveLength(2);
    expect(await emulator.query(`SELECT COUNT(*) AS n FROM \`${dataset}.samples\``)).toEqual([{ n: '4' }]);
  });

  test('says that a table into which rows were just streamed is taken over later', async () => {
    const dataset = await datasetWithTable('(1700000000, 1.5, 40)');
    const refusing = clientOf(emulator);
    const table = refusing.dataset(dataset).table('metrics_table');
    const streamedTo = {
      getMetadata: async () => [{ ...(await table.getMetadata())[0], streamingBuffer: {} }],
    };
    const { dataset: datasetOf, createQueryJob } = refusing;
    refusing.dataset = (...name) => {
      const given = datasetOf.apply(refusing, name);
      const tableOf = given.table.bind(given);
      given.table = (one, ...options) =>
        Object.assign(tableOf(one, ...options), one === 'metrics_table' ? streamedTo : {});
      return given;
    };
    refusing.createQueryJob = ((query: { query: string }) => {
      const isRenaming = query.query.includes('RENAME TO');
      const refusal = Object.assign(new Error('The table has a streaming buffer.'), { code: 400 });
      return isRenaming ? Promise.reject(refusal) : Reflect.apply(createQueryJob, refusing, [query]);
    }) as typeof createQueryJob;
    await expect(run(dataset, silentLogger, 730 * DAY_MS, refusing)).rejects.toMatchObject({
      code: 'not_ready',
      message: `${dataset}.metrics_table cannot be taken over yet: rows were just streamed into it.`,
      hint: expect.stringContaining('migrate again'),
    });
    expect((await run(dataset)).adopted).toMatchObject({ adoptedSamples: 2 });
  });

  test('leaves a metrics_table of other columns alone and says what is wrong with it', async () => {
    const dataset = await datasetWithTable("('2026-01-01', 1.5, 40)", { timestamp: 'TIMESTAMP' });
    await expect(run(dataset)).rejects.toMatchObject({
      code: 'usage',
      message: `${dataset}.metrics_table cannot be taken over: its column timestamp is TIMESTAMP.`,
    });
    expect(await viewRows(dataset)).toHaveLength(1);
  });

  test('takes over no second table over the first', async () => {
    const dataset = await datasetWithTable('(1700000000, 1.5, 40)');
    await emulator.query(`CREATE TABLE \`${dataset}.metrics_table_before_seismo\` (timestamp INT64)`);
    await expect(run(dataset)).rejects.toMatchObject({ code: 'usage' });
  });
});
