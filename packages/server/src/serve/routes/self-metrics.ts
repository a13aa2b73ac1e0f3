import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics } from 'prom-client';
import { describeRoute } from '../describe-route.js';
import { gauge } from '../gauge.js';
import type { BaseServices } from '../http-services.js';
import { PrometheusText } from '../schemas.js';
import type { Guard } from '../security/guard.js';

/** `GET /metrics`: the program's own numbers, in Prometheus' text format. */
export function selfMetricsRoute(app: FastifyInstance, services: BaseServices, guard: Guard): void {
  const { registry } = services.metrics;
  gauge(registry, 'seismo_ready', '1 when it does what it is for.', () => Number(services.readiness().ready));
  // Event-loop lag, memory, CPU, open files.
  if (registry.getSingleMetric('process_cpu_seconds_total') === undefined) {
    collectDefaultMetrics({ register: registry });
  }
  app.route({
    method: 'GET',
    url: '/metrics',
    onRequest: guard.read,
    schema: describeRoute({
      tag: 'server',
      summary: "The server's own metrics, in Prometheus' text format",
      answers: { 200: PrometheusText },
      produces: ['text/plain'],
    }),
    handler: async (_request, reply) => {
      reply.header('content-type', registry.contentType).header('cache-control', 'no-store');
      return registry.metrics();
    },
  });
}
