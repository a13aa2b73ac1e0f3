import type { DuckDBConnection } from '@duckdb/node-api';
import { readColumns } from './duckdb-columns.js';
import { rows } from './duckdb-database.js';

/**
 * Rows sorted and written at once: bounds the memory that it takes. It is one of DuckDB's row groups: a statement that
 * fills them goes straight into the file, and folding the log in has nothing to write again. What lies in pieces of
 * other sizes it joins at that moment, while commits wait: a run of millions took it seconds.
 */
const SLICE_ROWS = 122_880;

/** From behind one key to another, both ends open where they are undefined. */
interface Slice {
  readonly firstId: number;
  readonly afterMs: number | undefined;
  readonly lastId: number;
  readonly throughMs: number | undefined;
}

/**
 * Conditions that cut rows into slices of SLICE_ROWS, in ascending order by series and time; the last has what is over
 * beside. Where a key is there more than once, slices have more or fewer.
 * `keys`: the query for series_id and time_ms of each row.
 */
export async function keySlices(connection: DuckDBConnection, keys: string): Promise<string[]> {
  const [ids, counts] = (await readColumns(
    connection,
    `SELECT series_id, count(*)::DOUBLE FROM (${keys}) GROUP BY series_id ORDER BY series_id`,
    [],
    ['uint32', 'float64'],
  )) as [Uint32Array, Float64Array];
  if (ids.length === 0) return [];
  const slices: Slice[] = [];
  let start = { firstId: ids[0]!, afterMs: undefined as number | undefined };
  let seen = 0;
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!;
    let left = counts[i]!;
    if (seen === SLICE_ROWS) {
      slices.push({ ...start, lastId: ids[i - 1]!, throughMs: undefined });
      start = { firstId: id, afterMs: undefined };
      seen = 0;
    }
    while (seen + left > SLICE_ROWS) {
      const afterMs = start.firstId === id ? start.afterMs : undefined;
      const throughMs = await timeOfRow(connection, keys, { id, afterMs, row: SLICE_ROWS - seen });
      if (throughMs === undefined) break;
      slices.push({ ...start, lastId: id, throughMs });
      start = { firstId: id, afterMs: throughMs };
      left -= SLICE_ROWS - seen;
      seen = 0;
    }
    seen = Math.min(SLICE_ROWS, seen + left);
  }
  const last = slices.pop();
  const { firstId, afterMs } = last ?? start;
  slices.push({ firstId, afterMs, lastId: ids.at(-1)!, throughMs: undefined });
  return slices.map(condition);
}

/** The time of a row of one series in ascending order, the first is 1; undefined where there are fewer. */
async function timeOfRow(
  connection: DuckDBConnection,
  keys: string,
  { id, afterMs, row }: { id: number; afterMs: number | undefined; row: number },
): Promise<number | undefined> {
  const above = afterMs === undefined ? '' : `AND time_ms > ${afterMs}`;
  const [found] = await rows(
    connection,
    `SELECT time_ms::DOUBLE FROM (${keys}) WHERE series_id = ${id} ${above}
     ORDER BY time_ms LIMIT 1 OFFSET ${row - 1}`,
  );
  return found?.[0] as number | undefined;
}

function condition({ firstId, afterMs, lastId, throughMs }: Slice): string {
  const parts = [`series_id BETWEEN ${firstId} AND ${lastId}`];
  if (afterMs !== undefined) parts.push(`(series_id > ${firstId} OR time_ms > ${afterMs})`);
  if (throughMs !== undefined) parts.push(`(series_id < ${lastId} OR time_ms <= ${throughMs})`);
  return parts.join(' AND ');
}
