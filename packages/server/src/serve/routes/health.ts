import type { FastifyInstance } from 'fastify';
import { AppError } from '../../errors.js';
import type { HttpServices } from '../http-services.js';

/** `GET /health`: the process answers. `GET /ready`: it can take samples. Both are open to everybody. */
export function healthRoutes(app: FastifyInstance, services: HttpServices): void {
  app.get('/health', async () => ({ status: 'ok', version: services.version }));
  app.get('/ready', async () => {
    const readiness = services.readiness();
    if (readiness.ready) return { status: 'ready' };
    throw new AppError('not_ready', readiness.reason ?? 'Samples cannot be taken yet.');
  });
}
