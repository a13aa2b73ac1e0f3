import type { Config } from './config.js';
import { AppError } from './errors.js';
import type { Logger } from './logger.js';
import type { ActiveSeries } from './model/active-series.js';
import { shortageText } from './model/free-space.js';
import { PassingFailures } from './model/passing-failures.js';
import type { SeriesRegistry } from './model/series-registry.js';
import type { Clock } from './ports/clock.js';
import type { ModelStore } from './ports/model-store.js';
import type { Publisher } from './ports/publisher.js';
import type { StoreUpkeep } from './ports/sample-store.js';

const COMPACTION_INTERVAL_MS = 60_000;
const RETENTION_INTERVAL_MS = 3_600_000;
/** Soon after the start: a server that seldom runs for an hour keeps its retention too, a shorter one makes room at once. */
const RETENTION_FIRST_MS = 60_000;
const STORAGE_CHECK_INTERVAL_MS = 5000;
/** What the store had no memory for is tried again after that. */
const AGAIN_MS = 60_000;
/** A minute is judged at most so long after it closed. */
const MODELS_INTERVAL_MS = 2000;

export interface UpkeepOptions {
  readonly samples: StoreUpkeep;
  readonly registry: SeriesRegistry;
  readonly active: ActiveSeries;
  readonly detection: { forget(seriesIds: readonly number[]): void };
  readonly models?: Pick<ModelStore, 'train' | 'detect'> | undefined;
  readonly config: Pick<Config, 'retentionMs' | 'verdictRetentionMs' | 'diskReserveBytes'>;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Upkeep {
  /** Why new samples are refused; undefined while they are taken. */
  readonly storageFull: string | undefined;
  /** Passes batches on, and takes note at once when one is refused for want of space, or taken again. */
  watch(publisher: Publisher): Publisher;
  stop(): Promise<void>;
}

/**
 * What the store needs from time to time: compaction, the retention, a look at the free space, models. Resolves after the
 * first such look.
 */
export async function startUpkeep(options: UpkeepOptions): Promise<Upkeep> {
  const { samples, models, config, log } = options;
  const shortage = shortageText(config.diskReserveBytes);
  let storageFull = false;
  const noteSpace = (full: boolean) => {
    if (full !== storageFull) {
      log.warn({}, full ? `${shortage}: new samples are refused` : 'there is free space again');
    }
    storageFull = full;
  };
  const lookAtSpace = async () => noteSpace((await samples.statistics()).full);
  await lookAtSpace();
  const tasks = [
    repeat(COMPACTION_INTERVAL_MS, 'compaction', () => samples.compact(), log),
    repeat(RETENTION_INTERVAL_MS, 'retention', () => enforceRetention(options), log, RETENTION_FIRST_MS),
    repeat(STORAGE_CHECK_INTERVAL_MS, 'looking at the free space', lookAtSpace, log),
    ...(models === undefined ? [] : [repeat(MODELS_INTERVAL_MS, 'models', () => keepModels(models), log)]),
  ];
  return {
    get storageFull() {
      return storageFull ? shortage : undefined;
    },
    watch: (publisher) => ({
      async publish(batch) {
        try {
          await publisher.publish(batch);
          if (storageFull) await lookAtSpace().catch(() => undefined);
        } catch (error) {
          if (error instanceof AppError && error.code === 'storage_full') noteSpace(true);
          throw error;
        }
      },
    }),
    async stop() {
      const stopped = tasks.map((task) => task.stop());
      // Minutes of sorting may lie ahead; they can be done after the next start as well.
      await samples
        .stopUpkeep()
        .catch((error: unknown) => log.warn({ error: String(error) }, 'upkeep goes on'));
      await Promise.all(stopped);
    },
  };
}

/** Judges the minutes that closed, then trains what is due; what ended meanwhile is noted by the models themselves. */
async function keepModels(models: Pick<ModelStore, 'train' | 'detect'>): Promise<void> {
  await models.detect();
  await models.train();
}

/** Deletes what is too old, and forgets the series that went with it. */
async function enforceRetention(options: UpkeepOptions): Promise<void> {
  const { samples, registry, active, detection, config, clock, log } = options;
  const nowMs = clock.nowMs();
  const gone = await samples.enforceRetention({
    samplesMs: nowMs - config.retentionMs,
    verdictsMs: nowMs - config.verdictRetentionMs,
  });
  // A series of which samples arrive is kept: one may be on its way to the store at this moment.
  const forgotten = gone.filter((id) => !active.isActive(id));
  registry.remove(forgotten);
  detection.forget(forgotten);
  if (forgotten.length > 0) log.info({ series: forgotten.length }, 'series went with the retention');
}

/**
 * Does something from time to time, never twice at once; says what fails and goes on. What the store had no memory
 * for is tried again within a minute, and told when that goes on.
 */
function repeat(
  intervalMs: number,
  name: string,
  work: () => Promise<void>,
  log: Logger,
  firstMs = intervalMs,
) {
  const againMs = Math.min(intervalMs, AGAIN_MS);
  const failures = new PassingFailures(againMs);
  let stopped = false;
  let running: Promise<void> | undefined;
  let timer = setTimeout(begin, firstMs).unref();
  function begin(): void {
    running ??= work()
      .then(() => failures.noteSuccess(), noteFailure)
      .finally(() => {
        running = undefined;
      });
    comeAfter(intervalMs);
  }
  function comeAfter(ms: number): void {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(begin, ms).unref();
  }
  function noteFailure(error: unknown): void {
    const fields = { error: String(error) };
    if (failures.passes(error)) {
      log.debug(fields, `${name} is tried again`);
      comeAfter(againMs);
    } else log.error(fields, `${name} failed`);
  }
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
