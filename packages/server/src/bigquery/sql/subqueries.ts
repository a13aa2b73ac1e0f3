import { coerced, cost, superType } from './coercion.js';
import { expression, query } from './compile.js';
import { unnestArgument } from './constructors.js';
import { equalSql, inRowsSql } from './equality.js';
import { composed, type Expression, type Query, tooComplex } from './expression.js';
import { mismatch } from './operators.js';
import { Scope } from './scope.js';
import { has, invalid, list, need, only, type SyntaxNode } from './syntax.js';
import { arrayOf, BOOL, quoteText, type SqlType, typeName } from './types.js';

/** Each such query within another doubles what planning takes, and planning cannot be interrupted. */
const DEPTH_MAX = 10;

/** A query inside an expression; it sees the columns around it. */
function inner(node: SyntaxNode, scope: Scope): Query {
  if (depth(scope) >= DEPTH_MAX) throw tooComplex();
  return query(node, new Scope(scope.translation, scope));
}

/** What a subquery reads of the levels around it counts as read where it stands. */
function outside(found: Query, scope: Scope): Expression['references'] {
  return found.references.filter(({ level }) => isAround(level, scope));
}

function depth(scope: Scope): number {
  let levels = 0;
  for (let one = scope.parent; one !== undefined; one = one.parent) levels++;
  return levels;
}

function isAround(level: object, scope: Scope): boolean {
  for (let one: Scope | undefined = scope; one !== undefined; one = one.parent)
    if (one === level) return true;
  return false;
}

export function scalarSubquery(node: SyntaxNode, scope: Scope): Expression {
  const found = inner(node, scope);
  const column = singleColumn(found, node, 'Scalar subquery');
  return {
    sql: `(${found.sql})`,
    type: column.type,
    coercible: false,
    closed: true,
    references: outside(found, scope),
  };
}

function singleColumn(found: Query, node: SyntaxNode, what: string): Query['columns'][number] {
  const [column, ...others] = found.columns;
  if (column === undefined || others.length > 0) {
    throw invalid(
      node,
      `${what} cannot have more than one column unless using SELECT AS STRUCT to build STRUCT values`,
    );
  }
  return column;
}

export function existsSubquery(node: SyntaxNode, scope: Scope): Expression {
  only(node, 'func', 'args', 'as', 'alias');
  const [argument] = list(node, 'args');
  if (argument === undefined) throw invalid(node, 'EXISTS needs a query');
  const found = inner(argument, scope);
  return {
    sql: `(EXISTS (${found.sql}))`,
    type: BOOL,
    coercible: false,
    closed: true,
    references: outside(found, scope),
  };
}

/** `ARRAY(SELECT …)`: in the order of its ORDER BY. */
export function arraySubquery(node: SyntaxNode, scope: Scope): Expression {
  only(node, 'func', 'args', 'as', 'alias', 'order', 'null_order');
  const [argument] = list(node, 'args');
  if (argument === undefined) throw invalid(node, 'ARRAY needs a query');
  const found = inner(argument, scope);
  const column = singleColumn(found, node, 'ARRAY subquery');
  if (column.type.kind === 'ARRAY')
    throw invalid(
      node,
      'Cannot use array subquery with column of type ARRAY because nested arrays are not supported',
    );
  return {
    sql: `ARRAY(${found.sql})`,
    type: arrayOf(column.type),
    coercible: false,
    closed: true,
    references: outside(found, scope),
  };
}

/** `IN (…)`, `IN UNNEST(…)`, `IN (SELECT …)`. */
export function inOperator(node: SyntaxNode, scope: Scope): Expression {
  const left = expression(need(node, 'left'), scope);
  const right = need(node, 'right');
  const not = has(node, 'not');
  const found =
    right.node_type === 'CallingUnnest'
      ? inArray(left, right, node, scope)
      : right.node_type === 'GroupedStatement'
        ? inQuery(left, right, node, scope)
        : inList(left, right, node, scope);
  return not ? { ...found, sql: `(NOT ${found.sql})` } : found;
}

function inList(left: Expression, right: SyntaxNode, node: SyntaxNode, scope: Scope): Expression {
  const nodes = list(right, 'exprs');
  const values = nodes.map((one) => expression(one, scope));
  const type = superType([left, ...values]);
  if (type === undefined || type.kind === 'ARRAY' || type.kind === 'JSON')
    throw mismatch('IN', node, left, ...values);
  const members = values.map((one, i) => coerced(one, type, nodes[i]!));
  const listed = values.length > LISTED_MIN ? literalList(members, type) : undefined;
  if (listed !== undefined) {
    const found = composed(`(${coerced(left, type, node).sql} IN (SELECT unnest(${listed})))`, BOOL, left);
    return { ...found, closed: true };
  }
  const value = coerced(left, type, node);
  const sql =
    type.kind === 'STRUCT'
      ? `(${members.map((member) => equalSql(value, member, type)).join(' OR ')})`
      : `(${value.sql} IN (${members.map((member) => member.sql).join(', ')}))`;
  return composed(sql, BOOL, left, ...values);
}

/** DuckDB plans thousands of values one by one for minutes, and holds others up meanwhile; one text of them it reads. */
const LISTED_MIN = 200;

/** Whole numbers or texts as one literal; undefined where anything else is among them. */
function literalList(members: readonly Expression[], type: SqlType): string | undefined {
  const values = members.map(({ literal }) => literal?.value);
  if (type.kind === 'INT64' && values.every((value) => typeof value === 'bigint'))
    return `CAST('[${values.join(', ')}]' AS BIGINT[])`;
  if (type.kind === 'STRING' && values.every((value) => typeof value === 'string'))
    return `CAST(CAST(${quoteText(JSON.stringify(values))} AS JSON) AS VARCHAR[])`;
  return undefined;
}

function inArray(left: Expression, right: SyntaxNode, node: SyntaxNode, scope: Scope): Expression {
  const array = unnestArgument(right, scope);
  if (array.type.kind !== 'ARRAY') throw mismatch('IN', node, left, array);
  const { element } = array.type;
  const type = cost(left, element) === undefined ? left.type : element;
  if (cost(array, arrayOf(type)) === undefined) throw mismatch('IN UNNEST', node, left, array);
  const value = coerced(left, type, node);
  const elements = `unnest(${coerced(array, arrayOf(type), right).sql})`;
  const sql =
    type.kind === 'STRUCT'
      ? inRowsSql(value, '"m"', `FROM (SELECT ${elements} AS "m")`, type)
      : `(${value.sql} IN (SELECT ${elements}))`;
  return composed(sql, BOOL, left, array);
}

function inQuery(left: Expression, right: SyntaxNode, node: SyntaxNode, scope: Scope): Expression {
  const found = inner(right, scope);
  const column = singleColumn(found, right, 'Subquery of type IN');
  const asColumn = composed(column.sqlName, column.type);
  const type = superType([left, asColumn]);
  if (type === undefined) throw mismatch(`IN (${typeName(column.type)} subquery)`, node, left);
  const value = coerced(left, type, node);
  const member = coerced(asColumn, type, right);
  return {
    sql: inRowsSql(value, member.sql, `FROM (${found.sql}) AS ${scope.nextAlias()}`, type),
    type: BOOL,
    coercible: false,
    closed: true,
    references: [...left.references, ...outside(found, scope)],
  };
}
