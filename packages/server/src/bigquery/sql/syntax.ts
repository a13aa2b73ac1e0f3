import { type Position, SqlError } from './plan.js';

/**
 * The concrete syntax tree that the parser gives: a token with named children. Every reader of a node says which
 * children it understands (`only`), so that no clause of a statement is ever passed over in silence.
 */
export interface SyntaxNode {
  readonly token: { readonly line: number; readonly column: number; readonly literal: string } | null;
  readonly node_type: string;
  readonly children: Readonly<Record<string, { Node?: SyntaxNode; NodeVec?: SyntaxNode[] }>>;
}

/** What stands beside any node and means nothing by itself. */
const PUNCTUATION = new Set(['leading_comments', 'trailing_comments', 'rparen', 'comma', 'semicolon']);

export function child(node: SyntaxNode, name: string): SyntaxNode | undefined {
  return node.children[name]?.Node;
}

export function need(node: SyntaxNode, name: string): SyntaxNode {
  const found = child(node, name);
  if (found === undefined) throw syntaxError(node, 'Unexpected end of statement');
  return found;
}

export function list(node: SyntaxNode, name: string): readonly SyntaxNode[] {
  return node.children[name]?.NodeVec ?? [];
}

export function has(node: SyntaxNode, name: string): boolean {
  return node.children[name] !== undefined;
}

/** Refuses a node with a child that the caller does not read. */
export function only(node: SyntaxNode, ...names: readonly string[]): void {
  for (const [name, value] of Object.entries(node.children)) {
    if (PUNCTUATION.has(name) || names.includes(name)) continue;
    const clause = value.Node ?? value.NodeVec?.[0];
    if (clause === undefined) continue;
    throw notSupported(textOf(clause).toUpperCase(), clause);
  }
}

/** The token's text as it was written. */
export function textOf(node: SyntaxNode): string {
  return node.token?.literal ?? '';
}

export function keyword(node: SyntaxNode): string {
  return textOf(node).toUpperCase();
}

export function keywords(nodes: readonly SyntaxNode[]): string {
  return nodes.map(keyword).join(' ');
}

/** Where a node begins: its leftmost token, since an operator's own token stands in its middle. */
export function positionOf(node: SyntaxNode): Position {
  let first = node.token;
  const left = child(node, 'left') ?? child(node, 'func') ?? child(node, 'type');
  if (left !== undefined && left.token !== null) {
    const { line, column } = positionOf(left);
    if (first === null || line < first.line || (line === first.line && column < first.column)) {
      return { line, column };
    }
  }
  first ??= { line: 1, column: 1, literal: '' };
  return { line: first.line, column: first.column };
}

export function syntaxError(at: SyntaxNode, message: string): SqlError {
  return new SqlError('invalidQuery', `Syntax error: ${message}`, positionOf(at));
}

export function invalid(at: SyntaxNode, message: string): SqlError {
  return new SqlError('invalidQuery', message, positionOf(at));
}

export function notSupported(what: string, at: SyntaxNode): SqlError {
  return new SqlError(
    'invalidQuery',
    `${what} is not supported here; docs/sql.md lists what is.`,
    positionOf(at),
  );
}
