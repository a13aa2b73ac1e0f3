import type { Column } from '../sql/plan.js';
import { fieldOf } from '../sql/types.js';
import { RestError } from './rest-error.js';

/** `a,e.d.f`: columns and fields of records, in the order of the table: that is how clients read them. */
export function selectedColumns(columns: readonly Column[], selected: string | null): readonly Column[] {
  if (selected === null || selected === '') return columns;
  const chosen = new Map<Column, string[]>();
  for (const path of selected.split(',')) {
    const [name = '', ...within] = path.trim().split('.');
    const found = fieldOf(columns, name);
    if (found === undefined || (within.length > 0 && found.fields === undefined))
      throw new RestError('invalid', `The selected field ${path} does not exist.`, 'selectedFields');
    chosen.set(found, [...(chosen.get(found) ?? []), within.join('.')]);
  }
  return columns.flatMap((column) => {
    const paths = chosen.get(column);
    if (paths === undefined) return [];
    // The whole of it is asked for, or it is no record.
    if (paths.includes('')) return [column];
    return [{ ...column, fields: selectedColumns(column.fields ?? [], paths.join(',')) }];
  });
}
