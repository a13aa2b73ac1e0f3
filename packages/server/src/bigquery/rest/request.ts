import type { IncomingHttpHeaders } from 'node:http';
import { RestError } from './rest-error.js';

/** A request to one method of the API, taken apart. */
export interface RestRequest {
  /** GET, POST, …. */
  readonly http: string;
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Parsed JSON; of an upload the stream. */
  readonly body: unknown;
  /** Path and query as they were sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** `http://HOST`, as the client called it. */
  readonly origin: string;
  /** Throws where the caller may only read. */
  readonly requireWrite: () => void;
}

/** Besides a body: another status, or headers. `text` is JSON that is written out already. */
export interface RestAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly text?: string;
}

export type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(body: unknown): Fields {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Fields;
  if (body === undefined || body === null) return {};
  throw new RestError('invalid', 'The body must be a JSON object.');
}

/** A whole number of a query string or of a body, where both write it as text or number. */
export function wholeNumber(value: unknown, name: string, least = 0): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw new RestError(
    'invalid',
    `Invalid value for ${name}: ${String(value)} is not a whole number from ${least}.`,
    name,
  );
}

/** Clients write `true` and `True`. */
export function flag(query: URLSearchParams, name: string): boolean {
  return query.get(name)?.toLowerCase() === 'true';
}

export function text(value: unknown, name: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw new RestError('invalid', `Invalid value for ${name}: it must be a string.`, name);
}

/** The fields of a PATCH as they are; a PUT takes away those of `all` that it does not name. */
export function changes({ http, body }: Pick<RestRequest, 'http' | 'body'>, all: readonly string[]): Fields {
  const given = fieldsOf(body);
  if (http !== 'PUT') return given;
  return { ...Object.fromEntries(all.map((name) => [name, null])), ...given };
}

/** A PATCH adds labels to those that are there, and takes away those that it sets to null. */
export function changedLabels(
  given: unknown,
  former: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> | undefined {
  const labels = object(given, 'labels');
  if (labels === undefined) return undefined;
  const pairs = Object.entries({ ...former, ...labels }).filter(([, value]) => value !== null);
  return Object.fromEntries(pairs.map(([key, value]) => [key, text(value, `labels.${key}`) ?? '']));
}

/** Refuses a change of what somebody else has changed since the client read it, where the client says what it read. */
export function requireEtag({ headers }: Pick<RestRequest, 'headers'>, etag: string): void {
  const asked = headers['if-match'];
  if (asked === undefined || asked === '*' || asked.replaceAll('"', '') === etag) return;
  throw new RestError(
    'conditionNotMet',
    'Precondition check failed: it was changed since it was read.',
    'If-Match',
  );
}

/** `object` of an object; undefined where there is none. */
export function object(value: unknown, name: string): Fields | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'object' && !Array.isArray(value)) return value as Fields;
  throw new RestError('invalid', `Invalid value for ${name}: it must be an object.`, name);
}

/** Pages are named by the place where they begin. */
export function pageToken(position: number): string {
  return Buffer.from(`from:${position}`).toString('base64url');
}

export function pagePosition(token: string | null | undefined): number {
  if (token === undefined || token === null || token === '') return 0;
  const position = /^from:(\d+)$/.exec(Buffer.from(token, 'base64url').toString())?.[1];
  if (position === undefined) throw new RestError('invalid', 'Invalid page token.', 'pageToken');
  return Number(position);
}

/** One page of a list that is in memory. */
export function page<One>(
  all: readonly One[],
  query: URLSearchParams,
): { items: readonly One[]; nextPageToken?: string } {
  const most = wholeNumber(query.get('maxResults'), 'maxResults') ?? 50;
  const from = pagePosition(query.get('pageToken'));
  const end = from + Math.max(1, most);
  return end < all.length
    ? { items: all.slice(from, end), nextPageToken: pageToken(end) }
    : { items: all.slice(from) };
}
