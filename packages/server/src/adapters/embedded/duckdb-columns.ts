import {
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBMaterializedResult,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';

/** Typed arrays into DuckDB and out of it, without a JavaScript value per cell. */

const CHUNK_ROWS = 2048;
const TWO_POW_32 = 4_294_967_296;

/** How a column travels: whole numbers of 64 bits come as float64 and are split into two halves. */
export type ColumnKind = 'uint32' | 'uint8' | 'float64' | 'int64';
export type Column = Uint32Array | Uint8Array | Float64Array;

/** Appends columns to one table in chunks. */
export class TableAppender {
  readonly #appender: DuckDBAppender;
  readonly #chunk: DuckDBDataChunk;
  readonly #kinds: readonly ColumnKind[];

  private constructor(appender: DuckDBAppender, types: readonly DuckDBType[], kinds: readonly ColumnKind[]) {
    this.#appender = appender;
    this.#chunk = DuckDBDataChunk.create([...types], CHUNK_ROWS);
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

function writeInt64(from: Float64Array, halves: Uint32Array): void {
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
  kinds: readonly Exclude<ColumnKind, 'int64'>[],
): Promise<Column[]> {
  const result = await connection.run(sql, values);
  return flatten(result, kinds);
}

function flatten(result: DuckDBMaterializedResult, kinds: readonly Exclude<ColumnKind, 'int64'>[]): Column[] {
  const rowCount = result.rowCount;
  const columns = kinds.map((kind) => newColumn(kind, rowCount));
  let at = 0;
  for (let c = 0; c < result.chunkCount; c++) {
    const chunk = result.getChunk(c);
    for (let k = 0; k < kinds.length; k++) {
      const vector = chunk.getColumnVector(k) as unknown as { items: Column };
      columns[k]!.set(vector.items, at);
    }
    at += chunk.rowCount;
  }
  return columns;
}

function newColumn(kind: Exclude<ColumnKind, 'int64'>, length: number): Column {
  if (kind === 'uint32') return new Uint32Array(length);
  return kind === 'uint8' ? new Uint8Array(length) : new Float64Array(length);
}
