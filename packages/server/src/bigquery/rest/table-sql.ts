import type { SqlSession } from '../../ports/sql-engine.js';
import { columnSql } from '../sql/column-definitions.js';
import type { Column } from '../sql/plan.js';
import { columnType, duckDbType, quoteName, quoteText } from '../sql/types.js';

/** DuckDB's type of a column. */
export function columnTypeSql(column: Column): string {
  return duckDbType(columnType(column));
}

/** Columns of a table that is kept: what they must refuse is refused by DuckDB. */
export function keptColumns(columns: readonly Column[], defaults: ColumnDefaults = new Map()): string {
  const defaultOf = ({ name, defaultValueExpression }: Column) => {
    const sql = defaultValueExpression === undefined ? undefined : defaults.get(name.toLowerCase());
    return sql === undefined ? '' : ` DEFAULT ${sql}`;
  };
  return columns.map((column) => `${columnSql(column)}${defaultOf(column)}`).join(', ');
}

/** DuckDB's default value of each column that has one, by its name in small letters. */
export type ColumnDefaults = ReadonlyMap<string, string>;

/** Of a table that is there: beside it only BigQuery's text of them is kept. */
export async function columnDefaults(
  session: SqlSession,
  { dataset, table }: { readonly dataset: string; readonly table: string },
): Promise<ColumnDefaults> {
  const rows = await session.rows(
    `SELECT lower(column_name), column_default FROM duckdb_columns() WHERE schema_name = ${quoteText(dataset)} AND table_name = ${quoteText(table)} AND column_default IS NOT NULL`,
  );
  return new Map(rows.map(([name, sql]) => [String(name), String(sql)]));
}

/** Columns of a table for a moment: whatever is written there was checked, or is checked later. */
export function passingColumns(columns: readonly Column[]): string {
  return columns.map((column) => `${quoteName(column.name)} ${columnTypeSql(column)}`).join(', ');
}

export function tableSql({ dataset, table }: { readonly dataset: string; readonly table: string }): string {
  return `${quoteName(dataset)}.${quoteName(table)}`;
}
