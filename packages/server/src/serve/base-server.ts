import { type FastifyInstance, fastify } from 'fastify';
import { AppError } from '../errors.js';
import { installBodyRoom } from './body-room.js';
import { installBodyTime } from './body-time.js';
import { installCompression } from './compressed-answers.js';
import {
  answerBrokenRequest,
  BODY_BYTES_MAX,
  HEADER_BYTES_MAX,
  installErrorHandling,
  sendError,
} from './http-errors.js';
import type { BadPaths, BaseServices } from './http-services.js';
import { installOpenApi } from './openapi.js';
import { installBodyParser } from './request-body.js';
import { installRequestCounts } from './request-counts.js';
import { installTraces } from './request-trace.js';
import { installCompilers, NO_COMPILERS } from './request-validation.js';
import { healthRoutes } from './routes/health.js';
import { selfMetricsRoute } from './routes/self-metrics.js';
import { ApiKeys } from './security/api-keys.js';
import { FailedSignIns } from './security/failed-sign-ins.js';
import { createGuard, type Guard, type GuardParts } from './security/guard.js';
import { installSecurity } from './security/security-headers.js';
import type { Sessions } from './security/sessions.js';

export interface BaseServer {
  /** Not listening yet; routes that are added to it are described, counted and packed like all others. */
  readonly app: FastifyInstance;
  readonly guard: Guard;
  readonly guardParts: GuardParts;
  readonly badPaths: BadPaths;
}

const CONNECTIONS_MAX = 4000;

/**
 * A server with what all have in common: errors, limits, security, the reading of bodies, keys, and the routes
 * /health, /ready, /metrics, /openapi.json and /docs. `close()` lets running requests end and refuses new ones;
 * it waits for readers who do not take their answer: whoever closes cuts them off after a while.
 */
export function createBaseServer(services: BaseServices, sessions?: Sessions): BaseServer {
  const { config, log } = services;
  const badPaths: BadPaths = new Map();
  const app = bareServer(services, badPaths);
  let closing = false;
  app.addHook('onRequest', (_request, reply, done) => {
    if (!closing) return done();
    reply.header('connection', 'close');
    done(new AppError('not_ready', 'The server is stopping.'));
  });
  app.addHook('preClose', async () => {
    closing = true;
  });
  if (config.onCloudRun) installTraces(app);
  installRequestCounts(app, services.metrics.registry);
  installCompression(app);
  installErrorHandling(app, log);
  installSecurity(app, services);
  // On one machine few clients send much; a service has little memory, and many callers.
  if (config.role !== 'embedded') installBodyRoom(app);
  installBodyParser(app);
  installOpenApi(app, services.version);

  const guardParts: GuardParts = {
    keys: new ApiKeys(config.apiKeys, keysRequired(config)),
    failedSignIns: new FailedSignIns(() => services.clock.nowMs()),
    ...(sessions === undefined ? {} : { sessions }),
  };
  const guard = createGuard(guardParts);
  healthRoutes(app, services);
  selfMetricsRoute(app, services, guard);
  return { app, guard, guardParts, badPaths };
}

/** A service that is called with identity tokens starts without keys, and then is closed to all others. */
function keysRequired({ auth, apiKeys, role, insecure }: BaseServices['config']): boolean {
  if (auth === 'iam') return false;
  return apiKeys.length > 0 || (role === 'processmetrics' && !insecure);
}

function bareServer({ config, log }: BaseServices, badPaths: BadPaths): FastifyInstance {
  const app: FastifyInstance = fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    keepAliveTimeout: 72_000,
    // Refused by a hook of ours, in the shape of our errors.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // The name of a series stands in a path.
    routerOptions: { maxParamLength: HEADER_BYTES_MAX },
    // The last address in X-Forwarded-For is the client's as Cloud Run saw it; others are the client's word.
    trustProxy: config.onCloudRun ? (_address, hop) => hop === 0 : false,
    http: { maxHeaderSize: HEADER_BYTES_MAX, headersTimeout: 10_000, connectionsCheckingInterval: 5000 },
    clientErrorHandler: answerBrokenRequest,
    schemaController: { compilersFactory: NO_COMPILERS },
    frameworkErrors: (error, request, reply) => {
      const answer = [...badPaths].find(([prefix]) => request.url.startsWith(prefix))?.[1];
      if (answer === undefined) sendError(error, request, reply, log);
      else answer(error, request, reply);
    },
  });
  installCompilers(app);
  installBodyTime(app);
  app.server.maxConnections = CONNECTIONS_MAX;
  return app;
}
