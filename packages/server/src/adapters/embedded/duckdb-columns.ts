import type {
  DuckDBAppender,
  DuckDBConnection,
  DuckDBDataChunk,
  DuckDBMaterializedResult,
  DuckDBType,
  DuckDBValue,
} from '@duckdb/node-api';
import { duckdb } from './duckdb-library.js';

/** Typed arrays into DuckDB and out of it, without a JavaScript value per cell. */

const CHUNK_ROWS = 2048;
const TWO_POW_32 = 4_294_967_296;

/** How a column travels: whole numbers of 64 bits come as float64 and are split into two halves. */
export type ColumnKind = 'uint32' | 'uint8' | 'float64' | 'int64';
/** How a column of a result comes. */
export type ResultKind = Exclude<ColumnKind, 'int64'>;
export type Column = Uint32Array | Uint8Array | Float64Array;

/** Appends columns to one table in chunks. */
export class TableAppender {
  readonly #appender: DuckDBAppender;
  readonly #chunk: DuckDBDataChunk;
  readonly #kinds: readonly ColumnKind[];

  private constructor(appender: DuckDBAppender, types: readonly DuckDBType[], kinds: readonly ColumnKind[]) {
    this.#appender = appender;
    this.#chunk = duckdb.DuckDBDataChunk.create([...types], CHUNK_ROWS);
    this.#kinds = kinds;
  }

  static async create(connection: DuckDBConnection, table: string, kinds: readonly ColumnKind[]) {
    const appender = await connection.createAppender(table, 'seismo_store');
    const types = kinds.map((_, index) => appender.columnType(index));
    return new TableAppender(appender, types, kinds);
  }

  /** Adds rows; they reach the table with `flush`. */
  append(columns: readonly Column[], rowCount: number): void {
    for (let start = 0; start < rowCount; start += CHUNK_ROWS) {
      const end = Math.min(rowCount, start + CHUNK_ROWS);
      this.#chunk.reset();
      this.#chunk.rowCount = end - start;
      for (let c = 0; c < this.#kinds.length; c++) this.#fill(c, columns[c]!, start, end);
      this.#appender.appendDataChunk(this.#chunk);
    }
  }

  flush(): void {
    this.#appender.flushSync();
  }

  /** Throws away what was not flushed. */
  clear(): void {
    this.#appender.clear();
  }

  close(): void {
    this.#appender.closeSync();
  }

  #fill(index: number, column: Column, start: number, end: number): void {
    const vector = this.#chunk.getColumnVector(index);
    const part = column.subarray(start, end);
    const memory = (vector as unknown as { items: Column | BigInt64Array }).items;
    if (this.#kinds[index] === 'int64') {
      writeInt64(part as Float64Array, new Uint32Array(memory.buffer, memory.byteOffset, 2 * part.length));
    } else {
      (memory as Column).set(part);
    }
    vector.flush();
  }
}

/** Whole numbers as 64 bits, low half first. */
export function writeInt64(from: Float64Array, halves: Uint32Array): void {
  for (let i = 0; i < from.length; i++) {
    const whole = from[i]!;
    const high = Math.floor(whole / TWO_POW_32);
    halves[2 * i] = whole - high * TWO_POW_32;
    halves[2 * i + 1] = high;
  }
}

/** The columns of a result in flat arrays; every column must be of one of the three kinds, without NULL. */
export async function readColumns(
  connection: DuckDBConnection,
  sql: string,
  values: DuckDBValue[],
  kinds: readonly ResultKind[],
): Promise<Column[]> {
  // A statement without values is parsed, planned and run in one call of the library.
  const result = values.length === 0 ? await connection.run(sql) : await connection.run(sql, values);
  return flatten(result, kinds);
}

/**
 * The same of a result that may be large, and behind it what is given; undefined once `goesOn` does not hold for the
 * number of rows so far, of which it reads little more then. A LIMIT instead takes DuckDB twice as long for all that
 * are within it.
 */
export async function readColumnsWhile(
  connection: DuckDBConnection,
  sql: string,
  kinds: readonly ResultKind[],
  behind: readonly Column[],
  goesOn: (rows: number) => boolean,
): Promise<Column[] | undefined> {
  const result = await connection.stream(sql);
  const chunks: DuckDBDataChunk[] = [];
  let rowCount = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return joinChunks(chunks, rowCount, kinds, behind);
    chunks.push(chunk);
    rowCount += chunk.rowCount;
    if (!goesOn(rowCount)) return undefined;
  }
}

/** Hands on the columns of a result piece by piece; they hold only until the next one. */
export async function streamColumns(
  connection: DuckDBConnection,
  sql: string,
  kinds: readonly ResultKind[],
  take: (columns: Column[]) => void,
): Promise<void> {
  const result = await connection.stream(sql);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    take(joinChunks([chunk], chunk.rowCount, kinds));
  }
}

function flatten(result: DuckDBMaterializedResult, kinds: readonly ResultKind[]): Column[] {
  const chunks = Array.from({ length: result.chunkCount }, (_, index) => result.getChunk(index));
  return joinChunks(chunks, result.rowCount, kinds);
}

function joinChunks(
  chunks: readonly DuckDBDataChunk[],
  rowCount: number,
  kinds: readonly ResultKind[],
  behind: readonly Column[] = [],
): Column[] {
  const columns = kinds.map((kind) => newColumn(kind, rowCount + (behind[0]?.length ?? 0)));
  let at = 0;
  for (const chunk of chunks) {
    for (let k = 0; k < kinds.length; k++) {
      const vector = chunk.getColumnVector(k) as unknown as { items: Column };
      columns[k]!.set(vector.items, at);
    }
    at += chunk.rowCount;
  }
  behind.forEach((column, k) => {
    columns[k]!.set(column, at);
  });
  return columns;
}

export function newColumn(kind: ResultKind, length: number): Column {
  if (kind === 'uint32') return new Uint32Array(length);
  return kind === 'uint8' ? new Uint8Array(length) : new Float64Array(length);
}
