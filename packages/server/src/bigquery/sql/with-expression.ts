import { expression } from './compile.js';
import { composed, type Expression, isNull } from './expression.js';
import { identifierName } from './literals.js';
import type { Scope, Variable } from './scope.js';
import { child, has, invalid, list, notSupported, only, type SyntaxNode } from './syntax.js';

interface Bound extends Variable {
  readonly value: Expression;
  readonly field: string;
  /** Whose struct holds it. */
  readonly lambda: string;
}

/** `WITH(a AS 1, b AS a + 1, a * b)`: each of the names is computed once, and known to what follows. */
export function withExpression(node: SyntaxNode, scope: Scope): Expression {
  only(node, 'func', 'args', 'as', 'alias', 'order', 'null_order');
  const nodes = list(node, 'args');
  const last = nodes.at(-1);
  if (last === undefined || nodes.length < 2 || has(last, 'as'))
    throw invalid(node, 'Syntax error: WITH(name AS value, …, result) ends with an expression');
  const { variables } = scope;
  try {
    const bound: Bound[] = [];
    const outer = nextLambda(scope);
    for (const one of nodes.slice(0, -1)) bound.push(bind(one, scope, outer, bound));
    return unbound(expression(last, scope), bound, outer, node);
  } finally {
    scope.variables = variables;
  }
}

function nextLambda(scope: Scope): string {
  return `with_${scope.nextAlias()}`;
}

function bind(node: SyntaxNode, scope: Scope, outer: string, before: readonly Bound[]): Bound {
  const given = child(node, 'alias');
  if (node.node_type !== 'Identifier' || given === undefined)
    throw invalid(node, 'Syntax error: Expected name AS value in WITH(…)');
  const value = expression(given, scope);
  const field = `v${before.length}`;
  const depends = before.some(({ lambda }) => new RegExp(`\\b${lambda}\\b`).test(value.sql));
  const lambda = depends ? nextLambda(scope) : outer;
  const sql = isNull(value) ? value.sql : `struct_extract(${lambda}, '${field}')`;
  const bound = { value, field, lambda, sql, type: value.type };
  scope.variables = new Map([...(scope.variables ?? []), [identifierName(node).toLowerCase(), bound]]);
  return bound;
}

/** What needs none of the names is computed outside of all lambdas, where aggregates and queries may stand. */
function unbound(result: Expression, bound: readonly Bound[], outer: string, node: SyntaxNode): Expression {
  const inner = bound.filter(({ lambda }) => lambda !== outer);
  if ([...inner.map(({ value }) => value), result].some(({ closed }) => closed === true))
    throw notSupported('WITH(…) with an aggregate or a query that its names are needed for', node);
  const within = (values: readonly Bound[], lambda: string, sql: string) =>
    `list_transform([{${values.map(({ field, value }) => `'${field}': ${value.sql}`).join(', ')}}], lambda ${lambda}: ${sql})[1]`;
  const sql = inner.reduceRight((found, one) => within([one], one.lambda, found), result.sql);
  const independent = bound.filter(({ lambda }) => lambda === outer);
  return composed(within(independent, outer, sql), result.type, ...bound.map(({ value }) => value), result);
}
