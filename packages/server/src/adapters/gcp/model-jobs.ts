import { AppError } from '../../errors.js';
import type { ModelWork, ModelWorkKind } from '../../ports/model-store.js';
import { type BigQueryStatements, type Row, timeMsOf } from './bigquery-statements.js';

/** A row of `model_jobs`: a file of sql/ that runs, or ran, as a BigQuery job. */
export interface ModelJob extends ModelWork {
  /** The file of sql/. */
  readonly statement: string;
  /** Detection: the first minute that it brings up to date; NaN otherwise. */
  readonly minutesFromMs: number;
  readonly state: 'running' | 'done' | 'failed';
  readonly reason?: string | undefined;
}

const HOUR_MS = 3_600_000;
/** BigQuery ends the job itself after this long. */
const TIMEOUTS_MS: Record<ModelWorkKind, number> = {
  train: 12 * HOUR_MS,
  detect: HOUR_MS / 4,
  detect_late: 2 * HOUR_MS,
};
/** Statements that end with what there is to report. */
const REPORTING = new Set(['train-series-anomalies', 'detect-minutes', 'detect-late-minutes']);
/** A job that is noted and not there after this long was never started: the process ended in between. */
const START_MS_MAX = 120_000;

/** Starts jobs and remembers them in the table, so that any process can collect them. */
export class ModelJobs {
  readonly #statements: BigQueryStatements;

  constructor(statements: BigQueryStatements) {
    this.#statements = statements;
  }

  /** What is noted as running, and of each kind, model and state the newest; oldest first. */
  async read(nowMs: number): Promise<ModelJob[]> {
    const rows = await this.#statements.run('read-model-jobs', {
      values: { now: this.#statements.time(nowMs) },
    });
    // Of two calls in one minute both note the job, and one starts it.
    const noted = [...new Map(rows.map((row) => [row.job_id, row])).values()];
    return noted.map((row) => ({
      id: String(row.job_id),
      kind: row.kind as ModelWorkKind,
      model: String(row.model),
      statement: String(row.statement),
      startedMs: timeMsOf(row.started),
      minutesFromMs: timeMsOf(row.minutes_from),
      state: row.state as ModelJob['state'],
      reason: row.reason === null ? undefined : String(row.reason),
    }));
  }

  /** Undefined when another call has started the same in the same minute. */
  async start(job: Omit<ModelJob, 'id' | 'state' | 'reason'>): Promise<ModelJob | undefined> {
    const started: ModelJob = { ...job, id: this.#idOf(job), state: 'running' };
    const { statement, kind, model, startedMs, minutesFromMs } = started;
    const time = (timeMs: number) => (Number.isNaN(timeMs) ? null : this.#statements.time(timeMs));
    await this.#statements.run('note-job-started', {
      values: {
        job_id: started.id,
        kind,
        model,
        statement,
        started: time(startedMs),
        minutes_from: time(minutesFromMs),
      },
      types: { minutes_from: 'TIMESTAMP' },
    });
    try {
      return (await this.#statements.start(statement, started.id, TIMEOUTS_MS[kind])) ? started : undefined;
    } catch (error) {
      const failed = error instanceof AppError ? error : new AppError('internal', String(error));
      await this.noteEnds([{ ...started, state: 'failed', reason: failed.message }], startedMs).catch(() => {
        // Then whoever collects it finds that BigQuery knows no such job, and notes that.
      });
      throw failed;
    }
  }

  /** The job as it ended, which `noteEnds` then has to be told; undefined while it runs. */
  async look(job: ModelJob, nowMs: number): Promise<ModelJob | undefined> {
    const now = await this.#statements.state(job.id);
    if (now.state === 'running') return undefined;
    if (now.state !== 'missing') return { ...job, ...now };
    if (nowMs - job.startedMs < START_MS_MAX) return undefined;
    return { ...job, state: 'failed', reason: 'BigQuery knows no such job.' };
  }

  /** What the job's last SELECT gave, for those whose statement ends with one. */
  async rows(job: ModelJob): Promise<Row[]> {
    return REPORTING.has(job.statement) ? this.#statements.rows(job.id) : [];
  }

  async noteEnds(jobs: readonly ModelJob[], nowMs: number): Promise<void> {
    const done = jobs.filter((job) => job.state === 'done');
    const failed = jobs.filter((job) => job.state === 'failed');
    if (done.length > 0) await this.#noteEnds(done, nowMs);
    for (const job of failed) await this.#noteEnds([job], nowMs);
  }

  /** Jobs of one state and reason. */
  async #noteEnds(jobs: readonly ModelJob[], nowMs: number): Promise<void> {
    const { state, reason = null } = jobs[0]!;
    await this.#statements.run('note-jobs-ended', {
      values: { job_ids: jobs.map((job) => job.id), state, reason, ended: this.#statements.time(nowMs) },
      types: { reason: 'STRING' },
    });
  }

  /** The same for calls in the same minute, so that BigQuery itself lets only one of them through. */
  #idOf({ kind, model, statement, startedMs }: Omit<ModelJob, 'id' | 'state'>): string {
    const minute = new Date(startedMs).toISOString().slice(0, 16).replace(/[-:]/g, '');
    const what = kind === 'train' ? `train_${statement}` : `${kind}_${model}`;
    return `seismo_${this.#statements.dataset}_${what}_${minute}`.replace(/[^A-Za-z0-9_-]/g, '_');
  }
}
