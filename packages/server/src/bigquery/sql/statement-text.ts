import type { Scope } from './scope.js';
import type { SyntaxNode } from './syntax.js';

type Token = NonNullable<SyntaxNode['token']>;

interface Span {
  first: Token | undefined;
  last: Token | undefined;
}

/** A part of the statement as it was written, from its first token to its last. */
export function statementText(node: SyntaxNode, scope: Scope): string {
  const { source } = scope.translation;
  const starts = [0];
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) starts.push(at + 1);
  const span: Span = { first: undefined, last: undefined };
  measure(node, span);
  const { first, last } = span;
  if (first === undefined || last === undefined) return '';
  // Counting from the beginning of a line takes long in a long one: only twice.
  const end = offset(source, starts, last.line, last.column) + last.literal.length;
  return source.slice(offset(source, starts, first.line, first.column), end);
}

function measure(node: SyntaxNode, span: Span): void {
  const { token } = node;
  if (token !== null && node.node_type !== 'Comment') {
    if (span.first === undefined || isBefore(token, span.first)) span.first = token;
    if (span.last === undefined || isBefore(span.last, token)) span.last = token;
  }
  for (const [name, { Node, NodeVec }] of Object.entries(node.children)) {
    if (name === 'semicolon' || name.endsWith('_comments')) continue;
    for (const inner of Node === undefined ? (NodeVec ?? []) : [Node]) measure(inner, span);
  }
}

function isBefore(one: Token, other: Token): boolean {
  return one.line < other.line || (one.line === other.line && one.column < other.column);
}

/** Columns count characters, not the halves of those that JavaScript keeps in two. */
function offset(source: string, starts: readonly number[], line: number, column: number): number {
  let at = starts[line - 1] ?? source.length;
  for (let i = 1; i < column; i++) at += (source.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return at;
}
