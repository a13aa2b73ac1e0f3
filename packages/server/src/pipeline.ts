import { createRobustDetector, type StreamingDetector } from '@seismo/engine';
import { createDirectPublisher } from './adapters/embedded/direct-publisher.js';
import { openDuckDbStore } from './adapters/embedded/duckdb-sample-store.js';
import type { Config } from './config.js';
import { type DetectionOptions, DetectionRunner } from './detect/detection-runner.js';
import { createIngest } from './ingest/ingest-stage.js';
import type { Logger } from './logger.js';
import { ActiveSeries } from './model/active-series.js';
import { SHORTAGE_HINT } from './model/free-space.js';
import { SeriesRegistry } from './model/series-registry.js';
import type { Clock } from './ports/clock.js';
import type { Detection } from './ports/detection.js';
import type { Ingest, Readiness } from './ports/ingest.js';
import type { SampleStore } from './ports/sample-store.js';
import type { StateStore } from './ports/state-store.js';
import type { SelfMetrics } from './self-metrics.js';
import { startUpkeep } from './upkeep.js';

/** The whole way of a sample: ingest → publish → store → detect. Serving and alerting look on. */
export interface Pipeline {
  readonly registry: SeriesRegistry;
  readonly store: SampleStore;
  readonly ingest: Ingest;
  readonly detection: Detection;
  /** Whether it can take samples. */
  readiness(): Readiness;
  /** Takes nothing new, judges and stores what it took, closes the store. */
  stop(): Promise<void>;
}

export interface PipelineOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly metrics: SelfMetrics;
  readonly log: Logger;
}

/** What differs between one machine and the cloud. */
export interface PipelineParts {
  readonly samples: SampleStore;
  readonly state: StateStore;
  readonly registry: SeriesRegistry;
  readonly createDetector: () => StreamingDetector;
  /** How often the state is saved; the detect stage's defaults when absent. */
  readonly checkpoints?: Pick<DetectionOptions, 'checkpointIntervalMs' | 'checkpointSamples'>;
}

/** The pipeline on one machine: a DuckDB file in the data folder, the robust detector. */
export async function createPipeline(options: PipelineOptions): Promise<Pipeline> {
  const { config, clock, metrics } = options;
  const registry = new SeriesRegistry();
  const { samples, state, nextSeriesId } = await openDuckDbStore({
    dataFolder: config.dataFolder,
    lookup: (id) => registry.byId(id),
    diskReserveBytes: config.diskReserveBytes,
    clock,
    onCommitSeconds: (seconds) => metrics.commitSeconds.observe(seconds),
  });
  try {
    registry.restore(await samples.readSeries(), nextSeriesId);
    const createDetector = () => createRobustDetector({ timeZone: config.timeZone });
    return await joinPipeline(options, { samples, state, registry, createDetector });
  } catch (error) {
    await samples.close();
    throw error;
  }
}

/** Joins the stages over an open store. Resolves when samples can be taken; detection catches up behind. */
export async function joinPipeline(options: PipelineOptions, parts: PipelineParts): Promise<Pipeline> {
  const { config, clock, metrics, log } = options;
  const { samples, registry } = parts;
  const active = new ActiveSeries(config.seriesMax);

  const detection = await DetectionRunner.start({
    samples,
    state: parts.state,
    createDetector: parts.createDetector,
    active,
    clock,
    timeZone: config.timeZone,
    metrics,
    log,
    ...parts.checkpoints,
  });
  const upkeep = await startUpkeep({ samples, registry, active, detection, config, clock, log });
  const publisher = upkeep.watch(createDirectPublisher(samples));
  const ingest = createIngest({
    registry,
    active,
    clock,
    retentionMs: config.retentionMs,
    publisher,
    metrics,
  });

  let stopped: Promise<void> | undefined;
  async function stop(): Promise<void> {
    await upkeep.stop();
    await detection.stop();
    await samples.close();
  }

  return {
    registry,
    store: samples,
    ingest,
    detection,
    readiness() {
      if (stopped !== undefined) return { ready: false, reason: 'the server is stopping' };
      return upkeep.storageFull === undefined
        ? { ready: true }
        : { ready: false, reason: upkeep.storageFull, hint: SHORTAGE_HINT };
    },
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}
