import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT, SqlServer } from './support/sql-server.js';

let server: SqlServer;
beforeAll(async () => {
  server = await SqlServer.start();
  await server.rows(
    'CREATE SCHEMA kept; CREATE TABLE kept.t (id INT64 DEFAULT 7); CREATE VIEW kept.v AS SELECT 1 AS id',
  );
});
afterAll(() => server.stop());

/** Method, path below the project, body; what is answered: status, reason, a part of the message. */
type Refusal = readonly [string, string, unknown, number, string, string];

const target = { destinationTable: { datasetId: 'kept', tableId: 't' } };
const query = (more: object): Refusal[2] => ({ query: 'SELECT 1', useLegacySql: false, ...more });
const job = (configuration: object): Refusal[2] => ({ configuration });
const table = (more: object, tableId = 'fresh'): Refusal[2] => ({ tableReference: { tableId }, ...more });
const fields = (...given: object[]) => table({ schema: { fields: given } });

const QUERIES: readonly Refusal[] = [
  ['POST', 'queries', { query: ' ' }, 400, 'required', 'missing: query'],
  ['POST', 'queries', query({ useLegacySql: true }), 400, 'invalid', 'Legacy SQL is not supported here'],
  [
    'POST',
    'queries',
    query({ createSession: true }),
    501,
    'notImplemented',
    'Sessions are not supported here',
  ],
  [
    'POST',
    'queries',
    query({ connectionProperties: [{ key: 'session_id', value: 'a' }] }),
    501,
    'notImplemented',
    'The connection property session_id is not supported here',
  ],
  ['POST', 'queries', query({ queryParameters: {} }), 400, 'invalid', 'queryParameters: it must be an array'],
  ['POST', 'queries', [], 400, 'invalid', 'The body must be a JSON object'],
  [
    'POST',
    'jobs',
    job({ query: query({ tableDefinitions: { a: {} } }) }),
    501,
    'notImplemented',
    'External tables (tableDefinitions) are not supported here',
  ],
  [
    'POST',
    'jobs',
    job({ query: query({ destinationTable: {} }) }),
    400,
    'required',
    'missing: destinationTable',
  ],
  [
    'POST',
    'jobs',
    job({ query: query({ ...target, writeDisposition: 'REPLACE' }) }),
    400,
    'invalid',
    'Invalid value for writeDisposition: REPLACE',
  ],
  [
    'POST',
    'jobs',
    job({ query: query({ ...target, createDisposition: 'ALWAYS' }) }),
    400,
    'invalid',
    'Invalid value for createDisposition: ALWAYS',
  ],
  [
    'POST',
    'jobs',
    { jobReference: { jobId: 'a b' }, ...(job({ query: query({}) }) as object) },
    400,
    'invalid',
    'Invalid job ID "a b"',
  ],
  ['POST', 'jobs', job({ extract: {} }), 501, 'notImplemented', 'Extract jobs are not supported here'],
  [
    'POST',
    'jobs',
    job({ load: { ...target, sourceUris: ['gs://a/b'] } }),
    501,
    'notImplemented',
    'Loading from addresses (sourceUris) is not supported here',
  ],
  ['POST', 'jobs', job({ copy: target }), 400, 'required', 'missing: sourceTable'],
  ['POST', 'jobs', job({}), 400, 'required', 'configuration.query, configuration.load or configuration.copy'],
  ['GET', 'jobs?stateFilter=sleeping', undefined, 400, 'invalid', 'Invalid value for stateFilter: sleeping'],
  ['GET', 'jobs?pageToken=odd', undefined, 400, 'invalid', 'Invalid page token'],
  ['GET', 'jobs/none', undefined, 404, 'notFound', 'Not found: Job test:none'],
];

const RESOURCES: readonly Refusal[] = [
  ['POST', 'datasets', {}, 400, 'required', 'missing: datasetReference.datasetId'],
  [
    'POST',
    'datasets',
    { datasetReference: { datasetId: 'a-b' } },
    400,
    'invalid',
    'Invalid dataset ID "a-b"',
  ],
  ['POST', 'datasets', { datasetReference: { datasetId: 'KEPT' } }, 400, 'invalid', 'differs in case only'],
  [
    'POST',
    'datasets',
    { datasetReference: { datasetId: 'kept' } },
    409,
    'duplicate',
    'Already Exists: Dataset test:kept',
  ],
  ['GET', 'datasets?filter=team', undefined, 400, 'invalid', 'Invalid filter: team'],
  [
    'PATCH',
    'datasets/metrics_dataset',
    {},
    403,
    'accessDenied',
    'is part of this server and cannot be changed',
  ],
  [
    'DELETE',
    'datasets/metrics_dataset',
    undefined,
    403,
    'accessDenied',
    'is part of this server and cannot be deleted',
  ],
  ['DELETE', 'datasets/kept', undefined, 400, 'resourceInUse', 'Dataset test:kept is still in use'],
  ['DELETE', 'datasets/metrics_dataset/tables/samples', undefined, 403, 'accessDenied', 'cannot be deleted'],
  ['POST', 'datasets/kept/tables', {}, 400, 'required', 'missing: tableReference.tableId'],
  ['POST', 'datasets/kept/tables', table({}, 't'), 409, 'duplicate', 'Already Exists: Table test:kept.t'],
  ...['materializedView', 'externalDataConfiguration', 'snapshotDefinition', 'cloneDefinition'].map(
    (name): Refusal => [
      'POST',
      'datasets/kept/tables',
      table({ [name]: {} }),
      501,
      'notImplemented',
      `${name} is not supported here`,
    ],
  ),
  [
    'POST',
    'datasets/kept/tables',
    fields({ name: 'a', type: 'INT64' }, { name: 'A', type: 'INT64' }),
    400,
    'invalid',
    'Duplicate field name: A',
  ],
  [
    'POST',
    'datasets/kept/tables',
    fields({ name: 'a"b', type: 'INT64' }),
    400,
    'invalid',
    'Invalid field name "a',
  ],
  [
    'POST',
    'datasets/kept/tables',
    fields({ name: 'a', type: 'GEOGRAPHY' }),
    400,
    'invalid',
    'GEOGRAPHY is not a type that is supported here',
  ],
  [
    'POST',
    'datasets/kept/tables',
    fields({ name: 'a', type: 'INT64', mode: 'SOME' }),
    400,
    'invalid',
    'Invalid value for mode: SOME',
  ],
  [
    'POST',
    'datasets/kept/tables',
    fields({ name: 'a', type: 'NUMERIC', precision: '5' }),
    501,
    'notImplemented',
    'NUMERIC with a precision is not supported here',
  ],
  [
    'POST',
    'datasets/kept/tables',
    fields({ name: 'a', type: 'INT64', defaultValueExpression: '1' }),
    501,
    'notImplemented',
    'defaultValueExpression is not supported here',
  ],
  [
    'POST',
    'datasets/kept/tables',
    table({ timePartitioning: { type: 'MINUTE' } }),
    400,
    'invalid',
    'Invalid value for timePartitioning.type: MINUTE',
  ],
  [
    'POST',
    'datasets/kept/tables',
    table({ clustering: { fields: ['gone'] } }),
    400,
    'invalid',
    'Invalid field: gone',
  ],
  [
    'POST',
    'datasets/kept/tables',
    table({ view: { query: 'SELECT 1 AS x', useLegacySql: true } }),
    400,
    'invalid',
    'Legacy SQL is not supported here',
  ],
  [
    'POST',
    'datasets/kept/tables',
    table({ view: { query: 'SELECT 1 AS x; SELECT 2 AS x' } }),
    400,
    'invalid',
    'must be one statement',
  ],
  [
    'PATCH',
    'datasets/kept/tables/t',
    { view: { query: 'SELECT 1 AS x' } },
    400,
    'invalid',
    'A table cannot become a view',
  ],
  ['GET', 'datasets/kept/tables/v/data', undefined, 400, 'invalid', 'Cannot list a table of type VIEW'],
  [
    'GET',
    'datasets/kept/tables/t/data?selectedFields=gone',
    undefined,
    400,
    'invalid',
    'The selected field gone does not exist',
  ],
  [
    'GET',
    'datasets/kept/tables/t/data?maxResults=many',
    undefined,
    400,
    'invalid',
    'Invalid value for maxResults: many',
  ],
  [
    'POST',
    'datasets/kept/tables/t/insertAll',
    { rows: [] },
    400,
    'invalid',
    'No rows present in the request',
  ],
  [
    'POST',
    'datasets/kept/tables/v/insertAll',
    { rows: [{ json: {} }] },
    400,
    'invalid',
    'Cannot add rows to a table of type VIEW',
  ],
  [
    'POST',
    'datasets/metrics_dataset/tables/samples/insertAll',
    { rows: [{ json: {} }], templateSuffix: 'a' },
    400,
    'invalid',
    'cannot be a template',
  ],
  ['PATCH', 'datasets/kept/models/m', {}, 501, 'notImplemented', 'A model cannot be changed here'],
  ['GET', 'datasets/kept/routines/r', undefined, 404, 'notFound', 'The endpoint has nothing for GET'],
  ['GET', 'nothing', undefined, 404, 'notFound', 'The endpoint has nothing for GET'],
  ['OPTIONS', 'queries', undefined, 404, 'notFound', 'The endpoint has nothing for OPTIONS'],
];

describe('the endpoint refuses by name', () => {
  it.each([...QUERIES, ...RESOURCES])('%s %s with %j', async (method, path, body, status, reason, part) => {
    const answer = await server.call(method, path, body);
    expect(answer).toMatchObject({ status, body: { error: { code: status, errors: [{ reason }] } } });
    expect(answer.body.error.message).toContain(part);
  });

  it.each([
    ['a path that is not URL-encoded', '/bigquery/v2/projects/a/datasets/%ZZ', 400, 'invalid'],
    ['one that is no UTF-8', '/bigquery/v2/projects/a/datasets/%FF', 400, 'invalid'],
    ['an upload to such a path', '/upload/bigquery/v2/projects/%/jobs', 400, 'invalid'],
    ['the root of the API', '/bigquery/v2', 404, 'notFound'],
    ['an unknown path', '/bigquery/v2/nothing/here', 404, 'notFound'],
  ])("%s, in BigQuery's form", async (_what, path, status, reason) => {
    const { port } = new URL(server.url);
    const socket = connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    // fetch mends such paths.
    socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`);
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    const body = JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1));
    expect(body.error).toMatchObject({ code: status, errors: [{ domain: 'global', reason }] });
  });
});

describe('a file is refused by name', () => {
  const send = (path: string, type: string, body: string) =>
    fetch(`${server.url}/upload/bigquery/v2/projects/${PROJECT}/${path}`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
  const described = (load: object) => JSON.stringify({ configuration: { load: { ...target, ...load } } });
  const RELATED = 'multipart/related; boundary=b';

  it.each([
    ['jobs?uploadType=media', 'text/csv', '1', 'media is neither multipart nor resumable'],
    ['datasets?uploadType=multipart', RELATED, '', 'Only load jobs take a file'],
    ['jobs?uploadType=multipart', 'text/csv', '1', 'must be multipart/related with a boundary'],
    ['jobs?uploadType=multipart', RELATED, 'nothing', 'has no two parts'],
    [
      'jobs?uploadType=multipart',
      RELATED,
      '--b\r\n\r\n{}\r\n--b\r\n\r\n1\r\n',
      'does not end with its boundary',
    ],
    [
      'jobs?uploadType=multipart',
      RELATED,
      '--b\r\n\r\n{\r\n--b\r\n\r\n1\r\n--b--',
      'The description of the job is not JSON',
    ],
    [
      'jobs?uploadType=resumable',
      'application/json',
      '{"configuration": {}}',
      'can only be sent with a load job',
    ],
    [
      'jobs?uploadType=resumable',
      'application/json',
      ' '.repeat(1_000_001),
      'The description of the job is too long',
    ],
    [
      'jobs?uploadType=resumable',
      'application/json',
      described({ sourceFormat: 'PARQUET' }),
      'the format PARQUET cannot be loaded here',
    ],
    [
      'jobs?uploadType=resumable',
      'application/json',
      described({ encoding: 'ISO-8859-1' }),
      'Files in ISO-8859-1 cannot be loaded here',
    ],
    ...['hivePartitioningOptions', 'projectionFields', 'decimalTargetTypes', 'fileSetSpecType'].map(
      (name): [string, string, string, string] => [
        'jobs?uploadType=resumable',
        'application/json',
        described({ [name]: { a: 1 } }),
        `${name} is not supported here`,
      ],
    ),
    ['jobs?upload_id=gone', 'text/csv', '1', 'this upload is not known, or its time is over'],
  ])('%s as %s: %j', async (path, type, body, part) => {
    const answer = await send(path, type, body);
    const { error } = (await answer.json()) as { error: { code: number; message: string } };
    expect(error.message).toContain(part);
    expect(error.code).toBe(answer.status);
  });

  it('where nothing in it tells its columns', async () => {
    const load = { destinationTable: { datasetId: 'kept', tableId: 'detected' }, autodetect: true };
    const body = `--b\r\n\r\n${JSON.stringify({ configuration: { load } })}\r\n--b\r\n\r\n\r\n--b--`;
    const answer = await send('jobs?uploadType=multipart', RELATED, body);
    const { jobReference } = (await answer.json()) as { jobReference: { jobId: string } };
    const { error } = (await server.results(jobReference.jobId)).body;
    expect(error.message).toContain('Failed to detect schema');
  });
});
