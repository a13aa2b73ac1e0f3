import cookie from '@fastify/cookie';
import { type FastifyInstance, fastify } from 'fastify';
import { AppError } from '../errors.js';
import { installCompression } from './compressed-answers.js';
import { answerBrokenRequest, BODY_BYTES_MAX, installErrorHandling, sendError } from './http-errors.js';
import type { HttpServices } from './http-services.js';
import { LatestAnomalies } from './latest-anomalies.js';
import { LiveFeed } from './live/live-feed.js';
import { installOpenApi } from './openapi.js';
import { installBodyParser } from './request-body.js';
import { installRequestCounts } from './request-counts.js';
import { installCompilers, NO_COMPILERS } from './request-validation.js';
import { backupRoute } from './routes/backup.js';
import { dashboardRoutes } from './routes/dashboard.js';
import { getAnomaliesRoute } from './routes/get-anomalies.js';
import { getSamplesRoute } from './routes/get-samples.js';
import { getSeriesRoute } from './routes/get-series.js';
import { healthRoutes } from './routes/health.js';
import { liveRoute } from './routes/live.js';
import { postMetricsRoute } from './routes/post-metrics.js';
import { selfMetricsRoute } from './routes/self-metrics.js';
import { sessionRoutes } from './routes/session.js';
import { ApiKeys } from './security/api-keys.js';
import { FailedSignIns } from './security/failed-sign-ins.js';
import { createGuard } from './security/guard.js';
import { installSecurity } from './security/security-headers.js';
import { Sessions } from './security/sessions.js';

export type { HttpServices } from './http-services.js';

const CONNECTIONS_MAX = 4000;

/**
 * Everything that Seismo says over HTTP, not listening yet. `close()` ends the live streams, lets running
 * requests end and refuses new ones; what the server was made of stays open. It waits for readers who do not take
 * their answer: whoever closes cuts them off after a while.
 */
export async function createHttpServer(services: HttpServices): Promise<FastifyInstance> {
  const app = bareServer(services);
  let closing = false;
  app.addHook('onRequest', (_request, reply, done) => {
    if (!closing) return done();
    reply.header('connection', 'close');
    done(new AppError('not_ready', 'The server is stopping.'));
  });
  installRequestCounts(app, services.metrics.registry);
  installCompression(app);
  installErrorHandling(app, services.log);
  installSecurity(app, services);
  installBodyParser(app);
  await app.register(cookie, { hook: false });

  installOpenApi(app, services.version);

  const nowMs = () => services.clock.nowMs();
  const keys = new ApiKeys(services.config.apiKeys);
  const parts = { keys, sessions: new Sessions(nowMs), failedSignIns: new FailedSignIns(nowMs) };
  const guard = createGuard(parts);
  const feed = new LiveFeed({ ...services, nowMs });
  app.addHook('preClose', async () => {
    closing = true;
    feed.close();
  });

  postMetricsRoute(app, services, guard);
  getAnomaliesRoute(app, services, guard);
  getSeriesRoute(app, services, guard, new LatestAnomalies(services.store, services.detection));
  getSamplesRoute(app, services, guard, feed);
  liveRoute(app, feed, guard);
  healthRoutes(app, services);
  sessionRoutes(app, services, parts);
  selfMetricsRoute(app, services, guard);
  backupRoute(app, services, guard);
  dashboardRoutes(app, services.dashboardFolder);
  return app;
}

function bareServer({ log }: HttpServices): FastifyInstance {
  const app: FastifyInstance = fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: 60_000,
    keepAliveTimeout: 72_000,
    // Refused by a hook of ours, in the shape of our errors.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    http: { maxHeaderSize: 16 * 1024, headersTimeout: 10_000, connectionsCheckingInterval: 5000 },
    clientErrorHandler: answerBrokenRequest,
    schemaController: { compilersFactory: NO_COMPILERS },
    frameworkErrors: (error, request, reply) => {
      sendError(error, request, reply, log);
    },
  });
  installCompilers(app);
  app.server.maxConnections = CONNECTIONS_MAX;
  return app;
}
