/**
 * Runs SQL of the store's own dialect (DuckDB's) over the tables of the data folder, beside everything else that
 * uses them. What runs here is trusted: it was made by bigquery/sql, never typed by a user.
 */
export interface SqlEngine {
  /**
   * A connection of its own: temporary tables, variables and an open transaction belong to it. Whoever opens it
   * closes it. Rejects with an AppError (`not_ready`) while the store is closing.
   */
  open(): Promise<SqlSession>;
}

/**
 * Runs one statement at a time; calls wait for each other. Failures of a statement reject with SqlEngineError,
 * those of the store with an AppError.
 *
 * Values, in and out: INT64 as bigint (a whole number goes in too), FLOAT64 as number, times as microseconds since
 * 1970 or midnight (bigint; a whole number goes in too), dates as days since 1970, NUMERIC and JSON as text, BYTES as
 * Uint8Array, arrays as arrays, structs as objects by field name, NULL as null.
 */
export interface SqlSession {
  /** Runs a statement of any length; gives how many rows it changed. */
  run(sql: string): Promise<number>;
  /** Runs a statement of any length that gives one text for each row it changed; gives how often each came. */
  counts(sql: string): Promise<Readonly<Record<string, number>>>;
  /** Fails as `run` would before it begins: nothing runs. */
  check(sql: string): Promise<void>;
  /** All rows of a result that is known to be small; it may not take long. */
  rows(sql: string): Promise<EngineValue[][]>;
  /** A whole result by columns. */
  columns(sql: string): Promise<EngineColumns>;
  /** Adds rows to a table, given by columns. */
  append(table: EngineTable, columns: readonly EngineColumn[], rowCount: number): Promise<void>;
  /** Ends the statement that runs, if one does: it rejects with this kind, and so does every later one. */
  interrupt(kind: SqlInterruption): void;
  /** Ends what runs, then gives the connection back. Never rejects. */
  close(): Promise<void>;
}

export interface EngineTable {
  /** Absent: a temporary table. */
  readonly schema?: string;
  readonly name: string;
}

export type EngineValue =
  | number
  | bigint
  | string
  | boolean
  | null
  | Uint8Array
  | readonly EngineValue[]
  | { readonly [field: string]: EngineValue };

/** FLOAT64, INT64 and times without NULL also as an array of numbers, where it holds them exactly. */
export type EngineColumn = readonly EngineValue[] | Float64Array;

export interface EngineColumns {
  readonly columns: readonly EngineColumn[];
  readonly rowCount: number;
}

/**
 * `invalid`: the statement or its data; `conflict`: another transaction was first; `memory`: it needs more than there
 * is; `full`: the disk.
 */
export type SqlEngineErrorKind = 'invalid' | 'cancelled' | 'timeout' | 'memory' | 'full' | 'conflict';

/** Why a statement is ended from outside. */
export type SqlInterruption = Exclude<SqlEngineErrorKind, 'invalid' | 'conflict'>;

export class SqlEngineError extends Error {
  readonly kind: SqlEngineErrorKind;

  constructor(kind: SqlEngineErrorKind, message: string) {
    super(message);
    this.name = 'SqlEngineError';
    this.kind = kind;
  }
}
