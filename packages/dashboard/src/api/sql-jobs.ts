import { ApiError, request } from './client.js';

export interface SqlField {
  readonly name: string;
  readonly type: string;
  readonly mode?: string;
  readonly fields?: readonly SqlField[];
}

export interface SqlRow {
  readonly f: readonly { readonly v: unknown }[];
}

export interface StatementStatistics {
  readonly statementType?: string;
  readonly numDmlAffectedRows?: string;
  readonly ddlOperationPerformed?: string;
  readonly ddlTargetTable?: { readonly datasetId: string; readonly tableId: string };
  readonly ddlTargetDataset?: { readonly datasetId: string };
}

/** What one statement gave; rows as far as the page shows them. */
export interface StatementResult {
  readonly statistics: StatementStatistics;
  readonly fields: readonly SqlField[] | null;
  readonly rows: readonly SqlRow[];
  readonly rowCount: number;
}

export interface ScriptResult {
  readonly statements: readonly StatementResult[];
  readonly warnings: readonly string[];
  /** Why it ended before its end; null where it did not. */
  readonly failure: string | null;
  /** It did not fail by itself: somebody, or a limit of time, ended it. */
  readonly isStopped: boolean;
}

/** How a run is watched from outside. */
export interface RunWatch {
  /** Whether the server answers; called whenever one asked it. */
  answers(isAnswering: boolean): void;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

interface JobBody {
  readonly jobReference: { readonly jobId: string };
  readonly statistics: { readonly numChildJobs?: string; readonly query?: StatementStatistics };
  readonly status: {
    readonly errorResult?: { readonly reason: string; readonly message: string };
    readonly errors?: readonly { readonly reason: string; readonly message: string }[];
  };
}

interface ResultsBody {
  readonly jobComplete: boolean;
  readonly schema?: { readonly fields?: readonly SqlField[] };
  readonly rows?: readonly SqlRow[];
  readonly totalRows?: string;
}

/** More rows than these are counted, not fetched. */
export const ROWS_MOST = 10_000;
const WAIT_MS = 10_000;
/** Between two questions to a server that does not answer. */
const AGAIN_MS = 2000;
const PROJECT = '/bigquery/v2/projects/seismo/';

export function newJobId(): string {
  const random = crypto.getRandomValues(new Uint32Array(4));
  return `seismo_page_${Date.now()}_${[...random].map((one) => one.toString(36)).join('')}`;
}

/**
 * Runs a script to its end, and waits for a server that stops to answer meanwhile. Rejects where nobody answers from the
 * start or the key does not do; a failed statement is a result.
 */
export async function runScript(
  jobId: string,
  sql: string,
  csrfToken: string | null,
  watch: RunWatch,
): Promise<ScriptResult> {
  await post('jobs', csrfToken, {
    jobReference: { jobId },
    configuration: { query: { query: sql, useLegacySql: false } },
  });
  const get = <Body>(path: string) => getPatiently<Body>(path, watch);
  const fault = await untilDone(jobId, get);
  const job = await get<JobBody>(`jobs/${jobId}`);
  const { errorResult, errors = [] } = job.status;
  if (fault !== null && errorResult === undefined) throw fault;
  const failed = errorResult !== undefined;
  const ended = await jobsOf(job, failed, get);
  return {
    statements: await Promise.all(ended.map((one) => resultOf(one, get))),
    warnings: errors.filter(({ reason }) => reason === 'warning').map(({ message }) => message),
    failure: errorResult?.message ?? null,
    isStopped: errorResult?.reason === 'stopped',
  };
}

export async function cancelJob(jobId: string, csrfToken: string | null): Promise<void> {
  await post(`jobs/${jobId}/cancel`, csrfToken, {});
}

type Get = <Body>(path: string) => Promise<Body>;

async function untilDone(jobId: string, get: Get): Promise<unknown> {
  for (;;) {
    try {
      const { jobComplete } = await get<ResultsBody>(`queries/${jobId}?maxResults=0&timeoutMs=${WAIT_MS}`);
      if (jobComplete) return null;
    } catch (error) {
      if (error instanceof ApiError && !error.isOffline) return error;
      throw error;
    }
  }
}

/** The statements of a script are jobs of their own. */
async function jobsOf(job: JobBody, failed: boolean, get: Get): Promise<readonly JobBody[]> {
  if (job.statistics.numChildJobs === undefined) return failed ? [] : [job];
  const parent = job.jobReference.jobId;
  const { jobs } = await get<{ jobs: readonly JobBody[] }>(`jobs?parentJobId=${parent}&maxResults=1000`);
  return [...jobs].reverse();
}

async function resultOf({ jobReference, statistics }: JobBody, get: Get): Promise<StatementResult> {
  const body = await get<ResultsBody>(
    `queries/${jobReference.jobId}?maxResults=${ROWS_MOST}&formatOptions.useInt64Timestamp=true`,
  );
  return {
    statistics: statistics.query ?? {},
    fields: body.schema?.fields ?? null,
    rows: body.rows ?? [],
    rowCount: Number(body.totalRows ?? 0),
  };
}

/** Asks again while the server does not answer, or stops: what runs there goes on, or is known to have ended. */
async function getPatiently<Body>(path: string, { answers, signal }: RunWatch): Promise<Body> {
  for (let asked = 1; ; asked++) {
    try {
      const body = await request<Body>(`${PROJECT}${path}`, { signal });
      answers(true);
      return body;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 404 && asked > 1) throw new ApiError(404, FORGOTTEN);
      // Of queries it says 503 also where one ended by a fault of the server; the job then tells which.
      const isStopping = error.status === 503 && !path.startsWith('queries/');
      if (!error.isOffline && !isStopping) throw error;
      answers(false);
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      signal.throwIfAborted();
    }
  }
}

const FORGOTTEN = 'The server was started anew meanwhile and knows nothing of this run: run it again.';

function post(path: string, csrfToken: string | null, body: object): Promise<unknown> {
  const headers: Record<string, string> = csrfToken === null ? {} : { 'X-CSRF-Token': csrfToken };
  return request(`${PROJECT}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}
