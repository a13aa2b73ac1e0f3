import { randomUUID } from 'node:crypto';
import { AppError, type ErrorCode } from '../errors.js';
import { errorOf } from './server-client.js';
import type { SqlField, SqlRow } from './sql-rows.js';
import type { SqlAnswer, SqlTransport } from './sql-transport.js';

/** What one statement of a script did. */
export interface StatementResult {
  /** BigQuery's: SELECT, INSERT, CREATE_TABLE, …. */
  readonly statementType: string;
  readonly statistics: StatementStatistics;
  /** Absent where the statement has no rows. */
  readonly fields?: readonly SqlField[];
  readonly rowCount: number;
  /** One of several of a script. */
  readonly isPart: boolean;
  /** Page by page, as they are asked for. */
  rows(): AsyncIterable<readonly SqlRow[]>;
}

export interface StatementStatistics {
  readonly numDmlAffectedRows?: string;
  readonly ddlOperationPerformed?: string;
  readonly ddlTargetTable?: { readonly datasetId: string; readonly tableId: string };
  readonly ddlTargetDataset?: { readonly datasetId: string };
}

/** Every job of ours answers after at most so long, and is then asked again. */
const WAIT_MS = 10_000;
const PAGE_ROWS = 10_000;

interface ErrorProto {
  readonly reason: string;
  readonly message: string;
}

interface JobBody {
  readonly jobReference: { readonly jobId: string };
  readonly statistics: {
    readonly numChildJobs?: string;
    readonly parentJobId?: string;
    readonly query?: StatementStatistics & { readonly statementType?: string };
  };
  readonly status: { readonly errorResult?: ErrorProto; readonly errors?: readonly ErrorProto[] };
}

interface ResultsBody {
  readonly jobComplete: boolean;
  readonly schema?: { readonly fields?: readonly SqlField[] };
  readonly rows?: readonly SqlRow[];
  readonly totalRows?: string;
  readonly pageToken?: string;
}

/** Runs scripts as jobs. Failures are AppErrors. */
export class SqlClient {
  readonly #transport: SqlTransport;

  constructor(transport: SqlTransport) {
    this.#transport = transport;
  }

  get place(): string {
    return this.#transport.place;
  }

  /** Fails where nobody answers, or not with this key. */
  async greet(): Promise<void> {
    await this.#get('jobs?maxResults=1');
  }

  /**
   * Gives what each statement did, in order, also where one fails afterwards: then it rejects with that. `onWarning`
   * hears what the job warns of. When `signal` is aborted the job is cancelled.
   */
  async *run(
    sql: string,
    signal: AbortSignal,
    onWarning: (message: string) => void,
  ): AsyncGenerator<StatementResult> {
    const jobId = `seismo_sql_${randomUUID().replaceAll('-', '')}`;
    const cancel = () => void this.#transport.call('POST', `jobs/${jobId}/cancel`).catch(() => {});
    signal.addEventListener('abort', cancel, { once: true });
    try {
      await this.#ask('POST', 'jobs', {
        jobReference: { jobId },
        configuration: { query: { query: sql, useLegacySql: false } },
      });
      // Ctrl-C may have come before the job was known.
      if (signal.aborted) cancel();
      const fault = await this.#untilDone(jobId);
      const job = await this.#get<JobBody>(`jobs/${jobId}`);
      const { errorResult, errors = [] } = job.status;
      yield* this.#statements(job);
      for (const { reason, message } of errors) if (reason === 'warning') onWarning(message);
      if (errorResult !== undefined) throw failureOf(errorResult);
      if (fault !== undefined) throw answerError(fault);
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  /** Gives what the server answered where that is no result. */
  async #untilDone(jobId: string): Promise<SqlAnswer | undefined> {
    for (;;) {
      const answer = await this.#transport.call('GET', `queries/${jobId}?maxResults=0&timeoutMs=${WAIT_MS}`);
      if (answer.status !== 200) return answer;
      if ((answer.body as ResultsBody).jobComplete) return undefined;
    }
  }

  async *#statements(job: JobBody): AsyncGenerator<StatementResult> {
    if (job.statistics.numChildJobs === undefined) {
      if (job.status.errorResult === undefined) yield this.#result(job, await this.#page(job, 0));
      return;
    }
    const { jobs } = await this.#get<{ jobs: readonly JobBody[] }>(
      `jobs?parentJobId=${job.jobReference.jobId}&maxResults=100000`,
    );
    for (const child of [...jobs].reverse()) yield this.#result(child, await this.#page(child, 0));
  }

  #result(job: JobBody, first: ResultsBody): StatementResult {
    const { statementType = '', ...statistics } = job.statistics.query ?? {};
    const fields = first.schema?.fields;
    const next = (from: number) => this.#page(job, from);
    return {
      statementType,
      statistics,
      ...(fields === undefined ? {} : { fields }),
      rowCount: Number(first.totalRows ?? 0),
      isPart: job.statistics.parentJobId !== undefined,
      async *rows() {
        let page = first;
        let count = 0;
        for (;;) {
          const rows = page.rows ?? [];
          if (rows.length > 0) yield rows;
          count += rows.length;
          if (page.pageToken === undefined || rows.length === 0) return;
          page = await next(count);
        }
      },
    };
  }

  #page({ jobReference: { jobId } }: JobBody, from: number): Promise<ResultsBody> {
    return this.#get(
      `queries/${jobId}?startIndex=${from}&maxResults=${PAGE_ROWS}&formatOptions.useInt64Timestamp=true`,
    );
  }

  #get<Body>(path: string): Promise<Body> {
    return this.#ask('GET', path);
  }

  async #ask<Body>(method: 'GET' | 'POST', path: string, body?: object): Promise<Body> {
    const answer = await this.#transport.call(method, path, body);
    if (answer.status !== 200) throw answerError(answer);
    return answer.body as Body;
  }
}

/** BigQuery's reasons as codes of ours; what is not here is a mistake in the statement. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  notFound: 'not_found',
  authError: 'unauthorized',
  accessDenied: 'forbidden',
  rateLimitExceeded: 'too_many_requests',
  backendError: 'not_ready',
  stopped: 'request_timeout',
  resourcesExceeded: 'too_large',
  responseTooLarge: 'too_large',
  internalError: 'internal',
};

function failureOf({ reason, message }: ErrorProto): AppError {
  const code = CODES[reason] ?? 'bad_request';
  return new AppError(
    code,
    message,
    code === 'unauthorized' ? { hint: 'Name the key with --api-key or SEISMO_API_KEY.' } : {},
  );
}

function answerError({ status, body }: SqlAnswer): AppError {
  const error = (body as { error?: { errors?: readonly ErrorProto[] } } | null)?.error?.errors?.[0];
  return error === undefined ? errorOf(status, body) : failureOf(error);
}
