import type { Column } from '../sql/plan.js';
import { fieldOf, quoteName } from '../sql/types.js';
import type { TableEntry } from './catalog-entries.js';
import { RestError } from './rest-error.js';
import { columnTypeSql, keptColumns, tableSql } from './table-sql.js';

/** SQL that brings a table to other columns: new ones, of records too, REQUIRED to NULLABLE, nothing else. */
export function columnChanges(former: TableEntry, entry: TableEntry, projectId: string): string[] {
  const name = `${projectId}:${entry.dataset}.${entry.table}`;
  if (former.columns.length === 0) return [`CREATE TABLE ${tableSql(entry)} (${keptColumns(entry.columns)})`];
  const alter = `ALTER TABLE ${tableSql(entry)}`;
  const fields = fieldChanges(former.columns, entry.columns, [], (why) => {
    throw new RestError('invalid', `Provided Schema does not match Table ${name}. ${why}`);
  });
  const relaxed = former.columns.filter(({ name, mode }) => {
    return mode === 'REQUIRED' && fieldOf(entry.columns, name)?.mode !== 'REQUIRED';
  });
  const plain = former.columns.filter(({ name, defaultValueExpression }) => {
    return (
      defaultValueExpression !== undefined &&
      fieldOf(entry.columns, name)?.defaultValueExpression === undefined
    );
  });
  return [
    ...fields.map((added) => `${alter} ADD COLUMN ${added}`),
    ...relaxed.map((column) => `${alter} ALTER COLUMN ${quoteName(column.name)} DROP NOT NULL`),
    ...plain.map((column) => `${alter} ALTER COLUMN ${quoteName(column.name)} DROP DEFAULT`),
  ];
}

/** Name and type of each field that is new, by its path. */
function fieldChanges(
  former: readonly Column[],
  now: readonly Column[],
  path: readonly string[],
  refuse: (why: string) => never,
): string[] {
  const shown = (column: Column) => [...path, column.name].join('.');
  const added = now.filter(({ name }) => fieldOf(former, name) === undefined);
  const required = added.find(({ mode }) => mode === 'REQUIRED');
  if (required !== undefined) refuse(`Cannot add required field ${shown(required)}`);
  const within = former.flatMap((column) => {
    const after = fieldOf(now, column.name) ?? refuse(`Field ${shown(column)} is missing in new schema`);
    if (after.type !== column.type) {
      refuse(`Field ${shown(column)} has changed type from ${column.type} to ${after.type}`);
    }
    const [before, then] = [column.mode ?? 'NULLABLE', after.mode ?? 'NULLABLE'];
    if (before !== then && (before === 'REPEATED' || then !== 'NULLABLE')) {
      refuse(`Field ${shown(column)} has changed mode from ${before} to ${then}`);
    }
    if (column.type !== 'STRUCT') return [];
    // DuckDB's name for what a list holds.
    const inside = before === 'REPEATED' ? [column.name, 'element'] : [column.name];
    return fieldChanges(column.fields ?? [], after.fields ?? [], [...path, ...inside], refuse);
  });
  const place = path.map((one) => `${quoteName(one)}.`).join('');
  return [...within, ...added.map((column) => `${place}${quoteName(column.name)} ${columnTypeSql(column)}`)];
}

/** Default values are read from SQL only; a client that sends back what it got changes none. */
export function refuseNewDefaults(columns: readonly Column[], former: readonly Column[] = []): void {
  for (const { name, defaultValueExpression: wanted } of columns) {
    if (wanted === undefined || wanted === fieldOf(former, name)?.defaultValueExpression) continue;
    throw new RestError(
      'notImplemented',
      `defaultValueExpression is not supported here: give ${name} its default value with CREATE TABLE … (${name} … DEFAULT ${wanted}).`,
      'schema.fields',
    );
  }
}

/** New columns come last, wherever a client names them: that is where DuckDB puts them. */
export function inFormerOrder(former: readonly Column[], now: readonly Column[]): readonly Column[] {
  const kept = former.flatMap(({ name, fields }) => {
    const after = fieldOf(now, name);
    if (after === undefined) return [];
    if (fields === undefined || after.fields === undefined) return [after];
    return [{ ...after, fields: inFormerOrder(fields, after.fields) }];
  });
  return [...kept, ...now.filter(({ name }) => fieldOf(former, name) === undefined)];
}
