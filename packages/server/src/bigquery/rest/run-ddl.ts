import type { DdlPlan, TableDefinition } from '../sql/plan.js';
import type { CatalogChange } from './catalog.js';
import { type DatasetEntry, fromSqlOptions, type TableEntry } from './catalog-entries.js';
import { isInUse } from './datasets.js';
import type { Endpoint } from './endpoint.js';
import { alreadyExists, notFound, RestError } from './rest-error.js';

/** What a DDL statement changes in DuckDB and in the catalog. Throws a RestError where it may not. */
export function changeOf(plan: DdlPlan, endpoint: Pick<Endpoint, 'catalog' | 'clock' | 'ml'>): CatalogChange {
  const nowMs = endpoint.clock.nowMs();
  return plan.operation.endsWith('SCHEMA')
    ? schemaChange(plan, endpoint, nowMs)
    : tableChange(plan, endpoint, nowMs);
}

function schemaChange(
  plan: DdlPlan,
  endpoint: Pick<Endpoint, 'catalog' | 'ml'>,
  nowMs: number,
): CatalogChange {
  const { catalog } = endpoint;
  const { operation, sql, definition } = plan;
  const { projectId, dataset } = plan.target;
  const former = catalog.dataset(dataset);
  if (operation === 'CREATE_SCHEMA') {
    if (former !== undefined && !plan.replaces) throw alreadyExists('Dataset', `${projectId}:${dataset}`);
    catalog.checkName(dataset);
    const entry = { dataset, createdMs: nowMs, modifiedMs: nowMs, location: 'US', ...optionsOf(definition) };
    return { sql, set: [entry as DatasetEntry] };
  }
  if (former === undefined) throw notFound('Dataset', `${projectId}:${dataset}`);
  if (former.builtIn) throw partOfServer('Dataset', dataset);
  if (operation === 'ALTER_SCHEMA') {
    return { sql, set: [{ ...former, ...optionsOf(definition), modifiedMs: nowMs } as DatasetEntry] };
  }
  if (plan.cascade !== true && isInUse(endpoint, dataset)) {
    throw new RestError('resourceInUse', `Dataset ${projectId}:${dataset} is still in use`);
  }
  return { sql, dropDataset: dataset };
}

function tableChange(plan: DdlPlan, { catalog }: Pick<Endpoint, 'catalog'>, nowMs: number): CatalogChange {
  const { operation, sql, definition } = plan;
  const { projectId, dataset, table } = plan.target;
  if (catalog.dataset(dataset) === undefined) throw notFound('Dataset', `${projectId}:${dataset}`);
  const former = catalog.table(dataset, table);
  if (former?.readAs !== undefined) {
    if (operation.startsWith('CREATE') && !plan.replaces)
      throw alreadyExists('Table', `${projectId}:${dataset}.${table}`);
    throw partOfServer('Table', `${dataset}.${table}`);
  }
  if (operation === 'DROP_TABLE' || operation === 'DROP_VIEW') return { sql, dropTables: [plan.target] };
  if (operation.startsWith('CREATE')) {
    if (former !== undefined && !plan.replaces)
      throw alreadyExists('Table', `${projectId}:${dataset}.${table}`);
    catalog.checkName(dataset, table);
    const like = definition.like === undefined ? {} : takenFrom(definition, catalog);
    return { sql, set: [newEntry(plan, nowMs, catalog.dataset(dataset)!, like)] };
  }
  if (former === undefined) throw notFound('Table', `${projectId}:${dataset}.${table}`);
  const changed = { ...former, ...definedFields(definition), modifiedMs: nowMs } as TableEntry;
  if (definition.newName === undefined) return { sql, set: [changed] };
  catalog.checkName(dataset, definition.newName);
  return { sql, dropTables: [former], set: [{ ...changed, table: definition.newName }] };
}

/** What CREATE TABLE LIKE and COPY take from another table. */
function takenFrom({ like, options }: TableDefinition, catalog: Endpoint['catalog']): Partial<TableEntry> {
  const source = catalog.table(like!.dataset, like!.table);
  if (source === undefined) throw notFound('Table', `${like!.projectId}:${like!.dataset}.${like!.table}`);
  if (source.expirationMs !== undefined && options?.expiration_timestamp === undefined) {
    throw new RestError(
      'invalidQuery',
      `${like!.dataset}.${like!.table} expires, and it is not supported here to take that over: give OPTIONS(expiration_timestamp = …), of NULL for never`,
    );
  }
  const taken = [
    'description',
    'friendlyName',
    'labels',
    'partitioning',
    'partitionExpirationMs',
    'requirePartitionFilter',
    'clustering',
  ] as const;
  return Object.fromEntries(
    taken.filter((one) => source[one] !== undefined).map((one) => [one, source[one]]),
  );
}

function newEntry(
  plan: DdlPlan,
  nowMs: number,
  { defaultTableExpirationMs }: DatasetEntry,
  like: Partial<TableEntry>,
): TableEntry {
  const { dataset, table } = plan.target;
  const isView = plan.operation === 'CREATE_VIEW';
  return {
    dataset,
    table,
    kind: isView ? 'VIEW' : 'TABLE',
    columns: [],
    createdMs: nowMs,
    modifiedMs: nowMs,
    ...(defaultTableExpirationMs === undefined || isView
      ? {}
      : { expirationMs: nowMs + defaultTableExpirationMs }),
    ...like,
    ...definedFields(plan.definition),
  };
}

function definedFields(definition: TableDefinition): Partial<TableEntry> {
  const { columns, partitioning, clustering, viewQuery } = definition;
  return {
    ...(columns === undefined ? {} : { columns }),
    ...(partitioning === undefined ? {} : { partitioning }),
    ...(clustering === undefined ? {} : { clustering }),
    ...(viewQuery === undefined ? {} : { viewQuery }),
    ...optionsOf(definition),
  };
}

function optionsOf({ options }: TableDefinition): Record<string, unknown> {
  return fromSqlOptions(options ?? {});
}

function partOfServer(kind: string, name: string): RestError {
  return new RestError(
    'accessDenied',
    `Access Denied: ${kind} ${name} is part of this server and cannot be changed or dropped.`,
  );
}
