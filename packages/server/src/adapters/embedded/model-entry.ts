import { VERDICT_STATES } from '@seismo/engine/streaming';
import type { Series } from '../../model/series.js';
import type { MinuteState, ModelInfo, ModelOptions } from '../../ports/model-store.js';
import type { ModelRow } from './duckdb-models.js';
import { withLearned } from './learned-steps.js';
import type { ModelFacts, TrainedSeries } from './model-tasks.js';
import { isDue, nextTrainingMs, type Trainable, type TrainingPlan } from './training-order.js';

/** What the main thread knows of one model: some hundred bytes, none of its numbers. */
export class ModelEntry implements Trainable {
  readonly series: Series;
  options: ModelOptions = {};
  error = '';
  /** What there was of too little data, where that is why there is no model. */
  lack: ModelInfo['lack'];
  triedMs = Number.NaN;
  trainedMs = Number.NaN;
  historyFromMs = Number.NaN;
  historyToMs = Number.NaN;
  horizonEndMs = Number.NaN;
  seconds = Number.NaN;
  facts: ModelFacts | undefined;
  moved = false;
  lastDataMs = Number.NaN;
  training = false;
  /** Settles when the trainings that were begun have ended: one model is trained by one at a time. */
  underWay: Promise<unknown> = Promise.resolve();
  minuteMs = Number.NaN;
  minuteState = 0;

  constructor(series: Series) {
    this.series = series;
  }

  static ofRow(series: Series, row: ModelRow): ModelEntry {
    const entry = new ModelEntry(series);
    const { triedMs, trainedMs, historyFromMs, historyToMs, horizonEndMs, seconds, error } = row;
    Object.assign(entry, { triedMs, trainedMs, historyFromMs, historyToMs, horizonEndMs, seconds, error });
    entry.options = JSON.parse(row.options) as ModelOptions;
    entry.facts = row.facts === '' ? undefined : (JSON.parse(row.facts) as ModelFacts);
    return entry;
  }

  /** The model goes by another training from now on. */
  learn(trained: TrainedSeries, startedMs: number, options: ModelOptions): void {
    const { historyFromMs, historyToMs, seconds, forecast } = trained;
    const steps = withLearned(trained.facts.steps, this.facts?.steps, startedMs);
    const facts = { ...trained.facts, steps };
    const horizonEndMs = forecast.timesMs.at(-1)!;
    Object.assign(this, { historyFromMs, historyToMs, horizonEndMs, seconds, facts, options });
    this.triedMs = this.trainedMs = startedMs;
    this.error = '';
    this.lack = undefined;
  }

  /** The training gave nothing; what was learned before goes on. */
  fail(error: string, startedMs: number, lack?: ModelInfo['lack']): void {
    this.triedMs = startedMs;
    this.error = error;
    this.lack = lack;
  }

  get lackMinutes(): number {
    return this.lack === undefined ? 0 : this.lack.need - this.lack.have;
  }

  row(): ModelRow {
    const { error, triedMs, trainedMs, historyFromMs, historyToMs, horizonEndMs, seconds } = this;
    return {
      seriesId: this.series.id,
      options: JSON.stringify(this.options),
      error,
      triedMs,
      trainedMs,
      historyFromMs,
      historyToMs,
      horizonEndMs,
      seconds: Number.isNaN(seconds) ? 0 : seconds,
      facts: this.facts === undefined ? '' : JSON.stringify(this.facts),
    };
  }

  info(plan: TrainingPlan, nowMs: number): ModelInfo {
    const { series, facts } = this;
    const trained = !Number.isNaN(this.trainedMs);
    const nextMs = nextTrainingMs(this, plan);
    return {
      name: series.key,
      series: series.key,
      state: this.#state(),
      options: this.options,
      ...(this.error === '' ? {} : { error: this.error }),
      ...(this.lack === undefined ? {} : { lack: this.lack }),
      ...(trained
        ? {
            trainedMs: this.trainedMs,
            historyFromMs: this.historyFromMs,
            historyToMs: this.historyToMs,
            horizonEndMs: this.horizonEndMs,
            trainingSeconds: this.seconds,
          }
        : {}),
      ...(facts === undefined
        ? {}
        : {
            nonSeasonalOrder: facts.order,
            hasDrift: facts.hasDrift,
            seasonalPeriods: facts.seasons,
            stepChanges: facts.steps,
          }),
      // A series that has stopped is not trained again until samples come.
      ...(nextMs > nowMs || isDue(this, nowMs, plan) ? { nextTrainingMs: Math.max(nowMs, nextMs) } : {}),
      ...(Number.isNaN(this.minuteMs)
        ? {}
        : { lastMinute: { timeMs: this.minuteMs, state: VERDICT_STATES[this.minuteState] as MinuteState } }),
    };
  }

  #state(): ModelInfo['state'] {
    if (this.training) return 'training';
    const isFirst = Number.isNaN(this.trainedMs);
    if (this.error !== '' && !(isFirst && this.lack !== undefined)) return 'failed';
    return isFirst ? 'waiting' : 'trained';
  }
}
