import { createMultiViewDetector, type StreamingDetector } from '@seismo/engine/streaming';
import { createDirectPublisher } from './adapters/embedded/direct-publisher.js';
import { openDuckDbStore } from './adapters/embedded/duckdb-sample-store.js';
import { EmbeddedModelStore } from './adapters/embedded/embedded-model-store.js';
import type { ModelTables } from './adapters/embedded/model-tables.js';
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
import type { ModelStore } from './ports/model-store.js';
import type { SampleStore } from './ports/sample-store.js';
import type { SqlEngine } from './ports/sql-engine.js';
import type { ServerSqlModel } from './ports/sql-models.js';
import type { StateStore } from './ports/state-store.js';
import type { SelfMetrics } from './self-metrics.js';
import { startUpkeep } from './upkeep.js';

/** The whole way of a sample: ingest → publish → store → detect. Serving and alerting look on. */
export interface Pipeline {
  readonly registry: SeriesRegistry;
  readonly store: SampleStore;
  readonly ingest: Ingest;
  readonly detection: Detection;
  /** Absent where models are turned off. */
  readonly models?: ModelStore;
  /** Those models as SQL has them; absent where models are turned off. */
  readonly sqlModel?: ServerSqlModel;
  /** SQL over what is stored; absent where the store has none. */
  readonly sql?: SqlEngine;
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
  readonly models?: EmbeddedModelStore | undefined;
  readonly sql?: SqlEngine;
  readonly createDetector: () => StreamingDetector;
  /** How often the state is saved; the detect stage's defaults when absent. */
  readonly checkpoints?: Pick<DetectionOptions, 'checkpointIntervalMs' | 'checkpointSamples'>;
}

/** The pipeline on one machine: a DuckDB file in the data folder, the engine's detector of samples. */
export async function createPipeline(options: PipelineOptions): Promise<Pipeline> {
  const { config, clock, metrics } = options;
  const registry = new SeriesRegistry();
  const {
    samples,
    state,
    models: tables,
    sql,
    nextSeriesId,
  } = await openDuckDbStore({
    dataFolder: config.dataFolder,
    lookup: (id) => registry.byId(id),
    diskReserveBytes: config.diskReserveBytes,
    memoryBytes: config.storeMemoryBytes,
    clock,
    onCommitSeconds: (seconds) => metrics.commitSeconds.observe(seconds),
  });
  try {
    registry.restore(await samples.readSeries(), nextSeriesId);
    const models = createModels(options, tables, registry);
    const parts = { samples, state, registry, models, sql };
    return await joinPipeline(options, { ...parts, createDetector: () => createDetector(config) });
  } catch (error) {
    await samples.close();
    throw error;
  }
}

/** What judges samples as they come. */
export function createDetector(config: Config): StreamingDetector {
  const { timeZone, sensitivity, direction, leastDeviation, leastRelativeDeviation } = config;
  const limits = { direction, leastDeviation, leastRelativeDeviation };
  return createMultiViewDetector({ timeZone, falseAlarmsPerWeek: sensitivity, ...limits });
}

/** Models of the minutes, unless they are turned off. They read nothing and start no thread before they are asked. */
export function createModels(
  { config, clock, metrics, log }: PipelineOptions,
  tables: ModelTables,
  registry: SeriesRegistry,
): EmbeddedModelStore | undefined {
  if (config.modelsMax === 0) return undefined;
  const { modelsMax, trainIntervalMs, trainShare, sensitivity } = config;
  return new EmbeddedModelStore({
    tables,
    registry,
    clock,
    log,
    metrics,
    modelsMax,
    trainIntervalMs,
    trainShare,
    falseAlarmsPerWeek: sensitivity,
  });
}

/** Joins the stages over an open store. Resolves when samples can be taken; detection catches up behind. */
export async function joinPipeline(options: PipelineOptions, parts: PipelineParts): Promise<Pipeline> {
  const { config, clock, metrics, log } = options;
  const { samples, registry, models } = parts;
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
  detection.onJudged(({ anomalies }) => {
    if (anomalies.length > 0) models?.noteAlarms(anomalies.map(({ seriesId }) => seriesId));
  });
  const upkeep = await startUpkeep({ samples, registry, active, detection, models, config, clock, log });
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
    await models?.stop();
    await detection.stop();
    await samples.close();
  }

  return {
    registry,
    store: samples,
    ingest,
    detection,
    ...(models === undefined ? {} : { models, sqlModel: models.sqlModel }),
    ...(parts.sql === undefined ? {} : { sql: parts.sql }),
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
