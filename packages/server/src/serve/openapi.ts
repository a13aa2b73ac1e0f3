import type { FastifyInstance, FastifySchema, HTTPMethods } from 'fastify';
import { DOCS_SCRIPT } from './docs-page.js';
import { lazyApp } from './lazy-app.js';
import { DOCS_POLICY } from './security/security-headers.js';

const LABEL_FILTER = {
  in: 'query' as const,
  name: 'label.NAME',
  description:
    'Only series whose label NAME has exactly this value: `label.service=checkout`. Repeatable per label.',
  schema: { type: 'string' as const },
  example: 'checkout',
};

interface DescribedRoute {
  readonly method: HTTPMethods[];
  readonly url: string;
  readonly schema: FastifySchema;
}

/**
 * `GET /openapi.json`, made of the schemas that validate requests, and `/docs` to browse and try it. Describes
 * the routes that are added after it.
 */
export function installOpenApi(app: FastifyInstance, version: string): void {
  const routes: DescribedRoute[] = [];
  app.addHook('onRoute', ({ method, url, schema }) => {
    const methods = [method].flat().filter((one) => one !== 'HEAD') as HTTPMethods[];
    if (schema !== undefined && methods.length > 0) routes.push({ method: methods, url, schema });
  });
  const docs = lazyApp((inner) => describeRoutes(inner, routes, version));
  for (const url of ['/openapi.json', '/docs', '/docs/*']) {
    app.get(url, async (request, reply) => (await docs.forward(request, reply)) ?? reply.callNotFound());
  }
}

/** An app that only describes: it has the routes, but none of what they do. */
async function describeRoutes(
  app: FastifyInstance,
  routes: readonly DescribedRoute[],
  version: string,
): Promise<void> {
  const [{ default: swagger }, { default: swaggerUi }] = await Promise.all([
    import('@fastify/swagger'),
    import('@fastify/swagger-ui'),
  ]);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Seismo',
        version,
        description:
          'Metrics in, anomalies out within a second. Errors are always `{"error": {"code", "message", "field"?, "hint"?}}`.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/' }],
      tags: [
        { name: 'samples', description: 'Send and read samples.' },
        { name: 'anomalies', description: 'What detection found.' },
        {
          name: 'models',
          description: 'What is learned of each series minute by minute: forecasts, explanations.',
        },
        { name: 'live', description: 'Samples with their verdicts as they are judged.' },
        { name: 'server', description: 'How the server is doing.' },
        { name: 'session', description: 'Signing in, for pages in a browser.' },
      ],
      components: {
        securitySchemes: {
          key: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
          bearer: { type: 'http', scheme: 'bearer' },
          identity: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        },
      },
      security: [{ key: [] }, { bearer: [] }, {}],
    },
    hideUntagged: true,
    transformObject: (document) => {
      if (!('openapiObject' in document)) return document.swaggerObject;
      addLabelFilters(document.openapiObject.paths ?? {});
      return document.openapiObject;
    },
  });
  for (const route of routes) app.route({ ...route, exposeHeadRoute: false, handler: () => null });
  app.get('/openapi.json', () => app.swagger());
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: DOCS_POLICY,
    theme: { title: 'Seismo API', js: [{ filename: 'seismo.js', content: DOCS_SCRIPT }] },
    uiConfig: { layout: 'BaseLayout', persistAuthorization: false },
  });
}

/** Query parameters with a free part in their name are beyond the generator. */
function addLabelFilters(paths: Record<string, unknown>): void {
  for (const path of ['/get_anomalies', '/api/series', '/api/live']) {
    const operation = (paths[path] as { get?: { parameters?: unknown[] } } | undefined)?.get;
    operation?.parameters?.push(LABEL_FILTER);
  }
}
