import type { SyntaxNode } from './syntax.js';

/** What stands behind a key, and is no part of it. */
const BEHIND = new Set(['comma', 'semicolon', 'leading_comments', 'trailing_comments']);
const DIRECTIONS = ['order', 'null_order'] as const;

/**
 * Of `ORDER BY t.a DESC` and `a + b DESC` the parser gives the direction to `a` and `b`: here it becomes the whole
 * key's, in the tree itself. It is the key's where it is the last word; within brackets it belongs to what is sorted
 * there.
 */
export function hoistDirections(node: SyntaxNode): void {
  const isOrderBy = node.node_type === 'XXXByExprs' && node.token?.literal.toUpperCase() === 'ORDER';
  if (isOrderBy) for (const key of node.children.exprs?.NodeVec ?? []) hoist(key);
  for (const { Node, NodeVec } of Object.values(node.children))
    for (const inner of Node === undefined ? (NodeVec ?? []) : [Node]) hoistDirections(inner);
}

function hoist(key: SyntaxNode): void {
  const last: Last = { token: { line: 0, column: 0, literal: '' }, holder: undefined };
  findLast(key, undefined, last);
  const { holder } = last;
  if (holder === undefined || holder === key) return;
  for (const name of DIRECTIONS) {
    const found = holder.children[name];
    if (found === undefined) continue;
    (key.children as Record<string, typeof found>)[name] = found;
    delete (holder.children as Record<string, typeof found>)[name];
  }
}

interface Last {
  token: NonNullable<SyntaxNode['token']>;
  /** The node that has the token as its direction. */
  holder: SyntaxNode | undefined;
}

function findLast(node: SyntaxNode, holder: SyntaxNode | undefined, last: Last): void {
  const { token } = node;
  if (token !== null && isLater(token, last.token)) {
    last.token = token;
    last.holder = holder;
  }
  for (const [name, { Node, NodeVec }] of Object.entries(node.children)) {
    if (BEHIND.has(name)) continue;
    const inner = name === 'order' || name === 'null_order' ? node : undefined;
    for (const one of Node === undefined ? (NodeVec ?? []) : [Node]) findLast(one, inner, last);
  }
}

function isLater(one: Last['token'], other: Last['token']): boolean {
  return one.line > other.line || (one.line === other.line && one.column > other.column);
}
