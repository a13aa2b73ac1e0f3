import { fieldSql } from './coercion.js';
import type { ColumnReference, Query } from './expression.js';
import type { Scope, Source, SourceColumn } from './scope.js';
import type { SqlType } from './types.js';

/** What FROM, or a part of it, brings. */
export interface FromItem {
  readonly sql: string;
  readonly sources: readonly Source[];
  readonly columns: readonly SourceColumn[];
  readonly references: readonly ColumnReference[];
  /** Reads columns of what stands before it. */
  readonly lateral?: boolean;
}

/** A query as a table. */
export function derived(found: Query, name: string, scope: Scope): FromItem {
  const alias = scope.nextAlias();
  const sql = `(${found.sql}) AS ${alias}`;
  const [first] = found.columns;
  if (found.isValue && first !== undefined) {
    return valueItem(sql, `${alias}.${first.sqlName}`, first.type, name, found.references);
  }
  const columns = found.columns.map((column) => ({
    name: column.name,
    type: column.type,
    sql: `${alias}.${column.sqlName}`,
  }));
  return { sql, sources: [{ name, columns }], columns, references: found.references };
}

/** Rows that are values: their fields are columns, and the name stands for the value. */
export function valueItem(
  sql: string,
  value: string,
  type: SqlType,
  name: string,
  references: readonly ColumnReference[],
): FromItem {
  const columns =
    type.kind === 'STRUCT'
      ? type.fields.map((field, i) => ({ name: field.name, type: field.type, sql: fieldSql(value, type, i) }))
      : [{ name, type, sql: value }];
  return { sql, sources: [{ name, columns, value: { sql: value, type } }], columns, references };
}
