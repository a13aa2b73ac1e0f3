import type { Column } from '../sql/plan.js';
import type { Endpoint } from './endpoint.js';
import { readSome, rowsNext } from './read-some.js';
import { flag, pagePosition, pageToken, type RestAnswer, type RestRequest, wholeNumber } from './request.js';
import { RestError } from './rest-error.js';
import { shownRows } from './row-format.js';
import { selectedColumns } from './selected-fields.js';
import { existingTable, readSql } from './tables.js';

const ROWS_MAX = 10_000;
/** Read at once. */
const STEP_ROWS = 1000;
/** A page ends behind so much. */
const PAGE_BYTES = 10_000_000;

/** `tabledata.list`: rows of a table in the order in which they lie there. */
export async function listRows(endpoint: Endpoint, { path, query }: RestRequest): Promise<RestAnswer> {
  const entry = existingTable(endpoint, path);
  if (entry.kind === 'VIEW') {
    throw new RestError(
      'invalid',
      `Cannot list a table of type VIEW. SELECT from ${entry.dataset}.${entry.table} instead.`,
    );
  }
  const selected = query.get('selectedFields');
  const columns = selectedColumns(entry.columns, selected);
  const token = query.get('pageToken');
  const from =
    token === null ? (wholeNumber(query.get('startIndex'), 'startIndex') ?? 0) : pagePosition(token);
  const most = Math.min(wholeNumber(query.get('maxResults'), 'maxResults') ?? ROWS_MAX, ROWS_MAX);
  const { session } = endpoint;
  if (entry.columns.length === 0) return { body: { kind: 'bigquery#tableDataList', totalRows: '0' } };
  const source = `${readSql(entry)} AS t`;
  const [count] = await session.rows(`SELECT count(*) FROM ${source}`);
  const total = Number(count?.[0] ?? 0);
  const rows = await rowsFrom(endpoint, columns, source, { from, most });
  const shown = shownRows(rows, columns, flag(query, 'formatOptions.useInt64Timestamp'));
  const next = from + rows.length;
  const head = {
    kind: 'bigquery#tableDataList',
    totalRows: String(total),
    ...(next < total && rows.length > 0 ? { pageToken: pageToken(next) } : {}),
  };
  return { text: withRows(head, shown) };
}

/** At most `most`, fewer where they are large; at least one if there is one. */
async function rowsFrom(
  { session }: Endpoint,
  columns: readonly Column[],
  source: string,
  { from, most }: { readonly from: number; readonly most: number },
): Promise<string[]> {
  const found: string[] = [];
  let bytes = 0;
  let mostAtOnce = STEP_ROWS;
  while (found.length < most && bytes < PAGE_BYTES) {
    const step = Math.min(mostAtOnce, most - found.length);
    const next = from + found.length;
    const { rows, count } = await readSome(session, columns, step, (selected, limit) => {
      return `SELECT ${selected} FROM (SELECT * FROM ${source} LIMIT ${limit} OFFSET ${next})`;
    });
    found.push(...rows);
    mostAtOnce = rowsNext(rows, STEP_ROWS);
    bytes += rows.reduce((sum, row) => sum + row.length, 0);
    if (rows.length < count) break;
  }
  return found;
}

/** Rows are JSON already. */
export function withRows(head: object, rows: readonly string[]): string {
  const text = JSON.stringify(head);
  return rows.length === 0 ? text : `${text.slice(0, -1)},"rows":[${rows.join(',')}]}`;
}
