import type { BlankedText } from './except-replace.js';
import { SqlError } from './plan.js';
import { type Token, withoutTokens } from './source-fixes.js';
import type { SyntaxNode } from './syntax.js';

/** `DEFAULT x NOT NULL` of a column: the three words. */
interface Required {
  readonly initial: Token;
  readonly notNull: readonly [Token, Token];
}

/** Behind the default of a column the parser takes NOT for the beginning of NOT IN or NOT LIKE. */
export function blankNotNullBehindDefault(
  text: string,
  tokenize: (text: string) => readonly Token[],
): BlankedText {
  if (!/\bDEFAULT\b[^;]*\bNOT\s+NULL\b/i.test(text)) return { text, restore: () => undefined };
  const tokens = tokenize(text);
  const found: Required[] = [];
  for (const [i, initial] of tokens.entries()) {
    const at = notNullBehind(tokens, i);
    if (at !== undefined) found.push({ initial, notNull: [tokens[at]!, tokens[at + 1]!] });
  }
  return {
    text: withoutTokens(
      text,
      found.flatMap(({ notNull }) => notNull),
    ),
    restore: (nodes) => {
      const left = new Set(found);
      restore(nodes, left);
      for (const { notNull } of left)
        throw new SqlError('invalidQuery', 'Syntax error: Unexpected keyword NOT', notNull[0]);
    },
  };
}

/** Where NOT NULL stands behind this DEFAULT, before anything that ends the column. */
function notNullBehind(tokens: readonly Token[], start: number): number | undefined {
  const word = (i: number) => tokens[i]?.literal.toUpperCase() ?? ';';
  if (word(start) !== 'DEFAULT') return undefined;
  let depth = 0;
  // The value itself has a token at least.
  for (let i = start + 1; ; i++) {
    const text = word(i);
    if (text === '(' || text === '[') depth++;
    else if (text === ')' || text === ']') depth--;
    else if (text === ';') return undefined;
    if (depth < 0 || (depth === 0 && text === ',')) return undefined;
    const isRequired = depth === 0 && text === 'NOT' && word(i + 1) === 'NULL' && word(i - 1) !== 'IS';
    if (isRequired && i > start + 1) return i;
  }
}

function restore(nodes: readonly SyntaxNode[], left: Set<Required>): void {
  for (const { children } of nodes) {
    const at = children.default?.Node?.token;
    for (const one of left) {
      if (at == null || one.initial.line !== at.line || one.initial.column !== at.column) continue;
      const words = one.notNull.map((token): SyntaxNode => ({ token, node_type: 'Keyword', children: {} }));
      (children as Record<string, { NodeVec: SyntaxNode[] }>).not_null = { NodeVec: words };
      left.delete(one);
    }
    for (const { Node, NodeVec } of Object.values(children))
      restore(Node === undefined ? (NodeVec ?? []) : [Node], left);
  }
}
