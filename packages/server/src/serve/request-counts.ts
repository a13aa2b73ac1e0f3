import type { FastifyInstance } from 'fastify';
import { Counter, type Registry } from 'prom-client';

interface RouteCounts {
  readonly method: string;
  readonly route: string;
  readonly byStatus: Map<number, number>;
}

/**
 * Counts answers by route and status, for the routes that are added after it. Every request passes here, so each
 * route counts for itself: asking a request for its route costs more than all the rest of this.
 */
export function installRequestCounts(app: FastifyInstance, registry: Registry): void {
  const routes: RouteCounts[] = [];
  const add = (method: string, route: string): RouteCounts => {
    const counts = { method, route, byStatus: new Map<number, number>() };
    routes.push(counts);
    return counts;
  };
  app.addHook('onRoute', (options) => {
    // The page's files are whatever no other route is.
    const route = options.url === '/*' ? 'static' : options.url;
    const counts = new Map([options.method].flat().map((method) => [method, add(method, route)]));
    options.onResponse = [
      ...[options.onResponse ?? []].flat(),
      (request, reply, done) => {
        countOne(counts.get(request.method)!, reply.statusCode);
        done();
      },
    ];
  });
  const unknown = new Map<string, RouteCounts>();
  app.addHook('onResponse', (request, reply, done) => {
    if (request.is404) {
      // The page's files have no routes of their own.
      const route = reply.statusCode < 400 ? 'static' : 'none';
      const key = `${request.method} ${route}`;
      const counts = unknown.get(key) ?? add(request.method, route);
      unknown.set(key, counts);
      countOne(counts, reply.statusCode);
    }
    done();
  });
  describe(registry, routes);
}

function countOne({ byStatus }: RouteCounts, status: number): void {
  byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
}

function describe(registry: Registry, routes: readonly RouteCounts[]): void {
  registry.removeSingleMetric('seismo_http_requests_total');
  new Counter({
    name: 'seismo_http_requests_total',
    help: 'Answers by method, route and status.',
    labelNames: ['method', 'route', 'status'] as const,
    registers: [registry],
    collect() {
      this.reset();
      for (const { method, route, byStatus } of routes) {
        for (const [status, count] of byStatus) this.inc({ method, route, status }, count);
      }
    },
  });
}
