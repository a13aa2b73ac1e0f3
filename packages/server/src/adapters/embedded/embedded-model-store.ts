import { availableParallelism } from 'node:os';
import { VERDICT_STATES } from '@seismo/engine/streaming';
import { AppError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { closedUntilMs } from '../../model/closed-minutes.js';
import { minuteThreshold } from '../../model/minute-threshold.js';
import { PassingFailures } from '../../model/passing-failures.js';
import type { SeriesRegistry } from '../../model/series-registry.js';
import type { Anomaly } from '../../model/verdict.js';
import type { Clock } from '../../ports/clock.js';
import type {
  CollectedWork,
  ExplainedMinute,
  ExplainedVerdict,
  ForecastMinute,
  JudgedMinute,
  ModelError,
  ModelInfo,
  ModelRound,
  ModelStore,
  ModelWork,
  SeriesMinutes,
  SeriesSpan,
  SkippedWork,
  TrainingQueue,
  TrainRequest,
} from '../../ports/model-store.js';
import type { ServerSqlModel } from '../../ports/sql-models.js';
import type { SelfMetrics } from '../../self-metrics.js';
import type { Watermark } from './duckdb-minutes.js';
import type { RoundReply } from './duckdb-protocol.js';
import { KeptModels } from './kept-models.js';
import { MinuteSqlModel } from './minute-sql-model.js';
import type { ModelEntry } from './model-entry.js';
import { ModelFiles } from './model-files.js';
import { ModelPool, ModelTaskError } from './model-pool.js';
import { explainedMinutes, forecastMinutes } from './model-readings.js';
import type { ModelTables } from './model-tables.js';
import { ModelTrainer } from './model-trainer.js';
import { HISTORY_MS, lackOf } from './training-data.js';
import { dueModels, isDue, type TrainingPlan } from './training-order.js';
import { VerdictExplanations } from './verdict-explanations.js';

const MINUTE_MS = 60_000;
/** Series to model are looked for as often where that fails. */
const ROUND_MS = 2000;
/** Ended work that nobody collected is forgotten beyond this. */
const COLLECTED_MAX = 10_000;

export interface EmbeddedModelStoreOptions {
  readonly tables: ModelTables;
  readonly registry: SeriesRegistry;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: SelfMetrics;
  /** Series that may have a model at once. */
  readonly modelsMax: number;
  readonly trainIntervalMs: number;
  /** Of all cores, the part that training may take. */
  readonly trainShare: number;
  readonly falseAlarmsPerWeek: number;
  /** Default: those of the machine. */
  readonly cores?: number;
}

/** Models of the minutes of each series, in the data folder, trained by threads of this process. */
export class EmbeddedModelStore implements ModelStore {
  readonly capabilities = { modelPerSeries: true };
  readonly sqlModel: ServerSqlModel;
  readonly #options: EmbeddedModelStoreOptions;
  readonly #plan: TrainingPlan;
  readonly #pool: ModelPool;
  readonly #files: ModelFiles;
  readonly #kept: KeptModels;
  readonly #trainer: ModelTrainer;
  readonly #explanations: VerdictExplanations;
  #opened: Promise<void> | undefined;
  #watermark: Watermark = { closedMs: 0, seq: 0 };
  #due: ModelEntry[] = [];
  #judging: Promise<void> | undefined;
  #surveying: Promise<void> | undefined;
  readonly #failures = new PassingFailures(ROUND_MS);
  #begun: ModelWork[] = [];
  #ended: CollectedWork[] = [];
  #stopping = false;
  readonly #listeners: ((found: readonly Anomaly[]) => void)[] = [];

  constructor(options: EmbeddedModelStoreOptions) {
    const { tables, clock, log, metrics, registry, modelsMax } = options;
    const cores = options.cores ?? availableParallelism();
    this.#options = options;
    this.#plan = { intervalMs: options.trainIntervalMs };
    this.#pool = new ModelPool(Math.max(1, cores - 1));
    this.#files = new ModelFiles(tables.dataFolder);
    const shared = { tables, files: this.#files, pool: this.#pool, log };
    this.#explanations = new VerdictExplanations({ ...shared, judged: async () => this.#judging });
    const retire = this.#explanations.retire.bind(this.#explanations);
    this.#kept = new KeptModels({ tables, registry, modelsMax, retire });
    this.sqlModel = new MinuteSqlModel({
      ...{ kept: this.#kept, files: this.#files },
      ready: () => this.#open(),
      factsIn: (file) => this.#pool.run('facts', { file }, { urgent: true }),
    });
    this.#trainer = new ModelTrainer(
      { ...shared, clock, metrics, retire },
      options.trainShare,
      cores,
      () => this.#next(),
      (entry, startedMs, reason) => this.#noteTraining(entry, startedMs, reason),
    );
  }

  async train(): Promise<ModelRound> {
    await this.#open();
    const nowMs = this.#options.clock.nowMs();
    if (this.#surveying === undefined && this.#kept.surveyDue(nowMs)) {
      this.#surveying = this.#survey(nowMs).finally(() => {
        this.#surveying = undefined;
      });
    }
    this.#wake();
    return this.#round([]);
  }

  async detect(): Promise<ModelRound> {
    await this.#open();
    const nowMs = this.#options.clock.nowMs();
    const closedMs = closedUntilMs(nowMs);
    const skip = this.#whyNotJudge(closedMs);
    if (skip !== undefined) return this.#round([{ kind: 'detect', model: ALL, reason: skip }]);
    const work: ModelWork = { id: `detect ${nowMs}`, kind: 'detect', model: ALL, startedMs: nowMs };
    this.#begun.push(work);
    this.#judging = this.#judge(work, closedMs).finally(() => {
      this.#judging = undefined;
    });
    return this.#round([]);
  }

  async trainSeries({ series, options: given }: TrainRequest): Promise<ModelInfo> {
    await this.#open();
    const known = this.#options.registry.byKey(series);
    if (known === undefined) throw new AppError('not_found', `There is no series ${series}.`);
    // Loads the engine's table of options, which nothing else in this thread needs.
    const { keptModelOptions } = await import('./kept-model-options.js');
    const options = given === undefined ? undefined : keptModelOptions(given);
    const { tables, clock } = this.#options;
    const lastMs = await tables.lastSampleMs(known.id);
    const closedMs = this.#watermark.closedMs || clock.nowMs();
    const untilMs = Math.min(closedMs, Math.floor(lastMs / MINUTE_MS + 1) * MINUTE_MS);
    // Who asks too early changes nothing: the series goes on waiting, or keeps the model it has.
    const lack = lackOf(await tables.means(known.id, untilMs - HISTORY_MS, untilMs));
    if (lack !== undefined) {
      throw new AppError('bad_request', `${series} cannot be trained yet: ${lack.message}`, {
        hint: 'It is trained by itself as soon as there is enough.',
      });
    }
    const entry = this.#kept.entryFor(known);
    const failure = await this.#trainer.train(entry, options ?? entry.options, untilMs, true);
    if (failure?.isOption)
      throw new AppError('bad_request', `${failure.reason.replace(/\.$/, '')}.`, { field: 'options' });
    return entry.info(this.#plan, this.#options.clock.nowMs());
  }

  async models(): Promise<ModelInfo[]> {
    await this.#open();
    const nowMs = this.#options.clock.nowMs();
    return this.#kept.list((entry) => entry.info(this.#plan, nowMs));
  }

  queue(): TrainingQueue {
    const nowMs = this.#options.clock.nowMs();
    const entries = [...this.#kept.entries()];
    const seconds = entries.map((one) => one.seconds).filter((one) => one > 0);
    const mean = seconds.reduce((sum, one) => sum + one, 0) / seconds.length;
    return {
      waiting: entries.filter((one) => !one.training && isDue(one, nowMs, this.#plan)).length,
      running: entries.filter((one) => one.training).length,
      workers: this.#trainer.lanes,
      secondsToTrainAll: (mean * entries.length) / this.#trainer.pace,
      withoutRoom: this.#kept.withoutRoom,
    };
  }

  async forecast({ series, minutes }: SeriesMinutes): Promise<ForecastMinute[]> {
    const entry = await this.#trained(series);
    if (entry === undefined) return [];
    const { tables, clock } = this.#options;
    // The minutes that closed since the last round, perhaps while nothing ran, are past all the same.
    const fromMs = Math.max(this.#watermark.closedMs, closedUntilMs(clock.nowMs()));
    const found = await tables.forecast(entry.series.id, fromMs, minutes);
    return forecastMinutes(found, entry.options);
  }

  async minutes({ series, fromMs, toMs }: SeriesSpan): Promise<JudgedMinute[]> {
    const known = this.#options.registry.byKey(series);
    if (known === undefined) return [];
    const found = await this.#options.tables.judged(known.id, fromMs, toMs);
    return Array.from(found.timesMs, (timeMs, row) => ({
      timeMs,
      value: found.values[row]!,
      expected: found.expected[row]!,
      standardError: found.deviations[row]!,
      state: VERDICT_STATES[found.states[row]!] as JudgedMinute['state'],
    }));
  }

  async evaluate(series?: string): Promise<ModelError[]> {
    await this.#open();
    const errors: ModelError[] = [];
    for (const entry of [...this.#kept.entries()]) {
      if (Number.isNaN(entry.trainedMs) || (series !== undefined && entry.series.key !== series)) continue;
      const fromMs = entry.historyToMs + MINUTE_MS;
      const untilMs = Math.max(fromMs, this.#watermark.closedMs);
      const data = await this.#options.tables.means(entry.series.id, fromMs, untilMs);
      const found = await this.#ask(entry, (file) =>
        this.#pool.run('evaluate', { file, data }, { urgent: true }),
      );
      if (found !== undefined) errors.push({ series: entry.series.key, ...found });
    }
    return errors.sort((a, b) => (a.series < b.series ? -1 : 1));
  }

  async explain(query: SeriesMinutes | SeriesSpan): Promise<ExplainedMinute[]> {
    const entry = await this.#trained(query.series);
    if (entry === undefined) return [];
    const part = 'minutes' in query ? { minutes: query.minutes } : { fromMs: query.fromMs, toMs: query.toMs };
    const found = await this.#ask(entry, (file) =>
      this.#pool.run('explain', { file, part }, { urgent: true }),
    );
    return found === undefined ? [] : explainedMinutes(found);
  }

  async explainVerdicts({ series, fromMs, toMs }: SeriesSpan): Promise<ExplainedVerdict[]> {
    await this.#open();
    const known = this.#options.registry.byKey(series);
    if (known === undefined) return [];
    return this.#explanations.explain(known.id, fromMs, toMs, async (part) => {
      const entry = await this.#trained(series);
      if (entry === undefined) return undefined;
      return this.#ask(entry, (file) => this.#pool.run('explain', { file, part }, { urgent: true }));
    });
  }

  onFound(listener: (found: readonly Anomaly[]) => void): void {
    this.#listeners.push(listener);
  }

  /** Series that raised an alarm just now: they are trained before those that did not. */
  noteAlarms(seriesIds: Iterable<number>): void {
    for (const id of seriesIds) this.#kept.noteAlarm(id);
  }

  /** Finishes the round of judging that runs; trainings are given up. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#trainer.stop();
    await Promise.all([this.#judging, this.#surveying, this.#explanations.settled()]);
  }

  #open(): Promise<void> {
    this.#opened ??= this.#load().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  async #load(): Promise<void> {
    const { watermark, models, newest } = await this.#options.tables.open();
    this.#watermark = watermark;
    const replaced = this.#files.prepare(models);
    this.#kept.restore(models);
    this.#kept.noteMinutes(newest);
    for (const model of replaced) void this.#explanations.retire({ ...model, fromMs: 0 });
  }

  #whyNotJudge(closedMs: number): string | undefined {
    if (this.#stopping) return 'The server is stopping.';
    if (this.#judging !== undefined) return 'A round is under way.';
    if (closedMs <= this.#watermark.closedMs) return 'No minute has closed since the last round.';
    return this.#options.tables.isFull() ? 'There is no space to write what it finds.' : undefined;
  }

  async #judge(work: ModelWork, closedMs: number): Promise<void> {
    const { tables, falseAlarmsPerWeek, log } = this.#options;
    try {
      const found = await tables.judge({ closedMs, threshold: minuteThreshold(falseAlarmsPerWeek) });
      this.#watermark = found.watermark;
      this.#noteRound(found);
      const unjudged: Record<string, number> = found.noData > 0 ? { no_data: found.noData } : {};
      this.#end({ ...work, state: 'done', anomalies: found.anomalies.length, unjudged });
    } catch (error) {
      if (this.#stopping) return;
      log.error({ error: String(error) }, 'minutes could not be judged; trying again');
      this.#end({ ...work, state: 'failed', reason: String(error), anomalies: 0, unjudged: {} });
    }
    this.#wake();
  }

  #noteRound({ anomalies, changed, newest, judged, noData, withdrawn }: RoundReply): void {
    const { metrics } = this.#options;
    metrics.minutesJudged.inc({ state: 'judged' }, judged);
    metrics.minutesJudged.inc({ state: 'no_data' }, noData);
    metrics.minuteAnomalies.inc(
      { review: 'none' },
      anomalies.filter((one) => one.review === undefined).length,
    );
    metrics.minuteAnomalies.inc(
      { review: 'confirmed' },
      anomalies.filter((one) => one.review !== undefined).length,
    );
    metrics.minuteAnomalies.inc({ review: 'withdrawn' }, withdrawn.length);
    const found = [...anomalies, ...withdrawn];
    if (found.length > 0) for (const listener of this.#listeners) listener(found);
    for (const { seriesId } of anomalies) this.#kept.noteAlarm(seriesId);
    for (const id of changed) this.#kept.noteAlarm(id);
    this.#kept.noteMinutes(newest);
  }

  async #survey(nowMs: number): Promise<void> {
    try {
      await this.#kept.survey(nowMs);
      this.#failures.noteSuccess();
    } catch (error) {
      if (!this.#failures.passes(error) && !this.#stopping)
        this.#options.log.warn({ error: String(error) }, 'looking for series to model failed');
    }
    this.#wake();
  }

  /** Nothing is trained before the first round: a model may only know minutes that were judged without it. */
  #wake(): void {
    if (this.#watermark.closedMs === 0 || this.#surveying !== undefined || this.#stopping) return;
    this.#due = dueModels(this.#kept.entries(), this.#options.clock.nowMs(), this.#plan);
    this.#trainer.wake(() => this.#watermark.closedMs);
  }

  #next(): ModelEntry | undefined {
    for (let entry = this.#due.shift(); entry !== undefined; entry = this.#due.shift()) {
      if (!entry.training && this.#kept.has(entry)) return entry;
    }
    return undefined;
  }

  #noteTraining(entry: ModelEntry, startedMs: number, reason: string | undefined): void {
    const model = entry.series.key;
    const work: ModelWork = { id: `train ${model} ${startedMs}`, kind: 'train', model, startedMs };
    this.#begun.push(work);
    this.#end(
      reason === undefined
        ? { ...work, state: 'done', anomalies: 0, unjudged: {} }
        : { ...work, state: 'failed', reason, anomalies: 0, unjudged: {} },
    );
  }

  #end(work: CollectedWork): void {
    this.#ended.push(work);
    if (this.#ended.length > COLLECTED_MAX) this.#ended.splice(0, this.#ended.length - COLLECTED_MAX);
    if (this.#begun.length > COLLECTED_MAX) this.#begun.splice(0, this.#begun.length - COLLECTED_MAX);
  }

  #round(skipped: readonly SkippedWork[]): ModelRound {
    return { started: this.#begun.splice(0), collected: this.#ended.splice(0), skipped };
  }

  async #trained(series: string): Promise<ModelEntry | undefined> {
    await this.#open();
    const known = this.#options.registry.byKey(series);
    const entry = known === undefined ? undefined : this.#kept.entry(known.id);
    return entry === undefined || Number.isNaN(entry.trainedMs) ? undefined : entry;
  }

  /** Where its file is gone or damaged there is no answer and training comes at once, unless another took its place. */
  async #ask<Answer>(
    entry: ModelEntry,
    question: (file: string) => Promise<Answer>,
  ): Promise<Answer | undefined> {
    const { trainedMs } = entry;
    try {
      return await question(this.#files.path(entry.series.id, trainedMs));
    } catch (error) {
      if (!(error instanceof ModelTaskError) || error.kind !== 'missing') throw error;
      if (!Object.is(entry.trainedMs, trainedMs)) return this.#ask(entry, question);
      entry.triedMs = Number.NaN;
      return undefined;
    }
  }
}

/** What rounds of detection are called: they judge by all models. */
const ALL = 'all';
