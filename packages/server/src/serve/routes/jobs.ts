import type { FastifyInstance } from 'fastify';
import type { Logger } from '../../logger.js';
import type { CollectedWork, ModelRound, ModelStore, ModelWork } from '../../ports/model-store.js';
import { describeRoute } from '../describe-route.js';
import { type JobBody, JobBody as JobBodySchema } from '../job-schemas.js';
import type { IdentityGuard } from '../security/identity-guard.js';

export interface JobServices {
  readonly models: Pick<ModelStore, 'train' | 'detect'>;
  readonly log: Logger;
}

/**
 * `POST /jobs/train` and `POST /jobs/detect`: what Cloud Scheduler calls. Each only starts what is due and collects
 * what has ended since, so that no call outlasts the scheduler's patience.
 */
export async function jobRoutes(
  app: FastifyInstance,
  services: JobServices,
  onlyScheduler: IdentityGuard,
): Promise<void> {
  await app.register(async (inner) => {
    // A job of Cloud Scheduler sends whatever body and type it was made with; nothing in it counts.
    inner.removeAllContentTypeParsers();
    inner.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => done(null));
    addRoutes(inner, services, onlyScheduler);
  });
}

function addRoutes(app: FastifyInstance, services: JobServices, onlyScheduler: IdentityGuard): void {
  for (const job of ['train', 'detect'] as const) {
    app.route({
      method: 'POST',
      url: `/jobs/${job}`,
      onRequest: onlyScheduler,
      schema: describeRoute({
        tag: 'server',
        identity: true,
        summary: SUMMARIES[job],
        description: 'Asks for the identity token of the account that Cloud Scheduler calls as.',
        answers: { 200: JobBodySchema },
        errors: { 503: 'BigQuery cannot be reached now: try again.' },
      }),
      handler: () => runJob(job, services),
    });
  }
}

const SUMMARIES = {
  train: 'Start the trainings that are due, collect those that have ended',
  detect: 'Start judging closed minutes, collect what was found',
};

async function runJob(job: 'train' | 'detect', { models, log }: JobServices): Promise<JobBody> {
  let round: ModelRound;
  try {
    round = await models[job]();
  } catch (error) {
    // What ended badly is in the log already; this did not even begin, and the alert looks for the same event.
    const reason = error instanceof Error ? error.message : String(error);
    log.error(
      { event: `${job}_failed`, err: error, reason },
      `Work of the models could not be started: /jobs/${job}.`,
    );
    throw error;
  }
  return {
    started: round.started.map(workItem),
    collected: round.collected.map(collectedItem),
    skipped: round.skipped.map(({ kind, model, reason }) => ({ kind, model, reason })),
  };
}

function workItem({ id, kind, model, startedMs }: ModelWork) {
  return { id, kind, model, started: new Date(startedMs).toISOString() };
}

function collectedItem(work: CollectedWork) {
  const { state, reason, anomalies, unjudged } = work;
  return { ...workItem(work), state, reason: reason ?? null, anomalies, unjudged };
}
