import type { DuckDBConnection } from '@duckdb/node-api';
import { inTransaction, oneNumber, rows } from './duckdb-database.js';

export interface CompactionStep {
  /** No row committed after this one is moved. */
  readonly throughSeq: number;
  /** Hot rows that a step waits for. */
  readonly rowsMin: number;
  /** Rows that lie sorted together once all is done: what one step sorts at most, or little more. */
  readonly runRows: number;
}

/** Rows sorted at once: bounds the memory that it takes. */
const SLICE_ROWS = 125_000;
const KEY = 'series_id, time_ms';
const COLUMNS = {
  samples: 'series_id, time_ms, value',
  verdicts: 'series_id, time_ms, state, expected, lower, upper, probability, score, alarm',
} as const;

type TableName = keyof typeof COLUMNS;

/** Rows by their place in the table, both ends included. */
interface RowRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Moves the oldest hot rows to the end of the cold tables: sorted, the last write of each time, in place of what was
 * there. False when there are too few.
 *
 * A read of one series pays for every sorted run and, far more, for every row that is not sorted. So a step takes few
 * rows, and they lie as a small run at the end of the table (its tail) until the tail and the rows of the next step
 * make up a whole run: that step sorts them all together. Where much waits, a step takes a whole run at once. One
 * transaction, so that readers and a crash find all of it or nothing.
 */
export async function compactOnce(connection: DuckDBConnection, step: CompactionStep): Promise<boolean> {
  const tailRows = await readTail(connection, 'samples');
  const wanted = Math.max(step.rowsMin, step.runRows - tailRows);
  const [found] = await rows(
    connection,
    `SELECT count(*)::DOUBLE, max(seq)::DOUBLE FROM (
       SELECT seq FROM seismo_store.samples_hot WHERE seq <= ${step.throughSeq} LIMIT ${wanted})`,
  );
  const [count, lastSeq] = found as [number, number];
  if (count < step.rowsMin) return false;
  const completesRun = tailRows + count >= step.runRows;
  await inTransaction(connection, async () => {
    for (const table of ['samples', 'verdicts'] as const) {
      await move(connection, table, lastSeq, completesRun);
    }
    await connection.run(
      `UPDATE seismo_store.meta SET value = greatest(value, ${lastSeq}) WHERE name = 'compacted_seq'`,
    );
  });
  return true;
}

async function move(
  connection: DuckDBConnection,
  table: TableName,
  lastSeq: number,
  completesRun: boolean,
): Promise<void> {
  const hot = `seismo_store.${table}_hot`;
  const cold = `seismo_store.${table}_cold`;
  await deleteOverwritten(connection, hot, cold, lastSeq);
  const tail = completesRun ? await tailRange(connection, table) : undefined;
  const chosenHot = `seq <= ${lastSeq}`;
  const chosenTail = tail === undefined ? 'false' : `rowid BETWEEN ${tail.first} AND ${tail.last}`;
  const chosenKeys = `SELECT series_id FROM ${hot} WHERE ${chosenHot}
    UNION ALL SELECT series_id FROM ${cold} WHERE ${chosenTail}`;
  let moved = 0;
  for (const slice of await seriesSlices(connection, chosenKeys)) {
    const { rowsChanged } = await connection.run(
      `INSERT INTO ${cold} SELECT ${COLUMNS[table]} FROM (
         SELECT ${COLUMNS[table]} FROM ${hot} WHERE ${chosenHot} AND ${slice} AND rowid IN (
           SELECT max(rowid) FROM ${hot} WHERE ${chosenHot} AND ${slice} GROUP BY ${KEY})
         UNION ALL SELECT ${COLUMNS[table]} FROM ${cold} WHERE ${chosenTail} AND ${slice})
       ORDER BY ${KEY}`,
    );
    moved += rowsChanged;
  }
  // What this transaction has added has row numbers far above these.
  if (tail !== undefined) await connection.run(`DELETE FROM ${cold} WHERE ${chosenTail}`);
  await connection.run(`DELETE FROM ${hot} WHERE ${chosenHot}`);
  const tailBefore = completesRun ? 0 : await readTail(connection, table);
  await writeTail(connection, table, completesRun ? 0 : tailBefore + moved);
}

/** The bound on time lets whole row groups be skipped: normally nothing cold is that young. */
async function deleteOverwritten(
  connection: DuckDBConnection,
  hot: string,
  cold: string,
  lastSeq: number,
): Promise<void> {
  const [bounds] = await rows(
    connection,
    `SELECT min(time_ms)::DOUBLE, max(time_ms)::DOUBLE FROM ${hot} WHERE seq <= ${lastSeq}`,
  );
  const [firstMs, lastMs] = bounds as [number | null, number | null];
  if (firstMs === null) return;
  await connection.run(
    `DELETE FROM ${cold} AS c WHERE c.time_ms BETWEEN ${firstMs} AND ${lastMs} AND EXISTS (
       FROM ${hot} AS h WHERE h.seq <= ${lastSeq} AND h.series_id = c.series_id AND h.time_ms = c.time_ms)`,
  );
}

/** Conditions that cut the rows by series into slices of about SLICE_ROWS, in ascending order. */
async function seriesSlices(connection: DuckDBConnection, seriesIds: string): Promise<string[]> {
  const count = await oneNumber(connection, `SELECT count(*)::DOUBLE FROM (${seriesIds})`);
  if (count === 0) return [];
  const slices = Math.ceil(count / SLICE_ROWS);
  const shares = Array.from({ length: slices - 1 }, (_, at) => (at + 1) / slices);
  if (shares.length === 0) return ['true'];
  const [found] = await rows(
    connection,
    `SELECT quantile_disc(series_id, [${shares.join(', ')}])::VARCHAR FROM (${seriesIds})`,
  );
  const cuts = [...new Set(JSON.parse(String(found![0])) as number[])];
  return [...cuts, undefined].map((cut, at) => {
    const above = at === 0 ? 'true' : `series_id > ${cuts[at - 1]}`;
    return cut === undefined ? above : `${above} AND series_id <= ${cut}`;
  });
}

/**
 * The rows of the small runs. Row numbers change when DuckDB closes the gaps of deleted rows, their order does not:
 * so they are counted from the end. Where some of them are gone meanwhile, a few sorted rows before them come along,
 * which changes nothing: this is only about where rows lie.
 */
async function tailRange(connection: DuckDBConnection, table: TableName): Promise<RowRange | undefined> {
  const tailRows = await readTail(connection, table);
  if (tailRows === 0) return undefined;
  const last = await oneNumber(
    connection,
    `SELECT coalesce(max(rowid), -1)::DOUBLE FROM seismo_store.${table}_cold`,
  );
  return { first: Math.max(0, last + 1 - tailRows), last };
}

function readTail(connection: DuckDBConnection, table: TableName): Promise<number> {
  return oneNumber(
    connection,
    `SELECT value::DOUBLE FROM seismo_store.meta WHERE name = '${table}_tail_rows'`,
  );
}

async function writeTail(connection: DuckDBConnection, table: TableName, tailRows: number): Promise<void> {
  await connection.run(`DELETE FROM seismo_store.meta WHERE name = '${table}_tail_rows'`);
  await connection.run(`INSERT INTO seismo_store.meta VALUES ('${table}_tail_rows', ${tailRows})`);
}
