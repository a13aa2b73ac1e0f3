import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryModels, trainedModel } from './support/memory-models.js';
import { startMemoryServer } from './support/memory-services.js';
import { runToEnd, startServer } from './support/start-server.js';

const NOW_MS = Date.parse('2026-03-23T09:30:15Z');
const CHECKOUT = 'latency{service="checkout"}';

const models = memoryModels([
  trainedModel(CHECKOUT, NOW_MS),
  trainedModel('latency', NOW_MS),
  { name: 'young', series: 'young', state: 'waiting', error: '45 of 120 minutes.', options: {} },
  { name: 'stuck', series: 'stuck', state: 'failed', error: 'All values are missing.', options: {} },
]);
let server: Awaited<ReturnType<typeof startMemoryServer>>;
beforeAll(async () => {
  server = await startMemoryServer({ timeZone: 'UTC' }, { models }, NOW_MS);
  const finding = { value: 300, expected: 212, lower: 190, upper: 234, probability: 0.99999, score: 5 };
  for (const [minute, detector] of [
    [5, 'arima_plus'],
    [6, 'multi-view'],
    [7, 'arima_plus'],
  ] as const) {
    const timeMs = NOW_MS - 15_000 - minute * 60_000;
    server.anomalies.push({ ...finding, seriesId: server.idOf('latency'), timeMs, alarm: true, detector });
  }
});
afterAll(() => server.close());

const run = (...args: string[]) => runToEnd(args, { SEISMO_URL: server.url });
async function rows(...args: string[]): Promise<Record<string, unknown>[]> {
  const { code, stdout, stderr } = await run(...args, '--format', 'json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe('a model of a running server', () => {
  it('forecasts so many minutes after its history', async () => {
    const found = await rows('forecast', '--model', CHECKOUT, '--horizon', '30');
    expect(found).toHaveLength(30);
    expect(found[0]).toEqual({
      series: CHECKOUT,
      timestamp: '2026-03-23T09:21:00.000Z',
      forecast: 212,
      lower: 200,
      upper: 224,
    });
    expect(await rows('forecast', '--model', CHECKOUT)).toHaveLength(3);
  });

  it('explains its last minutes and the next, in columns and in words', async () => {
    const found = await rows('explain', '--model', CHECKOUT, '--horizon', '2');
    expect(found.map((row) => row.time_series_type)).toEqual(['history', 'history', 'forecast', 'forecast']);
    expect(found[1]).toMatchObject({
      series: CHECKOUT,
      time_series_timestamp: '2026-03-23T09:20:00.000Z',
      time_series_data: 217,
      time_series_adjusted_data: 212,
      standard_error: 3,
      confidence_level: null,
      prediction_interval_lower_bound: null,
      prediction_interval_upper_bound: null,
      trend: 180,
      seasonal_period_daily: 35,
      seasonal_period_weekly: 6,
      seasonal_period_yearly: null,
      spikes_and_dips: 4,
      step_changes: -9,
      residual: 1,
      words: expect.stringContaining('expected 212: trend 180'),
    });
    expect(found[2]).toMatchObject({
      time_series_data: 212,
      standard_error: 10,
      confidence_level: 0.95,
      prediction_interval_lower_bound: 192,
      prediction_interval_upper_bound: 232,
      residual: null,
    });
  });

  it('is evaluated, with percentages as shares', async () => {
    expect(await rows('evaluate', '--model', CHECKOUT)).toEqual([
      {
        series: CHECKOUT,
        mean_absolute_error: 3.25,
        mean_squared_error: 16,
        root_mean_squared_error: 4,
        mean_absolute_percentage_error: null,
        symmetric_mean_absolute_percentage_error: 0.015,
        mean_absolute_scaled_error: 0.75,
      },
    ]);
  });

  it('tells what it has found, and not what another detector has', async () => {
    const found = await rows('detect', '--model', 'latency');
    expect(found.map((row) => row.timestamp)).toEqual([
      '2026-03-23T09:25:00.000Z',
      '2026-03-23T09:23:00.000Z',
    ]);
    expect(found[0]).toMatchObject({ series: 'latency', value: 300, is_anomaly: true, lower_bound: 190 });
  });

  it('says that nothing was found, on standard error', async () => {
    const asked = [
      'detect',
      '--model',
      'latency',
      '--anomaly-prob-threshold',
      '0.999999',
      '--format',
      'json',
    ];
    const note = 'note: no anomaly of latency was found\n';
    expect(await run(...asked)).toMatchObject({ code: 0, stdout: '[]\n', stderr: note });
    expect(await run(...asked, '--quiet')).toMatchObject({ code: 0, stdout: '[]\n', stderr: '' });
  });

  it('is trained now, with the options given, or those it has', async () => {
    const order = ['--auto-arima', 'false', '--non-seasonal-order', '1,0,0', '--horizon', '500'];
    const { code, stdout } = await run('train', '--model', CHECKOUT, ...order);
    expect(code).toBe(0);
    expect(stdout).toBe(
      `Trained ${CHECKOUT} on 2026-03-16T09:20:00.000Z to 2026-03-23T09:20:00.000Z: ARIMA(1, 1, 2), DAILY, WEEKLY; ` +
        'forecasts until 2026-03-24T02:00:00.000Z.\n',
    );
    expect(await run('train', '--model', CHECKOUT, '--quiet')).toMatchObject({ code: 0, stdout: '' });
    expect(models.trained).toEqual([
      {
        series: CHECKOUT,
        options: { autoArima: false, nonSeasonalOrder: { p: 1, d: 0, q: 0 }, horizon: 500 },
      },
      { series: CHECKOUT },
    ]);
  });
});

describe('on a running server the command line refuses', () => {
  it.each<[string[], number, string, string]>([
    [['forecast', '--model', 'latenzy'], 2, 'There is no model latenzy', 'Did you mean latency?'],
    [['forecast', '--model', 'young'], 4, 'The model of young is not trained: 45 of 120 minutes.', ''],
    [['explain', '--model', 'stuck'], 2, 'The model of stuck is not trained: All values are missing.', ''],
    [
      ['forecast', '--model', 'latency', '--horizon', '5000'],
      2,
      '--horizon must be from 1 to 1000, not 5000: the model of latency forecasts no further, until 2026-03-24T02:00',
      "seismo train --model 'latency' --horizon 5120",
    ],
    [['explain', '--model', 'latency', '--horizon', '1001'], 2, '--horizon must be from 1 to 1000', '1121'],
    [['detect', '--model', 'latenzy'], 2, 'There is no model latenzy', 'Did you mean latency?'],
    [['detect', '--model', 'young'], 4, 'The model of young is not trained: 45 of 120 minutes.', ''],
    [['evaluate', '--model', 'young'], 4, 'The model of young is not trained: 45 of 120 minutes.', ''],
    [['train', '--model', 'stuck'], 2, 'stuck: All values are missing', ''],
    [['forecast', 'day.csv', '--model', 'latency'], 2, 'not both', ''],
    [
      ['forecast', '--model', 'latency', '--confidence-level', '0.5'],
      2,
      '--confidence-level does not go with --model',
      '',
    ],
    [['explain', '--model', 'latency', '--id-column', 'id'], 2, '--id-column does not go with --model', ''],
    [['evaluate', '--model', 'latency', '--holdout', '5'], 2, '--holdout does not go with --model', ''],
    [['train', '--model', 'latency', '--frequency', 'hourly'], 2, '--frequency does not go with --model', ''],
    [['detect', '--model', 'latency', '--all'], 2, '--all does not go with --model', ''],
    [['forecast', '--model', 'latency', '--url', 'http://127.0.0.1:1'], 2, 'Port 1', ''],
  ])('%j', async (args, exitCode, sentence, hint) => {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
    expect(stderr).toContain(sentence);
    expect(stderr).toContain(hint);
  });
});

/** What SQL says of the server's models, running or stopped; it may not change them. */
async function sameInSql(
  ahead: readonly { timestamp: string; forecast: number }[],
  sql: (statement: string) => ReturnType<typeof runToEnd>,
): Promise<void> {
  const model = 'MODEL metrics_dataset.series_anomalies';
  const forecast = await sql(
    `SELECT series, UNIX_MILLIS(forecast_timestamp) AS ms, forecast_value FROM ML.FORECAST(${model}, STRUCT(150 AS horizon))`,
  );
  const rows = JSON.parse(forecast.stdout) as { series: string; ms: number; forecast_value: number }[];
  expect(rows).toHaveLength(150);
  const byTime = new Map(rows.map(({ ms, forecast_value }) => [ms, forecast_value]));
  expect(ahead.map(({ timestamp }) => byTime.get(Date.parse(timestamp)))).toEqual(
    ahead.map(({ forecast }) => forecast),
  );
  const found = await sql(
    `SELECT series, error_message FROM ML.ARIMA_EVALUATE(${model}) WHERE series = 'latency'`,
  );
  expect(JSON.parse(found.stdout)).toEqual([{ series: 'latency', error_message: '' }]);
  const judged = await sql(`SELECT COUNT(*) AS minutes FROM ML.DETECT_ANOMALIES(${model}, STRUCT(0.9999 AS
    anomaly_prob_threshold)) WHERE series = 'latency' AND is_anomaly IS NOT NULL`);
  expect((JSON.parse(judged.stdout) as [{ minutes: number }])[0].minutes).toBeGreaterThan(300);
  for (const statement of [
    'DROP MODEL metrics_dataset.series_anomalies',
    `CREATE OR REPLACE ${model} OPTIONS (model_type = 'ARIMA_PLUS', time_series_timestamp_col = 'minute',
      time_series_data_col = 'value') AS SELECT minute, value FROM metrics_dataset.samples_per_minute`,
  ]) {
    const { code, stderr } = await sql(statement);
    expect(code).toBe(7);
    expect(stderr).toContain('series_anomalies is trained by this server itself and cannot be replaced');
  }
}

describe('the whole way', () => {
  it('goes from a recording through a running server to its model and back', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'seismo-whole-way-'));
    const data = join(folder, 'data');
    const real = await startServer({ args: ['--data', data] });
    const ask = (...args: string[]) => runToEnd(args, { SEISMO_URL: real.url });
    try {
      const file = join(folder, 'minutes.csv');
      const minutes = Array.from({ length: 400 }, (_, at) => `${at * 60},${50 + (at % 10)}\n`);
      writeFileSync(file, `timestamp,latency\n${minutes.join('')}`);
      const replayed = await ask('replay', file, '--as', 'latency', '--shift-to-now', '--quiet');
      expect(replayed).toMatchObject({ code: 0, stderr: '' });
      const trained = await ask('train', '--model', 'latency', '--horizon', '150');
      expect(trained).toMatchObject({ code: 0, stderr: '' });
      expect(trained.stdout).toMatch(
        /^Trained latency on .* to .*: ARIMA\(\d, \d, \d\), .*; forecasts until .*\.\n$/,
      );
      const { stdout } = await ask('forecast', '--model', 'latency', '--horizon', '20', '--format', 'json');
      const ahead = JSON.parse(stdout) as {
        timestamp: string;
        forecast: number;
        lower: number;
        upper: number;
      }[];
      expect(ahead).toHaveLength(20);
      for (const [at, { timestamp, forecast, lower, upper }] of ahead.entries()) {
        expect(Date.parse(timestamp) - Date.parse(ahead[0]!.timestamp)).toBe(at * 60_000);
        expect(forecast).toBeGreaterThan(45);
        expect(forecast).toBeLessThan(64);
        expect(lower <= forecast && forecast <= upper).toBe(true);
      }
      const explained = await ask('explain', '--model', 'latency', '--horizon', '5', '--format', 'json');
      const parts = (JSON.parse(explained.stdout) as { time_series_type: string }[]).map(
        (row) => row.time_series_type,
      );
      expect(parts).toEqual([...Array(5).fill('history'), ...Array(5).fill('forecast')]);
      await sameInSql(ahead, (statement) => ask('sql', '--format', 'json', '-e', statement));
      await real.stop();
      await sameInSql(ahead, (statement) =>
        runToEnd(['sql', '--data', data, '--format', 'json', '-e', statement]),
      );
    } finally {
      await real.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
