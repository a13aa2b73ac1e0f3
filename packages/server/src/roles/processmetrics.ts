import type { FastifyInstance } from 'fastify';
import { createPubSubDeadLetters } from '../adapters/gcp/pubsub-dead-letters.js';
import { TopicPublisher } from '../adapters/gcp/topic-publisher.js';
import { createMessageIntake } from '../ingest/message-intake.js';
import type { ModelStore } from '../ports/model-store.js';
import { createBaseServer } from '../serve/base-server.js';
import { jobRoutes } from '../serve/routes/jobs.js';
import { pubSubPushRoute } from '../serve/routes/pubsub-push.js';
import { identityGuard } from '../serve/security/identity-guard.js';
import { IdentityTokens } from '../serve/security/identity-tokens.js';
import { addAnomalyReading } from './anomaly-reading.js';
import { ForgettingSeries } from './forgetting-series.js';
import { LazyWriter } from './lazy-writer.js';
import type { RoleParts, RoleService } from './role.js';
import { StoredReport } from './stored-report.js';

/** No limit of our own: these samples were accepted, and only what came lately is known by name. */
const SERIES_MAX = 10_000_000;
/** Far longer than any message takes. */
const SERIES_IDLE_MS = 600_000;

/** Stores what Pub/Sub pushes, runs the jobs of Cloud Scheduler, and answers what was found. */
export async function createRole(parts: RoleParts): Promise<RoleService> {
  const { app, guard } = createBaseServer({ ...parts, readiness: () => ({ ready: true }) });
  const tokens = tokensOf(parts);
  const storing = addStoring(app, parts, tokens);
  await addJobs(app, parts, tokens);
  addAnomalyReading(app, guard, parts);
  return { app, stop: storing.stop };
}

function tokensOf({ config, clock }: RoleParts): IdentityTokens {
  const { pushAuth: mode, pushAudiences: audiences, jwksUrl } = config;
  return new IdentityTokens({ mode, audiences, jwksUrl, nowMs: () => clock.nowMs() });
}

function addStoring(app: FastifyInstance, parts: RoleParts, tokens: IdentityTokens) {
  const { config, clock, metrics, log } = parts;
  const { project, dataset } = config;
  const series = new ForgettingSeries({ max: SERIES_MAX, idleMs: SERIES_IDLE_MS, clock });
  const { registry, active } = series;
  const writer = new LazyWriter(async () => {
    const { openBigQuerySampleWriter } = await import('../adapters/gcp/bigquery-sample-writer.js');
    return openBigQuerySampleWriter({
      project,
      dataset,
      lookup: (id) => registry.byId(id),
      clock,
      endpoint: config.bigqueryWriteEndpoint,
      onAppendSeconds: (seconds) => metrics.commitSeconds.observe(seconds),
    });
  });
  const topic = new TopicPublisher({
    project,
    topic: config.deadLetterTopic,
    emulatorHost: process.env.PUBSUB_EMULATOR_HOST,
  });
  const report = new StoredReport(log);
  const intake = createMessageIntake({
    registry,
    active,
    clock,
    retentionMs: config.retentionMs,
    writer,
    deadLetters: createPubSubDeadLetters(topic),
    metrics,
    log,
    onStored: (samples) => report.add(samples),
  });
  const sweeping = {
    take(...args: Parameters<typeof intake.take>) {
      series.sweep();
      return intake.take(...args);
    },
  };
  pubSubPushRoute(app, sweeping, identityGuard(tokens, config.pushAccount, log));
  writer.warmUp();
  return {
    async stop() {
      report.flush();
      await Promise.all([writer.close(), topic.close()]);
    },
  };
}

async function addJobs(app: FastifyInstance, parts: RoleParts, tokens: IdentityTokens): Promise<void> {
  const { config, log } = parts;
  let opening: Promise<ModelStore> | undefined;
  const open = () => {
    opening ??= import('./bigquery-parts.js').then(({ openModels }) => openModels(parts));
    return opening;
  };
  const models = {
    train: async () => (await open()).train(),
    detect: async () => (await open()).detect(),
  };
  await jobRoutes(app, { models, log }, identityGuard(tokens, config.schedulerAccount, log));
}
