import { detectArimaPlusAnomalies, fitArimaPlus, forecastArimaPlus } from '@seismo/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE_MS, madeSeries, START_MS } from './support/ml-harness.js';
import { SqlServer } from './support/sql-server.js';

const COUNT = 300;
const made = madeSeries(COUNT + 30);
const LEARNED = {
  timesMs: Float64Array.from(made.timesMs.slice(0, COUNT)),
  values: Float64Array.from(made.values.slice(0, COUNT)),
};
const MODEL = fitArimaPlus(LEARNED.timesMs, LEARNED.values, { horizon: 60 }).model!;

const CREATE = `CREATE MODEL \`made.latency_anomalies\`
OPTIONS(model_type='ARIMA_PLUS', time_series_data_col='latency', time_series_timestamp_col='timestamp', horizon=60) AS
SELECT TIMESTAMP_SECONDS(timestamp) AS timestamp, latency
FROM \`made.metrics_table\` WHERE timestamp < ${(START_MS + COUNT * MINUTE_MS) / 1000}`;
const ALL_ROWS =
  '(SELECT TIMESTAMP_SECONDS(timestamp) AS timestamp, latency, host FROM `made.metrics_table`)';

describe('models over REST', () => {
  let server: SqlServer;
  beforeAll(async () => {
    server = await SqlServer.start();
    await server.query('CREATE SCHEMA `made`');
    await server.query('CREATE TABLE `made.metrics_table` (timestamp INT64, latency FLOAT64, host STRING)');
    const rows = made.timesMs.map((timeMs, at) => `(${timeMs / 1000}, ${made.values[at]}, 'h${at % 3}')`);
    const inserted = await server.query(`INSERT INTO \`made.metrics_table\` VALUES ${rows.join(', ')}`);
    expect(inserted.body.numDmlAffectedRows).toBe(String(COUNT + 30));
    const created = await server.query(CREATE);
    expect(created.body.errors ?? created.body.error).toBeUndefined();
  });
  afterAll(() => server.stop());

  it('are made once, or replaced', async () => {
    expect(await server.query(CREATE)).toMatchObject({
      status: 409,
      body: {
        error: { message: expect.stringContaining('Already Exists: Model test:made.latency_anomalies') },
      },
    });
    expect((await server.query(CREATE.replace('CREATE MODEL', 'CREATE MODEL IF NOT EXISTS'))).status).toBe(
      200,
    );
    expect((await server.query(CREATE.replace('CREATE', 'CREATE OR REPLACE'))).status).toBe(200);
  });

  it('judge rows in a query around them as the engine does, and say why others have no verdict', async () => {
    const { status, body } = await server.query(`
      SELECT UNIX_SECONDS(timestamp), is_anomaly, lower_bound, anomaly_probability, UPPER(host)
      FROM ML.DETECT_ANOMALIES(MODEL \`made.latency_anomalies\`, STRUCT(0.9 AS anomaly_prob_threshold), ${ALL_ROWS})
      WHERE is_anomaly IS NOT NULL ORDER BY timestamp`);
    expect(status).toBe(200);
    const expected = detectArimaPlusAnomalies(
      MODEL,
      { anomalyProbThreshold: 0.9 },
      {
        timesMs: Float64Array.from(made.timesMs.slice(COUNT)),
        values: Float64Array.from(made.values.slice(COUNT)),
      },
    );
    expect(
      body.rows.map(({ f }: { f: { v: string }[] }) => [
        Number(f[0]!.v),
        f[1]!.v,
        ...[2, 3].map((at) => Number(f[at]!.v)),
        f[4]!.v,
      ]),
    ).toEqual(
      Array.from(expected.timesMs, (timeMs, at) => [
        timeMs / 1000,
        String(expected.isAnomaly[at] === 1),
        expected.lower[at],
        expected.probability[at],
        `H${(COUNT + at) % 3}`,
      ]),
    );
    const job = await server.call('GET', `jobs/${body.jobReference.jobId}`);
    expect(JSON.stringify([body, job.body])).toContain(`${COUNT} rows without a verdict (NULL)`);
  });

  it('stand in a query as any table does: with CTEs, joined, nested, grouped', async () => {
    const rows = await server.rows(`
      WITH ahead AS (
        SELECT forecast_timestamp, forecast_value
        FROM ML.FORECAST(MODEL made.latency_anomalies, STRUCT(30 AS horizon, 0.8 AS confidence_level))
      )
      SELECT COUNT(*), MAX(ABS(d.latency - a.forecast_value)), MIN(a.forecast_timestamp)
      FROM ahead AS a
      JOIN (SELECT timestamp, latency FROM ML.DETECT_ANOMALIES(MODEL made.latency_anomalies,
        STRUCT(0.9 AS anomaly_prob_threshold), ${ALL_ROWS})) AS d ON d.timestamp = a.forecast_timestamp`);
    const ahead = forecastArimaPlus(MODEL, { horizon: 30, confidenceLevel: 0.8 });
    const furthest = Math.max(...ahead.values.map((value, at) => Math.abs(made.values[COUNT + at]! - value)));
    expect([Number(rows[0]![0]), Number(rows[0]![1]), Number(rows[0]![2])]).toEqual([
      30,
      furthest,
      (START_MS + COUNT * MINUTE_MS) / 1000,
    ]);
  });

  it('judge and explain their history, evaluate, and tell orders and coefficients', async () => {
    const [history] = await server.rows(
      'SELECT COUNT(*), COUNTIF(is_anomaly) FROM ML.DETECT_ANOMALIES(MODEL `made.latency_anomalies`, STRUCT(0.95 AS anomaly_prob_threshold))',
    );
    const judged = detectArimaPlusAnomalies(MODEL).isAnomaly;
    expect(history!.map(Number)).toEqual([COUNT, judged.filter((one) => one === 1).length]);
    const [explained] = await server.rows(
      "SELECT COUNTIF(time_series_type = 'history'), COUNTIF(residual IS NULL) FROM ML.EXPLAIN_FORECAST(MODEL made.latency_anomalies, STRUCT(7 AS horizon))",
    );
    expect(explained!.map(Number)).toEqual([COUNT, 7]);
    const { body } = await server.query(
      `SELECT * FROM ML.EVALUATE(MODEL made.latency_anomalies, ${ALL_ROWS}, STRUCT(FALSE AS perform_aggregation))`,
    );
    expect(body.rows ?? body.error.message).toHaveLength(30);
    expect(
      body.schema.fields.map(({ name, type }: { name: string; type: string }) => `${name} ${type}`),
    ).toEqual([
      ...[
        'timestamp TIMESTAMP',
        'latency FLOAT',
        'forecasted_latency FLOAT',
        'lower_bound FLOAT',
        'upper_bound FLOAT',
      ],
      ...['absolute_error FLOAT', 'absolute_percentage_error FLOAT'],
    ]);
    const orders = await server.rows(
      'SELECT non_seasonal_p, non_seasonal_d, seasonal_periods[OFFSET(0)] FROM ML.ARIMA_EVALUATE(MODEL made.latency_anomalies, STRUCT(FALSE AS show_all_candidate_models))',
    );
    const { p, d } = MODEL.arima.order;
    expect(orders).toEqual([[String(p), String(d), MODEL.seasons[0]?.seasonality ?? 'NO_SEASONALITY']]);
    const [coefficients] = await server.rows(
      'SELECT ARRAY_LENGTH(ar_coefficients), intercept_or_drift FROM ML.ARIMA_COEFFICIENTS(MODEL made.latency_anomalies)',
    );
    expect(coefficients!.map(Number)).toEqual([MODEL.arima.ar.length, MODEL.arima.constant]);
  });

  it('learn many series by id, with holidays of their own, from a script', async () => {
    const { status, body } = await server.query(`
      DECLARE days INT64 DEFAULT 800;
      CREATE MODEL made.shops OPTIONS(model_type = 'ARIMA_PLUS', time_series_timestamp_col = 'day',
        time_series_data_col = 'sales', time_series_id_col = ['shop', 'till'], holiday_region = 'US', horizon = 40) AS (
        training_data AS (
          SELECT DATE_ADD(DATE '2023-01-01', INTERVAL day DAY) AS day, shop, till,
            100 + MOD(day, 7) * till + IF(EXTRACT(MONTH FROM DATE_ADD(DATE '2023-01-01', INTERVAL day DAY)) = 5
              AND EXTRACT(DAY FROM DATE_ADD(DATE '2023-01-01', INTERVAL day DAY)) = 17, 500, 0) AS sales
          FROM UNNEST(GENERATE_ARRAY(0, days)) AS day, UNNEST(['a', 'b']) AS shop, UNNEST([1, 2]) AS till
        ),
        custom_holiday AS (
          SELECT 'US' AS region, 'TownFair' AS holiday_name, primary_date
          FROM UNNEST([DATE '2023-05-17', DATE '2024-05-17', DATE '2025-05-17']) AS primary_date
        )
      );
      SELECT shop, till, COUNT(*) FROM ML.FORECAST(MODEL made.shops, STRUCT(40 AS horizon)) GROUP BY shop, till ORDER BY shop, till;`);
    expect(body.error?.message).toBeUndefined();
    expect(status).toBe(200);
    expect(body.rows.map(({ f }: { f: { v: string }[] }) => f.map(({ v }) => v))).toEqual([
      ['a', '1', '40'],
      ['a', '2', '40'],
      ['b', '1', '40'],
      ['b', '2', '40'],
    ]);
    const effects = await server.rows(
      'SELECT DISTINCT has_holiday_effect FROM ML.ARIMA_EVALUATE(MODEL made.shops)',
    );
    expect(effects).toEqual([['true']]);
  });

  it("are refused in BigQuery's form, naming option or argument", async () => {
    for (const [sql, message] of [
      [
        'SELECT * FROM ML.FORECAST(MODEL made.latency_anomalies, STRUCT(61 AS horizon))',
        'horizon must be from 1 to 60',
      ],
      ['SELECT * FROM ML.FORECAST(MODEL made.nowhere)', 'Not found: Model test:made.nowhere'],
      [CREATE.replace('latency_anomalies', 'other').replace('horizon=60', 'horizon=20000'), 'HORIZON'],
      [
        CREATE.replace('latency_anomalies', 'other').replace('TIMESTAMP_SECONDS(timestamp) AS ', ''),
        'TIMESTAMP_SECONDS',
      ],
    ] as const) {
      const { status, body } = await server.query(sql);
      expect([400, 404]).toContain(status);
      expect(body.error.message).toContain(message);
    }
  });

  it('are checked before their queries run, in a dry run too', async () => {
    const slow = 'SELECT 1 / 0 AS value, CURRENT_TIMESTAMP() AS ts';
    const create = (options: string) =>
      `CREATE MODEL made.checked OPTIONS(model_type = 'ARIMA_PLUS', ${options}) AS ${slow}`;
    const columns = "time_series_timestamp_col = 'ts', time_series_data_col = 'value'";
    for (const more of [{}, { dryRun: true }]) {
      const wrong = await server.query(create(`${columns}, horizn = 5`), more);
      expect(wrong.body.error.message).toContain(
        'Unknown option HORIZN for a model of type ARIMA_PLUS. Did you mean HORIZON?',
      );
      const missing = await server.query(create(columns.replace('value', 'latency')), more);
      expect(missing.body.error.message).toContain(
        'TIME_SERIES_DATA_COL: column latency is not in the training data',
      );
    }
    expect((await server.query(create(columns), { dryRun: true })).status).toBe(200);
    expect((await server.query(create(columns))).body.error.message).toMatch(/division by zero/i);
  });

  it('outlive other changes of their dataset and a restart, and go with a DROP or the dataset', async () => {
    await server.query('CREATE TABLE made.other (a INT64)');
    await server.query('DROP TABLE made.other');
    const names = async () => {
      const { body } = await server.call('GET', 'datasets/made/models');
      return (body.models ?? []).map(
        ({ modelReference }: { modelReference: { modelId: string } }) => modelReference.modelId,
      );
    };
    expect(await names()).toEqual(['latency_anomalies', 'shops']);
    const before = await server.rows('SELECT * FROM ML.FORECAST(MODEL made.latency_anomalies)');
    await server.restart('kill');
    expect(await server.rows('SELECT * FROM ML.FORECAST(MODEL made.latency_anomalies)')).toEqual(before);
    const { body } = await server.call('GET', 'datasets/made/models/latency_anomalies');
    expect(body).toMatchObject({ modelType: 'ARIMA_PLUS', labelColumns: [{ name: 'latency' }] });
    expect((await server.query('DROP MODEL made.shops')).status).toBe(200);
    expect((await server.call('DELETE', 'datasets/made/models/latency_anomalies')).status).toBe(204);
    expect(await names()).toEqual([]);
    expect((await server.query('DROP MODEL made.shops')).body.error.message).toContain(
      'Not found: Model test:made.shops',
    );
    expect((await server.query('DROP MODEL IF EXISTS made.shops')).status).toBe(200);
  });
});
