import { expression } from './compile.js';
import { composed, type Expression, isNull, isShort, isVarying } from './expression.js';
import { AGGREGATE_FUNCTIONS, WINDOW_FUNCTIONS } from './functions/aggregate-functions.js';
import { chooseSignature, filled, functionTable } from './functions/signature.js';
import { orderBySql } from './ordering.js';
import type { Scope } from './scope.js';
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
} from './syntax.js';
import { arrayOf, INT64, type SqlType, STRING, typeName } from './types.js';
import { type Window, windowSql } from './windows.js';

const AGGREGATE_TABLE = functionTable(AGGREGATE_FUNCTIONS);
const WINDOW_TABLE = functionTable(WINDOW_FUNCTIONS);

/** These take NULLs, orders and limits that are their own. */
const COLLECTING = [
  'ARRAY_AGG',
  'STRING_AGG',
  'ARRAY_CONCAT_AGG',
  'APPROX_QUANTILES',
  'APPROX_TOP_COUNT',
  'GROUPING',
];
export const AGGREGATES: ReadonlySet<string> = new Set([...AGGREGATE_TABLE.keys(), ...COLLECTING]);
export const ANALYTICS: ReadonlySet<string> = new Set(WINDOW_TABLE.keys());

/** The parts of an aggregate's call in SQL: `name(DISTINCT a ORDER BY o) OVER (w)`. */
interface Call {
  readonly name: string;
  readonly values: readonly string[];
  readonly distinct: boolean;
  readonly order: string;
  /** Of `list` only: the others leave NULLs out by themselves. */
  readonly withoutNulls?: boolean;
  readonly over: string;
}

const FILTER = ' FILTER';

function callSql({ name, values, distinct, order, withoutNulls, over }: Call): string {
  const inner = `${name}(${distinct ? 'DISTINCT ' : ''}${values.join(', ')}${order})`;
  if (withoutNulls !== true || name !== 'list') return `${inner}${over}`;
  return isShort(values[0]!) && !over.startsWith(FILTER)
    ? `${inner} FILTER (WHERE ${values[0]} IS NOT NULL)${over}`
    : `bq_without_nulls(${inner}${over})`;
}

export function aggregateCall(node: SyntaxNode, scope: Scope, name: string): Expression {
  if (!scope.aggregates.allowed) {
    throw invalid(
      node,
      scope.aggregates.where === 'aggregate'
        ? 'Aggregations of aggregations are not allowed'
        : `Aggregate function ${name} not allowed in ${scope.aggregates.where}`,
    );
  }
  scope.sawAggregate = true;
  const found = aggregated(node, scope, name, '');
  return { ...found, closed: true, references: found.references.filter(({ level }) => level !== scope) };
}

/** As PIVOT needs them: over the rows for which a condition holds. */
export function filteredAggregate(node: SyntaxNode, scope: Scope, condition: string): Expression {
  const name = keyword(need(node, 'func'));
  if (!AGGREGATES.has(name) || name === 'GROUPING' || has(node, 'over'))
    throw invalid(node, 'PIVOT expression must be an aggregate function call');
  return scope.full(() => aggregated(node, scope, name, `${FILTER} (WHERE ${condition})`));
}

export function analyticCall(node: SyntaxNode, scope: Scope, name: string): Expression {
  if (!scope.analytics.allowed) {
    throw invalid(node, `Analytic function ${name} not allowed in ${scope.analytics.where}`);
  }
  scope.sawAnalytic = true;
  return scope.within({ analytics: { allowed: false, where: 'arguments of an analytic function' } }, () => {
    const window = windowSql(need(need(node, 'over'), 'window'), scope);
    checkWindow(name, need(node, 'over'), has(node, 'distinct'), window);
    const over = ` OVER (${window.sql})`;
    const found = WINDOW_TABLE.has(name)
      ? windowFunction(node, scope, name, over)
      : aggregated(node, scope, name, over);
    return { ...found, closed: true, references: [...found.references, ...window.references] };
  });
}

const ORDERED = new Set(['RANK', 'DENSE_RANK', 'PERCENT_RANK', 'CUME_DIST', 'NTILE', 'LAG', 'LEAD']);
const UNORDERED = new Set(['PERCENTILE_CONT', 'PERCENTILE_DISC']);
const UNFRAMED = new Set([...ORDERED, ...UNORDERED, 'ROW_NUMBER']);

/** DuckDB takes windows that BigQuery refuses, and computes something else with some. */
function checkWindow(
  name: string,
  node: SyntaxNode,
  distinct: boolean,
  { isOrdered, isFramed }: Window,
): void {
  const what = `analytic function ${name.toLowerCase()}`;
  if (ORDERED.has(name) && !isOrdered) throw invalid(node, `Window ORDER BY is required for ${what}`);
  if (UNORDERED.has(name) && isOrdered) throw invalid(node, `Window ORDER BY is not allowed for ${what}`);
  if (UNFRAMED.has(name) && isFramed) throw invalid(node, `Window framing clause is not allowed for ${what}`);
  if (distinct && isOrdered) throw invalid(node, 'Window ORDER BY is not allowed if DISTINCT is specified');
}

function windowFunction(node: SyntaxNode, scope: Scope, name: string, over: string): Expression {
  only(node, 'func', 'args', 'over', 'ignore_nulls', 'as', 'alias', 'order', 'null_order');
  const nodes = list(node, 'args');
  const values = nodes.map((one) => expression(one, scope));
  const choice = chooseSignature(name, WINDOW_TABLE.get(name)!, values, nodes, node);
  checkConstants(name, values, nodes);
  const nulls = keywords(list(node, 'ignore_nulls'));
  if (UNORDERED.has(name) && nulls === 'RESPECT NULLS')
    throw notSupported(`${name} with RESPECT NULLS`, node);
  const sqls = choice.values.map(({ sql }) => sql);
  const places =
    nulls === '' || sqls[0] === undefined || nulls === 'RESPECT NULLS'
      ? sqls
      : [...sqls.slice(0, -1), `${sqls.at(-1)} ${nulls}`];
  return composed(`${String(choice.sql)}(${places.join(', ')})${over}`, choice.type, ...choice.values);
}

/** The least and the most of a constant behind the first argument. */
const CONSTANTS: Readonly<Record<string, readonly [least: number, most: number]>> = {
  LAG: [0, Number.POSITIVE_INFINITY],
  LEAD: [0, Number.POSITIVE_INFINITY],
  NTH_VALUE: [1, Number.POSITIVE_INFINITY],
  PERCENTILE_CONT: [0, 1],
  PERCENTILE_DISC: [0, 1],
  STRING_AGG: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
};

/** DuckDB takes more, and gives something else. */
function checkConstants(name: string, values: readonly Expression[], nodes: readonly SyntaxNode[]): void {
  const given = values[1]?.literal?.value;
  const range = CONSTANTS[name];
  if (range !== undefined && values[1] !== undefined && isVarying(values[1]))
    throw invalid(nodes[1]!, `The second argument of ${name} must be a constant`);
  if (range === undefined || (typeof given !== 'bigint' && typeof given !== 'number')) return;
  const [least, most] = range;
  if (Number(given) >= least && Number(given) <= most) return;
  throw invalid(
    nodes[1]!,
    `The second argument of ${name} must be ${most === 1 ? 'between 0 and 1' : `at least ${least}`}, not ${given}`,
  );
}

/** Arguments of an aggregate see rows, not groups and not names of the SELECT list. */
function rowExpressions(nodes: readonly SyntaxNode[], scope: Scope, over: string): Expression[] {
  if (over !== '') return nodes.map((one) => expression(one, scope));
  const { groupKeys, aliases } = scope;
  scope.groupKeys = undefined;
  scope.aliases = undefined;
  try {
    return scope.within(
      {
        aggregates: { allowed: false, where: 'aggregate' },
        analytics: { allowed: false, where: 'an aggregate function' },
      },
      () => nodes.map((one) => expression(one, scope)),
    );
  } finally {
    scope.groupKeys = groupKeys;
    scope.aliases = aliases;
  }
}

function aggregated(node: SyntaxNode, scope: Scope, name: string, over: string): Expression {
  only(
    node,
    'func',
    'args',
    'distinct',
    'ignore_nulls',
    'orderby',
    'limit',
    'having',
    'over',
    'as',
    'alias',
    'order',
    'null_order',
  );
  const nodes = list(node, 'args');
  if (nodes[0]?.node_type === 'Asterisk') {
    if (name !== 'COUNT')
      throw invalid(node, `Argument * can only be used in COUNT(*), but was used in ${name}`);
    return composed(`count(*)${over}`, INT64);
  }
  const values = rowExpressions(nodes, scope, over);
  checkConstants(name, values, nodes);
  if (COLLECTING.includes(name)) return collected(node, scope, name, values, over);
  const refused = child(node, 'orderby') ?? child(node, 'limit') ?? list(node, 'ignore_nulls')[0];
  if (refused !== undefined)
    throw invalid(
      refused,
      `${keyword(refused)} in arguments is not supported for aggregate function ${name}`,
    );
  return plainAggregate(node, scope, name, values, over);
}

function plainAggregate(
  node: SyntaxNode,
  scope: Scope,
  name: string,
  values: readonly Expression[],
  over: string,
): Expression {
  if ((name === 'SUM' || name === 'AVG') && values[0]?.type.kind === 'INTERVAL')
    throw notSupported(`${name} of INTERVAL`, node);
  const choice = chooseSignature(name, AGGREGATE_TABLE.get(name)!, values, list(node, 'args'), node);
  checkComparable(name, choice.values, node);
  const [duckName = '', after] = String(choice.sql).split('|');
  const having = child(node, 'having');
  if (having !== undefined) return havingAggregate(having, choice.values, choice.type, name, scope, over);
  const parts = {
    values: choice.values.map(({ sql }) => sql),
    distinct: has(node, 'distinct') || name === 'APPROX_COUNT_DISTINCT',
    order: '',
    over,
  };
  const call = callSql({ ...parts, name: duckName });
  if (after === undefined) return composed(call, choice.type, ...choice.values);
  const pairs = after.includes('$2') ? callSql({ ...parts, name: 'regr_count' }) : '';
  return composed(filled(after, [call, pairs]), choice.type, ...choice.values);
}

function checkComparable(name: string, values: readonly Expression[], node: SyntaxNode): void {
  if (!['MIN', 'MAX', 'MIN_BY', 'MAX_BY'].includes(name)) return;
  const by = values.at(-1)!;
  if (['ARRAY', 'STRUCT', 'JSON'].includes(by.type.kind))
    throw invalid(node, `${name} is not defined for arguments of type ${typeName(by.type)}`);
}

/** `ANY_VALUE(x HAVING MAX y)`. */
function havingAggregate(
  having: SyntaxNode,
  values: readonly Expression[],
  type: SqlType,
  name: string,
  scope: Scope,
  over: string,
): Expression {
  const next = need(having, 'next_keyword');
  if (name !== 'ANY_VALUE') throw notSupported(`${name} with HAVING`, having);
  const [by] = rowExpressions([need(next, 'expr')], scope, over);
  const call = `${keyword(next) === 'MAX' ? 'arg_max_null' : 'arg_min_null'}(${values[0]!.sql}, ${by!.sql})${over}`;
  return composed(call, type, values[0]!, by!);
}

function collected(
  node: SyntaxNode,
  scope: Scope,
  name: string,
  values: readonly Expression[],
  over: string,
): Expression {
  const value = values[0];
  if (value === undefined)
    throw invalid(node, `No matching signature for function ${name} with no arguments`);
  const orderNode = child(node, 'orderby');
  const order = orderNode === undefined ? { sql: '', references: [] } : innerOrder(orderNode, scope, over);
  const limitNode = child(node, 'limit');
  const limit =
    limitNode === undefined
      ? undefined
      : whole(expression(need(limitNode, 'expr'), scope), need(limitNode, 'expr'));
  const call = {
    distinct: has(node, 'distinct'),
    order: order.sql,
    over,
    ...(keywords(list(node, 'ignore_nulls')) === 'IGNORE NULLS' || name === 'STRING_AGG'
      ? { withoutNulls: true }
      : {}),
  };
  const [sql, type] = COLLECTORS[name]!({ node, values, call, limit });
  return composed(sql, type, ...values, { ...value, references: order.references });
}

function innerOrder(
  node: SyntaxNode,
  scope: Scope,
  over: string,
): { sql: string; references: Expression['references'] } {
  const items = list(node, 'exprs');
  const keys = items.map((item) => ({
    item,
    found: rowExpressions([withoutDirection(item)], scope, over)[0]!,
  }));
  return {
    sql: ` ORDER BY ${keys.map(({ item, found }) => orderBySql(found.sql, item)).join(', ')}`,
    references: keys.flatMap(({ found }) => found.references),
  };
}

/** The same node for a reader who expects an expression alone. */
export function withoutDirection(node: SyntaxNode): SyntaxNode {
  const { order: _order, null_order: _nulls, ...children } = node.children;
  return { ...node, children };
}

function whole(value: Expression, node: SyntaxNode): number {
  const given = value.literal?.value;
  if (typeof given !== 'bigint' || given < 0n)
    throw invalid(node, 'A constant non-negative INT64 is expected');
  return Number(given);
}

interface Collecting {
  readonly node: SyntaxNode;
  readonly values: readonly Expression[];
  readonly call: Omit<Call, 'name' | 'values'>;
  readonly limit: number | undefined;
}

/** The first of a group alone: to sort all of them takes far more memory, which is not on the disk. */
function firstInList(value: string, { order, withoutNulls, over }: Collecting['call']): string {
  const wanted = withoutNulls === true ? ` FILTER (WHERE ${value} IS NOT NULL)` : '';
  const first = callSql({ name: 'first', values: [value], distinct: false, order, over: `${wanted}${over}` });
  return `CASE WHEN count(*)${wanted}${over} > 0 THEN [${first}] END`;
}

const COLLECTORS: Readonly<Record<string, (given: Collecting) => [string, SqlType]>> = {
  ARRAY_AGG: ({ node, values, call, limit }) => {
    const [value] = values as [Expression];
    if (value.type.kind === 'ARRAY')
      throw invalid(
        node,
        `The argument to ARRAY_AGG must not be an array type but was ${typeName(value.type)}`,
      );
    const type = arrayOf(value.type);
    if (limit === 1 && isShort(value.sql)) return [firstInList(value.sql, call), type];
    const sql = callSql({ ...call, name: 'list', values: [value.sql] });
    return [limit === undefined ? sql : `(${sql})[1:${limit}]`, type];
  },
  STRING_AGG: ({ node, values, call, limit }) => {
    const [value, delimiter] = values as [Expression, Expression | undefined];
    if (value.type.kind !== 'STRING' && !isNull(value)) {
      throw invalid(
        node,
        `No matching signature for aggregate function STRING_AGG for argument types: ${typeName(value.type)}`,
      );
    }
    const between = delimiter?.sql ?? "','";
    if (limit === undefined && call.over === '')
      return [callSql({ ...call, name: 'string_agg', values: [value.sql, between] }), STRING];
    const all = callSql({ ...call, name: 'list', values: [value.sql] });
    return [`bq_list_text((${all})${limit === undefined ? '' : `[1:${limit}]`}, ${between})`, STRING];
  },
  ARRAY_CONCAT_AGG: ({ node, values, call, limit }) => {
    const [value] = values as [Expression];
    if (value.type.kind !== 'ARRAY') throw invalid(node, 'ARRAY_CONCAT_AGG needs an array');
    const sql = callSql({ ...call, withoutNulls: true, name: 'list', values: [value.sql] });
    return [`flatten(${limit === undefined ? sql : `(${sql})[1:${limit}]`})`, value.type];
  },
  APPROX_QUANTILES: ({ node, values, call }) => {
    const [value, number] = values as [Expression, Expression | undefined];
    const count = number === undefined ? 0 : whole(number, node);
    if (count < 1) throw invalid(node, 'APPROX_QUANTILES needs a positive number of quantiles');
    if (keywords(list(node, 'ignore_nulls')) === 'RESPECT NULLS')
      throw notSupported('APPROX_QUANTILES with RESPECT NULLS', node);
    const places = Array.from({ length: count + 1 }, (_, i) => i / count);
    return [
      callSql({ ...call, name: 'quantile_disc', values: [value.sql, `[${places.join(', ')}]`] }),
      arrayOf(value.type),
    ];
  },
  APPROX_TOP_COUNT: ({ node, values, call }) => {
    const [value, number] = values as [Expression, Expression | undefined];
    const count = number === undefined ? 0 : whole(number, node);
    if (count < 1) throw invalid(node, 'APPROX_TOP_COUNT needs a positive number');
    // In a struct, since NULL is counted too.
    const all = callSql({ ...call, name: 'histogram', values: [`{'v': ${value.sql}}`] });
    const pairs = `list_transform(map_entries(${all}), lambda e: {'count': CAST(e.value AS BIGINT), 'value': e.key.v})`;
    const best = `list_transform(list_sort(${pairs}, 'DESC')[1:${count}], lambda e: {'value': e.value, 'count': e.count})`;
    return [
      best,
      arrayOf({
        kind: 'STRUCT',
        fields: [
          { name: 'value', type: value.type },
          { name: 'count', type: INT64 },
        ],
      }),
    ];
  },
  GROUPING: ({ values }) => [`grouping(${values[0]!.sql})`, INT64],
};
