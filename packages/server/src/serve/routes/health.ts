import type { FastifyInstance } from 'fastify';
import { AppError } from '../../errors.js';
import { describeRoute } from '../describe-route.js';
import type { BaseServices } from '../http-services.js';
import { HealthBody, ReadyBody } from '../schemas.js';

/** `GET /health`: the process answers. `GET /ready`: it can take samples. Both are open to everybody. */
export function healthRoutes(
  app: FastifyInstance,
  services: Pick<BaseServices, 'version' | 'readiness'>,
): void {
  const healthSchema = describeRoute({
    tag: 'server',
    summary: 'Whether the process answers',
    open: true,
    answers: { 200: HealthBody },
  });
  app.get('/health', { schema: healthSchema }, async () => ({ status: 'ok', version: services.version }));
  const readySchema = describeRoute({
    tag: 'server',
    summary: 'Whether samples are taken',
    open: true,
    answers: { 200: ReadyBody },
    errors: { 503: 'Not yet, or not any more; the message says why.' },
  });
  app.get('/ready', { schema: readySchema }, async () => {
    const readiness = services.readiness();
    if (readiness.ready) return { status: 'ready' };
    const { reason = 'not yet', hint } = readiness;
    throw new AppError(
      'not_ready',
      `Samples cannot be taken: ${reason}.`,
      hint === undefined ? {} : { hint },
    );
  });
}
