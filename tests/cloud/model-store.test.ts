import { createBigQueryModelStore } from '@seismo/server/adapters/gcp/bigquery-model-store';
import { BigQueryStatements } from '@seismo/server/adapters/gcp/bigquery-statements';
import { migrate } from '@seismo/server/adapters/gcp/migrations';
import { readStatement } from '@seismo/server/adapters/gcp/sql-files';
import { silentLogger } from '@seismo/server/logger';
import type { ModelRound, ModelStore, ModelWork } from '@seismo/server/ports/model-store';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type BigQueryClient, clientOf } from './support/bigquery-client.js';
import type { BigQueryEmulator } from './support/bigquery-emulator.js';
import { type QueryGate, startQueryGate } from './support/query-gate.js';
import { startSeismoBigQuery } from './support/seismo-bigquery.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const CLOSING_MS = MINUTE_MS / 2;
const MAX_BYTES_BILLED = 5 * 1024 ** 3;

interface Line {
  readonly level: string;
  readonly event: string;
  readonly [field: string]: unknown;
}

describe('models in BigQuery', () => {
  let bigquery: BigQueryEmulator;
  let gate: QueryGate;
  let client: BigQueryClient;
  let dataset: string;
  let store: ModelStore;
  let nowMs: number;
  let lines: Line[];
  let count = 0;

  beforeAll(async () => {
    bigquery = await startSeismoBigQuery();
    gate = await startQueryGate(bigquery);
    client = clientOf(gate);
  });
  afterAll(async () => {
    await gate?.stop();
    await bigquery?.stop();
  });

  beforeEach(async () => {
    dataset = `models_${++count}`;
    // Half a minute after the minute, when it counts as closed.
    nowMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 20 * HOUR_MS + CLOSING_MS;
    lines = [];
    await migrate({ ...options(), location: 'US', retentionMs: 30 * 24 * HOUR_MS, log: silentLogger });
    store = createStore();
  });

  const options = () => ({
    client,
    dataset,
    clock: { nowMs: () => nowMs },
    maxBytesBilled: MAX_BYTES_BILLED,
  });

  function createStore(): ModelStore {
    const write = (level: string) => (fields: object) => {
      lines.push({ level, ...fields } as Line);
    };
    const log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
    const statements = new BigQueryStatements(options());
    return createBigQueryModelStore({ statements, clock: options().clock, log });
  }

  const rowsOf = (sql: string) => bigquery.query(sql.replaceAll('metrics_dataset', dataset));

  /** A sample in each of the minutes up to the one that began `lastMinutesAgo` minutes ago, at second 10. */
  async function keep(series: string, values: readonly number[], lastMinutesAgo = 1): Promise<void> {
    const [name, labels = ''] = series.split(/(?=\{)/);
    const rows = values.map((value, i) => {
      const time = `TIMESTAMP_MILLIS(${nowMs - CLOSING_MS - (lastMinutesAgo + values.length - 1 - i) * MINUTE_MS + 10_000})`;
      return `(${time}, r'''${series}''', '${name}', JSON '{}', ${value}, ${time}, '${labels.length}')`;
    });
    await rowsOf(
      `INSERT INTO \`metrics_dataset.samples\` (time, series, name, labels, value, ingest_time, message_id) VALUES ${rows.join()}`,
    );
  }

  /** A minute later: a sample of each series in the minute that has just passed, then a round. */
  async function nextMinute(samples: Readonly<Record<string, number>> = {}): Promise<ModelRound> {
    nowMs += MINUTE_MS;
    for (const [series, value] of Object.entries(samples)) await keep(series, [value]);
    return store.detect();
  }

  /** Over an hour of the series, and models that have learned it. */
  async function learn(series: Readonly<Record<string, readonly number[]>>): Promise<void> {
    for (const [key, values] of Object.entries(series)) await keep(key, values);
    await store.detect();
  }

  const works = (round: readonly ModelWork[]) => round.map(({ kind, model }) => `${kind} ${model}`);
  const minutesAgo = (minutes: number) => new Date(nowMs - CLOSING_MS - minutes * MINUTE_MS).toISOString();
  const events = (event: string) => lines.filter((line) => line.event === event);

  test('leaves out what the smoke test of a deployment sends', async () => {
    await keep('seismo_smoke_test', wave(3));
    await keep('seismo_smoke_test_candidate', wave(3));
    await keep('latency', wave(3));
    await store.detect();
    const minutes = 'SELECT DISTINCT series FROM `metrics_dataset.samples_per_minute`';
    expect(await rowsOf(minutes)).toEqual([{ series: 'latency' }]);
    await bigquery.query(await readStatement('rebuild-minutes', dataset));
    expect(await rowsOf(minutes)).toEqual([{ series: 'latency' }]);
  });

  test('learns all series, judges each minute that closes by a model trained before, and finds an anomaly once', async () => {
    const series = String.raw`cpu{host="a\"b",zone="x={y}"}`;
    await keep('latency', wave(70));
    await keep(series, wave(70));
    const { started, collected } = await store.detect();
    expect(works(started)).toEqual(['detect none', 'train series_anomalies', 'train latency_anomalies']);
    expect(collected).toEqual([]);

    const second = await nextMinute({ latency: 10.5, [series]: 25 });
    expect(second.collected.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
    expect(works(second.started)).toEqual(['detect series_anomalies', 'detect_late series_anomalies']);
    expect(events('train_finished').map((line) => line.model)).toEqual([
      'latency_anomalies',
      'series_anomalies',
    ]);

    const third = await nextMinute({ latency: 10.5, [series]: 26 });
    expect(third.collected.map(({ kind, anomalies }) => [kind, anomalies])).toEqual([
      ['detect', 1],
      ['detect_late', 0],
    ]);
    expect(events('anomaly')).toEqual([
      {
        level: 'warn',
        event: 'anomaly',
        series,
        value: 25,
        expected: expect.closeTo(10.5, -1),
        probability: expect.closeTo(1, 5),
        minute: minutesAgo(2),
        alarm: true,
      },
    ]);
    await nextMinute({ latency: 10.5, [series]: 9 });

    const found = await rowsOf(
      'SELECT name, JSON_VALUE(labels.host) AS host, JSON_VALUE(labels.zone) AS zone, value, lower_bound < 10 AS low, upper_bound > 10 AS high, score > 4 AS far, alarm, detector, model FROM `metrics_dataset.anomalies` ORDER BY time',
    );
    const common = {
      name: 'cpu',
      host: 'a"b',
      zone: 'x={y}',
      low: 'true',
      high: 'true',
      far: 'true',
      detector: 'bigquery-ml-arima-plus',
      model: 'series_anomalies',
    };
    expect(found).toEqual([
      { ...common, value: '25.0', alarm: 'true' },
      { ...common, value: '26.0', alarm: 'false' },
    ]);
    expect(await rowsOf('SELECT * FROM `metrics_dataset.unjudged`')).toEqual([]);
    expect(gate.queries.filter((query) => query.maximumBytesBilled !== String(MAX_BYTES_BILLED))).toEqual([]);
  });

  test('judges a late minute by the first model that has learned it, and notes until then that nothing did', async () => {
    await learn({ latency: wave(120) });
    // A minute within the history gets another value by samples that come late.
    await keep('latency', [90], 40);
    await keep('latency', [90], 39);
    await rowsOf(
      'UPDATE `metrics_dataset.samples` SET ingest_time = TIMESTAMP_ADD(ingest_time, INTERVAL 1 DAY) WHERE value = 90',
    );
    await nextMinute({ latency: 10 });

    nowMs += 21 * HOUR_MS;
    const next = await store.train();
    expect(next.collected[0]).toMatchObject({ kind: 'detect', anomalies: 0, unjudged: { in_history: 2 } });
    expect(works(next.started)).toEqual(['train series_anomalies', 'train latency_anomalies']);
    // Monitoring watches how old the model is that judges; before the first training there is none.
    const ages = events('detect_finished').map(({ modelAgeSeconds }) => modelAgeSeconds);
    expect(ages[0]).toBeUndefined();
    expect(ages.at(-1)).toBeGreaterThan(0);
    nowMs += MINUTE_MS;
    expect(works((await store.train()).started)).toEqual(['detect_late series_anomalies']);
    nowMs += MINUTE_MS;
    expect((await store.train()).collected).toMatchObject([
      { kind: 'detect_late', state: 'done', anomalies: 2 },
    ]);
    expect(await rowsOf('SELECT value, alarm, model FROM `metrics_dataset.anomalies` ORDER BY time')).toEqual(
      [
        { value: '90.0', alarm: 'true', model: 'series_anomalies (history)' },
        { value: '90.0', alarm: 'false', model: 'series_anomalies (history)' },
      ],
    );
    expect(await rowsOf('SELECT reason FROM `metrics_dataset.unjudged` WHERE resolved IS NULL')).toEqual([]);
  });

  test('reports what it cannot judge with the reason, and takes none of it for normal', async () => {
    await learn({ latency: wave(70), still: Array(70).fill(4), short: [1, 2] });
    const round = await nextMinute({ latency: 10, still: 4, short: 3, fresh: 7 });
    expect(
      round.collected.find(({ kind, model }) => kind === 'train' && model === 'series_anomalies'),
    ).toMatchObject({
      unjudged: { constant_series: 1, left_out: 1 },
    });
    expect(events('series_left_out').map(({ series, reason, detail }) => [series, reason, detail])).toEqual([
      ['short', 'left_out', 'The time series has 2 points; at least 3 are needed.'],
      ['still', 'constant_series', 'The time series is constant: all values are 4.'],
    ]);

    const next = await nextMinute({ latency: 10, still: 4, short: 3, fresh: 7 });
    expect(next.collected[0]!.unjudged).toEqual({ constant_series: 1, left_out: 1, no_model: 1 });
    nowMs += 4320 * MINUTE_MS;
    await nextMinute({ latency: 10 });
    const late = await nextMinute();
    expect(late.collected.find(({ kind }) => kind === 'detect')!.unjudged).toMatchObject({ past_horizon: 1 });
    expect(
      await rowsOf(
        'SELECT series, reason, detail FROM `metrics_dataset.unjudged` ORDER BY minute, series, reason',
      ),
    ).toMatchObject([
      { series: 'fresh', reason: 'no_model' },
      { series: 'short', reason: 'left_out', detail: expect.stringMatching(/^The time series has 2 points/) },
      { series: 'still', reason: 'constant_series' },
      { series: 'fresh', reason: 'no_model' },
      { series: 'latency', reason: 'past_horizon' },
    ]);
    expect(await rowsOf('SELECT * FROM `metrics_dataset.anomalies`')).toEqual([]);
  });

  test('collects what another process started, and starts nothing while it runs', async () => {
    await keep('latency', wave(70));
    gate.hold(/detect_none/);
    await store.detect();
    nowMs += MINUTE_MS;
    const another = createStore();
    const meanwhile = await another.detect();
    expect(meanwhile.skipped[0]).toMatchObject({
      kind: 'detect',
      reason: expect.stringMatching(/^A round runs since/),
    });
    expect(meanwhile.collected.map(({ kind }) => kind)).toEqual(['train', 'train']);

    gate.hold(undefined);
    nowMs += MINUTE_MS;
    expect(works((await another.detect()).collected)).toContain('detect none');
  });

  test('lets one of two calls in the same minute start a round', async () => {
    const another = createStore();
    await keep('latency', wave(3));
    const rounds = await Promise.all([store.detect(), another.detect()]);
    expect(rounds.flatMap(({ started }) => works(started))).toEqual(['detect none']);
    expect(works((await nextMinute()).collected)).toEqual(['detect none']);
    expect(
      await rowsOf("SELECT * FROM `metrics_dataset.model_jobs` WHERE state = 'running' AND kind = 'detect'"),
    ).toHaveLength(1);
  });

  test('lists failed work with its reason, and makes good what it left', async () => {
    await keep('latency', wave(70));
    gate.failNext(/CREATE MODEL/, 'Too many points.');
    await store.detect();
    const second = await nextMinute({ latency: 10 });
    expect(second.collected.find(({ state }) => state === 'failed')).toMatchObject({
      model: 'latency_anomalies',
      reason: expect.stringContaining('Too many points.'),
    });
    expect(works(second.started)).toContain('train latency_anomalies');

    gate.failNext(/MERGE `[^`]*samples_per_minute/, 'Backend error.');
    await nextMinute({ latency: 80 });
    expect((await nextMinute({ latency: 10 })).collected).toMatchObject([
      { kind: 'detect', state: 'failed' },
    ]);
    expect(events('detect_failed')).toMatchObject([
      { level: 'error', reason: expect.stringContaining('Backend error.') },
    ]);
    expect((await nextMinute()).collected).toMatchObject([{ kind: 'detect', state: 'done', anomalies: 1 }]);
  });

  test('forecasts, evaluates and explains one series', async () => {
    await learn({ latency: wave(70), cpu: Array.from({ length: 70 }, (_, i) => 50 + (i % 3)) });
    const forecast = await store.forecast({ series: 'latency', minutes: 5 });
    expect(forecast.map(({ timeMs }) => new Date(timeMs).toISOString())).toEqual(
      [0, -1, -2, -3, -4].map(minutesAgo),
    );
    for (const { expected, lower, upper } of forecast) {
      expect(lower).toBeLessThan(expected);
      expect(upper).toBeGreaterThan(expected);
    }
    expect(await store.forecast({ series: 'nobody', minutes: 5 })).toEqual([]);

    expect(await store.evaluate()).toEqual([]);
    await nextMinute({ latency: 11, cpu: 51 });
    expect((await store.evaluate()).map(({ series }) => series)).toEqual(['cpu', 'latency']);

    const explained = await store.explain({ series: 'cpu', minutes: 2 });
    expect(explained.map(({ part, timeMs }) => [part, timeMs])).toEqual(
      [3, 2, 1, 0].map((minutes) => [minutes > 1 ? 'history' : 'forecast', Date.parse(minutesAgo(minutes))]),
    );
    for (const { part, value, trend, seasonal, holiday, spikesAndDips, stepChanges, residual } of explained) {
      const sum = trend + seasonal + holiday + spikesAndDips + stepChanges + residual;
      expect(sum, part).toBeCloseTo(value, 6);
    }
  });
});

function wave(length: number): number[] {
  return Array.from({ length }, (_, i) => 10 + Math.sin(i) + ((i * 7919) % 13) / 13);
}
