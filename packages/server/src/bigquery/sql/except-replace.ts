import { type Token, withoutTokens } from './source-fixes.js';
import type { SyntaxNode } from './syntax.js';

interface Exception {
  /** The star's token. */
  readonly star: Token;
  readonly except: SyntaxNode;
}

/** A text in which a star's EXCEPT before REPLACE is blank, and how to put it into the tree. */
export interface BlankedText {
  readonly text: string;
  restore(nodes: readonly SyntaxNode[]): void;
}

/** The parser knows EXCEPT (…) and REPLACE (…) behind a star, but not one behind the other. */
export function blankExceptBeforeReplace(
  text: string,
  tokenize: (text: string) => readonly Token[],
): BlankedText {
  if (!/\bEXCEPT\s*\([^()]*\)\s*REPLACE\b/i.test(text)) return { text, restore: () => undefined };
  const tokens = tokenize(text);
  const gone: Token[] = [];
  const found: Exception[] = [];
  for (const [i, star] of tokens.entries()) {
    const end = exceptEnd(tokens, i);
    if (end === undefined) continue;
    const blanked = tokens.slice(i + 1, end + 1);
    found.push({ star, except: exceptNode(blanked) });
    gone.push(...blanked);
  }
  return {
    text: withoutTokens(text, gone),
    restore: (nodes) => restore(nodes, found),
  };
}

/** Where the brackets close of `* EXCEPT (…)`, if REPLACE follows. */
function exceptEnd(tokens: readonly Token[], star: number): number | undefined {
  const word = (i: number) => tokens[i]?.literal.toUpperCase();
  if (word(star) !== '*' || word(star + 1) !== 'EXCEPT' || word(star + 2) !== '(') return undefined;
  let end = star + 3;
  while (end < tokens.length && word(end) !== ')') end++;
  return word(end + 1) === 'REPLACE' ? end : undefined;
}

function exceptNode([except, open, ...names]: readonly Token[]): SyntaxNode {
  const exprs = names
    .filter(({ literal }) => literal !== ',' && literal !== ')')
    .map((token): SyntaxNode => ({ token, node_type: 'Identifier', children: {} }));
  const group: SyntaxNode = {
    token: open!,
    node_type: 'GroupedExprs',
    children: { exprs: { NodeVec: exprs } },
  };
  return { token: except!, node_type: 'KeywordWithGroupedXXX', children: { group: { Node: group } } };
}

function restore(nodes: readonly SyntaxNode[], exceptions: readonly Exception[]): void {
  for (const { token, node_type: type, children } of nodes) {
    const at = type === 'Asterisk' && token !== null ? token : undefined;
    const found = exceptions.find(({ star }) => star.line === at?.line && star.column === at.column);
    if (found !== undefined)
      (children as Record<string, { Node: SyntaxNode }>).except = { Node: found.except };
    for (const { Node, NodeVec } of Object.values(children))
      restore(Node === undefined ? (NodeVec ?? []) : [Node], exceptions);
  }
}
