import { createHash } from 'node:crypto';
import type { QueryParameter } from '../sql/plan.js';
import { readCopySettings, runCopyJob } from './copy-job.js';
import type { Endpoint } from './endpoint.js';
import { type Job, jobResource } from './job.js';
import type { NewJob } from './job-store.js';
import { readTarget } from './load-settings.js';
import { type QueryJobRequest, runQueryJob } from './query-job.js';
import { failWhenFailed, resultAnswer, waitFor } from './query-results.js';
import {
  type Fields,
  fieldsOf,
  flag,
  object,
  pagePosition,
  type RestAnswer,
  type RestRequest,
  text,
  wholeNumber,
} from './request.js';
import { RestError } from './rest-error.js';
import { toRestFields } from './table-schema.js';

/** `jobs.*` of the API, but for uploads. */

/** Whose jobs they are: everybody's. */
export const EMAIL = 'seismo@localhost';
const QUERY_WAIT_MS = 10_000;

export async function insertJob(endpoint: Endpoint, request: RestRequest): Promise<RestAnswer> {
  const body = fieldsOf(request.body);
  const configuration = object(body.configuration, 'configuration') ?? {};
  const query = object(configuration.query, 'configuration.query');
  if (query === undefined) return insertOther(endpoint, request, configuration);
  const dryRun = configuration.dryRun === true;
  const asked = readQuery(query, request, dryRun, configuration.jobTimeoutMs);
  const shown = { ...configuration, query: shownQuery(query) };
  const job = endpoint.jobs.start(newJobOf(asked.projectId, body, 'QUERY', shown), (started) =>
    runQueryJob(started, asked, endpoint),
  );
  if (dryRun) return dryRunAnswer(job, endpoint);
  return { body: jobResource(job.record, EMAIL) };
}

/** Jobs without a query and without a file: copies. */
function insertOther(endpoint: Endpoint, request: RestRequest, configuration: Fields): RestAnswer {
  const copy = object(configuration.copy, 'configuration.copy');
  if (copy === undefined) throw unsupportedJob(configuration);
  request.requireWrite();
  const settings = readCopySettings(copy);
  const asked = newJobOf(request.path.projectId!, fieldsOf(request.body), 'COPY', configuration);
  const job = endpoint.jobs.start(asked, (started) => runCopyJob(started, settings, endpoint));
  return { body: jobResource(job.record, EMAIL) };
}

/** A job by the name that the client gave it, or one of ours. */
export function newJobOf(
  projectId: string,
  body: Fields,
  kind: NewJob['kind'],
  configuration: Fields,
): NewJob {
  const jobId = jobIdOf(object(body.jobReference, 'jobReference')?.jobId);
  return { projectId, kind, configuration, ...(jobId === undefined ? {} : { jobId }) };
}

/** What is wrong with it is said at once, and no job is left behind. */
async function dryRunAnswer(job: Job, endpoint: Endpoint): Promise<RestAnswer> {
  await job.done;
  await endpoint.jobs.remove(job);
  failWhenFailed(job.record);
  const resource = jobResource(job.record, EMAIL);
  const { columns } = job.record;
  return {
    body: {
      ...resource,
      jobReference: { projectId: job.record.projectId, location: job.record.location },
      statistics: {
        ...resource.statistics,
        query: {
          ...resource.statistics.query,
          ...(columns === undefined ? {} : { schema: { fields: toRestFields(columns) } }),
        },
      },
    },
  };
}

export async function query(endpoint: Endpoint, request: RestRequest): Promise<RestAnswer> {
  const body = fieldsOf(request.body);
  const { projectId = '' } = request.path;
  const asked = readQuery(body, request, body.dryRun === true, body.jobTimeoutMs);
  const jobId = jobIdOfRequest(text(body.requestId, 'requestId'));
  const known = jobId === undefined ? undefined : endpoint.jobs.find(projectId, jobId);
  const job =
    known ??
    endpoint.jobs.start(
      {
        projectId,
        kind: 'QUERY',
        configuration: { query: shownQuery(body) },
        ...(jobId === undefined ? {} : { jobId }),
      },
      (started) => runQueryJob(started, asked, endpoint),
    );
  if (asked.dryRun) {
    await dryRunAnswer(job, endpoint);
    const { columns } = job.record;
    return {
      body: {
        kind: 'bigquery#queryResponse',
        ...(columns === undefined ? {} : { schema: { fields: toRestFields(columns) } }),
        jobReference: { projectId, location: job.record.location },
        totalBytesProcessed: '0',
        jobComplete: true,
        cacheHit: false,
      },
    };
  }
  await waitFor(job, wholeNumber(body.timeoutMs, 'timeoutMs') ?? QUERY_WAIT_MS);
  const most = wholeNumber(body.maxResults, 'maxResults') ?? Number.MAX_SAFE_INTEGER;
  const int64Timestamps = object(body.formatOptions, 'formatOptions')?.useInt64Timestamp === true;
  return {
    text: await resultAnswer('bigquery#queryResponse', job, { from: 0, most, int64Timestamps }, endpoint),
  };
}

export async function getQueryResults(
  endpoint: Endpoint,
  { path, query: asked }: RestRequest,
): Promise<RestAnswer> {
  const job = endpoint.jobs.get(path.projectId!, path.jobId!);
  await waitFor(job, wholeNumber(asked.get('timeoutMs'), 'timeoutMs') ?? QUERY_WAIT_MS);
  const token = asked.get('pageToken');
  const from =
    token === null ? (wholeNumber(asked.get('startIndex'), 'startIndex') ?? 0) : pagePosition(token);
  const most = wholeNumber(asked.get('maxResults'), 'maxResults') ?? Number.MAX_SAFE_INTEGER;
  const int64Timestamps = flag(asked, 'formatOptions.useInt64Timestamp');
  return {
    text: await resultAnswer(
      'bigquery#getQueryResultsResponse',
      job,
      { from, most, int64Timestamps },
      endpoint,
    ),
  };
}

export function getJob({ jobs }: Endpoint, { path }: RestRequest): RestAnswer {
  return { body: jobResource(jobs.get(path.projectId!, path.jobId!).record, EMAIL) };
}

export function cancelJob({ jobs }: Endpoint, { path }: RestRequest): RestAnswer {
  const job = jobs.get(path.projectId!, path.jobId!);
  job.abort.abort();
  return { body: { kind: 'bigquery#jobCancelResponse', job: jobResource(job.record, EMAIL) } };
}

export async function deleteJob({ jobs }: Endpoint, { path }: RestRequest): Promise<RestAnswer> {
  const job = jobs.get(path.projectId!, path.jobId!);
  if (job.record.state !== 'DONE')
    throw new RestError('invalid', 'A job that runs cannot be deleted: cancel it first.');
  await jobs.remove(job);
  return { status: 204 };
}

function readQuery(
  given: Fields,
  { path, requireWrite }: RestRequest,
  dryRun: boolean,
  jobTimeoutMs: unknown,
): QueryJobRequest {
  const timeoutMs = wholeNumber(jobTimeoutMs, 'jobTimeoutMs');
  const sql = text(given.query, 'query');
  if (sql === undefined || sql.trim() === '')
    throw new RestError('required', 'Required parameter is missing: query', 'query');
  if (given.useLegacySql === true) {
    throw new RestError(
      'invalid',
      'Legacy SQL is not supported here: send GoogleSQL, with useLegacySql false (bq: --nouse_legacy_sql).',
      'useLegacySql',
    );
  }
  refuseUnsupported(given);
  const defaultDataset = text(
    object(given.defaultDataset, 'defaultDataset')?.datasetId,
    'defaultDataset.datasetId',
  );
  const parameters = given.queryParameters;
  if (parameters !== undefined && parameters !== null && !Array.isArray(parameters)) {
    throw new RestError(
      'invalid',
      'Invalid value for queryParameters: it must be an array.',
      'queryParameters',
    );
  }
  const destination = readTarget(given, 'WRITE_EMPTY');
  return {
    projectId: path.projectId!,
    query: sql,
    dryRun,
    requireWrite,
    ...(timeoutMs === undefined || timeoutMs === 0 ? {} : { timeoutMs }),
    ...(destination === undefined ? {} : { destination }),
    ...(defaultDataset === undefined ? {} : { defaultDataset }),
    ...(Array.isArray(parameters) ? { parameters: parameters as QueryParameter[] } : {}),
  };
}

/** What would be another result if it were left out of account. */
function refuseUnsupported(given: Fields): void {
  if (given.createSession === true) {
    throw new RestError(
      'notImplemented',
      'Sessions are not supported here: send statements that belong together in one query.',
      'createSession',
    );
  }
  if (object(given.tableDefinitions, 'tableDefinitions') !== undefined) {
    throw new RestError(
      'notImplemented',
      'External tables (tableDefinitions) are not supported here: load the file into a table.',
      'tableDefinitions',
    );
  }
  const properties = Array.isArray(given.connectionProperties) ? given.connectionProperties : [];
  for (const { key, value } of properties as { key?: unknown; value?: unknown }[]) {
    if (key === 'query_label' || (key === 'time_zone' && value === 'UTC')) continue;
    throw new RestError(
      'notImplemented',
      `The connection property ${String(key)} is not supported here.`,
      'connectionProperties',
    );
  }
}

function shownQuery(given: Fields): Fields {
  const {
    query: sql,
    defaultDataset,
    queryParameters,
    parameterMode,
    destinationTable,
    writeDisposition,
    createDisposition,
    priority,
  } = given;
  const kept = {
    query: sql,
    defaultDataset,
    queryParameters,
    parameterMode,
    destinationTable,
    writeDisposition,
    createDisposition,
  };
  return { ...kept, priority: priority ?? 'INTERACTIVE', useLegacySql: false };
}

/** A request that is sent again, with the same id, is answered by the job of the first. */
function jobIdOfRequest(requestId: string | undefined): string | undefined {
  if (requestId === undefined || requestId === '') return undefined;
  return `job_${createHash('sha256').update(requestId).digest('base64url').slice(0, 27)}`;
}

function jobIdOf(value: unknown): string | undefined {
  const jobId = text(value, 'jobReference.jobId');
  if (jobId === undefined || /^[A-Za-z0-9_-]{1,1024}$/.test(jobId)) return jobId;
  throw new RestError(
    'invalid',
    `Invalid job ID "${jobId}". The ID must contain only letters, numbers, underscores and dashes, and be at most 1,024 characters long.`,
    'jobReference.jobId',
  );
}

/** There is no Cloud Storage here to read from or to write to. */
const NO_JOBS: Readonly<Record<string, string>> = {
  extract:
    'Extract jobs are not supported here, since there is no Cloud Storage: query the rows instead (bq query --format=csv, seismo sql --format csv), or list them (bq head).',
  load: 'Loading from addresses (sourceUris) is not supported here: load a local file, as CSV or NEWLINE_DELIMITED_JSON.',
};

function unsupportedJob(configuration: Fields): RestError {
  const kind = Object.keys(NO_JOBS).find((one) => configuration[one] !== undefined);
  return kind === undefined
    ? new RestError(
        'required',
        'Required parameter is missing: configuration.query, configuration.load or configuration.copy',
        'configuration',
      )
    : new RestError('notImplemented', NO_JOBS[kind]!, `configuration.${kind}`);
}
