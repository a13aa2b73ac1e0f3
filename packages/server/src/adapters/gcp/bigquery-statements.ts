import { randomUUID } from 'node:crypto';
import type { BigQuery, Query } from '@google-cloud/bigquery';
import { bigQueryError } from './bigquery-client.js';
import { readStatement } from './sql-files.js';

export interface BigQueryStatementsOptions {
  readonly client: BigQuery;
  readonly dataset: string;
  /** A query that would bill more is refused before it costs anything. */
  readonly maxBytesBilled: number;
}

/** A row as the client gives it: TIMESTAMP as `{value}`, JSON as text. */
export type Row = Readonly<Record<string, unknown>>;

/** Values for `@named` parameters; null needs its type. */
export interface Parameters {
  readonly values: Readonly<Record<string, unknown>>;
  readonly types?: Readonly<Record<string, string>>;
}

export type JobState =
  | { readonly state: 'running' }
  | { readonly state: 'done' }
  | { readonly state: 'failed'; readonly reason: string }
  /** BigQuery knows no such job. */
  | { readonly state: 'missing' };

/** Runs the files of sql/: to their end, or as jobs that somebody collects later. */
export class BigQueryStatements {
  readonly #client: BigQuery;
  readonly #dataset: string;
  readonly #maxBytesBilled: string;
  #located: Promise<void> | undefined;

  constructor({ client, dataset, maxBytesBilled }: BigQueryStatementsOptions) {
    this.#client = client;
    this.#dataset = dataset;
    this.#maxBytesBilled = String(maxBytesBilled);
  }

  get dataset(): string {
    return this.#dataset;
  }

  /** Jobs are found again only where they ran: in the dataset's place, which is not always the service's own. */
  async #locate(): Promise<void> {
    const dataset = this.#client.dataset(this.#dataset);
    this.#located ??= dataset.getMetadata().then(([{ location }]) => {
      this.#client.location = location;
    });
    try {
      await this.#located;
    } catch (error) {
      this.#located = undefined;
      throw bigQueryError(error, `looking at the dataset ${this.#dataset}`);
    }
  }

  /** Runs a file and waits for its rows. */
  async run(name: string, parameters?: Parameters): Promise<Row[]> {
    return this.runText(await readStatement(name, this.#dataset), `running ${name}.sql`, parameters);
  }

  /** As a job and not by `jobs.query`, which does not always throw where a statement is faulty. */
  async runText(statement: string, doing: string, parameters?: Parameters): Promise<Row[]> {
    await this.#locate();
    try {
      const jobId = await this.#create({
        query: statement,
        ...(parameters === undefined ? {} : { params: { ...parameters.values } }),
        ...(parameters?.types === undefined ? {} : { types: { ...parameters.types } }),
      });
      const [rows] = await this.#client.job(jobId).getQueryResults();
      return rows as Row[];
    } catch (error) {
      throw bigQueryError(error, doing);
    }
  }

  /**
   * Under an id of our own: when only the answer to a creation was lost, the library tries again, and for an id that
   * it made up itself it then looks the job up in a way whose failure nobody can catch.
   */
  async #create(query: Query): Promise<string> {
    const jobId = randomUUID();
    const maximumBytesBilled = this.#maxBytesBilled;
    try {
      await this.#client.createQueryJob({ ...query, jobId, useLegacySql: false, maximumBytesBilled });
    } catch (error) {
      if ((error as { code?: unknown }).code !== 409) throw error;
    }
    return jobId;
  }

  /** Starts a file as a job and does not wait for it. False when a job of that id is there already. */
  async start(name: string, jobId: string, timeoutMs: number): Promise<boolean> {
    const query = await readStatement(name, this.#dataset);
    await this.#locate();
    try {
      await this.#client.createQueryJob({
        query,
        jobId,
        useLegacySql: false,
        maximumBytesBilled: this.#maxBytesBilled,
        jobTimeoutMs: timeoutMs,
        labels: { application: 'seismo', statement: name },
      });
      return true;
    } catch (error) {
      const { code, response } = error as { code?: unknown; response?: { jobReference?: unknown } };
      if (code === 409) return false;
      // A job that was taken and has failed at once: whoever collects it says why.
      if (code === undefined && response?.jobReference !== undefined) return true;
      throw bigQueryError(error, `starting ${name}.sql`);
    }
  }

  async state(jobId: string): Promise<JobState> {
    await this.#locate();
    try {
      const [{ status }] = await this.#client.job(jobId).getMetadata();
      if (status.state !== 'DONE') return { state: 'running' };
      const failure = status.errorResult;
      return failure === undefined || failure === null
        ? { state: 'done' }
        : { state: 'failed', reason: `${failure.message ?? failure.reason}` };
    } catch (error) {
      if ((error as { code?: unknown }).code === 404) return { state: 'missing' };
      throw bigQueryError(error, `looking at the job ${jobId}`);
    }
  }

  /** What the job's last SELECT gave; none when it ran none. */
  async rows(jobId: string): Promise<Row[]> {
    await this.#locate();
    try {
      const [rows] = await this.#client.job(jobId).getQueryResults();
      return (rows ?? []) as Row[];
    } catch (error) {
      throw bigQueryError(error, `reading the answer of the job ${jobId}`);
    }
  }

  /** A parameter of the type TIMESTAMP. */
  time(timeMs: number): unknown {
    return this.#client.timestamp(new Date(timeMs));
  }
}

/** Milliseconds since 1970 of a TIMESTAMP column; NaN for NULL. */
export function timeMsOf(value: unknown): number {
  return value === null || value === undefined ? Number.NaN : Date.parse((value as { value: string }).value);
}

/** Of a column of numbers; NULL is NaN, never zero. */
export function numberOf(value: unknown): number {
  return value === null || value === undefined ? Number.NaN : Number(value);
}
