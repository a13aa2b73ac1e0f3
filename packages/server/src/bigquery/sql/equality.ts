import { fieldSql } from './coercion.js';
import { type Expression, once } from './expression.js';
import type { SqlType } from './types.js';

/** SQL with the fields of a constructor, which need not be put together to be taken apart again. */
type Operand = Pick<Expression, 'sql' | 'parts'>;

/**
 * `a = b` of two values of one type. STRUCTs are compared field by field: NULL where a field is NULL and no other
 * differs, while DuckDB takes NULL within them as a value like others.
 */
export function equalSql(a: Operand, b: Operand, type: SqlType): string {
  if (type.kind !== 'STRUCT') return `(${a.sql} = ${b.sql})`;
  const whole = [a, b].filter(({ parts }) => parts === undefined).map(({ sql }) => sql);
  return once(whole, (sqls) => {
    const left = a.parts ?? fieldsOf(sqls[0]!, type);
    const right = b.parts ?? fieldsOf(sqls.at(-1)!, type);
    return `(${type.fields.map((field, i) => equalSql(left[i]!, right[i]!, field.type)).join(' AND ')})`;
  });
}

function fieldsOf(sql: string, type: Extract<SqlType, { kind: 'STRUCT' }>): Operand[] {
  return type.fields.map((_, i) => ({ sql: fieldSql(sql, type, i) }));
}

/**
 * `value IN (SELECT member …)`: `rows` is what stands behind the member. Pairs that give NULL are looked for by the side
 * that has the NULL, so that DuckDB need not compare all rows with all.
 */
export function inRowsSql(value: Operand, member: string, rows: string, type: SqlType): string {
  if (type.kind !== 'STRUCT') return `(${value.sql} IN (SELECT ${member} ${rows}))`;
  const equal = equalSql(value, { sql: member }, type);
  const some = (condition: string) => `EXISTS (SELECT 1 ${rows} WHERE ${condition})`;
  const unknown = [{ sql: member }, value].map((side) =>
    some(`${isPartlyNull(side, type)} AND ${equal} IS NULL`),
  );
  return `(CASE WHEN ${some(equal)} THEN true WHEN ${unknown.join(' OR ')} THEN NULL ELSE false END)`;
}

function isPartlyNull({ sql, parts }: Operand, type: SqlType): string {
  if (type.kind !== 'STRUCT') return `(${sql} IS NULL)`;
  const fields = parts ?? fieldsOf(sql, type);
  return `(${type.fields.map((field, i) => isPartlyNull(fields[i]!, field.type)).join(' OR ')})`;
}
