import type { SqlInterruption } from '../../ports/sql-engine.js';
import type { Column } from '../sql/plan.js';
import type { Fields } from './request.js';
import type { ErrorProto } from './rest-error.js';
import type { StoredRows } from './result-files.js';

export type JobState = 'PENDING' | 'RUNNING' | 'DONE';

/** What is kept of a job for a day; whole numbers and texts only, so that a file can hold it. */
export interface JobRecord {
  /** Names its files. */
  readonly id: string;
  readonly projectId: string;
  readonly jobId: string;
  readonly location: string;
  readonly kind: 'QUERY' | 'LOAD' | 'COPY' | 'EXTRACT';
  /** As it was sent. */
  readonly configuration: Fields;
  readonly createdMs: number;
  readonly parentJobId?: string;
  state: JobState;
  startedMs?: number;
  endedMs?: number;
  errorResult?: ErrorProto;
  /** Errors, and of a job that succeeded its warnings. */
  errors: ErrorProto[];
  statementType?: string;
  /** `statistics.query` or `statistics.load`, what is not said otherwise. */
  statistics: Record<string, unknown>;
  childJobs: number;
  /** What it gave, where it gives rows. */
  columns?: readonly Column[];
  rows?: StoredRows;
  /** Of a statement of a script: where it stands there. */
  source?: { readonly text: string; readonly startLine: number; readonly startColumn: number };
  /** Names the file of its rows. */
  rowsId?: string;
}

/** A job that this process knows; `record` is all that outlives it. */
export interface Job {
  readonly record: JobRecord;
  /** Resolves when it is done, however it ends. Jobs of former processes are. */
  readonly done: Promise<void>;
  /** Ends it soon, if it is not done. */
  readonly abort: AbortController;
}

/** Why a job was aborted, where nobody cancelled it. */
export const TIMED_OUT = 'timed out';
export const STOPPING = 'stopping';

/** What a job that was aborted fails with. */
export function interruptionOf({ reason }: AbortSignal): SqlInterruption {
  return reason === TIMED_OUT ? 'timeout' : 'cancelled';
}

export function jobResource(record: JobRecord, email: string) {
  const { projectId, jobId, location, state } = record;
  return {
    kind: 'bigquery#job',
    etag: Buffer.from(`${record.id}.${state}`).toString('base64url'),
    id: `${projectId}:${location}.${jobId}`,
    selfLink: `/bigquery/v2/projects/${projectId}/jobs/${jobId}?location=${location}`,
    user_email: email,
    configuration: { jobType: record.kind, ...record.configuration },
    jobReference: { projectId, jobId, location },
    statistics: jobStatistics(record),
    status: jobStatus(record),
  };
}

function jobStatus({ state, errorResult, errors }: JobRecord) {
  return {
    ...(errorResult === undefined ? {} : { errorResult }),
    ...(errors.length === 0 ? {} : { errors }),
    state,
  };
}

function jobStatistics(record: JobRecord) {
  const { createdMs, startedMs, endedMs, parentJobId, childJobs, kind, statistics, statementType } = record;
  const query =
    kind === 'QUERY'
      ? {
          query: {
            ...QUERY_DEFAULTS,
            ...statistics,
            ...(statementType === undefined ? {} : { statementType }),
          },
        }
      : {};
  return {
    creationTime: String(createdMs),
    ...(startedMs === undefined ? {} : { startTime: String(startedMs) }),
    ...(endedMs === undefined ? {} : { endTime: String(endedMs) }),
    ...(parentJobId === undefined
      ? {}
      : {
          parentJobId,
          scriptStatistics: {
            evaluationKind: 'STATEMENT',
            stackFrames: [{ procedureId: '', ...record.source }],
          },
        }),
    ...(childJobs === 0 ? {} : { numChildJobs: String(childJobs) }),
    ...(kind === 'QUERY' ? { totalBytesProcessed: QUERY_DEFAULTS.totalBytesProcessed } : {}),
    ...query,
    ...(kind === 'LOAD' ? { load: statistics } : {}),
    ...(kind === 'COPY' ? { copy: statistics } : {}),
  };
}

/** Nothing is billed here, and nothing is answered from a cache. */
const QUERY_DEFAULTS = {
  totalBytesProcessed: '0',
  totalBytesBilled: '0',
  billingTier: 0,
  cacheHit: false,
};
