import type { Column } from '../sql/plan.js';

/**
 * One column's values, row by row, NULL as null: INT64 as bigint or whole number, FLOAT64 as number, TIMESTAMP and
 * DATETIME as microseconds since 1970 (bigint or whole number), DATE as days since 1970, NUMERIC as text or number.
 * An array of numbers has no NULL.
 */
export type ColumnValues = readonly unknown[] | Float64Array;

/** Rows by columns: what a query gave, or what a model says. */
export interface MlRows {
  readonly columns: readonly Column[];
  /** In the order of the columns. */
  readonly values: readonly ColumnValues[];
  readonly rowCount: number;
}

/** The column's place; names are told apart without case, as in BigQuery. Undefined where there is none. */
export function columnIndex(columns: readonly { readonly name: string }[], name: string): number | undefined {
  const wanted = name.toLowerCase();
  const at = columns.findIndex((column) => column.name.toLowerCase() === wanted);
  return at < 0 ? undefined : at;
}

/** NaN for NULL. */
export function numbersOf(values: ColumnValues): Float64Array {
  if (values instanceof Float64Array) return values;
  const numbers = new Float64Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    numbers[row] = value === null ? Number.NaN : Number(value);
  }
  return numbers;
}

const DAY_MS = 86_400_000;

/** Whole milliseconds since 1970, UTC, rounded down; NaN for NULL. */
export function timesMsOf(values: ColumnValues, type: string): Float64Array {
  const numbers = numbersOf(values);
  if (type === 'DATE') return numbers.map((days) => days * DAY_MS);
  return numbers.map((microseconds) => Math.floor(microseconds / 1000));
}

/** Null for NaN; without one the array itself. */
export function withNulls(numbers: Float64Array): ColumnValues {
  return numbers.some(Number.isNaN)
    ? Array.from(numbers, (one) => (Number.isNaN(one) ? null : one))
    : numbers;
}
