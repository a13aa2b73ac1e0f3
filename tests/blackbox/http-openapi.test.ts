import { Value } from 'typebox/value';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { memoryModels, trainedModel } from './support/memory-models.js';
import { startWholeServer } from './support/whole-server.js';

interface Operation {
  tags: string[];
  summary: string;
  parameters?: {
    name: string;
    in: string;
    required?: boolean;
    schema: Record<string, unknown>;
    example?: unknown;
    examples?: Record<string, { value: unknown }>;
  }[];
  requestBody?: {
    content: Record<string, { example?: unknown; examples?: Record<string, { value: unknown }> }>;
  };
  responses: Record<string, { description: string; content: Record<string, { schema: object }> }>;
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
}

const NOW_MS = 1_743_552_000_000;
let server: Awaited<ReturnType<typeof startWholeServer>>;
let document: Document;
beforeAll(async () => {
  const models = memoryModels([trainedModel('latency{service="checkout"}', NOW_MS)]);
  const apiKeys = [{ key: 'sesame-0123456789', access: 'write' }] as const;
  server = await startWholeServer({ apiKeys }, () => NOW_MS, { models });
  document = (await (await fetch(`${server.url}/openapi.json`)).json()) as Document;
});
afterAll(() => server.stop());

function operations(): { path: string; method: string; operation: Operation }[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
}

function examplesOf(
  holder: { example?: unknown; examples?: Record<string, { value: unknown }> } | undefined,
) {
  if (holder === undefined) return [];
  const several = Object.values(holder.examples ?? {}).map((example) => example.value);
  return holder.example === undefined ? several : [holder.example, ...several];
}

test('names every route with a summary and a sentence for each answer', () => {
  expect(document.openapi).toBe('3.1.0');
  expect(
    operations()
      .map(({ path, method }) => `${method} ${path}`)
      .sort(),
  ).toEqual([
    'delete /api/session',
    'get /api/live',
    'get /api/models',
    'get /api/models/{name}/evaluate',
    'get /api/models/{name}/explain',
    'get /api/models/{name}/forecast',
    'get /api/samples',
    'get /api/series',
    'get /api/session',
    'get /get_anomalies',
    'get /health',
    'get /metrics',
    'get /ready',
    'post /api/backup',
    'post /api/models/{name}/train',
    'post /api/session',
    'post /metrics',
  ]);
  for (const { operation } of operations()) {
    expect(operation.summary).not.toBe('');
    for (const response of Object.values(operation.responses)) {
      expect(response.description, JSON.stringify(operation.summary)).not.toBe('Default Response');
    }
  }
});

test('every example in it works against a running server and is answered as described', async () => {
  let sent = 0;
  // What is read must have been sent.
  const inOrder = operations().sort((a, b) => b.method.localeCompare(a.method));
  for (const { path, method, operation } of inOrder) {
    // It does not end; its parameters are those of the others.
    if (path === '/api/live') continue;
    for (const { query, body, names } of requestsOf(operation)) {
      const exact = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(names[name] ?? ''));
      const answer = await fetch(`${server.url}${exact}${query}`, {
        method: method.toUpperCase(),
        headers: {
          'x-api-key': 'sesame-0123456789',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      const said = operation.responses[answer.status];
      expect(said, `${method} ${path}${query} → ${answer.status} ${text}`).toBeDefined();
      expect(answer.ok, `${method} ${path}${query} → ${text}`).toBe(true);
      const schema = said?.content['application/json']?.schema;
      if (schema !== undefined) expect([...Value.Errors(schema, JSON.parse(text))]).toEqual([]);
      sent++;
    }
  }
  expect(sent).toBeGreaterThanOrEqual(20);
});

interface ExampleRequest {
  query: string;
  body?: unknown;
  /** What stands in the path. */
  names: Record<string, string>;
}

/** One request for each example of the body, one for each example of a parameter beside the required ones. */
function requestsOf(operation: Operation): ExampleRequest[] {
  const [inPath, parameters] = [true, false].map((isPath) =>
    (operation.parameters ?? []).filter((parameter) => (parameter.in === 'path') === isPath),
  ) as [Parameters, Parameters];
  const names = Object.fromEntries(inPath.map((one) => [one.name, String(examplesOf(one)[0])]));
  const content = operation.requestBody?.content['application/json'];
  if (content !== undefined) return examplesOf(content).map((body) => ({ query: '', body, names }));
  const base = new URLSearchParams();
  for (const parameter of parameters) {
    if (parameter.required === true) base.set(parameter.name, String(examplesOf(parameter)[0]));
  }
  const queries = [base.toString()];
  for (const parameter of parameters) {
    for (const example of examplesOf(parameter)) {
      const query = new URLSearchParams(base);
      query.delete(parameter.name);
      for (const value of [example].flat()) query.append(parameter.name, String(value));
      queries.push(query.toString());
    }
  }
  return queries.map((query) => ({ query: query === '' ? '' : `?${query}`, names }));
}
type Parameters = NonNullable<Operation['parameters']>;

test('every parameter shows an example', () => {
  for (const { path, operation } of operations()) {
    for (const parameter of operation.parameters ?? []) {
      if (parameter.in === 'query')
        expect(examplesOf(parameter), `${path} ${parameter.name}`).not.toEqual([]);
    }
  }
});

test('the page that shows it runs no inline script', async () => {
  const answer = await fetch(`${server.url}/docs`);
  expect(answer.status).toBe(200);
  const policy = answer.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("script-src 'self';");
  const html = await answer.text();
  const scripts = [...html.matchAll(/<script([^>]*)>([^<]*)/g)];
  expect(scripts.length).toBeGreaterThan(0);
  for (const [, attributes, inline] of scripts) {
    expect(inline?.trim()).toBe('');
    const address = new URL(/src="([^"]+)"/.exec(attributes ?? '')?.[1] ?? '', `${server.url}/docs`);
    const script = await fetch(address);
    expect(script.status).toBe(200);
    expect(await script.text()).not.toBe('');
  }
});
