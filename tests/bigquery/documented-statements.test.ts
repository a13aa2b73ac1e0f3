import { readdirSync, readFileSync } from 'node:fs';
import type { Column } from '@seismo/server/bigquery/sql/plan';
import { checkScript } from '@seismo/server/bigquery/sql/script-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { fieldTexts, plain, SqlBench } from './support/sql-bench.js';

const CREATE = [
  'CREATE SCHEMA `metrics_dataset`;',
  'CREATE TABLE `metrics_dataset.metrics_table` (timestamp INT64, latency FLOAT64, cpu INT64);',
].join('\n');
const CREATE_MODEL = `CREATE MODEL \`metrics_dataset.latency_anomalies\`
OPTIONS(model_type='ARIMA_PLUS', time_series_data_col='latency', time_series_timestamp_col='timestamp') AS
SELECT TIMESTAMP_SECONDS(timestamp) AS timestamp, latency
FROM \`metrics_dataset.metrics_table\`
WHERE TIMESTAMP_SECONDS(timestamp) > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 730 DAY);`;
const EVALUATE = `SELECT * FROM ML.EVALUATE(MODEL \`metrics_dataset.latency_anomalies\`,
  (SELECT TIMESTAMP_SECONDS(timestamp) AS timestamp, latency FROM \`metrics_dataset.metrics_table\`));`;
const DETECT = `SELECT timestamp, latency, is_anomaly, anomaly_probability
FROM ML.DETECT_ANOMALIES(MODEL \`metrics_dataset.latency_anomalies\`,
  STRUCT(0.01 AS anomaly_prob_threshold),
  (SELECT TIMESTAMP_SECONDS(timestamp) AS timestamp, latency FROM \`metrics_dataset.metrics_table\`))
ORDER BY timestamp DESC LIMIT 100;`;

/** Every column that the statements ask of any ML function. */
function mlColumns(): Column[] {
  const numbers =
    'value lower_bound upper_bound anomaly_probability mean_absolute_error mean_squared_error root_mean_squared_error mean_absolute_percentage_error symmetric_mean_absolute_percentage_error mean_absolute_scaled_error forecast_value standard_error confidence_level prediction_interval_lower_bound prediction_interval_upper_bound time_series_data time_series_adjusted_data trend seasonal_period_yearly seasonal_period_quarterly seasonal_period_monthly seasonal_period_weekly seasonal_period_daily holiday_effect spikes_and_dips step_changes residual latency';
  return [
    ...['series', 'error_message', 'time_series_type'].map((name): Column => ({ name, type: 'STRING' })),
    ...['minute', 'timestamp', 'forecast_timestamp', 'time_series_timestamp'].map(
      (name): Column => ({ name, type: 'TIMESTAMP' }),
    ),
    { name: 'is_anomaly', type: 'BOOL' },
    ...numbers.split(' ').map((name): Column => ({ name, type: 'FLOAT64' })),
  ];
}

let bench: SqlBench;
beforeEach(async () => {
  bench = await SqlBench.open();
});

describe('the documented statements', () => {
  it('make a dataset and a table, which are there afterwards', async () => {
    await bench.run(CREATE);
    await bench.run(
      'INSERT INTO `metrics_dataset.metrics_table` VALUES (1700000000, 1.5, 3), (1700000060, NULL, 4)',
    );
    const { rows } = await bench.run('SELECT * FROM metrics_dataset.metrics_table ORDER BY timestamp');
    expect(rows).toEqual([
      ['1700000000', '1.5', '3'],
      ['1700000060', null, '4'],
    ]);
    await expect(bench.run(CREATE)).rejects.toThrow('Already Exists: Dataset test:metrics_dataset at [1:15]');
    await expect(bench.run(CREATE.split('\n')[1]!)).rejects.toThrow(
      'Already Exists: Table test:metrics_dataset.metrics_table',
    );
  });

  it('make a model of a query', async () => {
    await bench.run(CREATE);
    const { plans } = await bench.run(CREATE_MODEL);
    expect(plans).toMatchObject([
      {
        kind: 'createModel',
        target: { projectId: 'test', dataset: 'metrics_dataset', table: 'latency_anomalies' },
        options: {
          MODEL_TYPE: 'ARIMA_PLUS',
          TIME_SERIES_DATA_COL: 'latency',
          TIME_SERIES_TIMESTAMP_COL: 'timestamp',
        },
        query: {
          columns: [
            { name: 'timestamp', type: 'TIMESTAMP' },
            { name: 'latency', type: 'FLOAT64' },
          ],
        },
      },
    ]);
    await expect(bench.run(CREATE_MODEL)).rejects.toThrow(
      'Already Exists: Model test:metrics_dataset.latency_anomalies',
    );
  });

  it('ask a model, whose answer is a relation of the statement', async () => {
    await bench.run(`${CREATE}\n${CREATE_MODEL}`);
    const { fields, plans } = await bench.run(DETECT);
    expect(fieldTexts(fields)).toBe(
      'timestamp TIMESTAMP, latency FLOAT, is_anomaly BOOLEAN, anomaly_probability FLOAT',
    );
    expect(plans).toMatchObject([
      {
        relations: [
          {
            kind: 'ml',
            function: 'DETECT_ANOMALIES',
            settings: { anomaly_prob_threshold: 0.01 },
            input: { columns: [{ name: 'timestamp' }, { name: 'latency' }] },
          },
        ],
      },
    ]);
    await bench.run(EVALUATE);
    expect(bench.mlCalls.at(-1)).toMatchObject({ function: 'EVALUATE', settings: {} });
    await bench.run('DROP MODEL metrics_dataset.latency_anomalies');
    await expect(bench.run(DETECT)).rejects.toThrow(
      'Not found: Model test:metrics_dataset.latency_anomalies was not found in location US at [2:26]',
    );
  });
});

describe('README', () => {
  it('shows these statements as they are', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const [, shown] = /```sql\n([\s\S]*?)```/.exec(readme)!;
    expect(shown!.trim()).toBe([CREATE, CREATE_MODEL, EVALUATE, DETECT].join('\n\n'));
  });
});

/** A value for every named parameter of sql/. */
function everyParameter() {
  const text = (name: string) => ({
    name,
    parameterType: { type: 'STRING' },
    parameterValue: { value: 'x' },
  });
  const time = (name: string) => ({
    name,
    parameterType: { type: 'TIMESTAMP' },
    parameterValue: { value: '2024-01-01 00:00:00+00' },
  });
  return [
    ...[
      'now',
      'from',
      'from_time',
      'to_time',
      'after_time',
      'started',
      'minutes_from',
      'applied',
      'ended',
    ].map(time),
    ...[
      'series',
      'detector',
      'after_series',
      'after_detector',
      'kind',
      'model',
      'state',
      'statement',
      'job_id',
      'name',
      'reason',
    ].map(text),
    ...['names', 'labels_with', 'labels_without', 'job_ids', 'states', 'reasons'].map((name) => ({
      name,
      parameterType: { type: 'ARRAY', arrayType: { type: 'STRING' } },
      parameterValue: { arrayValues: [{ value: 'x' }] },
    })),
    ...['rows_max', 'number', 'horizon', 'minutes'].map((name) => ({
      name,
      parameterType: { type: 'INT64' },
      parameterValue: { value: '5' },
    })),
    { name: 'min_probability', parameterType: { type: 'FLOAT64' }, parameterValue: { value: '0.5' } },
    { name: 'alarms_only', parameterType: { type: 'BOOL' }, parameterValue: { value: 'true' } },
  ];
}

describe('the statements of sql/', () => {
  const folder = new URL('../../sql/', import.meta.url);
  const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');

  async function migrated(): Promise<void> {
    await bench.run('CREATE SCHEMA metrics_dataset');
    for (const name of readdirSync(new URL('migrations/', folder)).sort())
      await bench.run(read(`migrations/${name}`));
  }

  it('make every table, with what the metadata says', async () => {
    await migrated();
    await bench.run(
      `INSERT INTO metrics_dataset.samples (time, series, name, value, ingest_time, message_id)
       VALUES ('2024-01-01 00:00:00.5+00', 'latency', 'latency', 7, '2024-01-01', '1'),
         ('2024-01-01 00:00:00.5+00', 'latency', 'latency', 8, '2024-01-01', '12'),
         ('2024-01-01 00:00:00.5+00', 'cpu', 'cpu', 2.5, '2024-01-01', '1')`,
    );
    const { rows } = await bench.run('SELECT * FROM metrics_dataset.metrics_table');
    expect(rows).toEqual([['1704067200', '8.0', '3']]);
  });

  it('bring minutes up to date from samples, repeats removed', async () => {
    await migrated();
    const insert =
      'INSERT INTO metrics_dataset.samples (time, series, name, value, ingest_time, message_id) VALUES';
    const at = (time: string, value: number, id: string) =>
      `('2024-01-01 00:00:${time}+00', 'a', 'a', ${value}, '2024-01-01', '${id}')`;
    await bench.run(`${insert} ${at('01', 1, '1')}, ${at('01', 3, '2')}, ${at('31', 5, '1')}`);
    await bench.run(read('rebuild-minutes.sql'));
    const minutes = 'SELECT minute, series, value, samples FROM metrics_dataset.samples_per_minute';
    expect((await bench.run(minutes)).rows.map((row) => row.map(plain))).toEqual([
      ['1704067200000000', 'a', '4.0', '2'],
    ]);
    const { changed } = await bench.run(read('rebuild-minutes.sql'));
    expect(changed).toBe(0);
  });

  it('compute the source of a MERGE once', async () => {
    await migrated();
    bench.models.add('metrics_dataset.series_anomalies');
    bench.mlOutput = mlColumns();
    const plans = checkScript(read('detect-minutes.sql'), bench.options());
    const merge = plans.find((plan) => plan.kind === 'dml' && plan.operation === 'MERGE');
    if (merge?.kind !== 'dml') throw new Error('There is a MERGE.');
    expect(merge.sql.split('seismo_smoke_test').length - 1).toBe(1);
  });

  it('compute the source of an UPDATE once', async () => {
    await bench.run('CREATE SCHEMA once; CREATE TABLE once.t (id INT64, v STRING)');
    const sql = "UPDATE once.t SET v = s.v FROM (SELECT 1 AS id, 'the source' AS v) AS s WHERE t.id = s.id";
    const [update] = checkScript(sql, bench.options());
    if (update?.kind !== 'dml') throw new Error('It is an UPDATE.');
    expect(update.sql.split('the source').length - 1).toBe(1);
  });

  it('all translate', async () => {
    await migrated();
    await bench.run(
      'CREATE TABLE metrics_dataset.metrics_table_before_seismo (timestamp INT64, latency FLOAT64, cpu INT64)',
    );
    for (const model of ['latency_anomalies', 'series_anomalies'])
      bench.models.add(`metrics_dataset.${model}`);
    bench.mlOutput = mlColumns();
    const names = readdirSync(folder).filter((name) => name.endsWith('.sql'));
    expect(names.length).toBeGreaterThan(15);
    for (const name of names) {
      // The first asks for a model that is there by then, the second for a table that is a view.
      if (['train-latency-anomalies.sql', 'rename-metrics-table.sql'].includes(name)) continue;
      expect(() => checkScript(read(name), bench.options(everyParameter())), name).not.toThrow();
    }
  });
});
