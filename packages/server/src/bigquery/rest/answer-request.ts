import { discoveryDocument } from './discovery.js';
import type { Endpoint } from './endpoint.js';
import { METHODS } from './methods.js';
import type { RestAnswer, RestRequest } from './request.js';
import { RestError } from './rest-error.js';
import { matchRoute } from './router.js';
import { dropTable } from './tables.js';
import { upload } from './uploads.js';

const PLAIN_PREFIX = '/bigquery/v2/';
const PREFIXES = ['/resumable/upload/bigquery/v2/', '/upload/bigquery/v2/', PLAIN_PREFIX];
const DISCOVERY_PATHS = ['/$discovery/rest', '/discovery/v1/apis/bigquery/v2/rest'];

export type IncomingRequest = Omit<RestRequest, 'path' | 'query'>;

/** Answers one request of a client of BigQuery; what it throws becomes an answer of its own (see rest-error.ts). */
export async function answerRequest(endpoint: Endpoint, incoming: IncomingRequest): Promise<RestAnswer> {
  const { pathname, searchParams } = new URL(incoming.url, 'http://localhost');
  if (DISCOVERY_PATHS.includes(pathname)) return { body: discoveryDocument(incoming.origin) };
  const prefix = PREFIXES.find((one) => pathname.startsWith(one));
  // Pieces of a file come with PUT.
  const http = incoming.http === 'PUT' && prefix !== PLAIN_PREFIX ? 'POST' : incoming.http;
  const match = prefix === undefined ? undefined : matchRoute(http, pathname.slice(prefix.length));
  const method = match === undefined ? undefined : METHODS[match.method.id];
  if (match === undefined || method === undefined) {
    throw new RestError(
      'notFound',
      `The endpoint has nothing for ${incoming.http} ${pathname}. GET /$discovery/rest?version=v2 lists what there is.`,
    );
  }
  const request = { ...incoming, path: match.path, query: searchParams };
  if (prefix !== PLAIN_PREFIX) {
    if (match.method.upload === true) return upload(endpoint, request);
    throw new RestError('invalid', 'Only load jobs take a file.');
  }
  if (match.method.writes === true) incoming.requireWrite();
  for (const entry of endpoint.catalog.expired()) await dropTable(endpoint, entry);
  return method(endpoint, request);
}
