import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint } from './endpoint.js';
import type { Job, JobRecord } from './job.js';
import { pageToken } from './request.js';
import { type Reason, RestError } from './rest-error.js';
import { shownRows } from './row-format.js';
import { toRestFields } from './table-schema.js';
import { withRows } from './tabledata.js';

export interface ResultPage {
  readonly from: number;
  readonly most: number;
  /** Times as whole microseconds; otherwise as seconds. */
  readonly int64Timestamps: boolean;
}

const WAIT_MS_MAX = 200_000;

/** Waits for a job, not longer than asked for. */
export async function waitFor(job: Job, timeMs: number): Promise<void> {
  if (job.record.state === 'DONE' || timeMs <= 0) return;
  const waiting = new AbortController();
  const timeout = sleep(Math.min(timeMs, WAIT_MS_MAX), undefined, { signal: waiting.signal }).catch(() => {});
  await Promise.race([job.done, timeout]);
  waiting.abort();
}

/** A page of what a query gave, as both `jobs.query` and `jobs.getQueryResults` answer it. */
export async function resultAnswer(
  kind: string,
  job: Job,
  page: ResultPage,
  { files }: Endpoint,
): Promise<string> {
  const { record } = job;
  const { projectId, jobId, location, state, columns, rows } = record;
  const head = { kind, jobReference: { projectId, jobId, location } };
  if (state !== 'DONE') return JSON.stringify({ ...head, jobComplete: false });
  failWhenFailed(record);
  const found =
    rows === undefined || columns === undefined
      ? []
      : await files.readRows(record.rowsId ?? record.id, rows, page.from, page.most);
  const shown = columns === undefined ? found : shownRows(found, columns, page.int64Timestamps);
  const next = page.from + found.length;
  const { numDmlAffectedRows, dmlStats } = record.statistics;
  return withRows(
    {
      ...head,
      ...(columns === undefined ? {} : { schema: { fields: toRestFields(columns) } }),
      ...(columns === undefined && numDmlAffectedRows === undefined ? {} : {}),
      totalRows: String(rows?.rowCount ?? 0),
      ...(rows !== undefined && next < rows.rowCount ? { pageToken: pageToken(next) } : {}),
      totalBytesProcessed: '0',
      jobComplete: true,
      cacheHit: false,
      ...(record.errors.length === 0 ? {} : { errors: record.errors }),
      ...(numDmlAffectedRows === undefined ? {} : { numDmlAffectedRows }),
      ...(dmlStats === undefined ? {} : { dmlStats }),
    },
    shown,
  );
}

/** A query that failed is never an empty result. */
export function failWhenFailed({ errorResult }: JobRecord): void {
  if (errorResult === undefined) return;
  throw new RestError(errorResult.reason as Reason, errorResult.message, errorResult.location);
}
