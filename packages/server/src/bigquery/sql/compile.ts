import type { Expression, Query } from './expression.js';
import type { Scope } from './scope.js';
import type { SyntaxNode } from './syntax.js';

/**
 * Expressions hold queries and queries hold expressions. Readers of either reach the other through what the
 * statement carries, so that no file needs one that needs it.
 */

/** An expression that stands alone: no alias, no direction. */
export function expression(node: SyntaxNode, scope: Scope): Expression {
  return scope.translation.compiler.expression(node, scope);
}

/** An expression in a list whose reader looks at alias and direction. */
export function listed(node: SyntaxNode, scope: Scope): Expression {
  return scope.translation.compiler.listed(node, scope);
}

export function query(node: SyntaxNode, scope: Scope): Query {
  return scope.translation.compiler.query(node, scope);
}
