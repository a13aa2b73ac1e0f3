import { API_METHODS, type ApiMethod } from './api.js';

const SERVICE_PATH = 'bigquery/v2/';

/**
 * What clients that build themselves from a description ask for first, as `bq` does with every command: Google's
 * format of API discovery, with the methods that are there.
 */
export function discoveryDocument(origin: string): object {
  const resources: Record<string, { methods: Record<string, object> }> = {};
  for (const method of API_METHODS) {
    const [resource = '', name = ''] = method.id.split('.');
    resources[resource] ??= { methods: {} };
    resources[resource].methods[name] = describe(method);
  }
  const schemas = new Set(API_METHODS.flatMap(({ request, response }) => [request, response]));
  return {
    kind: 'discovery#restDescription',
    discoveryVersion: 'v1',
    id: 'bigquery:v2',
    name: 'bigquery',
    version: 'v2',
    title: 'BigQuery API of Seismo',
    protocol: 'rest',
    rootUrl: `${origin}/`,
    servicePath: SERVICE_PATH,
    baseUrl: `${origin}/${SERVICE_PATH}`,
    basePath: `/${SERVICE_PATH}`,
    batchPath: 'batch/bigquery/v2',
    parameters: {
      alt: { type: 'string', location: 'query', default: 'json' },
      fields: { type: 'string', location: 'query' },
      key: { type: 'string', location: 'query' },
      prettyPrint: { type: 'boolean', location: 'query', default: 'true' },
      quotaUser: { type: 'string', location: 'query' },
    },
    schemas: Object.fromEntries(
      [...schemas].flatMap((id) => (id === undefined ? [] : [[id, { id, type: 'object', properties: {} }]])),
    ),
    resources,
  };
}

function describe({ id, http, path, query, request, response, upload }: ApiMethod): object {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const parameters = {
    ...Object.fromEntries(names.map((name) => [name, { type: 'string', location: 'path', required: true }])),
    ...Object.fromEntries(
      Object.entries(query ?? {}).map(([name, type]) => [name, { type, location: 'query' }]),
    ),
  };
  const whole = path.replaceAll('{', '{+');
  return {
    id: `bigquery.${id}`,
    httpMethod: http,
    path: whole,
    flatPath: path,
    parameters,
    parameterOrder: names,
    ...(request === undefined ? {} : { request: { $ref: request } }),
    ...(response === undefined ? {} : { response: { $ref: response } }),
    ...(upload === true
      ? {
          supportsMediaUpload: true,
          mediaUpload: {
            accept: ['*/*'],
            protocols: {
              simple: { multipart: true, path: `/upload/${SERVICE_PATH}${whole}` },
              resumable: { multipart: true, path: `/resumable/upload/${SERVICE_PATH}${whole}` },
            },
          },
        }
      : {}),
  };
}
