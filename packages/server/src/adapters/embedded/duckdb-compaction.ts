import type { DuckDBConnection } from '@duckdb/node-api';
import { inTransaction, oneNumber, rows } from './duckdb-database.js';
import { keySlices } from './duckdb-key-slices.js';

export interface CompactionStep {
  /** No row committed after this one is moved. */
  readonly throughSeq: number;
  /** Hot rows that a step waits for. */
  readonly rowsMin: number;
  /** Rows that a step sorts together once there are so many; or little more. */
  readonly runRows: number;
}

/** Runs that are sorted together once more, into one that stays. */
const RUNS_TOGETHER = 4;
const KEY = 'series_id, time_ms';
const COLUMNS = {
  samples: 'series_id, time_ms, value',
  verdicts: 'series_id, time_ms, state, expected, lower, upper, probability, score, alarm',
} as const;

type TableName = keyof typeof COLUMNS;
const TABLES = ['samples', 'verdicts'] as const;

/** Rows at the end of a cold table: those of small runs, and before these those of whole runs that are to be one. */
type Counter = 'tail' | 'runs';

/**
 * Moves the oldest hot rows to the end of the cold tables: sorted, the last write of each time, in place of what was
 * there. Gives the commit up to which nothing is hot any more, 0 where only cold rows were sorted together; undefined
 * when there are too few.
 *
 * A read of one series pays for every sorted run and, far more, for every row that is not sorted. So a step takes few
 * rows, and they lie as a small run at the end of the table (its tail) until the tail and the rows of the next step
 * make up a whole run: that step sorts them all together. Where much waits, a step takes a whole run at once. Four
 * whole runs become one, which is a step of its own. One transaction, so that readers and a crash find all of it or
 * nothing.
 */
export async function compactOnce(
  connection: DuckDBConnection,
  step: CompactionStep,
): Promise<number | undefined> {
  for (const table of TABLES) {
    if (await joinRuns(connection, table, RUNS_TOGETHER * step.runRows)) return 0;
  }
  const tailRows = await readCounter(connection, 'samples', 'tail');
  const wanted = Math.max(step.rowsMin, step.runRows - tailRows);
  const [found] = await rows(
    connection,
    `SELECT count(*)::DOUBLE, max(seq)::DOUBLE FROM (
       SELECT seq FROM seismo_store.samples_hot WHERE seq <= ${step.throughSeq} LIMIT ${wanted})`,
  );
  const [count, lastSeq] = found as [number, number];
  if (count < step.rowsMin) return undefined;
  const completesRun = tailRows + count >= step.runRows;
  await inTransaction(connection, async () => {
    for (const table of TABLES) await move(connection, table, lastSeq, completesRun);
    await connection.run(
      `UPDATE seismo_store.meta SET value = greatest(value, ${lastSeq}) WHERE name = 'compacted_seq'`,
    );
  });
  return lastSeq;
}

/** Sorts the last whole runs together, once they have so many rows. */
async function joinRuns(connection: DuckDBConnection, table: TableName, rowsMin: number): Promise<boolean> {
  const runRows = await readCounter(connection, table, 'runs');
  if (runRows < rowsMin || (await readCounter(connection, table, 'tail')) > 0) return false;
  const cold = `seismo_store.${table}_cold`;
  await inTransaction(connection, async () => {
    const chosen = await lastRows(connection, table, runRows);
    await addSorted(connection, table, `SELECT ${KEY} FROM ${cold} WHERE ${chosen}`, (slice) => {
      return `SELECT ${COLUMNS[table]} FROM ${cold} WHERE ${chosen} AND ${slice}`;
    });
    await connection.run(`DELETE FROM ${cold} WHERE ${chosen}`);
    await writeCounter(connection, table, 'runs', 0);
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
  const tailRows = await readCounter(connection, table, 'tail');
  const chosenHot = `seq <= ${lastSeq}`;
  const chosenTail = completesRun ? await lastRows(connection, table, tailRows) : 'false';
  const keys = `SELECT ${KEY} FROM ${hot} WHERE ${chosenHot}
    UNION ALL SELECT ${KEY} FROM ${cold} WHERE ${chosenTail}`;
  const moved = await addSorted(connection, table, keys, (slice) => {
    return `SELECT ${COLUMNS[table]} FROM ${hot} WHERE ${chosenHot} AND ${slice} AND rowid IN (
        SELECT max(rowid) FROM ${hot} WHERE ${chosenHot} AND ${slice} GROUP BY ${KEY})
      UNION ALL SELECT ${COLUMNS[table]} FROM ${cold} WHERE ${chosenTail} AND ${slice}`;
  });
  // What this transaction has added has row numbers far above these.
  if (completesRun) await connection.run(`DELETE FROM ${cold} WHERE ${chosenTail}`);
  await connection.run(`DELETE FROM ${hot} WHERE ${chosenHot}`);
  if (completesRun) {
    await writeCounter(connection, table, 'runs', (await readCounter(connection, table, 'runs')) + moved);
  }
  await writeCounter(connection, table, 'tail', completesRun ? 0 : tailRows + moved);
}

/** Adds rows to the end of a cold table, sorted, slice by slice; gives their number. `keys`: series and time of each row. */
async function addSorted(
  connection: DuckDBConnection,
  table: TableName,
  keys: string,
  rowsOf: (slice: string) => string,
): Promise<number> {
  let added = 0;
  for (const slice of await keySlices(connection, keys)) {
    const { rowsChanged } = await connection.run(
      `INSERT INTO seismo_store.${table}_cold SELECT * FROM (${rowsOf(slice)}) ORDER BY ${KEY}`,
    );
    added += rowsChanged;
  }
  return added;
}

/**
 * Deletes the cold rows that hot ones replace, slice by slice, so that what is held of the hot keys is small. The bounds
 * on time let whole row groups be skipped: normally nothing cold is that young, and where some series are late, only
 * their slices look at more. As EXISTS it would be a join that holds every cold row of the range.
 */
async function deleteOverwritten(
  connection: DuckDBConnection,
  hot: string,
  cold: string,
  lastSeq: number,
): Promise<void> {
  for (const slice of await keySlices(connection, `SELECT ${KEY} FROM ${hot} WHERE seq <= ${lastSeq}`)) {
    const chosen = `seq <= ${lastSeq} AND ${slice}`;
    const [bounds] = await rows(
      connection,
      `SELECT min(time_ms)::DOUBLE, max(time_ms)::DOUBLE FROM ${hot} WHERE ${chosen}`,
    );
    const [firstMs, lastMs] = bounds as [number, number];
    await connection.run(
      `DELETE FROM ${cold} WHERE time_ms BETWEEN ${firstMs} AND ${lastMs} AND ${slice}
         AND (series_id, time_ms) IN (SELECT (series_id, time_ms) FROM ${hot} WHERE ${chosen})`,
    );
  }
}

/**
 * The condition for the last so many rows of a cold table. Row numbers change when DuckDB closes the gaps of deleted
 * rows, their order does not: so they are counted from the end. Where some of them are gone meanwhile, a few sorted
 * rows before them come along, which changes nothing: this is only about where rows lie.
 */
async function lastRows(connection: DuckDBConnection, table: TableName, count: number): Promise<string> {
  if (count === 0) return 'false';
  const last = await oneNumber(
    connection,
    `SELECT coalesce(max(rowid), -1)::DOUBLE FROM seismo_store.${table}_cold`,
  );
  return `rowid BETWEEN ${Math.max(0, last + 1 - count)} AND ${last}`;
}

function readCounter(connection: DuckDBConnection, table: TableName, counter: Counter): Promise<number> {
  return oneNumber(
    connection,
    `SELECT value::DOUBLE FROM seismo_store.meta WHERE name = '${table}_${counter}_rows'`,
  );
}

async function writeCounter(
  connection: DuckDBConnection,
  table: TableName,
  counter: Counter,
  value: number,
): Promise<void> {
  await connection.run(`DELETE FROM seismo_store.meta WHERE name = '${table}_${counter}_rows'`);
  await connection.run(`INSERT INTO seismo_store.meta VALUES ('${table}_${counter}_rows', ${value})`);
}
