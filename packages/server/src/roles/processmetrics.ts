import type { FastifyInstance } from 'fastify';
import type { BigQuerySampleWriter } from '../adapters/gcp/bigquery-sample-writer.js';
import { LazyClient } from '../adapters/gcp/lazy-client.js';
import { createPubSubDeadLetters } from '../adapters/gcp/pubsub-dead-letters.js';
import { TopicPublisher } from '../adapters/gcp/topic-publisher.js';
import { createMessageIntake } from '../ingest/message-intake.js';
import type { SampleWriter } from '../ports/sample-store.js';
import { createBaseServer } from '../serve/base-server.js';
import { jobRoutes } from '../serve/routes/jobs.js';
import { pubSubPushRoute } from '../serve/routes/pubsub-push.js';
import { identityGuard } from '../serve/security/identity-guard.js';
import { IdentityTokens } from '../serve/security/identity-tokens.js';
import { addAnomalyReading } from './anomaly-reading.js';
import { ForgettingSeries } from './forgetting-series.js';
import { type LazyBigQuery, lazyBigQuery } from './lazy-bigquery.js';
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
  const bigquery = lazyBigQuery(parts);
  const storing = addStoring(app, parts, tokens);
  await addJobs(app, parts, tokens, bigquery);
  addAnomalyReading(app, guard, bigquery);
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
  const writing = new LazyClient<BigQuerySampleWriter>('BigQuery', async () => {
    const { openBigQuerySampleWriter } = await import('../adapters/gcp/bigquery-sample-writer.js');
    return openBigQuerySampleWriter({
      project,
      dataset,
      lookup: (id) => registry.byId(id),
      clock,
      endpoint: config.bigqueryWriteEndpoint,
      onAppendSeconds: (seconds) => metrics.commitSeconds.observe(seconds),
      log,
    });
  });
  const writer: SampleWriter = {
    append: async (...given) => (await writing.get()).append(...given),
  };
  const topic = new TopicPublisher({
    project,
    topic: config.deadLetterTopic,
    emulatorHost: process.env.PUBSUB_EMULATOR_HOST,
    log,
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
  writing.warmUp();
  return {
    async stop() {
      report.flush();
      const opened = await writing.opened();
      await Promise.all([opened?.close(), topic.close()]);
    },
  };
}

async function addJobs(
  app: FastifyInstance,
  { config, log }: RoleParts,
  tokens: IdentityTokens,
  bigquery: LazyBigQuery,
): Promise<void> {
  const models = {
    train: async () => (await bigquery.get()).models.train(),
    detect: async () => (await bigquery.get()).models.detect(),
  };
  await jobRoutes(app, { models, log }, identityGuard(tokens, config.schedulerAccount, log));
}
