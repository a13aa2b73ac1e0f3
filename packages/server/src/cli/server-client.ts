import { AppError, ERROR_TABLE, type ErrorCode } from '../errors.js';
import type { ServerAddress } from './client-settings.js';

export interface ServerAnswer {
  readonly status: number;
  readonly body: unknown;
  /** From Retry-After; undefined when the server names no time. */
  readonly retryAfterMs: number | undefined;
}

/** Posts JSON to a running server. Throws `unreachable` when no answer came; every answer is an answer. */
export async function post(
  server: ServerAddress,
  path: string,
  body: unknown,
  signal?: AbortSignal,
): Promise<ServerAnswer> {
  const response = await request(server, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...keyHeader(server) },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
  return { status: response.status, body: await bodyOf(response), retryAfterMs: retryAfterOf(response) };
}

export async function request(server: ServerAddress, path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(`${server.url}${path}`, init);
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    if ((cause as Error).message === 'bad port') throw badPort(server);
    const detail = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
    throw new AppError('unreachable', `No server answers at ${server.url} (${detail}).`, {
      hint: 'Start one with `seismo serve`, or name another with --url.',
      cause: error,
    });
  }
}

/** Ports of other protocols, 9 or 25 for example, that no HTTP client of the web calls. */
function badPort({ url }: ServerAddress): AppError {
  return new AppError(
    'usage',
    `Port ${new URL(url).port} of ${url} belongs to another protocol and is never called over HTTP.`,
    {
      field: '--url',
      hint: 'Name the port that `seismo serve` printed at its start.',
    },
  );
}

export function keyHeader(server: ServerAddress): Record<string, string> {
  return server.apiKey === undefined ? {} : { 'x-api-key': server.apiKey };
}

/** The server's `{"error": {...}}` as an error of ours. */
export function errorOf(status: number, body: unknown): AppError {
  const error = (
    body as { error?: { code?: string; message?: string; field?: string; hint?: string } } | null
  )?.error;
  const code = codeOf(status, error?.code);
  const message = error?.message ?? `The server answered ${status}.`;
  const hint =
    code === 'unauthorized'
      ? 'Name the key with --api-key or SEISMO_API_KEY.'
      : (error?.hint ?? (error === undefined ? 'Is it a Seismo server? See --url.' : undefined));
  return new AppError(code, message, {
    ...(error?.field === undefined ? {} : { field: error.field }),
    ...(hint === undefined ? {} : { hint }),
  });
}

function codeOf(status: number, code: string | undefined): ErrorCode {
  if (code !== undefined && code in ERROR_TABLE) return code as ErrorCode;
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not_found';
  if (status === 429) return 'too_many_requests';
  return status >= 500 ? 'not_ready' : 'bad_request';
}

export async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function retryAfterOf(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}
