import type { Column } from './plan.js';
import { columnType, duckDbType, quoteName } from './types.js';

/** The columns of a DuckDB table for BigQuery's: `"name" TYPE, …`, to fill a relation of a plan. */
export function duckDbColumns(columns: readonly Column[]): string {
  return columns.map((column) => `${quoteName(column.name)} ${duckDbType(columnType(column))}`).join(', ');
}
