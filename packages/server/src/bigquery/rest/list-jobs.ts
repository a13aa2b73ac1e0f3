import type { Endpoint } from './endpoint.js';
import { type Job, jobResource } from './job.js';
import { EMAIL } from './jobs.js';
import { type RestAnswer, type RestRequest, wholeNumber } from './request.js';
import { RestError } from './rest-error.js';

const PAGE_JOBS = 50;
const STATES = ['PENDING', 'RUNNING', 'DONE'];

/** `jobs.list`, newest first. */
export function listJobs({ jobs }: Endpoint, { path, query: asked }: RestRequest): RestAnswer {
  const parent = asked.get('parentJobId');
  const states = asked.getAll('stateFilter').map((one) => one.toUpperCase());
  const odd = states.find((one) => !STATES.includes(one));
  if (odd !== undefined)
    throw new RestError('invalid', `Invalid value for stateFilter: ${odd.toLowerCase()}`, 'stateFilter');
  const from = wholeNumber(asked.get('minCreationTime'), 'minCreationTime') ?? 0;
  const to = wholeNumber(asked.get('maxCreationTime'), 'maxCreationTime') ?? Number.POSITIVE_INFINITY;
  const found = jobs.list(path.projectId!).filter(({ record }) => {
    if (record.parentJobId !== (parent ?? undefined)) return false;
    if (states.length > 0 && !states.includes(record.state)) return false;
    return record.createdMs >= from && record.createdMs <= to;
  });
  const { items, nextPageToken } = jobPage(found, asked);
  return {
    body: {
      kind: 'bigquery#jobList',
      ...(nextPageToken === undefined ? {} : { nextPageToken }),
      jobs: items.map(({ record }) => {
        const { errorResult } = record;
        return {
          ...jobResource(record, EMAIL),
          kind: 'bigquery#job',
          state: record.state,
          ...(errorResult === undefined ? {} : { errorResult }),
        };
      }),
    },
  };
}

/** Pages are named by their last job: new ones come before the first, which must not move the others. */
function jobPage(found: readonly Job[], asked: URLSearchParams) {
  const most = Math.max(1, wholeNumber(asked.get('maxResults'), 'maxResults') ?? PAGE_JOBS);
  const last = Buffer.from(asked.get('pageToken') ?? '', 'base64url').toString();
  const lastMs = Number(last.split('-', 1)[0]);
  if (!Number.isInteger(lastMs)) throw new RestError('invalid', 'Invalid page token.', 'pageToken');
  const at = found.findIndex(({ record }) => record.id === last);
  const older = found.findIndex(({ record }) => record.createdMs < lastMs);
  const from = last === '' ? 0 : at !== -1 ? at + 1 : older === -1 ? found.length : older;
  const items = found.slice(from, from + most);
  const end = items.at(-1);
  return end === undefined || from + most >= found.length
    ? { items }
    : { items, nextPageToken: Buffer.from(end.record.id).toString('base64url') };
}
