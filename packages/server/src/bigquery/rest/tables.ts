import { quoteName } from '../sql/types.js';
import type { TableEntry } from './catalog-entries.js';
import { etagOf, existingDataset, laterMs } from './datasets.js';
import { changeCatalog, type Endpoint } from './endpoint.js';
import {
  changedLabels,
  changes,
  type Fields,
  fieldsOf,
  object,
  page,
  type RestAnswer,
  type RestRequest,
  requireEtag,
  text,
  wholeNumber,
} from './request.js';
import { alreadyExists, notFound, RestError } from './rest-error.js';
import { columnChanges, inFormerOrder, refuseNewDefaults } from './schema-changes.js';
import { selectedColumns } from './selected-fields.js';
import { checkLayout, partitioningResource, rangePartitioning, timePartitioning } from './table-layout.js';
import { fromRestFields, toRestFields } from './table-schema.js';
import { keptColumns, tableSql } from './table-sql.js';
import { viewText } from './written-ddl.js';

/** `tables.*` of the API. */

export function listTables({ catalog }: Endpoint, { path, query }: RestRequest): RestAnswer {
  const { projectId = '', datasetId = '' } = path;
  existingDataset(catalog, projectId, datasetId);
  const all = catalog.tables(datasetId);
  const { items, nextPageToken } = page(all, query);
  return {
    body: {
      kind: 'bigquery#tableList',
      etag: etagOf(datasetId, all.length),
      ...(nextPageToken === undefined ? {} : { nextPageToken }),
      tables: items.map((entry) => ({ kind: 'bigquery#table', ...shortResource(entry, projectId) })),
      totalItems: all.length,
    },
  };
}

export async function getTable(endpoint: Endpoint, { path, query }: RestRequest): Promise<RestAnswer> {
  const entry = existingTable(endpoint, path);
  const resource = await tableResource(entry, path.projectId!, endpoint);
  const fields = toRestFields(selectedColumns(entry.columns, query.get('selectedFields')));
  return { body: { ...resource, schema: { fields } } };
}

export async function insertTable(endpoint: Endpoint, { path, body }: RestRequest): Promise<RestAnswer> {
  const { catalog, clock } = endpoint;
  const { projectId = '', datasetId = '' } = path;
  const given = fieldsOf(body);
  const table = text(object(given.tableReference, 'tableReference')?.tableId, 'tableReference.tableId');
  if (table === undefined)
    throw new RestError(
      'required',
      'Required parameter is missing: tableReference.tableId',
      'tableReference',
    );
  const dataset = existingDataset(catalog, projectId, datasetId);
  if (catalog.table(datasetId, table) !== undefined)
    throw alreadyExists('Table', `${projectId}:${datasetId}.${table}`);
  catalog.checkName(datasetId, table);
  refuseUnsupported(given);
  const nowMs = clock.nowMs();
  const columns = schemaOf(given) ?? [];
  refuseNewDefaults(columns);
  const expiration = dataset.defaultTableExpirationMs;
  const entry: TableEntry = {
    dataset: datasetId,
    table,
    kind: 'TABLE',
    columns,
    createdMs: nowMs,
    modifiedMs: nowMs,
    ...(expiration === undefined ? {} : { expirationMs: nowMs + expiration }),
    ...changedFields(given),
  };
  checkLayout(entry);
  const sql = columns.length === 0 ? [] : [createTableSql(entry)];
  await changeCatalog(endpoint, { sql, set: [entry] });
  return { body: await tableResource(entry, projectId, endpoint) };
}

/** Without columns there is nothing to make yet: the first load brings them. */
function createTableSql(entry: TableEntry): string {
  return `CREATE TABLE ${tableSql(entry)} (${keptColumns(entry.columns)})`;
}

export async function changeTable(endpoint: Endpoint, request: RestRequest): Promise<RestAnswer> {
  const { clock } = endpoint;
  const { path } = request;
  const former = existingTable(endpoint, path);
  refuseBuiltIn(former, 'changed');
  requireEtag(request, tableEtag(former));
  const given = changes(request, CHANGEABLE);
  const columns = schemaOf(given);
  refuseNewDefaults(columns ?? [], former.columns);
  const entry: TableEntry = {
    ...former,
    ...changedFields(given, request.http === 'PUT' ? undefined : former.labels),
    ...(columns === undefined ? {} : { columns: inFormerOrder(former.columns, columns) }),
    modifiedMs: laterMs(former, clock.nowMs()),
  };
  const sql =
    columns === undefined || former.kind === 'VIEW' ? [] : columnChanges(former, entry, path.projectId!);
  await changeCatalog(endpoint, { sql, set: [entry] });
  return { body: await tableResource(entry, path.projectId!, endpoint) };
}

export async function deleteTable(endpoint: Endpoint, { path }: RestRequest): Promise<RestAnswer> {
  const entry = existingTable(endpoint, path);
  refuseBuiltIn(entry, 'deleted');
  await dropTable(endpoint, entry);
  return { status: 204 };
}

export async function dropTable(endpoint: Endpoint, entry: TableEntry): Promise<void> {
  const sql = entry.kind === 'VIEW' ? [] : [`DROP TABLE IF EXISTS ${tableSql(entry)}`];
  await changeCatalog(endpoint, { sql, dropTables: [entry] });
}

export function existingTable({ catalog }: Endpoint, path: RestRequest['path']): TableEntry {
  const { projectId = '', datasetId = '', tableId = '' } = path;
  existingDataset(catalog, projectId, datasetId);
  const entry = catalog.table(datasetId, tableId);
  if (entry === undefined) throw notFound('Table', `${projectId}:${datasetId}.${tableId}`);
  return entry;
}

/** SQL of the relation that has the rows of a table. */
export function readSql(entry: TableEntry): string {
  return entry.readAs ?? tableSql(entry);
}

function refuseBuiltIn({ dataset, table, readAs }: TableEntry, verb: string): void {
  if (readAs === undefined) return;
  throw new RestError(
    'accessDenied',
    `Access Denied: Table ${dataset}.${table} is part of this server and cannot be ${verb}.`,
  );
}

function shortResource(entry: TableEntry, projectId: string) {
  const { dataset, table, kind, createdMs, expirationMs, friendlyName, labels } = entry;
  return {
    id: `${projectId}:${dataset}.${table}`,
    tableReference: { projectId, datasetId: dataset, tableId: table },
    type: kind,
    ...(friendlyName === undefined ? {} : { friendlyName }),
    ...(labels === undefined ? {} : { labels }),
    ...partitioningResource(entry),
    ...(entry.clustering === undefined ? {} : { clustering: { fields: entry.clustering } }),
    creationTime: String(createdMs),
    ...(expirationMs === undefined ? {} : { expirationTime: String(expirationMs) }),
    ...(kind === 'VIEW' ? { view: { query: viewText(entry) ?? '', useLegacySql: false } } : {}),
  };
}

async function tableResource(entry: TableEntry, projectId: string, endpoint: Endpoint) {
  const { dataset, table, columns, modifiedMs, description, kind } = entry;
  const size = kind === 'VIEW' ? {} : await sizeOf(entry, endpoint);
  return {
    kind: 'bigquery#table',
    etag: tableEtag(entry),
    selfLink: `/bigquery/v2/projects/${projectId}/datasets/${dataset}/tables/${table}`,
    ...shortResource(entry, projectId),
    ...(description === undefined ? {} : { description }),
    schema: { fields: toRestFields(columns) },
    ...size,
    lastModifiedTime: String(modifiedMs),
    location: 'US',
  };
}

export function tableEtag({ dataset, table, modifiedMs }: TableEntry): string {
  return etagOf(dataset, table, modifiedMs);
}

/** Texts are measured on a part of the rows; bytes are an estimate as BigQuery counts them. */
async function sizeOf(entry: TableEntry, { session }: Endpoint) {
  if (entry.columns.length === 0) return { numRows: '0', numBytes: '0', numLongTermBytes: '0' };
  const from = readSql(entry);
  const [count] = await session.rows(`SELECT count(*) FROM ${from} AS t`);
  const texts = entry.columns.filter(
    ({ type, mode }) => (type === 'STRING' || type === 'JSON') && mode !== 'REPEATED',
  );
  const fixed = (entry.columns.length - texts.length) * 8;
  const lengths = texts.map(({ name }) => `coalesce(avg(strlen(${quoteName(name)}) + 2), 0)`);
  const [text = []] =
    texts.length === 0
      ? []
      : await session.rows(`SELECT ${lengths.join(' + ')} FROM (SELECT * FROM ${from} AS t LIMIT 10000)`);
  const rows = Number(count?.[0] ?? 0);
  return {
    numRows: String(rows),
    numBytes: String(Math.round(rows * (fixed + Number(text[0] ?? 0)))),
    numLongTermBytes: '0',
  };
}

function schemaOf(given: Fields) {
  const schema = object(given.schema, 'schema');
  return schema?.fields === undefined ? undefined : fromRestFields(schema.fields);
}

const CHANGEABLE = ['description', 'friendlyName', 'labels', 'expirationTime'];

/** Fields of an entry that a request sets; null ones are taken away. */
export function changedFields(given: Fields, labels?: TableEntry['labels']): Partial<TableEntry> {
  const changed: Record<string, unknown> = {};
  if ('description' in given) changed.description = text(given.description, 'description');
  if ('friendlyName' in given) changed.friendlyName = text(given.friendlyName, 'friendlyName');
  if ('labels' in given) changed.labels = changedLabels(given.labels, labels);
  if ('expirationTime' in given) changed.expirationMs = wholeNumber(given.expirationTime, 'expirationTime');
  if ('requirePartitionFilter' in given)
    changed.requirePartitionFilter = given.requirePartitionFilter === true;
  if ('timePartitioning' in given) {
    const time = object(given.timePartitioning, 'timePartitioning');
    changed.partitioning = time === undefined ? undefined : timePartitioning(time);
    changed.partitionExpirationMs = wholeNumber(time?.expirationMs, 'timePartitioning.expirationMs');
  }
  if ('rangePartitioning' in given)
    changed.partitioning = rangePartitioning(object(given.rangePartitioning, 'rangePartitioning') ?? {});
  if ('clustering' in given) {
    const fields = object(given.clustering, 'clustering')?.fields;
    changed.clustering = Array.isArray(fields) ? fields.map(String) : undefined;
  }
  return changed;
}

function refuseUnsupported(given: Fields): void {
  for (const name of [
    'materializedView',
    'externalDataConfiguration',
    'snapshotDefinition',
    'cloneDefinition',
  ]) {
    if (given[name] !== undefined && given[name] !== null) {
      throw new RestError('notImplemented', `${name} is not supported here: tables and views only.`, name);
    }
  }
}
