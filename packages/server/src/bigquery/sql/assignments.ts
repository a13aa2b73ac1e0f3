import { coerced, cost, fieldSql, structSql } from './coercion.js';
import { expression } from './compile.js';
import { identifierName } from './literals.js';
import { pathNames, type Scope } from './scope.js';
import { invalid, keyword, need, notSupported, type SyntaxNode } from './syntax.js';
import type { Target, TargetColumn } from './targets.js';
import { fieldOf, quoteName, type SqlType, typeName } from './types.js';
import { readSql, writtenSql } from './written-arrays.js';

/** What a column or a field becomes: SQL of the whole, or new values of some of its fields by their small names. */
type Change = string | Map<string, Change>;

/** `SET a = 1, b = DEFAULT, s.x = 2`; the fields of a STRUCT that are not named stay as they are. */
export function assignments(nodes: readonly SyntaxNode[], target: Target, scope: Scope): string {
  const changes = new Map<TargetColumn, Change>();
  for (const node of nodes) {
    if (node.node_type !== 'BinaryOperator' || keyword(node) !== '=')
      throw invalid(node, 'Syntax error: Expected column = value');
    const { column, fields, type } = assigned(need(node, 'left'), target);
    const value = newValue(need(node, 'right'), column, fields, type, scope);
    if (!put(changes, [column, ...fields], value)) {
      const item = [column.name, ...fields].join('.');
      throw invalid(node, `Update item ${item} assigned more than once`);
    }
  }
  return [...changes].map(([column, change]) => assignment(column, change, target)).join(', ');
}

/** `a`, `t.a` and, of a column that is a STRUCT, `a.x`. */
function assigned(
  node: SyntaxNode,
  target: Target,
): { column: TargetColumn; fields: readonly string[]; type: SqlType } {
  const names = pathNames(node);
  if (names === undefined) throw notSupported('Changing what is no column and no field', node);
  const isAlias = names.length > 1 && fieldOf(target.columns, identifierName(names[0]!)) === undefined;
  if (isAlias && identifierName(names[0]!).toLowerCase() !== target.shownAs().toLowerCase())
    throw invalid(names[0]!, `Unrecognized name: ${identifierName(names[0]!)}`);
  const [first, ...others] = isAlias ? names.slice(1) : names;
  const column = target.column(first!);
  let { type } = column;
  const fields: string[] = [];
  for (const one of others) {
    const name = identifierName(one);
    const field = type.kind === 'STRUCT' ? fieldOf(type.fields, name) : undefined;
    if (field === undefined) throw invalid(one, `Field name ${name} does not exist in ${typeName(type)}`);
    fields.push(field.name.toLowerCase());
    type = field.type;
  }
  return { column, fields, type };
}

function newValue(
  node: SyntaxNode,
  column: TargetColumn,
  fields: readonly string[],
  type: SqlType,
  scope: Scope,
): string {
  if (keyword(node) === 'DEFAULT' && node.node_type === 'Unknown') {
    if (fields.length > 0) throw invalid(node, 'DEFAULT is possible for whole columns only');
    return 'DEFAULT';
  }
  const value = scope.plain('UPDATE SET', () => expression(node, scope));
  if (cost(value, type) === undefined) {
    const name = [column.name, ...fields].join('.');
    throw invalid(
      node,
      `Value of type ${typeName(value.type)} cannot be assigned to ${name}, which has type ${typeName(type)}`,
    );
  }
  return coerced(value, type, node).sql;
}

/** False where the same, or what it is part of, was assigned before. */
function put<Key>(changes: Map<Key, Change>, [first, ...rest]: readonly unknown[], value: string): boolean {
  const before = changes.get(first as Key);
  if (rest.length === 0) {
    changes.set(first as Key, value);
    return before === undefined;
  }
  if (typeof before === 'string') return false;
  const inner: Map<string, Change> = before ?? new Map();
  changes.set(first as Key, inner);
  return put(inner, rest, value);
}

function assignment({ name, type }: TargetColumn, change: Change, target: Target): string {
  const column = quoteName(name);
  if (change === 'DEFAULT') return `${column} = DEFAULT`;
  const whole = changed(readSql(`${target.alias()}.${column}`, type), type, change);
  return `${column} = ${writtenSql(whole, name, type)}`;
}

/** Of a STRUCT that is NULL the other fields are NULL. */
function changed(sql: string, type: SqlType, change: Change): string {
  if (typeof change === 'string') return change;
  if (type.kind !== 'STRUCT') throw new Error('Fields are changed of a STRUCT only.');
  const fields = type.fields.map((field, i) => {
    const inner = change.get(field.name.toLowerCase());
    const before = fieldSql(sql, type, i);
    return { sql: inner === undefined ? before : changed(before, field.type, inner) };
  });
  return structSql(fields, type);
}
