import type { Duplex } from 'node:stream';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, ERROR_TABLE, type ErrorCode } from '../errors.js';
import type { Logger } from '../logger.js';

/** Every error leaves as `{"error": {"code", "message", "field"?, "hint"?}}` with the status of ERROR_TABLE. */
export function installErrorHandling(app: FastifyInstance, log: Logger): void {
  const methodsByPath = new Map<string, Set<string>>();
  app.addHook('onRoute', (route) => {
    const methods = methodsByPath.get(route.url) ?? new Set();
    for (const method of [route.method].flat()) methods.add(method);
    methodsByPath.set(route.url, methods);
  });
  app.setErrorHandler((error: FastifyError, request, reply) => sendError(error, request, reply, log));
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const methods = methodsByPath.get(path);
    if (methods === undefined || methods.has(request.method)) {
      return sendError(
        new AppError('not_found', `There is nothing at ${printable(path)}.`, {
          hint: 'GET /openapi.json lists what there is, /docs shows it.',
        }),
        request,
        reply,
        log,
      );
    }
    const allowed = [...methods].sort().join(', ');
    reply.header('allow', allowed);
    return sendError(
      new AppError('method_not_allowed', `${path} does not understand ${request.method}.`, {
        hint: `It understands ${allowed}.`,
      }),
      request,
      reply,
      log,
    );
  });
}

export function sendError(thrown: unknown, request: FastifyRequest, reply: FastifyReply, log: Logger) {
  const error = asAppError(thrown);
  if (error.code === 'internal') {
    log.error({ err: thrown, method: request.method, path: request.routeOptions.url }, 'A request failed.');
  } else if (error.cause !== undefined && ERROR_TABLE[error.code].status >= 500) {
    logOutage(error, request, log);
  }
  setRetryAfter(error.code, reply);
  return reply
    .code(ERROR_TABLE[error.code].status)
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify(errorBody(error)));
}

const OUTAGE_LOG_INTERVAL_MS = 10_000;
const outagesLoggedMs = new WeakMap<Logger, number>();

/** What we depend on does not answer: everybody is told, so a line now and then is enough. */
function logOutage(error: AppError, request: FastifyRequest, log: Logger): void {
  const nowMs = performance.now();
  if (nowMs - (outagesLoggedMs.get(log) ?? Number.NEGATIVE_INFINITY) < OUTAGE_LOG_INTERVAL_MS) return;
  outagesLoggedMs.set(log, nowMs);
  const { method, routeOptions } = request;
  log.warn({ code: error.code, method, path: routeOptions.url, hint: error.hint }, error.message);
}

export function errorBody(error: AppError) {
  return {
    error: {
      code: error.code as string,
      message: error.message,
      ...(error.field === undefined ? {} : { field: error.field }),
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    },
  };
}

/** Seconds after which trying again makes sense. */
const RETRY_AFTER_SECONDS: Partial<Record<ErrorCode, number>> = {
  queue_full: 1,
  not_ready: 1,
  unreachable: 5,
  too_many_requests: 60,
  series_limit: 60,
  storage_full: 30,
};

function setRetryAfter(code: ErrorCode, reply: FastifyReply): void {
  const seconds = RETRY_AFTER_SECONDS[code];
  if (seconds !== undefined && !reply.hasHeader('retry-after')) reply.header('retry-after', seconds);
}

/** What the outside may know of it: anything not foreseen is `internal` and says nothing more. */
function asAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const error = thrown as Partial<FastifyError>;
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return bodyTooLarge();
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new AppError('unsupported_media_type', 'The body must be JSON.', {
      field: 'Content-Type',
      hint: "Send it with the header 'Content-Type: application/json'.",
    });
  }
  if (error.code === 'FST_ERR_BAD_URL') {
    return new AppError('bad_request', 'The path of the address is not URL-encoded.', {
      hint: 'Write % as %25, and every other byte that a path cannot hold as % and two hex digits.',
    });
  }
  if (typeof error.code === 'string' && error.code.startsWith('FST_') && (error.statusCode ?? 500) < 500) {
    return new AppError('bad_request', error.message ?? 'The request cannot be understood.');
  }
  if ((error.statusCode ?? 500) < 500) {
    return new AppError('bad_request', 'The request ended early or cannot be understood.');
  }
  return new AppError('internal', 'Something went wrong inside Seismo.', {
    hint: "The server's log says what.",
    cause: thrown,
  });
}

export const BODY_BYTES_MAX = 16 * 1024 * 1024;

export function bodyTooLarge(): AppError {
  return new AppError('too_large', 'The body is larger than 16 MiB (unpacked, if it is packed).', {
    hint: 'Send the samples in several smaller batches.',
  });
}

/** A URL may hold the longest series there can be: 30 labels of 500 characters, each 9 bytes long when encoded. */
export const HEADER_BYTES_MAX = 144 * 1024;

/** Answers what node:http refuses before there is a request: broken, too long or too slow headers. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const answer = BROKEN[error.code ?? ''] ?? BROKEN_OTHERWISE;
  const body = JSON.stringify(errorBody(answer));
  socket.end(
    `HTTP/1.1 ${ERROR_TABLE[answer.code].status} Error\r\nConnection: close\r\n` +
      `Content-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

const BROKEN: Record<string, AppError> = {
  HPE_HEADER_OVERFLOW: new AppError('headers_too_large', 'The headers are larger than 144 KiB together.'),
  ERR_HTTP_REQUEST_TIMEOUT: new AppError('request_timeout', 'The request did not arrive within its time.', {
    hint: 'Headers have 10 s, a body has 60 s; of a file that is uploaded 60 kB have to come each minute.',
  }),
};
const BROKEN_OTHERWISE = new AppError('bad_request', 'This is not a request that HTTP/1.1 knows.');

/** Quoted back to the sender: short, and nothing a terminal would obey. */
function printable(path: string): string {
  return path.replace(/[^\x20-\x7e]/g, '?').slice(0, 100);
}
