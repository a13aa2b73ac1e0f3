import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { DOCS_POLICY } from './security/security-headers.js';

const LABEL_FILTER = {
  in: 'query' as const,
  name: 'label.NAME',
  description:
    'Only series whose label NAME has exactly this value: `label.service=checkout`. Repeatable per label.',
  schema: { type: 'string' as const },
  example: 'checkout',
};

/** `GET /openapi.json`, made of the schemas that validate requests, and `/docs` to browse and try it. */
export async function installOpenApi(app: FastifyInstance, version: string): Promise<void> {
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
        { name: 'live', description: 'Samples with their verdicts as they are judged.' },
        { name: 'server', description: 'How the server is doing.' },
        { name: 'session', description: 'Signing in, for pages in a browser.' },
      ],
      components: {
        securitySchemes: {
          key: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
          bearer: { type: 'http', scheme: 'bearer' },
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
  app.get('/openapi.json', () => app.swagger());
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: DOCS_POLICY,
    theme: { title: 'Seismo API' },
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
