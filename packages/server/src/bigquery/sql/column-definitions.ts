import { coerced, cost } from './coercion.js';
import { expression } from './compile.js';
import { identifierName, stringValue } from './literals.js';
import type { Column } from './plan.js';
import { Scope } from './scope.js';
import {
  child,
  has,
  invalid,
  keyword,
  list,
  need,
  notSupported,
  only,
  type SyntaxNode,
  textOf,
} from './syntax.js';
import { columnTypeOf } from './type-syntax.js';
import { columnType, duckDbType, quoteName, type SqlType, toColumn, typeName } from './types.js';

export interface DefinedColumn {
  readonly column: Column;
  /** For DuckDB's CREATE TABLE. */
  readonly sql: string;
}

/** `name type [NOT NULL] [DEFAULT x] [OPTIONS(description = '…')]`. */
export function columnDefinition(declaration: SyntaxNode, scope: Scope): DefinedColumn {
  if (declaration.node_type === 'Constraint') throw notSupported('A table constraint', declaration);
  const typeNode = need(declaration, 'type');
  only(typeNode, 'type_declaration', 'parameter', 'not_null', 'default', 'options');
  const type = columnTypeOf(typeNode);
  const maxLength = parameterOf(typeNode, type);
  const name = identifierName(declaration);
  checkName(name, declaration);
  const required = has(typeNode, 'not_null');
  if (required && type.kind === 'ARRAY')
    throw invalid(typeNode, 'NOT NULL constraint is not supported for ARRAY columns');
  const initial = defaultOf(typeNode, type, scope);
  const described = toColumn(name, type);
  const description = descriptionOf(child(typeNode, 'options'));
  const column: Column = {
    ...described,
    ...(required ? { mode: 'REQUIRED' as const } : {}),
    ...(description === undefined ? {} : { description }),
    ...(initial === undefined ? {} : { defaultValueExpression: initial.text }),
    ...(maxLength === undefined ? {} : { maxLength }),
  };
  return { column, sql: `${columnSql(column)}${initial === undefined ? '' : ` DEFAULT ${initial.sql}`}` };
}

/** A column of DuckDB's table: what it must refuse is refused by it. */
export function columnSql(column: Column): string {
  const name = quoteName(column.name);
  const length = column.type === 'BYTES' ? `octet_length(${name})` : `length(${name})`;
  const check = column.maxLength === undefined ? '' : ` CHECK (${length} <= ${column.maxLength})`;
  return `${name} ${duckDbType(columnType(column))}${column.mode === 'REQUIRED' ? ' NOT NULL' : ''}${check}`;
}

function checkName(name: string, node: SyntaxNode): void {
  if (name.length > 300 || name === '' || /[\0"\n]/.test(name))
    throw invalid(node, `Invalid field name ${JSON.stringify(name)}`);
  if (/^(_TABLE_|_FILE_|_PARTITION|_ROW_TIMESTAMP|__ROOT__|_COLIDENTIFIER)/i.test(name)) {
    throw invalid(node, `Invalid field name ${JSON.stringify(name)}. The prefix is reserved`);
  }
}

/** STRING(L) and BYTES(L) are kept; precision of numbers is not. */
function parameterOf(node: SyntaxNode, type: SqlType): number | undefined {
  const parameter = child(node, 'parameter');
  if (parameter === undefined) return undefined;
  if (type.kind !== 'STRING' && type.kind !== 'BYTES')
    throw notSupported(`${typeName(type)} with parameters`, parameter);
  const text = textOf(list(parameter, 'exprs')[0] ?? need(parameter, 'expr'));
  if (!/^\d+$/.test(text)) throw invalid(parameter, `Invalid length of ${typeName(type)}: ${text}`);
  return Number(text);
}

/** The `default` of a column, as SQL for DuckDB and nearly as it was written. */
export function defaultOf(
  node: SyntaxNode,
  type: SqlType,
  scope: Scope,
): { sql: string; text: string } | undefined {
  const found = child(node, 'default');
  if (found === undefined) return undefined;
  const inner = need(found, 'expr');
  const value = expression(inner, new Scope(scope.translation));
  if (cost(value, type) === undefined)
    throw invalid(
      inner,
      `Default value of type ${typeName(value.type)} cannot be coerced to ${typeName(type)}`,
    );
  const converted = coerced(value, type, inner);
  return { sql: macroFree(converted.sql, inner), text: sourceText(inner) };
}

/** A table outlives the connection whose macros its default might need. */
function macroFree(sql: string, node: SyntaxNode): string {
  if (/\bbq_\w+\(/.test(sql)) throw notSupported('This expression as a default', node);
  return sql;
}

/** Nearly as it was written: literals and calls without arguments are all that defaults are made of. */
function sourceText(node: SyntaxNode): string {
  if (node.node_type === 'CallingFunction') {
    return `${textOf(need(node, 'func'))}(${list(node, 'args').map(sourceText).join(', ')})`;
  }
  const right = child(node, 'right');
  if (node.node_type === 'UnaryOperator' && right !== undefined)
    return `${textOf(node)}${/^\w/.test(textOf(node)) ? ' ' : ''}${sourceText(right)}`;
  if (node.node_type === 'ArrayLiteral') return `[${list(node, 'exprs').map(sourceText).join(', ')}]`;
  return textOf(node);
}

/** `OPTIONS(description = '…')` of a column. */
export function descriptionOf(node: SyntaxNode | undefined): string | undefined {
  if (node === undefined) return undefined;
  const group = need(node, 'group');
  let description: string | undefined;
  for (const one of list(group, 'exprs')) {
    const name = textOf(need(one, 'left')).toLowerCase();
    if (name !== 'description' || keyword(one) !== '=') throw notSupported(`The column option ${name}`, one);
    description = stringValue(need(one, 'right'));
  }
  return description;
}

/** What a query's column is as a table's. */
export function plainColumn({ name, type, mode, fields }: Column): Column {
  return {
    name,
    type,
    ...(mode === 'REPEATED' ? { mode } : {}),
    ...(fields === undefined ? {} : { fields }),
  };
}
