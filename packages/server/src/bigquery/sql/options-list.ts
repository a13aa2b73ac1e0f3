import { expression } from './compile.js';
import type { Expression } from './expression.js';
import { identifierName } from './literals.js';
import { Scope } from './scope.js';
import { invalid, keyword, list, need, type SyntaxNode } from './syntax.js';

/** `OPTIONS(name = value, …)`: constants; whole numbers as numbers. */
export function optionsList(
  node: SyntaxNode | undefined,
  scope: Scope,
): { name: string; value: unknown; node: SyntaxNode }[] {
  if (node === undefined) return [];
  const level = new Scope(scope.translation);
  const group = need(node, 'group');
  const nodes = group.node_type === 'GroupedExpr' ? [need(group, 'expr')] : list(group, 'exprs');
  return nodes.map((one) => {
    if (one.node_type !== 'BinaryOperator' || keyword(one) !== '=')
      throw invalid(one, 'Syntax error: Expected name = value');
    const value = expression(need(one, 'right'), level);
    return { name: identifierName(need(one, 'left')), value: constant(value, one), node: one };
  });
}

function constant(value: Expression, node: SyntaxNode): unknown {
  if (value.parts !== undefined) return value.parts.map((part) => constant(part, node));
  if (value.literal === undefined) {
    // CURRENT_TIMESTAMP plus an interval and its like: only BigQuery's own tables know what to do with it.
    throw invalid(node, 'An option needs a constant or a query parameter');
  }
  const given = value.literal.value;
  return typeof given === 'bigint' ? Number(given) : given;
}
