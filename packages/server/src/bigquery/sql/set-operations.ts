import { castSql } from './casts.js';
import { coerced, superType } from './coercion.js';
import { query } from './compile.js';
import { composed, type Expression, isNull, type Query, type QueryColumn } from './expression.js';
import { Scope } from './scope.js';
import { child, has, invalid, keyword, need, notSupported, only, type SyntaxNode } from './syntax.js';
import { duckDbType, type SqlType, sameType, typeName } from './types.js';
import { withClause } from './with.js';

/** UNION ALL, UNION DISTINCT, INTERSECT DISTINCT, EXCEPT DISTINCT over two queries or more. */
export function setOperation(node: SyntaxNode, scope: Scope): Query {
  const prefix = withClause(child(node, 'with'), scope);
  const operator = operatorOf(node, 'orderby', 'limit');
  const parts = operands(node, operator);
  const endsHere = !has(node, 'orderby') && !has(node, 'limit');
  const queries = parts.map((part) =>
    query(withoutTail(part, endsHere && part === parts.at(-1)), inner(scope)),
  );
  const [first] = queries as [Query];
  for (const [i, one] of queries.entries()) {
    if (one.columns.length === first.columns.length) continue;
    throw invalid(
      parts[i]!,
      `Queries in ${operator} have mismatched column count; query 1 has ${first.columns.length} column${first.columns.length === 1 ? '' : 's'}, query ${i + 1} has ${one.columns.length} column${one.columns.length === 1 ? '' : 's'}`,
    );
  }
  const types = first.columns.map((_, column) => common(queries, column, operator, node));
  const sqls = queries.map((one) => converted(one, types, first.columns, scope, node));
  const columns = first.columns.map(({ name, sqlName }, i) => ({ name, sqlName, type: types[i]! }));
  return {
    sql: `${prefix}${sqls.join(` ${operator === 'UNION ALL' ? operator : operator.replace(' DISTINCT', '')} `)}`,
    columns,
    references: queries.flatMap(({ references }) => references),
    isValue: queries.every(({ isValue }) => isValue),
    operation: { prefix, operator, sqls },
  };
}

function inner(scope: Scope): Scope {
  const level = new Scope(scope.translation, scope.parent, scope.variables);
  for (const [name, table] of scope.commonTables) level.commonTables.set(name, table);
  return level;
}

function operatorOf(node: SyntaxNode, ...tail: readonly string[]): string {
  only(node, 'with', 'distinct_or_all', 'left', 'right', ...tail);
  const kind = keyword(need(node, 'distinct_or_all'));
  const name = `${keyword(node)} ${kind}`;
  if (!['UNION ALL', 'UNION DISTINCT', 'INTERSECT DISTINCT', 'EXCEPT DISTINCT'].includes(name))
    throw notSupported(name, node);
  return name;
}

/** A chain without brackets must be of one operator. */
function operands(node: SyntaxNode, operator: string): SyntaxNode[] {
  const [left, right] = [need(node, 'left'), need(node, 'right')];
  if (left.node_type !== 'SetOperator') return [left, right];
  if (operatorOf(left) !== operator) {
    throw invalid(
      node,
      'Syntax error: Different set operations cannot be used in the same query without using parentheses for grouping',
    );
  }
  return [...operands(left, operator), right];
}

/** ORDER BY and LIMIT of the last query are the whole's. */
function withoutTail(node: SyntaxNode, isLast: boolean): SyntaxNode {
  if (node.node_type !== 'SelectStatement') return node;
  const { orderby, limit, ...children } = node.children;
  if (!isLast && (orderby ?? limit) !== undefined) {
    throw invalid(
      (orderby ?? limit)?.Node ?? node,
      'Syntax error: ORDER BY and LIMIT inside a set operation need parentheses',
    );
  }
  return { ...node, children };
}

function asExpression(column: QueryColumn): Expression {
  return column.value === undefined
    ? composed(column.sqlName, column.type)
    : { ...column.value, sql: column.sqlName };
}

function common(queries: readonly Query[], column: number, operator: string, node: SyntaxNode): SqlType {
  const type = superType(queries.map((one) => asExpression(one.columns[column]!)));
  if (type !== undefined) return type;
  const types = queries.map((one) => typeName(one.columns[column]!.type)).join(', ');
  throw invalid(node, `Column ${column + 1} in ${operator} has incompatible types: ${types}`);
}

function converted(
  one: Query,
  types: readonly SqlType[],
  names: readonly QueryColumn[],
  scope: Scope,
  node: SyntaxNode,
): string {
  const same = one.columns.every(
    (column, i) =>
      sameType(column.type, types[i]!) &&
      column.sqlName === names[i]!.sqlName &&
      !(column.value !== undefined && isNull(column.value)),
  );
  if (same) return `(${one.sql})`;
  const alias = scope.nextAlias();
  const columns = one.columns.map((column, i) => {
    const sql = `${alias}.${column.sqlName}`;
    return `${conversion(column, sql, types[i]!, node)} AS ${names[i]!.sqlName}`;
  });
  return `(SELECT ${columns.join(', ')} FROM (${one.sql}) AS ${alias})`;
}

function conversion(column: QueryColumn, sql: string, type: SqlType, node: SyntaxNode): string {
  if (column.value !== undefined && isNull(column.value)) return `CAST(NULL AS ${duckDbType(type)})`;
  if (sameType(column.type, type)) return sql;
  return castSql(sql, column.type, type) ?? coerced(composed(sql, column.type), type, node).sql;
}
