import { randomUUID } from 'node:crypto';
import type { Logger } from '../../logger.js';
import type { Clock } from '../../ports/clock.js';
import { type Job, type JobRecord, STOPPING, TIMED_OUT } from './job.js';
import { alreadyExists, asRestError, notFound, RestError } from './rest-error.js';
import type { ResultFiles } from './result-files.js';

const KEPT_MS = 86_400_000;
const JOBS_MAX = 5000;
const RESULT_BYTES_KEPT = 2_000_000_000;
/** A job that takes longer is written down before it ends, so that it is known after a crash. */
const WRITE_AFTER_MS = 1000;

export type NewJob = Pick<JobRecord, 'projectId' | 'kind' | 'configuration'> &
  Partial<Pick<JobRecord, 'jobId' | 'location' | 'parentJobId'>>;

/**
 * All jobs of the last day, at most 5,000 and 2 GB of results; the oldest go first. One that ran when the process ended
 * is done and failed afterwards.
 */
export class JobStore {
  readonly #files: ResultFiles;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** By project and job id, oldest first. */
  readonly #jobs = new Map<string, Job>();
  readonly #running = new Set<Promise<void>>();
  #resultBytes = 0;

  private constructor(files: ResultFiles, clock: Clock, log: Logger) {
    this.#files = files;
    this.#clock = clock;
    this.#log = log;
  }

  static async open(files: ResultFiles, clock: Clock, log: Logger): Promise<JobStore> {
    const store = new JobStore(files, clock, log);
    const records = (await files.readRecords()).map(({ record }) => record as JobRecord);
    records.sort((a, b) => a.createdMs - b.createdMs || (a.id < b.id ? -1 : 1));
    for (const record of records) store.#remember(closed(record));
    await files.removeOthers(new Set(records.flatMap(({ id, rowsId }) => [id, rowsId ?? id])));
    return store;
  }

  /** Starts the work; what it throws becomes the job's error. */
  start(asked: NewJob, work: (job: Job) => Promise<void>): Job {
    const nowMs = this.#clock.nowMs();
    const jobId = asked.jobId ?? `job_${randomUUID().replaceAll('-', '').slice(0, 27)}`;
    const record = newRecord(asked, jobId, nowMs);
    const key = keyOf(record.projectId, jobId);
    if (this.#jobs.has(key)) throw alreadyExists('Job', `${record.projectId}:${record.location}.${jobId}`);
    let settle = () => {};
    const done = new Promise<void>((resolve) => {
      settle = resolve;
    });
    const job: Job = { record, done, abort: new AbortController() };
    this.#jobs.set(key, job);
    const running = this.#run(job, work).finally(() => {
      settle();
      this.#running.delete(running);
    });
    this.#running.add(running);
    return job;
  }

  /** A statement of a script, which is done already, as a job of its own. */
  async addDone(asked: NewJob, done: Partial<JobRecord>): Promise<void> {
    const jobId = `script_job_${randomUUID().replaceAll('-', '')}`;
    const record: JobRecord = { ...newRecord(asked, jobId, this.#clock.nowMs()), ...done, state: 'DONE' };
    await this.#write(record);
    this.#remember(record);
  }

  find(projectId: string, jobId: string): Job | undefined {
    return this.#jobs.get(keyOf(projectId, jobId));
  }

  get(projectId: string, jobId: string): Job {
    const job = this.find(projectId, jobId);
    if (job === undefined) throw notFound('Job', `${projectId}:${jobId}`);
    return job;
  }

  /** Newest first. */
  list(projectId: string): Job[] {
    return [...this.#jobs.values()].filter(({ record }) => record.projectId === projectId).reverse();
  }

  async remove(job: Job): Promise<void> {
    const { record } = job;
    this.#jobs.delete(keyOf(record.projectId, record.jobId));
    this.#resultBytes -= record.rows?.bytes ?? 0;
    await this.#files.remove(record.id);
    if (record.rowsId !== undefined) await this.#files.remove(record.rowsId);
  }

  /** Ends what runs. */
  async close(): Promise<void> {
    for (const job of this.#jobs.values()) job.abort.abort(STOPPING);
    await Promise.all(this.#running);
  }

  async #run(job: Job, work: (job: Job) => Promise<void>): Promise<void> {
    const { record } = job;
    let writing: Promise<void> | undefined;
    const timer = setTimeout(() => {
      writing = this.#write(record);
    }, WRITE_AFTER_MS);
    const end: Partial<JobRecord> = { state: 'DONE' };
    try {
      // The answer that names the job leaves first.
      await Promise.resolve();
      record.state = 'RUNNING';
      record.startedMs = this.#clock.nowMs();
      await work(job);
    } catch (thrown) {
      const error = job.abort.signal.aborted ? abortError(job.abort.signal) : asRestError(thrown);
      if (error.reason === 'internalError') this.#log.error({ err: thrown }, 'A BigQuery job failed.');
      end.errorResult = error.toProto();
      end.errors = [end.errorResult, ...record.errors];
    } finally {
      clearTimeout(timer);
    }
    // Both go to one file.
    await writing;
    end.endedMs = this.#clock.nowMs();
    await this.#write({ ...record, ...end });
    // Nobody is told the end of a job that a crash would still undo.
    Object.assign(record, end);
    this.#resultBytes += record.rows?.bytes ?? 0;
    await this.#makeRoom();
  }

  /** Without its record a job is only unknown after a restart. */
  async #write(record: JobRecord): Promise<void> {
    await this.#files.writeRecord(record.id, record).catch((err: unknown) => {
      this.#log.warn({ err }, 'The record of a BigQuery job could not be written.');
    });
  }

  async #makeRoom(): Promise<void> {
    const oldestMs = this.#clock.nowMs() - KEPT_MS;
    for (const job of this.#jobs.values()) {
      const { createdMs, state } = job.record;
      const tooMany = this.#jobs.size > JOBS_MAX || this.#resultBytes > RESULT_BYTES_KEPT;
      if (createdMs >= oldestMs && !tooMany) return;
      if (state === 'DONE') await this.remove(job);
    }
  }

  #remember(record: JobRecord): void {
    this.#jobs.set(keyOf(record.projectId, record.jobId), {
      record,
      done: Promise.resolve(),
      abort: new AbortController(),
    });
    this.#resultBytes += record.rows?.bytes ?? 0;
  }
}

function abortError({ reason }: AbortSignal): RestError {
  if (reason === STOPPING) return new RestError('backendError', 'The server was stopped while the job ran.');
  const why = reason === TIMED_OUT ? 'Job timed out' : 'User requested cancellation';
  return new RestError('stopped', `Job execution was cancelled: ${why}`);
}

function newRecord(asked: NewJob, jobId: string, nowMs: number): JobRecord {
  return {
    location: 'US',
    ...asked,
    id: `${nowMs}-${randomUUID()}`,
    jobId,
    createdMs: nowMs,
    state: 'PENDING',
    errors: [],
    statistics: {},
    childJobs: 0,
  };
}

function closed(record: JobRecord): JobRecord {
  if (record.state === 'DONE') return record;
  const errorResult = { reason: 'backendError', message: 'The server ended while the job ran.' };
  return {
    ...record,
    state: 'DONE',
    endedMs: record.startedMs ?? record.createdMs,
    errorResult,
    errors: [errorResult],
  };
}

function keyOf(projectId: string, jobId: string): string {
  return `${projectId}:${jobId}`;
}
