import cookie from '@fastify/cookie';
import type { FastifyInstance } from 'fastify';
import { createBaseServer } from './base-server.js';
import type { HttpServices } from './http-services.js';
import { LatestAnomalies } from './latest-anomalies.js';
import { LiveFeed } from './live/live-feed.js';
import { backupRoute } from './routes/backup.js';
import { dashboardRoutes } from './routes/dashboard.js';
import { explainModelRoute } from './routes/explain-model.js';
import { getAnomaliesRoute } from './routes/get-anomalies.js';
import { getModelsRoutes } from './routes/get-models.js';
import { getSamplesRoute } from './routes/get-samples.js';
import { getSeriesRoute } from './routes/get-series.js';
import { liveRoute } from './routes/live.js';
import { postMetricsRoute } from './routes/post-metrics.js';
import { sessionRoutes } from './routes/session.js';
import { trainModelRoute } from './routes/train-model.js';
import { Sessions } from './security/sessions.js';
import { describeStages } from './stage-metrics.js';

export type { HttpServices } from './http-services.js';

/**
 * Everything that the embedded server says over HTTP, not listening yet. `close()` ends the live streams besides;
 * what the server was made of stays open.
 */
export async function createHttpServer(services: HttpServices): Promise<FastifyInstance> {
  const nowMs = () => services.clock.nowMs();
  const sessions = new Sessions(nowMs);
  const { app, guard, guardParts, badPaths } = createBaseServer(services, sessions);
  await app.register(cookie, { hook: false });
  const feed = new LiveFeed({ ...services, nowMs });
  app.addHook('preClose', async () => feed.close());
  describeStages(services);

  postMetricsRoute(app, services, guard);
  getAnomaliesRoute(app, services, guard);
  const { store, detection, models } = services;
  getSeriesRoute(app, services, guard, new LatestAnomalies(store, detection, models));
  getSamplesRoute(app, services, guard, feed);
  getModelsRoutes(app, services, guard);
  explainModelRoute(app, services, guard);
  trainModelRoute(app, services, guard);
  liveRoute(app, feed, guard);
  sessionRoutes(app, services, { ...guardParts, sessions });
  backupRoute(app, services, guard);
  services.addedRoutes?.(app, guard, badPaths);
  dashboardRoutes(app, services.dashboardFolder);
  return app;
}
