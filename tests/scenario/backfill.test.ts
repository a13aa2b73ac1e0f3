import { join } from 'node:path';
import { openCsv } from '@seismo/server/ingest/csv-reader';
import { newestSample } from '@seismo/server/serve/judged-sample';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { REPOSITORY } from '../blackbox/support/start-server.js';
import { MeanDetector } from './support/mean-detector.js';
import { type ScenarioOptions, ScenarioPipeline, START_S } from './support/scenario-pipeline.js';

const RECORDING = join(REPOSITORY, 'examples/ec2_request_latency_system_failure.csv');

interface Item {
  readonly timestamp: number;
  readonly latency: number;
}

async function open(options: ScenarioOptions = {}): Promise<ScenarioPipeline> {
  const scenario = await ScenarioPipeline.open(options);
  onTestFinished(() => scenario.end());
  return scenario;
}

/** The recording as `seismo replay --as latency --shift-to-now` sends it. */
async function recording(): Promise<Item[]> {
  const csv = await openCsv(RECORDING, {});
  const rows: [timeMs: number, value: number][] = [];
  for await (const { timeMs, values } of csv.rows) rows.push([timeMs, values[0]!]);
  const shiftMs = START_S * 1000 - rows.at(-1)![0];
  return rows.map(([timeMs, value]) => ({ timestamp: (timeMs + shiftMs) / 1000, latency: value }));
}

/** One sample of now, then the recording; `between` runs after every 1,000 rows of it. */
async function postOneThenReplay(
  scenario: ScenarioPipeline,
  items: readonly Item[],
  between: () => Promise<void> = async () => {},
): Promise<void> {
  await scenario.send({ timestamp: START_S - 60, latency: 45 });
  await between();
  for (let from = 0; from < items.length; from += 1000) {
    await scenario.send(items.slice(from, from + 1000));
    await between();
  }
  await scenario.judgedAll();
  // Findings are durable after a restart.
  await scenario.restart();
}

const alarms = (scenario: ScenarioPipeline) =>
  scenario.pipeline.store.queryAnomalies({ limit: 100, alarmsOnly: true });

describe('a recording sent after a first sample of today', () => {
  it('is judged as if that sample had not been there', async () => {
    const items = await recording();
    const [after, alone] = await Promise.all([open(), open()]);
    await postOneThenReplay(after, items);
    for (let from = 0; from < items.length; from += 1000) await alone.send(items.slice(from, from + 1000));
    await alone.judgedAll();
    await alone.restart();
    expect(await alarms(after)).toHaveLength(6);
    expect(await alarms(after)).toEqual(await alarms(alone));
    const rows = await after.rows('latency');
    const first = rows.findIndex((row) => row.startsWith('-60 45 '));
    expect(rows[first]).toContain(' warming_up ');
    expect(rows.filter((_, i) => i !== first)).toEqual(await alone.rows('latency'));
    expect(after.pipeline.detection.now(0)).toEqual(alone.pipeline.detection.now(0));
  });

  it('is judged the same across restarts', async () => {
    const items = await recording();
    const [straight, interrupted] = await Promise.all([
      open(),
      open({ checkpoints: { checkpointSamples: 700 } }),
    ]);
    await postOneThenReplay(straight, items);
    await postOneThenReplay(interrupted, items, () =>
      interrupted.restart({ checkpoints: { checkpointSamples: 700 } }),
    );
    expect(await interrupted.rows('latency')).toEqual(await straight.rows('latency'));
    expect(await alarms(interrupted)).toEqual(await alarms(straight));
  });
});

describe('a late sample of a series that is still learning', () => {
  const send = (scenario: ScenarioPipeline, ...seconds: number[]) =>
    scenario.send(seconds.map((second) => ({ timestamp: START_S - 100 + second, v: second })));

  const states = async (scenario: ScenarioPipeline) => {
    await scenario.judgedAll();
    await scenario.restart({ createDetector: () => new MeanDetector() });
    return (await scenario.rows('v')).map((row) => row.split(' ').slice(1, 3).join(' '));
  };

  it('starts it over where it is older than the few that were learned, again and again', async () => {
    const scenario = await open({ createDetector: () => new MeanDetector() });
    await send(scenario, 50, 52, 40, 41, 30, 31, 32, 33, 34);
    expect(scenario.pipeline.registry.byKey('v')).toBeDefined();
    await vi.waitFor(() => expect(scenario.pipeline.detection.now(0)?.value).toBe(34), 120_000);
    expect(scenario.pipeline.detection.status().seriesWithState).toBe(1);
    await send(scenario, 35, 20);
    expect(await states(scenario)).toEqual([
      '20 unknown',
      '30 warming_up',
      '31 warming_up',
      '32 warming_up',
      '33 warming_up',
      '34 warming_up',
      '35 ok',
      '40 warming_up',
      '41 warming_up',
      '50 warming_up',
      '52 warming_up',
    ]);
  });

  it('leaves its newest sample the one that is told, until one as new is learned', async () => {
    const scenario = await open();
    const newest = () => {
      const { registry, detection } = scenario.pipeline;
      const { time, value, state, have } = newestSample(registry.byKey('v')!, detection.now(0)!);
      return [time - START_S + 100, value, state, have];
    };
    await send(scenario, 50, 52, 10, 11);
    await scenario.judgedAll();
    expect(newest()).toEqual([52, 52, 'warming_up', 2]);
    await send(scenario, 5);
    await scenario.judgedAll();
    await scenario.restart();
    expect(newest()).toEqual([52, 52, 'warming_up', 1]);
    await send(scenario, 40);
    await send(scenario, 53);
    await scenario.judgedAll();
    expect(newest()).toEqual([53, 53, 'warming_up', 3]);
    expect(scenario.pipeline.detection.now(0)?.newer).toBeUndefined();
  });

  it('leaves a live series alone once it has more than a few, however old it is', async () => {
    const scenario = await open();
    await send(scenario, ...Array.from({ length: 50 }, (_, second) => second));
    await send(scenario, -3600, 10.5);
    const newest = { value: 49, verdict: { state: 'warming_up', have: 50, need: 60 } };
    await scenario.judgedAll();
    expect(scenario.pipeline.detection.now(0)).toMatchObject(newest);
    await scenario.restart();
    expect(scenario.pipeline.detection.now(0)).toMatchObject(newest);
    await send(scenario, 50);
    await scenario.judgedAll();
    expect(scenario.pipeline.detection.now(0)).toMatchObject({ value: 50, verdict: { have: 51 } });
    await scenario.restart();
    const rows = (await scenario.rows('v')).map((row) => row.split(' ').slice(1, 3).join(' '));
    expect(rows.filter((row) => row.endsWith(' unknown'))).toEqual(['-3600 unknown', '10.5 unknown']);
  });

  it('starts it over where little was learned, and is left out where more was', async () => {
    const scenario = await open();
    await send(scenario, 10, 90, 50, 51, 52, 53, 54, 55, 51.5);
    await scenario.judgedAll();
    await scenario.restart();
    const rows = (await scenario.rows('v')).map((row) => row.split(' ').slice(1, 3).join(' '));
    expect(rows.filter((row) => row.endsWith(' unknown'))).toEqual(['51.5 unknown']);
    expect(rows).toHaveLength(9);
    expect(scenario.pipeline.detection.now(0)).toMatchObject({ value: 55, verdict: { have: 6 } });
  });
});
