import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StreamingDetector, VERDICT_STATES } from '@seismo/engine';
import { openDuckDbStore } from '@seismo/server/adapters/embedded/duckdb-sample-store';
import { CONFIG_DEFAULTS, type Config } from '@seismo/server/config';
import { silentLogger } from '@seismo/server/logger';
import { SeriesRegistry } from '@seismo/server/model/series-registry';
import {
  createDetector,
  createModels,
  joinPipeline,
  type Pipeline,
  type PipelineParts,
} from '@seismo/server/pipeline';
import { createSelfMetrics } from '@seismo/server/self-metrics';
import { expect, vi } from 'vitest';

export const START_S = 1_743_548_400;

export interface ScenarioOptions {
  readonly config?: Partial<Config>;
  readonly createDetector?: () => StreamingDetector;
  readonly checkpoints?: PipelineParts['checkpoints'];
}

/** The real pipeline over a real store in a folder of its own, by a clock that stands until it is moved. */
export class ScenarioPipeline {
  readonly folder = mkdtempSync(join(tmpdir(), 'seismo-scenario-'));
  readonly metrics = createSelfMetrics();
  nowMs = START_S * 1000;
  freeBytes = 1e12;
  pipeline!: Pipeline;

  static async open(options: ScenarioOptions = {}): Promise<ScenarioPipeline> {
    const scenario = new ScenarioPipeline();
    await scenario.start(options);
    return scenario;
  }

  async start(options: ScenarioOptions = {}): Promise<void> {
    const config: Config = { ...CONFIG_DEFAULTS, dataFolder: this.folder, ...options.config };
    const clock = { nowMs: () => this.nowMs };
    const registry = new SeriesRegistry();
    const { samples, state, models, nextSeriesId } = await openDuckDbStore({
      dataFolder: this.folder,
      lookup: (id) => registry.byId(id),
      diskReserveBytes: 1e9,
      clock,
      freeBytes: () => this.freeBytes,
    });
    registry.restore(await samples.readSeries(), nextSeriesId);
    const parts = { config, clock, metrics: this.metrics, log: silentLogger };
    this.pipeline = await joinPipeline(parts, {
      samples,
      state,
      registry,
      models: createModels(parts, models, registry),
      createDetector: options.createDetector ?? (() => createDetector(config)),
      ...(options.checkpoints === undefined ? {} : { checkpoints: options.checkpoints }),
    });
  }

  async restart(options: ScenarioOptions = {}): Promise<void> {
    await this.pipeline.stop();
    await this.start(options);
  }

  async end(): Promise<void> {
    await this.pipeline.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  send(items: unknown) {
    return this.pipeline.ingest.ingest(items);
  }

  /** Waits until everything stored is judged; findings can be read once a restart or a second has passed. */
  async judgedAll(): Promise<void> {
    const { committedSeq } = await this.pipeline.store.statistics();
    await vi.waitFor(() => {
      const { judgedSeq, caughtUp } = this.pipeline.detection.status();
      expect([judgedSeq, caughtUp]).toEqual([committedSeq, true]);
    }, 120_000);
  }

  /** One line for each sample of a series: second, value, state, expected, lower, upper, probability, alarm. */
  async rows(key: string): Promise<string[]> {
    const series = this.pipeline.registry.byKey(key);
    if (series === undefined) return [];
    const columns = await this.pipeline.store.querySamples({
      seriesId: series.id,
      fromMs: 0,
      toMs: Number.MAX_SAFE_INTEGER,
      points: 1_000_000,
    });
    return Array.from(columns.timesMs, (timeMs, row) =>
      [
        timeMs / 1000 - START_S,
        columns.values[row],
        VERDICT_STATES[columns.states[row]!],
        columns.expected[row],
        columns.lower[row],
        columns.upper[row],
        columns.probability[row],
        columns.alarms[row],
      ].join(' '),
    );
  }
}

/** Numbers in [0, 1) that are the same for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
