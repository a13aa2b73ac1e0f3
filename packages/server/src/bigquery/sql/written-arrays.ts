import { fieldSql } from './coercion.js';
import { once } from './expression.js';
import { duckDbType, quoteText, type SqlType } from './types.js';

/**
 * A value as it goes into a table or a result: BigQuery takes arrays with NULL as long as a query works with them, and
 * fails where one is written.
 */
export function writtenSql(sql: string, name: string, type: SqlType): string {
  if (nullElement(sql, type) === undefined) return sql;
  const failure = `bq_fail(${quoteText(`Array cannot have a null element; error in writing field ${name}`)})`;
  return once([sql], ([value]) => {
    const condition = nullElement(value!, type);
    return `(CASE WHEN (CASE WHEN ${condition} THEN ${failure} ELSE 0 END) = 0 THEN ${value} END)`;
  });
}

/** Whether an array, or one among the fields of a STRUCT, holds NULL; undefined where there is none. */
function nullElement(sql: string, type: SqlType): string | undefined {
  if (type.kind === 'ARRAY') return `list_count(${sql}) < len(${sql})`;
  if (type.kind !== 'STRUCT') return undefined;
  const found = type.fields.flatMap((field, i) => nullElement(fieldSql(sql, type, i), field.type) ?? []);
  return found.length === 0 ? undefined : found.join(' OR ');
}

/** A column of a table as it is read: no array in it is NULL, only empty. */
export function readSql(sql: string, type: SqlType): string {
  return type.kind === 'ARRAY' ? `coalesce(${sql}, CAST([] AS ${duckDbType(type)}))` : sql;
}
