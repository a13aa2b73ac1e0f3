import { createPubSubPublisher } from '../adapters/gcp/pubsub-publisher.js';
import { TopicPublisher } from '../adapters/gcp/topic-publisher.js';
import { createIngest } from '../ingest/ingest-stage.js';
import type { Ingest } from '../ports/ingest.js';
import { createBaseServer } from '../serve/base-server.js';
import { describeSeries } from '../serve/gauge.js';
import { postMetricsRoute } from '../serve/routes/post-metrics.js';
import { ForgettingSeries } from './forgetting-series.js';
import type { RoleParts, RoleService } from './role.js';

/** Much longer than a request, much shorter than the embedded server's day: nothing here is lost with a name. */
const SERIES_IDLE_MS = 3_600_000;

/** The way in: accepts samples as the embedded server does, and publishes them. */
export async function createRole(parts: RoleParts): Promise<RoleService> {
  const { config, clock, metrics, log } = parts;
  const series = new ForgettingSeries({ max: config.seriesMax, idleMs: SERIES_IDLE_MS, clock });
  const { registry, active } = series;
  const topic = new TopicPublisher({
    project: config.project,
    topic: config.topic,
    emulatorHost: process.env.PUBSUB_EMULATOR_HOST,
    log,
  });
  const publisher = createPubSubPublisher({
    topic,
    lookup: (id) => registry.byId(id),
    shards: config.shards,
  });
  const accepting = createIngest({
    registry,
    active,
    clock,
    retentionMs: config.retentionMs,
    publisher,
    metrics,
    idleWords: 'an hour',
  });
  const ingest: Ingest = {
    ...accepting,
    ingest(items) {
      series.sweep();
      return accepting.ingest(items);
    },
  };
  const { app, guard } = createBaseServer({ ...parts, readiness: () => ({ ready: true }) });
  postMetricsRoute(app, { ingest, log }, guard);
  describeSeries(metrics.registry, () => registry.size, config.seriesMax);
  topic.warmUp();
  return { app, stop: () => publisher.close() };
}
