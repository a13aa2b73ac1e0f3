import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  HookHandlerDoneFunction,
  HTTPMethods,
} from 'fastify';
import type { Endpoint } from './endpoint.js';
import type { LazyEndpoint } from './lazy-endpoint.js';
import type { RestAnswer } from './request.js';

type Hook = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => void;

/** Who may call: hooks that fail where the caller may not. */
interface RouteGuard {
  readonly read: Hook;
  readonly write: Hook;
}

/** Who answers for paths that are no URL, by what these begin with. */
interface BadPaths {
  set(prefix: string, answer: ErrorAnswer): unknown;
}

type ErrorAnswer = (error: unknown, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

const METHODS: HTTPMethods[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const PLAIN_PATHS = ['/bigquery/v2', '/bigquery/v2/*'];
const UPLOAD_PATHS = ['/upload/bigquery/v2/*', '/resumable/upload/bigquery/v2/*'];
const DISCOVERY_PATHS = ['/$discovery/rest', '/discovery/v1/apis/bigquery/v2/rest'];

/**
 * BigQuery's REST API over the data folder, for the HTTP server to add to itself: a few routes, until somebody calls one.
 */
export function bigQueryRoutes(
  endpoint: LazyEndpoint,
): (app: FastifyInstance, guard: RouteGuard, badPaths: BadPaths) => void {
  return (app, guard, badPaths) => {
    const answerFailed: ErrorAnswer = (error, request, reply) => answerError(error, request, reply, endpoint);
    for (const prefix of ['/bigquery/v2/', '/upload/bigquery/', '/resumable/upload/bigquery/']) {
      badPaths.set(prefix, answerFailed);
    }
    const handler = async (request: FastifyRequest, reply: FastifyReply) =>
      send(reply, await answer(await endpoint.open(), request, reply, guard));
    app.register(async (scope) => {
      scope.setErrorHandler(answerFailed);
      for (const url of PLAIN_PATHS) scope.route({ method: METHODS, url, onRequest: guard.read, handler });
      // What methods there are is no secret, and clients ask for it without a key.
      for (const url of DISCOVERY_PATHS) scope.get(url, handler);
      scope.addHook('preClose', () => endpoint.close());
    });
    app.register(async (scope) => {
      scope.setErrorHandler(answerFailed);
      // Files are read as they come.
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
      for (const url of UPLOAD_PATHS) {
        scope.route({ method: METHODS, url, config: { longBody: true }, onRequest: guard.read, handler });
      }
    });
  };
}

async function answer(
  endpoint: Endpoint,
  request: FastifyRequest,
  reply: FastifyReply,
  guard: RouteGuard,
): Promise<RestAnswer> {
  const { answerRequest } = await import('./answer-request.js');
  return answerRequest(endpoint, {
    http: request.method,
    url: request.url,
    headers: request.headers,
    body: request.body,
    origin: `${request.protocol}://${request.headers.host ?? 'localhost'}`,
    requireWrite() {
      guard.write(request, reply, (error) => {
        if (error !== undefined) throw error;
      });
    },
  });
}

function send(reply: FastifyReply, { status = 200, headers = {}, body, text }: RestAnswer): FastifyReply {
  reply.code(status).headers(headers);
  if (body === undefined && text === undefined) return reply.send();
  return reply.header('content-type', 'application/json; charset=utf-8').send(text ?? JSON.stringify(body));
}

async function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  { log }: LazyEndpoint,
): Promise<FastifyReply> {
  const { errorAnswer } = await import('./rest-error.js');
  const { status, body } = errorAnswer(error);
  if (status === 500)
    log.error({ err: error, method: request.method, path: request.url }, 'A request failed.');
  return send(reply, { status, body });
}
