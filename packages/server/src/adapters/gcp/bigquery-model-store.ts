import { AppError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { closedUntilMs } from '../../model/closed-minutes.js';
import type { Clock } from '../../ports/clock.js';
import type {
  CollectedWork,
  ExplainedMinute,
  ForecastMinute,
  ModelError,
  ModelInfo,
  ModelRound,
  ModelStore,
  ModelWork,
  SeriesMinutes,
  SeriesSpan,
  SkippedWork,
  TrainingQueue,
} from '../../ports/model-store.js';
import type { BigQueryStatements, Row } from './bigquery-statements.js';
import { type ModelJob, ModelJobs } from './model-jobs.js';
import { readErrors, readExplained, readForecast, readModels } from './model-readings.js';
import { reportJob } from './model-reports.js';
import {
  detectionDue,
  LATENCY_MODEL,
  lateDetectionDue,
  MODELS,
  type ModelName,
  SERIES_HORIZON_MS,
  SERIES_MODEL,
  trainedAtMs,
  trainingDue,
} from './model-schedule.js';

export interface BigQueryModelStoreOptions {
  readonly statements: BigQueryStatements;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Models in BigQuery ML: the files of sql/, run as BigQuery jobs that `model_jobs` remembers. `model-schedule.ts`
 * says what is due.
 *
 * Writes one log line for each job that ended (`train_finished`, `train_failed`, `detect_finished`,
 * `detect_failed`), for each anomaly found and for each series that a training left out.
 */
export function createBigQueryModelStore(options: BigQueryModelStoreOptions): ModelStore {
  return new BigQueryModelStore(options);
}

/** What one call has seen and done so far. */
interface Round {
  readonly nowMs: number;
  /** As the table has them, with what this call changed. */
  readonly jobs: ModelJob[];
  readonly started: ModelWork[];
  readonly collected: CollectedWork[];
  readonly skipped: SkippedWork[];
}

class BigQueryModelStore implements ModelStore {
  readonly capabilities = { modelPerSeries: false };
  readonly #statements: BigQueryStatements;
  readonly #jobs: ModelJobs;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** Trainings under way as of the last call. */
  #training = 0;
  /** One call at a time: the next one sees what this one started. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: BigQueryModelStoreOptions) {
    this.#statements = options.statements;
    this.#jobs = new ModelJobs(this.#statements);
    this.#clock = options.clock;
    this.#log = options.log;
  }

  train(): Promise<ModelRound> {
    return this.#inTurn(async (round) => {
      for (const model of MODELS) await this.#trainWhereDue(round, model, 'schedule');
      await this.#detectLateWhereDue(round);
    });
  }

  detect(): Promise<ModelRound> {
    return this.#inTurn(async (round) => {
      await this.#detectWhereDue(round);
      await this.#detectLateWhereDue(round);
      for (const model of MODELS) await this.#trainWhereDue(round, model, 'horizon');
    });
  }

  async forecast({ series, minutes }: SeriesMinutes): Promise<ForecastMinute[]> {
    const from = this.#statements.time(closedUntilMs(this.#clock.nowMs()));
    return readForecast(await this.#statements.run('forecast-series', { values: { series, minutes, from } }));
  }

  async evaluate(series?: string): Promise<ModelError[]> {
    const errors = readErrors(await this.#statements.run('evaluate-series'));
    return series === undefined ? errors : errors.filter((one) => one.series === series);
  }

  async explain(query: SeriesMinutes | SeriesSpan): Promise<ExplainedMinute[]> {
    if (!('minutes' in query)) {
      throw new AppError('bad_request', 'BigQuery explains the minutes around the last training only.', {
        hint: 'Ask for a number of minutes.',
      });
    }
    const { series, minutes } = query;
    return readExplained(await this.#statements.run('explain-series', { values: { series, minutes } }));
  }

  async explainVerdicts(): Promise<never> {
    throw new AppError('bad_request', 'BigQuery does not keep in parts what each minute was judged by.', {
      hint: 'The table anomalies has what was expected of each, with its bounds.',
    });
  }

  /** What rounds find is written by BigQuery, and told by the log lines of the call that collects them. */
  onFound(): void {}

  async minutes(): Promise<never> {
    throw new AppError('bad_request', 'What was said of each minute stands in tables only.', {
      hint: 'Read samples_per_minute, anomalies and unjudged.',
    });
  }

  async models(): Promise<ModelInfo[]> {
    return readModels(await this.#statements.run('read-model-series'), SERIES_HORIZON_MS);
  }

  queue(): TrainingQueue {
    return {
      waiting: 0,
      running: this.#training,
      workers: 0,
      secondsToTrainAll: Number.NaN,
      withoutRoom: 0,
    };
  }

  async trainSeries(): Promise<never> {
    throw new AppError('bad_request', 'BigQuery trains all series together.', {
      hint: 'POST /jobs/train starts what is due.',
    });
  }

  #inTurn(work: (round: Round) => Promise<void>): Promise<ModelRound> {
    const turn = this.#turn.then(async () => {
      const round = await this.#collect();
      await work(round);
      this.#training = round.jobs.filter((job) => job.kind === 'train' && job.state === 'running').length;
      const { started, collected, skipped } = round;
      return { started, collected, skipped };
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** Reports what ended, then notes that: rather told twice than never. */
  async #collect(): Promise<Round> {
    const nowMs = this.#clock.nowMs();
    const jobs = await this.#jobs.read(nowMs);
    const ended = await Promise.all(
      jobs.map((job) => (job.state === 'running' ? this.#jobs.look(job, nowMs) : undefined)),
    );
    const collected: CollectedWork[] = [];
    for (const [i, job] of ended.entries()) {
      if (job === undefined) continue;
      const rows = job.state === 'done' ? await this.#rowsOf(job) : [];
      collected.push(reportJob(job, rows, nowMs, this.#log, trainedAtMs(job, jobs)));
      jobs[i] = job;
    }
    await this.#jobs.noteEnds(
      ended.filter((job) => job !== undefined),
      nowMs,
    );
    return { nowMs, jobs, started: [], collected, skipped: [] };
  }

  /** BigQuery keeps answers for a day: one that is gone must not keep the job from being collected. */
  async #rowsOf(job: ModelJob): Promise<Row[]> {
    try {
      return await this.#jobs.rows(job);
    } catch (error) {
      if (!isLost(error)) throw error;
      this.#log.warn(
        { event: 'report_lost', job: job.id, reason: error.message },
        `What ${job.id} found stands in the tables, but not in this log: ${error.message}`,
      );
      return [];
    }
  }

  async #trainWhereDue(round: Round, model: ModelName, why: 'schedule' | 'horizon'): Promise<void> {
    const due = await trainingDue(model, why, round.jobs, round.nowMs, () =>
      this.#minutes(round.nowMs, model),
    );
    if ('skip' in due) round.skipped.push({ kind: 'train', model, reason: due.skip });
    else await this.#start(round, { kind: 'train', model, statement: due.start });
  }

  async #detectWhereDue(round: Round): Promise<void> {
    const due = detectionDue(round.jobs, round.nowMs);
    if ('skip' in due) round.skipped.push({ kind: 'detect', model: SERIES_MODEL, reason: due.skip });
    else await this.#start(round, { kind: 'detect', statement: 'detect-minutes', ...due.start });
  }

  async #detectLateWhereDue(round: Round): Promise<void> {
    const due = lateDetectionDue(round.jobs, round.nowMs);
    if ('skip' in due) round.skipped.push({ kind: 'detect_late', model: SERIES_MODEL, reason: due.skip });
    else
      await this.#start(round, {
        kind: 'detect_late',
        model: SERIES_MODEL,
        statement: 'detect-late-minutes',
      });
  }

  async #start(
    round: Round,
    job: Pick<ModelJob, 'kind' | 'model' | 'statement'> & { minutesFromMs?: number },
  ): Promise<void> {
    const startedMs = round.nowMs;
    const { kind, model } = job;
    const started = await this.#jobs.start({ minutesFromMs: Number.NaN, ...job, startedMs });
    if (started === undefined) {
      round.skipped.push({ kind, model, reason: 'Another call has just started it.' });
      return;
    }
    round.jobs.push(started);
    round.started.push({ id: started.id, kind, model, startedMs });
  }

  /** Closed minutes of the last week to train that model on. */
  async #minutes(nowMs: number, model: ModelName): Promise<number> {
    const [row] = await this.#statements.run('count-minutes', {
      values: { now: this.#statements.time(nowMs) },
    });
    return Number(model === LATENCY_MODEL ? row?.latency_minutes : row?.minutes);
  }
}

/** Whether an answer will never be had: it is gone, or BigQuery refuses to give it. */
function isLost(error: unknown): error is AppError {
  if (!(error instanceof AppError)) return false;
  return error.code === 'internal' || (error.cause as { code?: unknown } | undefined)?.code === 404;
}
