import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import type { Clock } from '../../ports/clock.js';
import type { ModelOptions } from '../../ports/model-store.js';
import type { SelfMetrics } from '../../self-metrics.js';
import type { TrainedModel } from './duckdb-model-writer.js';
import type { ModelEntry } from './model-entry.js';
import type { ModelFiles } from './model-files.js';
import { type ModelPool, ModelTaskError } from './model-pool.js';
import type { ModelTables } from './model-tables.js';
import { HISTORY_MS, type Lack, lackOf } from './training-data.js';
import type { RetiredModel } from './verdict-explanations.js';

export interface TrainerParts {
  readonly tables: ModelTables;
  readonly files: ModelFiles;
  readonly pool: ModelPool;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: SelfMetrics;
  /** Of a model that another has replaced. */
  readonly retire: (model: RetiredModel) => Promise<void>;
}

/** Told of each training, with the reason where it gave no model. */
export type TrainingEnded = (entry: ModelEntry, startedMs: number, reason: string | undefined) => void;

/** Why one training gave no model. */
interface NoModel {
  readonly reason: string;
  /** What was asked for cannot be done. */
  readonly isOption: boolean;
  readonly lack?: Lack;
}

/**
 * Trains one series after the other, as many side by side as the share of the cores allows. Results that come while
 * others are being written are written together.
 */
export class ModelTrainer {
  readonly #parts: TrainerParts;
  /** Side by side. */
  readonly #lanes: number;
  /** Of the time, the part in which a lane trains; it rests for the others. */
  readonly #duty: number;
  /** Gives what to train next. */
  readonly #next: () => ModelEntry | undefined;
  readonly #ended: TrainingEnded;
  readonly #running = new Set<Promise<void>>();
  #results: { model: TrainedModel; saved: () => void; failed: (error: unknown) => void }[] = [];
  #saving = false;
  readonly #stopping = new AbortController();

  constructor(
    parts: TrainerParts,
    share: number,
    cores: number,
    next: () => ModelEntry | undefined,
    ended: TrainingEnded,
  ) {
    this.#parts = parts;
    this.#next = next;
    this.#ended = ended;
    const allowed = Math.max(0.01, cores * share);
    this.#lanes = Math.max(1, Math.min(Math.max(1, cores - 1), Math.ceil(allowed)));
    this.#duty = Math.min(1, allowed / this.#lanes);
  }

  get lanes(): number {
    return this.#lanes;
  }

  /** Trainings that end in a second of which each takes one. */
  get pace(): number {
    return this.#lanes * this.#duty;
  }

  /** Begins with what is due, where it does not go on already. `untilMs`: the first minute that is not closed yet. */
  wake(untilMs: () => number): void {
    while (!this.#stopping.signal.aborted && this.#running.size < this.#lanes) {
      const entry = this.#next();
      if (entry === undefined) return;
      const lane = this.#lane(entry, untilMs).finally(() => this.#running.delete(lane));
      this.#running.add(lane);
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#parts.pool.close();
    await Promise.all(this.#running);
  }

  async #lane(first: ModelEntry, untilMs: () => number): Promise<void> {
    const { signal } = this.#stopping;
    for (
      let entry: ModelEntry | undefined = first;
      entry !== undefined && !signal.aborted;
      entry = this.#next()
    ) {
      const startMs = performance.now();
      await this.#trainDue(entry, untilMs());
      const restMs = (performance.now() - startMs) * (1 / this.#duty - 1);
      if (restMs > 1) await pause(restMs, undefined, { ref: false, signal }).catch(() => {});
    }
  }

  /** As scheduled: what goes wrong is noted and tried again later. */
  async #trainDue(entry: ModelEntry, untilMs: number): Promise<void> {
    const startedMs = this.#parts.clock.nowMs();
    try {
      const failure = await this.train(entry, entry.options, untilMs);
      this.#ended(entry, startedMs, failure?.reason);
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      entry.fail(String(error), startedMs);
      this.#parts.log.warn({ series: entry.series.key, error: String(error) }, 'a training failed');
      this.#ended(entry, startedMs, String(error));
    }
  }

  /** After what is under way of the same model; resolves once the result is durable, with the reason where there is none. */
  train(
    entry: ModelEntry,
    options: ModelOptions,
    untilMs: number,
    requested = false,
  ): Promise<NoModel | undefined> {
    const training = entry.underWay.then(() => this.#train(entry, options, untilMs, requested));
    entry.underWay = training.catch(() => {});
    // From now on: nothing else is to begin with it.
    entry.training = true;
    return training;
  }

  async #train(
    entry: ModelEntry,
    options: ModelOptions,
    untilMs: number,
    requested: boolean,
  ): Promise<NoModel | undefined> {
    const { tables, files, pool, clock, metrics, retire } = this.#parts;
    const startedMs = clock.nowMs();
    entry.training = true;
    // What happens from here on is not in what it learns.
    entry.moved = false;
    try {
      const data = await tables.means(entry.series.id, untilMs - HISTORY_MS, untilMs);
      const lack = lackOf(data);
      if (lack !== undefined)
        return await this.#fail(entry, { reason: lack.message, isOption: false, lack }, startedMs);
      const file = files.path(entry.series.id, startedMs);
      const transfer = [data.timesMs.buffer as ArrayBuffer, data.values.buffer as ArrayBuffer];
      const trained = await pool.run('train', { file, data, options }, { transfer, urgent: requested });
      const { trainedMs: before, historyToMs: fromMs } = entry;
      entry.learn(trained, startedMs, options);
      metrics.trainingSeconds.observe(trained.seconds);
      const replaced = this.#save({ row: entry.row(), forecast: trained.forecast });
      if (!Number.isNaN(before) && before !== startedMs)
        await retire({ seriesId: entry.series.id, trainedMs: before, fromMs, replaced });
      await replaced;
      return undefined;
    } catch (error) {
      if (!(error instanceof ModelTaskError)) throw error;
      const failure = { reason: error.message, isOption: error.kind === 'option' };
      // Options of a request that cannot be met leave the model as it is.
      if (failure.isOption && requested) return failure;
      return await this.#fail(entry, failure, startedMs);
    } finally {
      entry.training = false;
    }
  }

  async #fail(entry: ModelEntry, failure: NoModel, startedMs: number): Promise<NoModel> {
    const { log, metrics } = this.#parts;
    const { lack } = failure;
    entry.fail(failure.reason, startedMs, lack && { have: lack.have, need: lack.need });
    metrics.trainingsFailed.inc();
    log.debug({ series: entry.series.key, reason: failure.reason }, 'a series has no new model');
    await this.#save({ row: entry.row() });
    return failure;
  }

  #save(model: TrainedModel): Promise<void> {
    return new Promise((saved, failed) => {
      this.#results.push({ model, saved, failed });
      if (!this.#saving) void this.#saveAll();
    });
  }

  async #saveAll(): Promise<void> {
    this.#saving = true;
    while (this.#results.length > 0) {
      const batch = this.#results.splice(0);
      try {
        if (this.#parts.tables.isFull()) throw new AppError('storage_full', 'There is no space for models.');
        await this.#parts.tables.save(batch.map(({ model }) => model));
        for (const { saved } of batch) saved();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    this.#saving = false;
  }
}
