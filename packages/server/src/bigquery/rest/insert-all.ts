import type { TableEntry } from './catalog-entries.js';
import { CellError } from './cell-values.js';
import { changeCatalog, type Endpoint } from './endpoint.js';
import { type Fields, fieldsOf, object, type RestAnswer, type RestRequest, text } from './request.js';
import type { ErrorProto } from './rest-error.js';
import { RestError } from './rest-error.js';
import { ingestRows, refuseKept } from './sample-rows.js';
import { appendStreamed, readStreamed, type StreamedRow } from './streamed-rows.js';
import { columnDefaults, keptColumns, tableSql } from './table-sql.js';
import { existingTable } from './tables.js';

interface RowErrors {
  readonly index: number;
  readonly errors: readonly (ErrorProto & { debugInfo: string })[];
}

/** `tabledata.insertAll`: rows that are in the table when it answers. */
export async function insertAll(endpoint: Endpoint, { path, body }: RestRequest): Promise<RestAnswer> {
  const base = existingTable(endpoint, path);
  if (base.kind === 'VIEW') throw notInsertable(base);
  refuseKept(base);
  const given = fieldsOf(body);
  const rows = rowsOf(given);
  const suffix = text(given.templateSuffix, 'templateSuffix') ?? '';
  const entry = suffix === '' ? base : await tableOfTemplate(endpoint, base, suffix);
  if (entry.columns.length === 0) {
    throw new RestError(
      'invalid',
      `The destination table ${entry.dataset}.${entry.table} has no schema.`,
      'table',
    );
  }
  const skipInvalid = given.skipInvalidRows === true;
  const read = readRows(rows, entry, given.ignoreUnknownValues === true);
  const isStopped = read.errors.length > 0 && !skipInvalid;
  const refused = isStopped ? [] : await storeOnce(endpoint, entry, read.good, rows);
  const stopped = isStopped ? read.good.map(({ index }) => rowErrors(index, 'stopped', '', '')) : [];
  const all = [...read.errors, ...refused, ...stopped].sort((a, b) => a.index - b.index);
  return {
    body: {
      kind: 'bigquery#tableDataInsertAllResponse',
      ...(all.length === 0 ? {} : { insertErrors: all }),
    },
  };
}

/** Gives what was wrong with rows that were refused. Those that are there already are not stored again. */
async function storeOnce(
  endpoint: Endpoint,
  entry: TableEntry,
  good: readonly StreamedRow[],
  rows: readonly Fields[],
): Promise<RowErrors[]> {
  let refused: RowErrors[] = [];
  const keys = good.map(({ index }) => {
    const insertId = text(rows[index]!.insertId, 'insertId') ?? '';
    return insertId === '' ? undefined : `${entry.dataset}.${entry.table} ${insertId}`;
  });
  await endpoint.insertIds.once(keys, endpoint.clock.nowMs(), async (fresh) => {
    refused = await store(
      endpoint,
      entry,
      fresh.map((at) => good[at]!),
    );
    const indexes = new Set(refused.map(({ index }) => index));
    return new Set(fresh.filter((at) => indexes.has(good[at]!.index)));
  });
  return refused;
}

/** Tables that are being made, of each catalog by their names. */
const underWay = new WeakMap<Endpoint['catalog'], Map<string, Promise<void>>>();

/** The table that is called as its template and the suffix; made, with the same columns, when its first rows come. */
async function tableOfTemplate(endpoint: Endpoint, base: TableEntry, suffix: string): Promise<TableEntry> {
  const { catalog } = endpoint;
  const { dataset } = base;
  const table = `${base.table}${suffix}`;
  if (base.readAs !== undefined) {
    throw new RestError(
      'invalid',
      `${dataset}.${base.table} is part of this server and cannot be a template.`,
      'templateSuffix',
    );
  }
  const making = underWay.get(catalog) ?? new Map<string, Promise<void>>();
  underWay.set(catalog, making);
  const name = `${dataset}.${table}`;
  if (catalog.table(dataset, table) === undefined) {
    const made = making.get(name) ?? makeLike(endpoint, base, table).finally(() => making.delete(name));
    making.set(name, made);
    await made;
  }
  return catalog.table(dataset, table)!;
}

async function makeLike(endpoint: Endpoint, base: TableEntry, table: string): Promise<void> {
  const { catalog, clock } = endpoint;
  catalog.checkName(base.dataset, table);
  const nowMs = clock.nowMs();
  const { expirationMs: _, ...shape } = base;
  const entry: TableEntry = { ...shape, table, createdMs: nowMs, modifiedMs: nowMs };
  const defaults = await columnDefaults(endpoint.session, base);
  const sql = [`CREATE TABLE ${tableSql(entry)} (${keptColumns(entry.columns, defaults)})`];
  await changeCatalog(endpoint, { sql, set: [entry] });
}

async function store(
  endpoint: Endpoint,
  entry: TableEntry,
  rows: readonly StreamedRow[],
): Promise<RowErrors[]> {
  if (rows.length === 0) return [];
  if (entry.readAs !== undefined) {
    const refused = await ingestRows(
      endpoint,
      entry,
      rows.map(({ values }) => values),
    );
    return refused.map(({ index, field, message }) =>
      rowErrors(rows[index]!.index, 'invalid', field, message),
    );
  }
  await appendStreamed(endpoint, entry, rows);
  return [];
}

function rowsOf(given: Fields): Fields[] {
  if (!Array.isArray(given.rows) || given.rows.length === 0) {
    throw new RestError('invalid', 'No rows present in the request.', 'rows');
  }
  return given.rows.map((row: unknown) => object(row, 'rows') ?? {});
}

function readRows(rows: readonly Fields[], entry: TableEntry, ignoreUnknown: boolean) {
  const good: StreamedRow[] = [];
  const errors: RowErrors[] = [];
  rows.forEach(({ json }, index) => {
    try {
      good.push(readStreamed(json, index, entry, ignoreUnknown));
    } catch (error) {
      if (!(error instanceof CellError)) throw error;
      errors.push(rowErrors(index, 'invalid', error.location, error.message));
    }
  });
  return { good, errors };
}

function rowErrors(index: number, reason: string, location: string, message: string): RowErrors {
  return { index, errors: [{ reason, location, debugInfo: '', message }] };
}

function notInsertable({ dataset, table, readAs }: TableEntry): RestError {
  const hint = readAs === undefined ? '' : ` Insert samples into ${dataset}.samples.`;
  return new RestError('invalid', `Cannot add rows to a table of type VIEW: ${dataset}.${table}.${hint}`);
}
