import type { FromItem } from './from-items.js';
import type { Column } from './plan.js';
import type { Scope } from './scope.js';
import { columnType, quoteName } from './types.js';
import { readSql } from './written-arrays.js';

/** A relation of DuckDB with its columns, under a name of its own. */
export function relationItem(sql: string, given: readonly Column[], name: string, scope: Scope): FromItem {
  const alias = scope.nextAlias();
  const columns = given.map((column) => {
    const type = columnType(column);
    return { name: column.name, type, sql: readSql(`${alias}.${quoteName(column.name)}`, type) };
  });
  return { sql: `${sql} AS ${alias}`, sources: [{ name, columns }], columns, references: [] };
}
