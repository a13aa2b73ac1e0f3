import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { ArimaPool } from '@seismo/server/adapters/embedded/arima-pool';
import { restore } from '@seismo/server/adapters/embedded/duckdb-offline';
import { openDuckDbStore } from '@seismo/server/adapters/embedded/duckdb-sample-store';
import { storedMinuteSqlModel } from '@seismo/server/adapters/embedded/minute-sql-model';
import { callModel } from '@seismo/server/bigquery/ml/call-model';
import type { MlFunction } from '@seismo/server/bigquery/sql/plan';
import { SeriesRegistry } from '@seismo/server/model/series-registry';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CLOSING_MS, HOUR_MS, MINUTE_MS, MinuteScenario } from './support/minute-scenario.js';
import { ScenarioPipeline } from './support/scenario-pipeline.js';

describe('models of minutes', () => {
  it('learn a series with two hours of data, judge each minute that closes, and find an anomaly once', async () => {
    const run = await MinuteScenario.open();
    await run.history(180, () => ({ latency: 10 + run.noise() }));
    await run.judgedAll();
    const model = await run.trained('latency');
    expect(model).toMatchObject({
      name: 'latency',
      historyFromMs: run.minuteMs(180),
      historyToMs: run.minuteMs(1),
      horizonEndMs: run.minuteMs(1) + 1000 * MINUTE_MS,
    });

    await run.next({ latency: 10.2 });
    await run.next({ latency: 100 });
    await run.next({ latency: 101 });
    await run.next({ latency: 9.9 });
    const twice = [
      [100, true, undefined],
      [101, false, undefined],
    ];
    expect(await run.found('latency')).toEqual(twice);
    expect(await run.states('latency', 4)).toEqual(['ok', 'anomalous', 'anomalous', 'ok']);

    const [before] = await run.models.models();
    await run.scenario.restart();
    expect((await run.models.models())[0]?.lastMinute).toEqual(before?.lastMinute);
    await run.judgedAll();
    await run.next({ latency: 10 });
    expect(await run.found('latency')).toEqual(twice);
    expect((await run.models.models()).map(({ trainedMs }) => trainedMs)).toEqual([model.trainedMs]);
  });

  it('know a lasting step once they are trained again: anomalies stop by themselves', async () => {
    const run = await MinuteScenario.open();
    await run.history(240, () => ({ latency: 10 + run.noise() }));
    await run.judgedAll();
    await run.trained('latency');
    for (let minute = 0; minute < 60; minute++) await run.next({ latency: 40 + run.noise() });
    expect(await run.states('latency', 60)).toEqual(new Array(60).fill('anomalous'));
    expect((await run.found('latency')).filter(([, alarm]) => alarm)).toHaveLength(1);

    const { stepChanges } = await run.trained('latency');
    expect(stepChanges).toHaveLength(1);
    expect(stepChanges![0]!.timeMs).toBe(run.minuteMs(60));
    expect(stepChanges![0]!.size).toBeCloseTo(30, -0.5);
    for (let minute = 0; minute < 20; minute++) await run.next({ latency: 40 + run.noise() });
    expect(await run.states('latency', 20)).toEqual(new Array(20).fill('ok'));
    const [minute] = await run.models.explain({
      series: 'latency',
      fromMs: run.minuteMs(1),
      toMs: run.minuteMs(1),
    });
    expect(minute).toMatchObject({ part: 'forecast', timeMs: run.minuteMs(1) });
    expect(minute!.stepChanges).toBeCloseTo(30, -0.5);
  });

  it('take an anomaly back, or confirm it, by samples that come late, and find one that only those show', async () => {
    const run = await MinuteScenario.open();
    await run.history(180, () => ({ latency: 10 + run.noise() }));
    await run.judgedAll();
    await run.trained('latency');
    await run.next({ latency: 20 });
    await run.next({ latency: 50 });
    await run.next({ latency: 10 });
    expect(await run.found('latency')).toEqual([
      [20, true, undefined],
      [50, false, undefined],
    ]);

    // The rest of the three minutes comes late.
    await run.send({ latency: 0 }, 3, 20);
    await run.send({ latency: 48 }, 2, 20);
    await run.send({ latency: 90 }, 1, 20);
    // And once more, which changes nothing.
    await run.next({ latency: 10 });
    await run.send({ latency: 0 }, 4, 20);
    await run.next({ latency: 10 });
    const reviewed = [
      [20, true, 'withdrawn'],
      [49, true, 'confirmed'],
      [50, false, undefined],
    ];
    expect(await run.found('latency')).toEqual(reviewed);
    expect(await run.states('latency', 5)).toEqual(['ok', 'anomalous', 'anomalous', 'ok', 'ok']);
    await run.scenario.restart();
    await run.next({ latency: 10 });
    expect(await run.found('latency')).toEqual(reviewed);
  });

  it('alarm once of an excursion whose samples all come late', async () => {
    const run = await MinuteScenario.open();
    await run.history(180, () => ({ latency: 10 + run.noise() }));
    await run.judgedAll();
    await run.trained('latency');
    for (let minute = 0; minute < 6; minute++) await run.next();
    // One of the minutes has no data at all.
    const timestamps = [6, 5, 4, 3, 1].map((ago) => run.minuteMs(ago) / 1000 + 10);
    const latencies = [10, 60, 61, 62, 63];
    await run.scenario.send(
      timestamps.map((timestamp, index) => ({ timestamp, latency: latencies[index]! })),
    );
    await run.next({ latency: 10 });
    expect(await run.found('latency')).toEqual([
      [60, true, undefined],
      [61, false, undefined],
      [62, false, undefined],
      [63, false, undefined],
    ]);
  });

  it('keep a minute without data as such, until its data come', async () => {
    const run = await MinuteScenario.open();
    await run.history(180, () => ({ latency: 10 + run.noise(), cpu: 50 + run.noise() }));
    await run.judgedAll();
    await run.trained('latency');
    await run.trained('cpu');
    await run.next({ latency: 10 });
    await run.next();
    await run.next({ latency: 10, cpu: 50 });
    expect(await run.states('cpu', 3)).toEqual(['no_data', 'no_data', 'ok']);
    expect(await run.states('latency', 3)).toEqual(['ok', 'no_data', 'ok']);
    expect(await run.found('cpu')).toEqual([]);
    await run.send({ cpu: 51 }, 3);
    await run.send({ cpu: 500 }, 2);
    await run.next({ cpu: 50 });
    expect(await run.states('cpu', 4)).toEqual(['ok', 'anomalous', 'ok', 'ok']);
    expect(await run.found('cpu')).toEqual([[500, true, undefined]]);
  });

  it('alarm once for an excursion, and again where it is on the other side after minutes without data', async () => {
    const run = await learnedOnce();
    const above = { latency: 100 };
    const below = { latency: -80 };
    for (const minute of [above, {}, above, below, {}, {}, above]) await run.next(minute);
    await run.next({});
    await run.scenario.restart();
    await run.judgedAll();
    await run.next(below);
    await run.next({});
    await run.next({});
    // Late ones, on the side of the minute before the gap, then on the other one.
    await run.send(below, 2);
    await run.next({});
    await run.send(above, 1);
    await run.next({ latency: 10 });
    expect(await run.found('latency')).toEqual([
      [100, true, undefined],
      [100, false, undefined],
      // The next minute: it went through the band, and nobody was away.
      [-80, false, undefined],
      [100, true, undefined],
      [-80, true, undefined],
      [-80, false, undefined],
      [100, true, undefined],
    ]);
  });

  it('judge the minutes that passed while the server was away, each once', async () => {
    const run = await MinuteScenario.open();
    await run.history(180, () => ({ latency: 10 + run.noise() }));
    await run.judgedAll();
    await run.trained('latency');
    await run.next({ latency: 10 });
    await run.scenario.pipeline.stop();
    run.scenario.nowMs += 90 * MINUTE_MS;
    await run.scenario.start();
    await run.history(60, (ago) => ({ latency: ago === 30 ? 99 : 10 + run.noise() }));
    await run.judgedAll();
    await run.next({ latency: 10 });
    const states = await run.states('latency', 91);
    expect(states.slice(0, 30)).toEqual(new Array(30).fill('no_data'));
    expect(states.slice(30).filter((state) => state === 'anomalous')).toHaveLength(1);
    expect(states).toHaveLength(91);
    expect(await run.found('latency')).toEqual([[99, true, undefined]]);
  });

  it('are trained before their forecast ends, whatever the interval, and only while there is something new', async () => {
    const run = await MinuteScenario.open({ config: { trainIntervalMs: 30 * 24 * HOUR_MS } });
    await run.history(180, () => ({ latency: 10 + run.noise(), gone: 5 + run.noise() }));
    await run.judgedAll();
    const first = await run.trained('latency');
    await run.trained('gone');
    expect(first.nextTrainingMs).toBe(first.horizonEndMs! - HOUR_MS);

    run.scenario.nowMs = first.nextTrainingMs! + CLOSING_MS;
    await run.history(938, () => ({ latency: 10 + run.noise() }));
    await run.judgedAll();
    // The clock stood there already before these minutes came: a training in between knows nothing of them, and
    // the next one comes ten minutes later.
    await vi.waitFor(async () => {
      const second = await run.trained('latency');
      const isAhead = second.horizonEndMs! - first.horizonEndMs! > 900 * MINUTE_MS;
      if (!isAhead) run.scenario.nowMs += 10 * MINUTE_MS;
      expect(isAhead).toBe(true);
    }, 120_000);
    const gone = (await run.models.models()).find(({ series }) => series === 'gone')!;
    expect(gone.trainedMs).toBe(first.trainedMs);
    expect(gone.nextTrainingMs).toBeUndefined();
  });

  it('wait for enough history and say so, and leave out what comes less often than each minute', async () => {
    const run = await MinuteScenario.open();
    await run.history(60, () => ({ young: 10 + run.noise() }));
    await run.scenario.send(
      Array.from({ length: 300 }, (_, i) => ({
        timestamp: run.minuteMs(1500 - 5 * i) / 1000,
        sparse: i % 7,
      })),
    );
    await run.judgedAll();
    await vi.waitFor(async () => {
      await run.models.train();
      expect(await run.models.models()).toMatchObject([
        {
          series: 'sparse',
          state: 'waiting',
          error: expect.stringMatching(/less often .* 300 of the 1,496 minutes/),
        },
        {
          series: 'young',
          state: 'waiting',
          error: expect.stringMatching(/^It has 60 of the 120 minutes with data/),
        },
      ]);
    }, 120_000);
    const answers = await Promise.all(
      (['FORECAST', 'DETECT_ANOMALIES', 'EXPLAIN_FORECAST', 'ARIMA_COEFFICIENTS'] as const).map((fn) =>
        askAll(run, fn, {}),
      ),
    );
    for (const { rows, notes } of answers) {
      expect(rows.rowCount).toBe(0);
      expect(notes).toMatchObject([{ reason: 'no_model', rows: 2 }]);
      expect(notes[0]!.message).toMatch(
        /^2 of 2 series of `metrics_dataset\.series_anomalies` left out, which have no model\. sparse: /,
      );
    }
  });

  it('wait on where minutes are missing among those that there are, for as long as it takes', async () => {
    const run = await MinuteScenario.open();
    await run.history(125, (ago) => (ago > 60 && ago <= 70 ? {} : { latency: 10 + run.noise() }));
    for (let ago = 1; ago <= 50; ago++) await run.send({ latency: 10 + run.noise() }, ago, 40);
    await run.judgedAll();
    await vi.waitFor(async () => {
      await run.models.train();
      expect(await run.models.models()).toMatchObject([
        {
          state: 'waiting',
          lack: { have: 115, need: 120 },
          nextTrainingMs: run.scenario.nowMs + 5 * MINUTE_MS,
        },
      ]);
    }, 20_000);
    for (let minute = 0; minute < 5; minute++) await run.next({ latency: 10 + run.noise() });
    expect(await run.trained('latency')).toMatchObject({ historyFromMs: run.minuteMs(130) });
  });

  it('go to as many series as there is room for, first to those that raised alarms', async () => {
    const run = await MinuteScenario.open({ config: { modelsMax: 2 } });
    await run.history(200, (ago) => ({
      long: 10 + run.noise(),
      ...(ago <= 150 ? { middle: 10 + run.noise() } : {}),
      ...(ago <= 130 ? { wild: ago === 3 ? 1e6 : 10 + run.noise() } : {}),
    }));
    await run.scenario.judgedAll();
    await run.judgedAll();
    await run.trained('wild');
    await run.trained('long');
    expect((await run.models.models()).map(({ series }) => series)).toEqual(['long', 'wild']);
    expect(run.models.queue()).toMatchObject({ waiting: 0, running: 0, withoutRoom: 1 });
  });

  it('are trained at once where somebody asks, with options that last, and refuse wrong ones', async () => {
    const run = await MinuteScenario.open();
    await run.history(180, () => ({ latency: 10 + run.noise() }));
    await run.judgedAll();
    const options = { seasonalities: ['NO_SEASONALITY'], horizon: 300 };
    const asked = await run.models.trainSeries({ series: 'latency', options });
    expect(asked).toMatchObject({
      state: 'trained',
      options,
      horizonEndMs: run.minuteMs(1) + 300 * MINUTE_MS,
    });
    await expect(
      run.models.trainSeries({ series: 'latency', options: { horizon: 20_000 } }),
    ).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringMatching(/HORIZON .* from 1 to 10000/),
    });
    for (const [name, words] of [
      ['horizont', 'There is no option horizont.'],
      ['HOLIDAY_REGION', 'Holidays have no effect on minutes'],
      ['decomposeTimeSeries', 'DECOMPOSE_TIME_SERIES must be true here'],
    ] as const) {
      const wrong = run.models.trainSeries({ series: 'latency', options: { [name]: false } });
      await expect(wrong).rejects.toMatchObject({
        code: 'bad_request',
        message: expect.stringContaining(words),
      });
    }
    const spelled = { HORIZON: 300, dataFrequency: 'PER_MINUTE', seasonalities: ['NO_SEASONALITY'] };
    await run.models.trainSeries({ series: 'latency', options: spelled });
    await expect(run.models.trainSeries({ series: 'latencies' })).rejects.toMatchObject({
      code: 'not_found',
    });
    await run.scenario.restart();
    expect(await run.models.models()).toMatchObject([
      { state: 'trained', options: { ...options, frequency: 'PER_MINUTE' } },
    ]);
    expect(await run.models.forecast({ series: 'latency', minutes: 1000 })).toHaveLength(300);
  });

  it('are one model of SQL, which whoever has opened it can ask while they are trained again', async () => {
    const run = await learnedOnce();
    const { sqlModel } = run.scenario.pipeline;
    const opened = await sqlModel!.open();
    expect(opened.header).toMatchObject({ model: 'series_anomalies', series: 1, horizon: 1000, rows: 180 });
    expect(opened.series).toMatchObject([{ ids: ['latency'], facts: { points: 180 } }]);
    const [before] = await opened.models([0], 'whole');
    await run.next({ latency: 10 });
    await run.models.trainSeries({ series: 'latency' });
    await vi.waitFor(() => expect(readdirSync(join(run.scenario.folder, 'models'))).toHaveLength(1), 20_000);
    const [after] = await opened.models([0], 'whole');
    expect(after!.length).toBeGreaterThan(100);
    expect(after).not.toEqual(before);
    expect(sqlModel!.header()).toMatchObject({ rows: 181 });
  });

  it('appear in SQL at once after a restart, also those that were stored before SQL knew of them', async () => {
    const run = await learnedOnce();
    const before = await run.scenario.pipeline.sqlModel!.open();
    const facts = before.series[0]!.facts;
    await run.scenario.pipeline.stop();
    const database = await DuckDBInstance.create(join(run.scenario.folder, 'seismo.duckdb'));
    const connection = await database.connect();
    const without = `CAST(json_merge_patch(CAST(facts AS JSON), '{"arima": null}') AS VARCHAR)`;
    await connection.run(`UPDATE seismo_store.models SET facts = ${without}`);
    connection.closeSync();
    database.closeSync();
    await run.scenario.start();
    const { sqlModel } = run.scenario.pipeline;
    const opened = await sqlModel!.open();
    expect(opened.header).toMatchObject({ series: 1, failedSeries: 0, rows: 180 });
    expect(opened.series).toEqual([{ ids: ['latency'], facts, errorMessage: '', horizon: 1000 }]);
    expect((await opened.models([0], 'whole'))[0]!.length).toBeGreaterThan(100);
    await run.scenario.pipeline.stop();
    const registry = new SeriesRegistry();
    const lookup = (id: number) => registry.byId(id);
    const clock = { nowMs: () => run.scenario.nowMs };
    const store = await openDuckDbStore({
      ...{ dataFolder: run.scenario.folder, lookup, diskReserveBytes: 1e9, clock },
      freeBytes: () => 1e12,
    });
    registry.restore(await store.samples.readSeries(), store.nextSeriesId);
    const stored = await storedMinuteSqlModel(store.models, registry);
    expect((await stored.open()).series).toEqual(opened.series);
    await store.samples.close();
    await run.scenario.start();
  });

  it('forecast in SQL as far as each of them reaches', async () => {
    const run = await MinuteScenario.open();
    await run.history(180, () => ({ latency: 10 + run.noise(), cpu: 50 + run.noise() }));
    await run.judgedAll();
    await run.models.trainSeries({ series: 'cpu', options: { horizon: 120 } });
    await run.models.trainSeries({ series: 'latency', options: { horizon: 1500 } });
    expect(run.scenario.pipeline.sqlModel!.header()).toMatchObject({ horizon: 1500, series: 2 });
    const call = (fn: 'FORECAST' | 'EXPLAIN_FORECAST', horizon: number) => askAll(run, fn, { horizon });
    const counted = ({ rows }: Awaited<ReturnType<typeof call>>) => {
      const series = rows.values[0] as string[];
      return [series.filter((one) => one === 'cpu').length, series.filter((one) => one === 'latency').length];
    };
    const ahead = await call('FORECAST', 1200);
    expect(counted(ahead)).toEqual([120, 1200]);
    expect(ahead.notes).toMatchObject([{ reason: 'past_horizon', rows: 1080 }]);
    expect(counted(await call('EXPLAIN_FORECAST', 130))).toEqual([300, 310]);
    const near = await call('FORECAST', 10);
    expect([counted(near), near.notes]).toEqual([[10, 10], []]);
    await expect(call('FORECAST', 1501)).rejects.toThrow('horizon must be from 1 to 1500');
  });

  it('come back with a backup of the running server, and explain as before', async () => {
    const run = await MinuteScenario.open();
    await run.history(180, () => ({ latency: 10 + run.noise() }));
    await run.judgedAll();
    await run.trained('latency');
    const before = await run.models.explain({ series: 'latency', minutes: 5 });
    expect(before).toHaveLength(10);
    const copy = join(run.scenario.folder, 'copy.duckdb');
    await run.scenario.pipeline.store.backup(copy);

    const other = new ScenarioPipeline();
    onTestFinished(() => other.end());
    other.nowMs = run.scenario.nowMs;
    await restore(copy, other.folder);
    await other.start();
    expect(await other.pipeline.models!.explain({ series: 'latency', minutes: 5 })).toEqual(before);
    expect(readdirSync(run.scenario.folder).filter((name) => name.startsWith('models'))).toEqual(['models']);
  });
});

/** A series around 10, with a model. */
async function learnedOnce(): Promise<MinuteScenario> {
  const run = await MinuteScenario.open();
  await run.history(180, () => ({ latency: 10 + run.noise() }));
  await run.judgedAll();
  await run.trained('latency');
  return run;
}

/** A call of SQL over the model of all series, without data. */
async function askAll(run: MinuteScenario, fn: MlFunction, settings: Record<string, unknown>) {
  const model = await run.scenario.pipeline.sqlModel!.open();
  const threads = new ArimaPool({ threadsMax: 1 });
  onTestFinished(() => threads.close());
  const name = { projectId: 'p', dataset: 'metrics_dataset', table: 'series_anomalies' };
  const call = { function: fn, model: name, settings };
  return callModel(call, undefined, { model, threads, signal: undefined });
}
