import { readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@seismo/server/errors';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { MeanDetector } from './support/mean-detector.js';
import {
  type ScenarioOptions,
  ScenarioPipeline,
  START_S,
  seededRandom,
} from './support/scenario-pipeline.js';

const DAY_MS = 86_400_000;

async function open(options: ScenarioOptions = {}): Promise<ScenarioPipeline> {
  const scenario = await ScenarioPipeline.open(options);
  onTestFinished(() => scenario.end());
  return scenario;
}

/** Noisy seconds of `latency` from the start on, with a failure at the end of each 200. */
function recording(seconds: number, seed = 1): { timestamp: number; latency: number }[] {
  const random = seededRandom(seed);
  return Array.from({ length: seconds }, (_, second) => ({
    timestamp: START_S + second,
    latency: second % 200 > 195 ? 900 : 100 + Math.round(random() * 1000) / 100,
  }));
}

describe('the pipeline', () => {
  it('takes a sample in and gives an anomaly out', async () => {
    const scenario = await open();
    await scenario.send(recording(195));
    expect(await scenario.send({ timestamp: START_S + 196, latency: 900 })).toEqual({
      accepted: 1,
      rejected: [],
      rejectedCount: 0,
    });
    await scenario.judgedAll();
    const { store, registry } = scenario.pipeline;
    await vi.waitFor(async () => {
      const anomalies = await store.queryAnomalies({ limit: 10 });
      expect(anomalies[0]).toMatchObject({
        seriesId: registry.byKey('latency')!.id,
        timeMs: (START_S + 196) * 1000,
        value: 900,
        alarm: true,
        detector: 'multi-view',
      });
    }, 120_000);
  });

  it('tells what its limits let through, and stores a band that has no end on one side', async () => {
    const scenario = await open({ config: { direction: 'up', leastDeviation: 500 } });
    await scenario.send(recording(195));
    const rest = [1, 500, 900, 900].map((latency, k) => ({ timestamp: START_S + 196 + k, latency }));
    await scenario.send(rest);
    await scenario.judgedAll();
    await vi.waitFor(async () => {
      const found = await scenario.pipeline.store.queryAnomalies({ limit: 10 });
      expect(found.map(({ timeMs, alarm }) => [timeMs / 1000 - START_S, alarm])).toEqual([
        [199, false],
        [198, true],
      ]);
      expect(found[0]!.lower).toBe(Number.NEGATIVE_INFINITY);
    }, 120_000);
    await vi.waitFor(async () => {
      const rows = (await scenario.rows('latency')).slice(-4).map((row) => row.split(' '));
      expect(rows.map((row) => [row[2], row[4]])).toEqual([
        ...['ok', 'ok'].map((state) => [state, '-Infinity']),
        ...['anomalous', 'anomalous'].map((state) => [state, '-Infinity']),
      ]);
    }, 120_000);
  });

  it('stores the good part of a partly bad batch and says what was bad', async () => {
    const scenario = await open();
    const result = await scenario.send([
      { timestamp: START_S, cpu: 10, latency: null },
      { timestamp: START_S * 1000, cpu: 20 },
      { timestamp: START_S + 1, cpu: 30 },
    ]);
    expect(result).toMatchObject({
      accepted: 2,
      rejectedCount: 2,
      rejected: [
        { index: 0, field: 'latency', code: 'value_not_finite' },
        { index: 1, field: 'timestamp', code: 'timestamp_in_milliseconds' },
      ],
    });
    expect((await scenario.rows('cpu')).map((row) => row.split(' ', 2))).toEqual([
      ['0', '10'],
      ['1', '30'],
    ]);
    expect(scenario.pipeline.registry.byKey('latency')).toBeUndefined();
  });

  it('changes nothing for a repeat, replaces a value, and keeps late samples without a verdict', async () => {
    const scenario = await open();
    await scenario.send(recording(100));
    await scenario.send(recording(100));
    await scenario.send([
      { timestamp: START_S + 50, latency: 107.5 },
      { timestamp: START_S - 10, latency: 1e6 },
    ]);
    await scenario.judgedAll();
    const straight = await open();
    await straight.send(recording(100));
    await straight.judgedAll();
    await scenario.restart();
    await straight.restart();

    const rows = await scenario.rows('latency');
    const undisturbed = await straight.rows('latency');
    expect(rows).toHaveLength(101);
    expect(rows[0]).toMatch(/^-10 1000000 unknown NaN/);
    expect(rows[51]).toMatch(/^50 107.5 /);
    expect(rows.filter((_, i) => i !== 0 && i !== 51)).toEqual(undisturbed.filter((_, i) => i !== 50));
    expect(scenario.pipeline.detection.now(0)).toEqual(straight.pipeline.detection.now(0));
  });

  it('gives the verdicts of an uninterrupted run, row by row, across restarts', async () => {
    const items = recording(1000);
    const straight = await open();
    const interrupted = await open({ checkpoints: { checkpointSamples: 300 } });
    for (let from = 0; from < items.length; from += 50) {
      await straight.send(items.slice(from, from + 50));
      await interrupted.send(items.slice(from, from + 50));
      if (from % 250 === 200) await interrupted.restart();
    }
    await Promise.all([straight.judgedAll(), interrupted.judgedAll()]);
    await Promise.all([straight.restart(), interrupted.restart()]);
    const rows = await interrupted.rows('latency');
    expect(rows).toEqual(await straight.rows('latency'));
    expect(rows.filter((row) => row.includes('anomalous')).length).toBeGreaterThan(0);
    expect(rows.filter((row) => row.includes('unknown'))).toEqual([]);
    expect(await interrupted.pipeline.store.queryAnomalies({ limit: 1000 })).toEqual(
      await straight.pipeline.store.queryAnomalies({ limit: 1000 }),
    );
  });

  it('rebuilds the state for another version of the detector while samples come in', async () => {
    const scenario = await open({ createDetector: () => new MeanDetector(1) });
    await scenario.send(recording(150));
    await scenario.judgedAll();
    await scenario.restart({ createDetector: () => new MeanDetector(2) });
    // So short a recording may be judged again before one looks.
    const { rebuilding } = scenario.pipeline.detection.status();
    if (rebuilding !== undefined) expect(rebuilding).toMatch(/version 1/);
    await scenario.send({ timestamp: START_S + 150, latency: 900 });
    await scenario.judgedAll();
    expect(scenario.pipeline.detection.status().rebuilding).toBeUndefined();
    expect(scenario.pipeline.detection.now(0)?.verdict).toMatchObject({ state: 'anomalous', alarm: true });
    await scenario.restart({ createDetector: () => new MeanDetector(2) });
    expect(scenario.pipeline.detection.status()).toMatchObject({ caughtUp: true, seriesWithState: 1 });
  });

  it('rebuilds the state that another detector has left, and keeps no checkpoint of that one', async () => {
    const scenario = await open({ createDetector: () => new MeanDetector(1) });
    await scenario.send(recording(150));
    await scenario.judgedAll();
    await scenario.pipeline.stop();
    await scenario.start();
    // So short a recording may be judged again before one looks.
    const { detector, rebuilding } = scenario.pipeline.detection.status();
    expect(detector).toBe('multi-view');
    if (rebuilding !== undefined) expect(rebuilding).toMatch(/not seen by the detector multi-view yet/);
    await scenario.judgedAll();
    await scenario.send({ timestamp: START_S + 150, latency: 9000 });
    await scenario.judgedAll();
    expect(scenario.pipeline.detection.now(0)?.verdict).toMatchObject({ state: 'anomalous', alarm: true });
    await scenario.pipeline.stop();
    const checkpoints = readdirSync(scenario.folder).filter((file) => file.includes('checkpoint'));
    expect(checkpoints).toEqual(['multi-view.checkpoint']);
  });

  it.each([0, 3, 30, 200])(
    'rebuilds the state of a checkpoint that is cut after %i bytes',
    async (length) => {
      const scenario = await open();
      await scenario.send(recording(150));
      await scenario.judgedAll();
      await scenario.pipeline.stop();
      truncateSync(join(scenario.folder, 'multi-view.checkpoint'), length);
      await scenario.start();
      // So short a recording may be judged again before one looks.
      const { rebuilding } = scenario.pipeline.detection.status();
      if (rebuilding !== undefined) expect(rebuilding).toMatch(/^the state cannot be read: /);
      await scenario.judgedAll();
      await scenario.send({ timestamp: START_S + 150, latency: 9000 });
      await scenario.judgedAll();
      expect(scenario.pipeline.detection.now(0)?.verdict).toMatchObject({ state: 'anomalous', alarm: true });
    },
  );

  it('refuses new series over the limit until others idle for a day, and forgets no sample', async () => {
    const options = { config: { seriesMax: 2 }, checkpoints: { checkpointIntervalMs: 20 } };
    const scenario = await open(options);
    await scenario.send({ timestamp: START_S, a: 1, b: 1 });
    const partly = await scenario.send({ timestamp: START_S + 1, a: 1, c: 1 });
    expect(partly).toMatchObject({ accepted: 1, rejected: [{ field: 'c', code: 'series_limit' }] });
    await expect(scenario.send({ timestamp: START_S + 1, c: 1 })).rejects.toThrow(AppError);
    await scenario.restart(options);
    await expect(scenario.send({ timestamp: START_S + 1, c: 1 })).rejects.toMatchObject({
      code: 'series_limit',
    });

    scenario.nowMs += DAY_MS + 5000;
    await vi.waitFor(async () => {
      expect((await scenario.send({ timestamp: START_S + 86_400, c: 1 })).accepted).toBe(1);
    }, 120_000);
    expect(await scenario.rows('b')).toHaveLength(1);
  });

  it('takes samples again by itself when the disk has room again', async () => {
    const scenario = await open();
    await scenario.send({ timestamp: START_S, cpu: 1 });
    scenario.freeBytes = 0;
    await vi.waitFor(() => expect(scenario.send({ timestamp: START_S, cpu: 1 })).rejects.toThrow(), 120_000);
    const refused = scenario.send({ timestamp: START_S + 1, cpu: 2, fresh: 1 });
    await expect(refused).rejects.toMatchObject({ code: 'storage_full' });
    expect(await scenario.rows('cpu')).toHaveLength(1);
    scenario.freeBytes = 1e12;
    await vi.waitFor(async () => {
      expect(await scenario.send({ timestamp: START_S + 2, cpu: 3, fresh: 2 })).toMatchObject({
        accepted: 2,
      });
    }, 120_000);
    await scenario.judgedAll();
    await scenario.restart();
    expect((await scenario.rows('cpu')).map((row) => row.split(' ')[1])).toEqual(['1', '3']);
    expect((await scenario.rows('fresh')).map((row) => row.split(' ')[1])).toEqual(['2']);
  });

  it('keeps the newest sample, its verdict and the period of a series that went silent', async () => {
    const scenario = await open();
    await scenario.send(recording(100));
    await scenario.judgedAll();
    const before = scenario.pipeline.detection.now(0);
    expect(before).toMatchObject({ timeMs: (START_S + 99) * 1000, periodMs: 1000, verdict: { state: 'ok' } });
    scenario.nowMs += 600_000;
    await scenario.restart();
    expect(scenario.pipeline.detection.now(0)).toEqual(before);
  });
});
