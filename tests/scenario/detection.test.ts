import { createMultiViewDetector, type DetectorOptions } from '@seismo/engine';
import { type DetectionOptions, DetectionRunner } from '@seismo/server/detect/detection-runner';
import { silentLogger } from '@seismo/server/logger';
import { ActiveSeries } from '@seismo/server/model/active-series';
import type { JudgedCommit } from '@seismo/server/ports/detection';
import { createSelfMetrics } from '@seismo/server/self-metrics';
import { describe, expect, it, vi } from 'vitest';
import { MeanDetector } from './support/mean-detector.js';
import { MemoryStore } from './support/memory-store.js';

const START_MS = 1_743_548_400_000;
const DAY_MS = 86_400_000;

class Scenario {
  readonly store = new MemoryStore();
  readonly metrics = createSelfMetrics();
  readonly judged: JudgedCommit[] = [];
  active = new ActiveSeries(100);
  nowMs = START_MS;
  runner!: DetectionRunner;

  async start(changes: Partial<DetectionOptions> = {}): Promise<void> {
    this.active = new ActiveSeries(100);
    this.runner = await DetectionRunner.start({
      samples: this.store,
      state: this.store,
      createDetector: () => new MeanDetector(),
      active: this.active,
      clock: { nowMs: () => this.nowMs },
      timeZone: 'UTC',
      metrics: this.metrics,
      log: silentLogger,
      ...changes,
    });
    this.runner.onJudged((judged) => this.judged.push(judged));
  }

  /** A process that ends without a word. */
  crash(): void {
    this.store.disconnect();
  }

  send(...rows: [id: number, second: number, value: number][]): Promise<number> {
    for (const [id] of rows) this.active.touch(id, Math.floor(this.nowMs / 1000));
    return this.store.append({
      seriesIds: Uint32Array.from(rows, (row) => row[0]),
      timesMs: Float64Array.from(rows, (row) => START_MS + row[1] * 1000),
      values: Float64Array.from(rows, (row) => row[2]),
    });
  }

  async sendSteady(seconds: number, from = 0, id = 0): Promise<void> {
    for (let second = from; second < from + seconds; second++) await this.send([id, second, second % 3]);
  }

  async judgedAll(): Promise<void> {
    await vi.waitFor(() => {
      const { judgedSeq, caughtUp } = this.runner.status();
      expect([judgedSeq, caughtUp]).toEqual([this.store.commits.length, true]);
    }, 120_000);
  }

  states(): string[] {
    const names = ['warming_up', 'ok', 'anomalous', 'unknown', 'no_data'];
    return this.judged.flatMap(({ verdicts }) => Array.from(verdicts.states, (code) => names[code]!));
  }
}

describe('detection', () => {
  it('judges each sample by what came before it and keeps what it finds', async () => {
    const scenario = new Scenario();
    await scenario.start();
    await scenario.sendSteady(6);
    await scenario.send([0, 6, 500], [0, 7, 501]);
    await scenario.judgedAll();
    await scenario.runner.stop();
    const learning = Array.from({ length: 5 }, () => 'warming_up');
    expect(scenario.states()).toEqual([...learning, 'ok', 'anomalous', 'anomalous']);
    expect(scenario.store.anomalies).toMatchObject([
      { seriesId: 0, timeMs: START_MS + 6000, value: 500, alarm: true, detector: 'mean' },
      { seriesId: 0, timeMs: START_MS + 7000, value: 501, alarm: false, detector: 'mean' },
    ]);
    expect(scenario.runner.now(0)).toMatchObject({
      timeMs: START_MS + 7000,
      verdict: { state: 'anomalous' },
    });
  });

  it('leaves the state alone for late samples and repeats, which get no verdict', async () => {
    const scenario = new Scenario();
    await scenario.start();
    await scenario.sendSteady(6);
    await scenario.send([0, 2, 9999], [0, 5, 9999], [0, -100, 9999]);
    await scenario.send([0, 6, 1]);
    await scenario.judgedAll();
    await scenario.runner.stop();
    expect(scenario.states().slice(6)).toEqual(['unknown', 'unknown', 'unknown', 'ok']);
    expect(scenario.store.verdicts.size).toBe(7);
    expect((await scenario.metrics.samplesLate.get()).values[0]?.value).toBe(3);
  });

  it('goes on after a stop with other limits of what is told, without learning anew', async () => {
    const scenario = new Scenario();
    const createDetector = (limits: DetectorOptions) => () => createMultiViewDetector(limits);
    await scenario.start({ createDetector: createDetector({}) });
    await scenario.sendSteady(80);
    await scenario.send([0, 80, 500]);
    await scenario.judgedAll();
    await scenario.runner.stop();
    scenario.crash();
    await scenario.start({ createDetector: createDetector({ direction: 'down', leastDeviation: 40 }) });
    expect(scenario.runner.status().rebuilding).toBeUndefined();
    await scenario.send([0, 81, 500], [0, 82, -30], [0, 83, -500]);
    await scenario.judgedAll();
    await scenario.runner.stop();
    expect(scenario.states().slice(80)).toEqual(['anomalous', 'ok', 'ok', 'anomalous']);
    expect(scenario.store.anomalies).toMatchObject([
      { value: 500, alarm: true },
      { value: -500, alarm: true, upper: Number.POSITIVE_INFINITY },
    ]);
  });

  it('goes on after a stop as if it had not been there', async () => {
    const straight = new Scenario();
    await straight.start();
    await straight.sendSteady(20);
    await straight.judgedAll();

    const stopped = new Scenario();
    await stopped.start();
    await stopped.sendSteady(8);
    await stopped.judgedAll();
    await stopped.runner.stop();
    stopped.crash();
    expect(stopped.store.keptAfterSeq).toBe(8);
    await stopped.start();
    expect(stopped.runner.now(0)).toMatchObject({ value: 1, verdict: { state: 'ok' } });
    await stopped.sendSteady(12, 8);
    await stopped.judgedAll();
    expect([...stopped.store.verdicts]).toEqual([...straight.store.verdicts]);
    await Promise.all([straight.runner.stop(), stopped.runner.stop()]);
  });

  it('judges again, to the same end, what was committed after the last checkpoint', async () => {
    const scenario = new Scenario();
    await scenario.start({ checkpointSamples: 4 });
    await scenario.sendSteady(10);
    await scenario.judgedAll();
    scenario.crash();
    await scenario.sendSteady(5, 10);
    const before = new Map(scenario.store.verdicts);
    await scenario.start();
    expect(scenario.runner.status().checkpointSeq).toBeLessThan(10);
    await scenario.judgedAll();
    await scenario.runner.stop();
    expect(scenario.store.verdicts.size).toBe(15);
    for (const [key, verdict] of before) expect(scenario.store.verdicts.get(key)).toEqual(verdict);
  });

  it('rebuilds another version from the stored samples, and leaves verdicts as they were shown', async () => {
    const scenario = new Scenario();
    await scenario.start();
    await scenario.sendSteady(10);
    await scenario.judgedAll();
    await scenario.runner.stop();
    scenario.crash();
    const before = new Map(scenario.store.verdicts);
    scenario.store.verdicts.clear();

    await scenario.start({ createDetector: () => new MeanDetector(2) });
    expect(scenario.runner.status().rebuilding).toMatch(/version 1 .* version 2/);
    await scenario.send([0, 10, 500]);
    await scenario.judgedAll();
    expect(scenario.runner.status().rebuilding).toBeUndefined();
    await scenario.runner.stop();
    expect(before.size).toBe(10);
    expect([...scenario.store.verdicts.keys()]).toEqual([`0@${START_MS + 10_000}`]);
    expect(scenario.store.anomalies).toMatchObject([{ value: 500 }]);
    expect(scenario.store.checkpoints.get('mean')?.version).toBe(2);
  });

  it('rebuilds for another time zone', async () => {
    const scenario = new Scenario();
    await scenario.start();
    await scenario.sendSteady(2);
    await scenario.judgedAll();
    await scenario.runner.stop();
    scenario.crash();
    await scenario.start({ timeZone: 'Europe/Berlin' });
    expect(scenario.runner.status().rebuilding).toMatch(/UTC.*Europe\/Berlin/);
    await scenario.judgedAll();
    await scenario.runner.stop();
  });

  it('keeps no checkpoint beyond findings that the store refused, and stores them when it can', async () => {
    const scenario = new Scenario();
    await scenario.start({ checkpointSamples: 1 });
    scenario.store.findingsFailures = 1;
    await scenario.sendSteady(3);
    expect(scenario.store.keptAfterSeq).toBe(0);
    await scenario.judgedAll();
    await vi.waitFor(() => expect(scenario.store.verdicts.size).toBe(3), 120_000);
    await vi.waitFor(() => expect(scenario.store.keptAfterSeq).toBe(3), 120_000);
    await scenario.runner.stop();
  });

  it('stops also while the store refuses its findings', async () => {
    const scenario = new Scenario();
    await scenario.start();
    scenario.store.findingsFailures = Number.POSITIVE_INFINITY;
    await scenario.sendSteady(3);
    await scenario.judgedAll();
    await scenario.runner.stop();
    expect(scenario.store.keptAfterSeq).toBe(0);
  });

  it('reads back from the store what it had no room to wait with', async () => {
    const scenario = new Scenario();
    await scenario.start();
    const rows = Array.from({ length: 60_000 }, (_, i): [number, number, number] => [
      i % 50,
      Math.floor(i / 50),
      1,
    ]);
    for (let part = 0; part < 6; part++) {
      await scenario.send(...rows.map(([id, s, v]): [number, number, number] => [id, s + part * 1200, v]));
    }
    await scenario.judgedAll();
    await scenario.runner.stop();
    expect(scenario.store.pulls.length).toBeGreaterThan(0);
    expect(scenario.judged.map((judged) => judged.commit.seq)).toEqual(
      Array.from({ length: 6 }, (_, i) => i + 1),
    );
    expect(scenario.store.verdicts.size).toBe(360_000);
  });

  it('gives up the state of series of which nothing came for a day', async () => {
    const scenario = new Scenario();
    await scenario.start({ checkpointIntervalMs: 20 });
    await scenario.sendSteady(6, 0, 0);
    await scenario.sendSteady(6, 0, 1);
    await scenario.judgedAll();
    scenario.nowMs += DAY_MS + 2000;
    await scenario.send([1, 6, 1]);
    await vi.waitFor(() => expect(scenario.runner.status().seriesWithState).toBe(1), 120_000);
    expect(scenario.active.count).toBe(1);
    expect(scenario.runner.now(0)).toBeUndefined();
    await scenario.send([0, 7, 1]);
    await scenario.judgedAll();
    expect(scenario.states().at(-1)).toBe('warming_up');
    await scenario.runner.stop();
  });
});
