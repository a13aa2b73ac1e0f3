import { SqlEngineError, type SqlSession } from '../../ports/sql-engine.js';
import type { Column } from '../sql/plan.js';
import { INDEX_ROWS, type Lines } from './result-files.js';
import { restCellsSql, restRowOf, restRowSql } from './row-format.js';

/** Rows as REST writes them, and how many were asked for at last. */
export interface SomeRows {
  readonly rows: string[];
  readonly count: number;
}

/**
 * Asks for `most` rows, and for fewer where those need more memory than there is: cells may be megabytes long.
 */
export async function readSome(
  session: SqlSession,
  columns: readonly Column[],
  most: number,
  sqlOf: (selected: string, most: number) => string,
): Promise<SomeRows> {
  const { result: rows, count } = await withinMemory(
    most,
    async (asked) => {
      const found = await session.rows(sqlOf(restRowSql(columns), asked));
      return found.map(([row]) => row as string);
    },
    async () => {
      const found = await session.rows(sqlOf(restCellsSql(columns), 1));
      return found.map((cells) => restRowOf(cells, columns));
    },
  );
  return { rows, count };
}

/** DuckDB takes six times as much as a text to write it as JSON, so one row is written here where that is too much. */
async function withinMemory<Result>(
  most: number,
  read: (count: number) => Promise<Result>,
  readOneHere: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly count: number }> {
  for (let count = most; ; count = Math.ceil(count / 16)) {
    try {
      return { result: await read(count), count };
    } catch (error) {
      if (!(error instanceof SqlEngineError && error.kind === 'memory')) throw error;
      if (count === 1) return { result: await readOneHere(), count };
    }
  }
}

/** Rows to begin with: how long they are shows in them. */
const FIRST_ROWS = 2 * INDEX_ROWS;
const ROWS_MAX = 32 * INDEX_ROWS;

/**
 * All rows of a temporary table in their order, as lines of text. DuckDB puts the lines of a block together, since
 * what this process does for each text would take longer than the rows themselves.
 */
export async function* tableLines(
  session: SqlSession,
  columns: readonly Column[],
  tableSql: string,
): AsyncGenerator<readonly Lines[]> {
  const line = `${restRowSql(columns)} || chr(10)`;
  let most = FIRST_ROWS;
  for (let from = 0; ; ) {
    const chosen = (count: number) => `FROM ${tableSql} WHERE rowid >= ${from} AND rowid < ${from + count}`;
    const block = `rowid // ${INDEX_ROWS}`;
    const { result: pieces, count } = await withinMemory(
      most,
      async (asked) => {
        const found = await session.rows(
          `SELECT count(*)::INTEGER, encode(string_agg(${line}, '' ORDER BY rowid)) ${chosen(asked)} GROUP BY ${block} ORDER BY ${block}`,
        );
        return found.map(([rowCount, bytes]) => ({ rowCount, bytes }) as Lines);
      },
      async () => {
        const found = await session.rows(`SELECT ${restCellsSql(columns)} ${chosen(1)}`);
        return found.map((cells) => ({ rowCount: 1, bytes: Buffer.from(`${restRowOf(cells, columns)}\n`) }));
      },
    );
    yield pieces;
    const rowCount = pieces.reduce((sum, piece) => sum + piece.rowCount, 0);
    if (rowCount < count) return;
    from += rowCount;
    const bytes = pieces.reduce((sum, piece) => sum + piece.bytes.length, 0);
    most = withinBytes(bytes, rowCount, ROWS_MAX);
  }
}

/** About so much is asked for at once, by the rows that came before. */
const AT_ONCE_BYTES = 4_000_000;

/** How many rows to ask for next: asking for megabytes too many fails, and costs as much as what it fails at. */
export function rowsNext(before: readonly string[], most: number): number {
  const bytes = before.reduce((sum, row) => sum + row.length, 0);
  return withinBytes(bytes, before.length, most);
}

function withinBytes(bytes: number, rowCount: number, most: number): number {
  return bytes === 0 ? most : Math.max(1, Math.min(most, Math.floor((AT_ONCE_BYTES * rowCount) / bytes)));
}
