import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Anomaly } from '@seismo/server/model/verdict';
import type { ExplainedVerdict } from '@seismo/server/ports/model-store';
import { describe, expect, it, vi } from 'vitest';
import { MinuteScenario } from './support/minute-scenario.js';

/** What a minute was judged by, as it is told later. */
async function verdictOf(run: MinuteScenario, timeMs: number): Promise<ExplainedVerdict | undefined> {
  const [verdict] = await run.models.explainVerdicts({ series: 'latency', fromMs: timeMs, toMs: timeMs });
  return verdict;
}

/** A series with a model, around 10. */
async function learned(): Promise<MinuteScenario> {
  const run = await MinuteScenario.open();
  await run.history(240, () => ({ latency: 10 + run.noise() }));
  await run.judgedAll();
  await run.trained('latency');
  return run;
}

const modelFiles = (run: MinuteScenario) => readdirSync(join(run.scenario.folder, 'models'));
/** A training lets go of the model before once that is asked; by then one file is left. */
const retired = (run: MinuteScenario) => vi.waitFor(() => expect(modelFiles(run)).toHaveLength(1), 120_000);

describe('what a minute was judged by', () => {
  it('is told the same once a later model has learned it, in value, expectation and parts', async () => {
    const run = await learned();
    for (let minute = 0; minute < 60; minute++) await run.next({ latency: 40 + run.noise() });
    const first = run.minuteMs(60);
    const before = (await verdictOf(run, first))!;
    expect(before.value).toBeCloseTo(40, -0.5);
    expect(before.expected).toBeCloseTo(10, -0.5);
    expect(before.parts?.stepChanges).toBe(0);
    const { trend, seasons, holiday, stepChanges } = before.parts!;
    const sum = Object.values(seasons).reduce((total, one) => total + one, trend + holiday + stepChanges);
    expect(sum).toBeCloseTo(before.expected, 9);

    await run.trained('latency');
    await retired(run);
    const [now] = await run.models.explain({ series: 'latency', fromMs: first, toMs: first });
    expect(now).toMatchObject({ part: 'history' });
    expect(now!.stepChanges).toBeCloseTo(30, -0.5);
    expect(await verdictOf(run, first)).toEqual(before);

    await run.scenario.restart();
    run.scenario.nowMs += 60_000;
    await run.judgedAll();
    await run.models.trainSeries({ series: 'latency' });
    await retired(run);
    expect(await verdictOf(run, first)).toEqual(before);
  });

  it('is told in parts at every moment in which another model takes the place of the one before', async () => {
    const run = await learned();
    await run.next({ latency: 40 });
    const timeMs = run.minuteMs(1);
    const before = (await verdictOf(run, timeMs))!;
    expect(before.parts).toBeDefined();
    run.scenario.nowMs += 60_000;
    let isTraining = true;
    const training = run.models.trainSeries({ series: 'latency' }).finally(() => {
      isTraining = false;
    });
    while (isTraining) expect(await verdictOf(run, timeMs)).toEqual(before);
    await training;
    expect(await verdictOf(run, timeMs)).toEqual(before);
  });

  it('is told without its parts where nothing was found and the model is gone, never with those of another', async () => {
    const run = await learned();
    await run.next({ latency: 10 });
    const timeMs = run.minuteMs(1);
    const before = (await verdictOf(run, timeMs))!;
    expect(before.parts).toBeDefined();
    await run.models.trainSeries({ series: 'latency' });
    await retired(run);
    const { parts: _, ...rest } = before;
    expect(await verdictOf(run, timeMs)).toEqual(rest);
    expect(await verdictOf(run, timeMs + 60_000)).toBeUndefined();
  });

  it('is kept in parts for minutes in which single samples were anomalous, too', async () => {
    const run = await learned();
    for (let minute = 0; minute < 10; minute++) await run.next({ latency: 10 + run.noise() });
    run.scenario.nowMs += 60_000;
    const timeMs = run.minuteMs(1);
    // Two that are far off, the mean of which is as ever.
    await run.scenario.send([
      { timestamp: timeMs / 1000 + 10, latency: -990 },
      { timestamp: timeMs / 1000 + 30, latency: 1010 },
    ]);
    await run.judgedAll();
    const found = await vi.waitFor(async () => {
      const anomalies = await run.scenario.pipeline.store.queryAnomalies({ limit: 10, fromMs: timeMs });
      expect(anomalies.length).toBeGreaterThan(0);
      return anomalies;
    }, 120_000);
    expect(found.map(({ detector }) => detector)).not.toContain('arima_plus');
    const before = (await verdictOf(run, timeMs))!;
    await run.models.trainSeries({ series: 'latency' });
    await retired(run);
    expect(before.parts).toBeDefined();
    expect(await verdictOf(run, timeMs)).toEqual(before);
  });

  it('is not lost where the server stops between a training and the last question to the model before', async () => {
    const run = await learned();
    await run.next({ latency: 90 });
    const timeMs = run.minuteMs(1);
    const before = (await verdictOf(run, timeMs))!;
    const [file] = modelFiles(run);
    const { folder } = run.scenario;
    copyFileSync(join(folder, 'models', file!), join(folder, 'kept.model'));
    await run.next({ latency: 10 });
    await run.models.trainSeries({ series: 'latency' });
    await retired(run);
    // As a stop would have left it: the file is there and nothing of it is kept.
    await run.scenario.pipeline.stop();
    copyFileSync(join(folder, 'kept.model'), join(folder, 'models', file!));
    await forgetExplanations(folder);
    await run.scenario.start();
    await run.judgedAll();
    await retired(run);
    expect(await verdictOf(run, timeMs)).toEqual(before);
  });
});

async function forgetExplanations(folder: string): Promise<void> {
  const instance = await DuckDBInstance.create(join(folder, 'seismo.duckdb'));
  const connection = await instance.connect();
  const deleted = await connection.run('DELETE FROM seismo_store.explanations');
  expect(deleted.rowsChanged).toBe(1);
  connection.closeSync();
  instance.closeSync();
}

describe('what rounds of judging find', () => {
  it('is told as it is found, confirmed and taken back, each once', async () => {
    const run = await learned();
    const told: string[] = [];
    const note = ({ seriesId, value, review, alarm, detector }: Anomaly) => {
      const series = run.scenario.pipeline.registry.byId(seriesId)?.key;
      told.push(
        `${series} ${Math.round(value)} ${review ?? 'new'} ${alarm ? 'alarm' : 'further'} ${detector}`,
      );
    };
    run.models.onFound((found) => found.forEach(note));
    await run.next({ latency: 10 });
    expect(told).toEqual([]);
    await run.next({ latency: 20 });
    await run.next({ latency: 50 });
    expect(told.splice(0)).toEqual(['latency 20 new alarm arima_plus', 'latency 50 new further arima_plus']);
    await run.send({ latency: 0 }, 2, 20);
    await run.send({ latency: 48 }, 1, 20);
    await run.next({ latency: 10 });
    expect(told.sort()).toEqual([
      'latency 20 withdrawn alarm arima_plus',
      'latency 49 confirmed alarm arima_plus',
    ]);
  });
});

describe('a minute that was taken back', () => {
  it('is confirmed once late samples make it anomalous again, and is withdrawn again after that', async () => {
    const run = await learned();
    await run.next({ latency: 20 });
    await run.send({ latency: 0 }, 1, 20);
    await run.next({ latency: 10 });
    expect(await run.found('latency')).toEqual([[20, true, 'withdrawn']]);
    await run.send({ latency: 100 }, 2, 30);
    await run.next({ latency: 10 });
    expect(await run.found('latency')).toEqual([[40, true, 'confirmed']]);
    expect(await run.states('latency', 3)).toEqual(['anomalous', 'ok', 'ok']);
    await run.scenario.restart();
    await run.send({ latency: -80 }, 3, 40);
    await run.next({ latency: 10 });
    expect(await run.found('latency')).toEqual([[40, true, 'withdrawn']]);
    // What changes without a turn of the verdict leaves the mark as it is.
    await run.send({ latency: 10 }, 4, 50);
    await run.next({ latency: 10 });
    expect(await run.found('latency')).toEqual([[40, true, 'withdrawn']]);
    expect(await run.states('latency', 5)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
  });
});

describe('a step', () => {
  it('is learned by the training that first knows it, and stays learned then', async () => {
    const run = await learned();
    for (let minute = 0; minute < 40; minute++) await run.next({ latency: 40 + run.noise() });
    const second = await run.models.trainSeries({ series: 'latency' });
    expect(second.stepChanges).toMatchObject([{ learnedMs: second.trainedMs }]);
    for (let minute = 0; minute < 5; minute++) await run.next({ latency: 40 + run.noise() });
    await run.scenario.restart();
    await run.judgedAll();
    const asked = await run.models.trainSeries({ series: 'latency' });
    expect(asked.trainedMs).toBeGreaterThan(second.trainedMs!);
    expect(asked.stepChanges).toMatchObject([{ learnedMs: second.trainedMs }]);
  });
});
