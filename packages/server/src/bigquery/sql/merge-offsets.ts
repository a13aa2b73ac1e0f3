import type { BlankedText } from './except-replace.js';
import { type Token, withoutTokens } from './source-fixes.js';
import type { SyntaxNode } from './syntax.js';

/** `WITH OFFSET AS o` behind the UNNEST of a MERGE. */
interface Offset {
  readonly unnest: Token;
  readonly words: readonly Token[];
}

/** The parser takes the UNNEST of a MERGE for any other function, behind which it knows no WITH OFFSET. */
export function blankMergeOffsets(text: string, tokenize: (text: string) => readonly Token[]): BlankedText {
  if (!/\bUSING\s+UNNEST\b[^;]*\bOFFSET\b/i.test(text)) return { text, restore: () => undefined };
  const tokens = tokenize(text).filter(({ literal }) => !/^(?:--|#|\/\*)/.test(literal));
  const found = tokens.flatMap((unnest, i) => {
    const words = offsetBehind(tokens, i);
    return words === undefined ? [] : [{ unnest, words }];
  });
  return {
    text: withoutTokens(
      text,
      found.flatMap(({ words }) => words),
    ),
    restore: (nodes) => restore(nodes, found),
  };
}

/** The words from WITH on: behind the brackets of UNNEST and an alias. */
function offsetBehind(tokens: readonly Token[], at: number): readonly Token[] | undefined {
  const word = (i: number) => tokens[i]?.literal.toUpperCase() ?? '';
  if (word(at) !== 'UNNEST' || word(at - 1) !== 'USING' || word(at + 1) !== '(') return undefined;
  let depth = 0;
  let end = at + 1;
  for (; end < tokens.length; end++) {
    if (word(end) === '(') depth++;
    else if (word(end) === ')' && --depth === 0) break;
  }
  let next = end + 1;
  if (word(next) === 'AS') next += 2;
  else if (word(next) !== 'WITH') next++;
  if (word(next) !== 'WITH' || word(next + 1) !== 'OFFSET') return undefined;
  const alias = word(next + 2) === 'AS' ? 2 : word(next + 2) === 'ON' ? 0 : 1;
  return tokens.slice(next, next + 2 + alias);
}

function offsetNode([word, , ...alias]: readonly Token[]): SyntaxNode {
  const name = alias.at(-1);
  const node = (token: Token): SyntaxNode => ({ token, node_type: 'Identifier', children: {} });
  const children = name === undefined ? {} : { alias: { Node: node(name) } };
  return { token: word!, node_type: 'WithOffset', children };
}

function restore(nodes: readonly SyntaxNode[], found: readonly Offset[]): void {
  for (const { children } of nodes) {
    const at = children.func?.Node?.token;
    const one = found.find(({ unnest }) => unnest.line === at?.line && unnest.column === at.column);
    if (one !== undefined)
      (children as Record<string, { Node: SyntaxNode }>).with_offset = { Node: offsetNode(one.words) };
    for (const { Node, NodeVec } of Object.values(children))
      restore(Node === undefined ? (NodeVec ?? []) : [Node], found);
  }
}
