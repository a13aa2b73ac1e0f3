import { withoutDirection } from './aggregates.js';
import { coerced, cost } from './coercion.js';
import { expression } from './compile.js';
import type { Expression, Query } from './expression.js';
import { fromClause } from './from.js';
import { checkGrouped, type Grouping, groupBy } from './grouping.js';
import { orderBySql } from './ordering.js';
import { Scope } from './scope.js';
import { outputColumns, type SelectItem, selectItems } from './select-list.js';
import { setOperation } from './set-operations.js';
import {
  child,
  has,
  invalid,
  keyword,
  keywords,
  list,
  need,
  notSupported,
  only,
  type SyntaxNode,
  syntaxError,
} from './syntax.js';
import { BOOL, INT64, typeName } from './types.js';
import { registerWindows } from './windows.js';
import { withClause } from './with.js';

/** A query of any form: SELECT, a set operation, either in brackets. */
export function query(node: SyntaxNode, scope: Scope): Query {
  switch (node.node_type) {
    case 'SelectStatement':
      return select(node, scope);
    case 'SetOperator':
      return ordered(setOperation(node, scope), node, scope);
    case 'GroupedStatement':
      return grouped(node, scope);
    case 'PipeStatement':
    case 'FromStatement':
      throw notSupported('Pipe syntax', node);
    default:
      throw syntaxError(node, 'Expected a query');
  }
}

/** A query in brackets; ORDER BY and LIMIT may stand behind them. */
function grouped(node: SyntaxNode, scope: Scope): Query {
  only(node, 'with', 'stmt', 'orderby', 'limit', 'as', 'alias');
  const prefix = withClause(child(node, 'with'), scope);
  const inner = query(need(node, 'stmt'), childScope(scope));
  const found = ordered(inner, node, scope);
  if (prefix === '') return found;
  const { operation: _, ...rest } = found;
  return { ...rest, sql: `${prefix}${found.sql}` };
}

/** The same level's names of common tables and of what is around, without its own columns. */
function childScope(scope: Scope): Scope {
  const inner = new Scope(scope.translation, scope.parent, scope.variables);
  for (const [name, table] of scope.commonTables) inner.commonTables.set(name, table);
  return inner;
}

/** ORDER BY and LIMIT over a whole: they see its columns only. */
function ordered(inner: Query, node: SyntaxNode, scope: Scope): Query {
  const [orderNode, limitNode] = tail(node);
  if (orderNode === undefined && limitNode === undefined) return inner;
  const alias = scope.nextAlias();
  const level = new Scope(scope.translation, scope);
  level.columns = inner.columns.map(({ name, sqlName, type }) => ({
    name,
    type,
    sql: `${alias}.${sqlName}`,
  }));
  const keys = list(orderNode ?? node, orderNode === undefined ? 'none' : 'exprs').map((item) => {
    const key = withoutDirection(item);
    const place = ordinal(key, inner.columns.length);
    const sql =
      place === undefined ? level.plain('ORDER BY clause', () => expression(key, level)).sql : String(place);
    return orderBySql(sql, item);
  });
  const order = keys.length === 0 ? '' : ` ORDER BY ${keys.join(', ')}`;
  const names = inner.columns.map(({ sqlName }) => `${alias}.${sqlName}`).join(', ');
  const { operation: _, ...rest } = inner;
  return {
    ...rest,
    sql: `SELECT ${names} FROM (${inner.sql}) AS ${alias}${order}${limitSql(limitNode, scope)}`,
  };
}

/** Behind a set operation they are parsed as the last query's, unless that or the first stands in brackets. */
function tail(node: SyntaxNode): [SyntaxNode | undefined, SyntaxNode | undefined] {
  const own: [SyntaxNode | undefined, SyntaxNode | undefined] = [
    child(node, 'orderby'),
    child(node, 'limit'),
  ];
  if (node.node_type !== 'SetOperator' || own.some((one) => one !== undefined)) return own;
  const last = need(node, 'right');
  return last.node_type === 'SelectStatement' ? [child(last, 'orderby'), child(last, 'limit')] : own;
}

const CLAUSES = [
  'with',
  'as_struct_or_value',
  'distinct_or_all',
  'exprs',
  'from',
  'where',
  'groupby',
  'having',
  'qualify',
  'window',
  'orderby',
  'limit',
];

function select(node: SyntaxNode, scope: Scope): Query {
  only(node, ...CLAUSES);
  const prefix = withClause(child(node, 'with'), scope);
  const from = fromClause(child(node, 'from'), scope);
  const where = condition(child(node, 'where'), scope, 'WHERE');
  registerWindows(child(node, 'window'), scope);
  const grouping = groupBy(child(node, 'groupby'), list(node, 'exprs'), scope);
  scope.groupKeys = grouping?.keys;
  const items = scope.full(() => selectItems(list(node, 'exprs'), scope, node));
  const distinct = child(node, 'distinct_or_all');
  const isDistinct = distinct !== undefined && keyword(distinct) === 'DISTINCT';
  const clauses = afterSelect(node, scope, items, isDistinct, grouping);
  const shaped = outputColumns(items, keywords(list(node, 'as_struct_or_value')), node);
  if (isDistinct) checkDistinct(items, node);
  const sql =
    `${prefix}SELECT ${isDistinct ? 'DISTINCT ' : ''}${shaped.sql}${from.sql}${where.sql}${grouping?.sql ?? ''}` +
    `${clauses.sql}${limitSql(child(node, 'limit'), scope)}`;
  const references = [
    ...from.references,
    ...where.references,
    ...items.flatMap((item) => item.value.references),
    ...clauses.references,
  ];
  return { sql, columns: shaped.columns, references, isValue: shaped.isValue };
}

interface Clauses {
  readonly sql: string;
  readonly references: Expression['references'];
}

/** HAVING, QUALIFY and ORDER BY, which see the names of the SELECT list. */
function afterSelect(
  node: SyntaxNode,
  scope: Scope,
  items: readonly SelectItem[],
  isDistinct: boolean,
  grouping: Grouping | undefined,
): Clauses {
  const aliases = new Map<string, Expression>();
  for (const { name, value } of items)
    if (name !== '' && !aliases.has(name.toLowerCase())) aliases.set(name.toLowerCase(), value);
  scope.aliases = aliases;
  const having = scope.within({ analytics: { allowed: false, where: 'HAVING clause' } }, () =>
    condition(child(node, 'having'), scope, 'HAVING', true),
  );
  const qualify = condition(child(node, 'qualify'), scope, 'QUALIFY', true);
  const order = orderBy(child(node, 'orderby'), scope, items, isDistinct, has(node, 'as_struct_or_value'));
  scope.aliases = undefined;
  const isGrouped = grouping !== undefined || scope.sawAggregate;
  if (isGrouped) {
    for (const item of items) checkGrouped(item.value, scope, 'SELECT list');
    checkGrouped(having, scope, 'HAVING clause');
    checkGrouped(qualify, scope, 'QUALIFY clause');
    checkGrouped(order, scope, 'ORDER BY clause');
  } else if (having.sql !== '') {
    throw invalid(need(node, 'having'), 'The HAVING clause requires GROUP BY or aggregation to be present');
  }
  return {
    sql: `${having.sql}${qualify.sql}${order.sql}`,
    references: [...having.references, ...qualify.references, ...order.references],
  };
}

function condition(node: SyntaxNode | undefined, scope: Scope, name: string, functions = false): Clauses {
  if (node === undefined) return { sql: '', references: [] };
  const inner = need(node, 'expr');
  const read = () => expression(inner, scope);
  const allowed = { allowed: true } as const;
  const value = functions
    ? scope.within({ aggregates: allowed, ...(name === 'QUALIFY' ? { analytics: allowed } : {}) }, read)
    : scope.plain(`${name} clause`, read);
  if (cost(value, BOOL) === undefined) {
    throw invalid(inner, `${name} clause should return type BOOL, but returns ${typeName(value.type)}`);
  }
  return { sql: ` ${name} ${coerced(value, BOOL, inner).sql}`, references: value.references };
}

/** The place that a number in ORDER BY or GROUP BY names. */
function ordinal(node: SyntaxNode, columns: number): number | undefined {
  if (node.node_type !== 'NumericLiteral' || !/^\d+$/.test(node.token?.literal ?? '')) return undefined;
  const place = Number(node.token?.literal);
  if (place < 1 || place > columns) {
    throw invalid(
      node,
      `ORDER BY column number item is out of range. Column numbers must be between 1 and ${columns}, inclusive; found ${place}`,
    );
  }
  return place;
}

function orderBy(
  node: SyntaxNode | undefined,
  scope: Scope,
  items: readonly SelectItem[],
  isDistinct: boolean,
  isValue: boolean,
): Clauses {
  if (node === undefined) return { sql: '', references: [] };
  const found = list(node, 'exprs').map((item) => {
    const key = withoutDirection(item);
    const place = ordinal(key, items.length);
    const value = place === undefined ? scope.full(() => expression(key, scope)) : items[place - 1]!.value;
    if (['ARRAY', 'STRUCT', 'JSON'].includes(value.type.kind)) {
      throw invalid(item, `ORDER BY does not support expressions of type ${typeName(value.type)}`);
    }
    const output = place ?? items.findIndex((one) => one.value.sql === value.sql) + 1;
    if (output === 0 && isDistinct) {
      throw invalid(
        item,
        'ORDER BY clause expression references a column which is not visible after SELECT DISTINCT',
      );
    }
    return {
      sql: orderBySql(output > 0 && !isValue ? String(output) : value.sql, item),
      references: value.references,
    };
  });
  return {
    sql: ` ORDER BY ${found.map(({ sql }) => sql).join(', ')}`,
    references: found.flatMap(({ references }) => references),
  };
}

function checkDistinct(items: readonly SelectItem[], node: SyntaxNode): void {
  for (const { name, value } of items) {
    if (['ARRAY', 'JSON'].includes(value.type.kind)) {
      throw invalid(node, `Column ${name} of type ${typeName(value.type)} cannot be used in SELECT DISTINCT`);
    }
  }
}

function limitSql(node: SyntaxNode | undefined, scope: Scope): string {
  if (node === undefined) return '';
  only(node, 'expr', 'offset');
  const rows = rowCount(need(node, 'expr'), scope, 'LIMIT');
  const offset = child(node, 'offset');
  return ` LIMIT ${rows}${offset === undefined ? '' : ` OFFSET ${rowCount(need(offset, 'expr'), scope, 'OFFSET')}`}`;
}

function rowCount(node: SyntaxNode, scope: Scope, what: string): bigint {
  const value = scope.plain(`${what} clause`, () => expression(node, scope));
  const given = value.literal?.value;
  if (typeof given !== 'bigint' || value.type.kind !== INT64.kind) {
    throw invalid(node, `${what} expects an integer literal or parameter`);
  }
  if (given < 0n) throw invalid(node, `${what} expects a non-negative integer literal or parameter`);
  return given;
}
