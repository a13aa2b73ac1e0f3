import type { Mutable, QuotedText, Token } from './source-fixes.js';
import type { SyntaxNode } from './syntax.js';

interface Mark {
  readonly line: number;
  readonly column: number;
  readonly mark: '(' | ')';
}

/**
 * Behind a set operation whose last query stands in brackets the parser takes ORDER BY and LIMIT only where the first
 * stands in brackets too: the text with these put around it.
 */
export function bracketFirstQueries(text: string, tokenize: (text: string) => readonly Token[]): QuotedText {
  const unchanged = { text, restore: () => undefined };
  if (!/\b(?:UNION|INTERSECT|EXCEPT)\b/i.test(text) || !/\b(?:ORDER|LIMIT)\b/i.test(text)) return unchanged;
  const tokens = tokenize(text).filter(({ literal }) => !/^(?:--|#|\/\*)/.test(literal));
  const marks = tokens.flatMap((_, i) => marksFor(tokens, i));
  if (marks.length === 0) return unchanged;
  marks.sort((a, b) => a.line - b.line || a.column - b.column);
  const lines = text.split('\n').map((line) => [...line]);
  for (const { line, column, mark } of [...marks].reverse()) lines[line - 1]!.splice(column - 1, 0, mark);
  return {
    text: lines.map((line) => line.join('')).join('\n'),
    restore: (nodes) => moveBack(nodes, marks),
  };
}

const BEFORE_QUERIES = /^(?:AS|BEGIN|THEN|ELSE|DO)$/;

/** Of ORDER or LIMIT behind the brackets of a last query. */
function marksFor(tokens: readonly Token[], at: number): Mark[] {
  const word = (i: number) => tokens[i]?.literal.toUpperCase() ?? '';
  if (!/^(?:ORDER|LIMIT)$/.test(word(at)) || word(at - 1) !== ')') return [];
  let operator = operatorBefore(word, opening(word, at - 1));
  for (let first = operator; first !== undefined; ) {
    operator = first;
    const start = operandStart(word, first);
    if (start === undefined) return [];
    first = operatorBefore(word, start);
    if (first !== undefined) continue;
    // Behind the table of an INSERT brackets would be its columns.
    if (word(start) === '(' || /^[\w`]/.test(word(start - 1).replace(BEFORE_QUERIES, ''))) return [];
    const [open, close] = [tokens[start]!, tokens[operator]!];
    return [
      { line: open.line, column: open.column, mark: '(' },
      { line: close.line, column: close.column, mark: ')' },
    ];
  }
  return [];
}

type Word = (i: number) => string;

/** Where the bracket opens that closes here. */
function opening(word: Word, closing: number): number {
  let depth = 0;
  for (let i = closing; i >= 0; i--) {
    if (word(i) === ')') depth++;
    else if (word(i) === '(' && --depth === 0) return i;
  }
  return -1;
}

/** The place of UNION ALL and its like before an operand. */
function operatorBefore(word: Word, operand: number): number | undefined {
  const isOperator =
    /^(?:ALL|DISTINCT)$/.test(word(operand - 1)) && /^(?:UNION|INTERSECT|EXCEPT)$/.test(word(operand - 2));
  return isOperator ? operand - 2 : undefined;
}

/** Where the query before an operator begins: its SELECT, or its bracket where it has none of its own. */
function operandStart(word: Word, operator: number): number | undefined {
  let bracket: number | undefined;
  for (let i = operator - 1; i >= 0; i--) {
    if (word(i) === 'SELECT') return i;
    if (word(i) === '(' || word(i) === ';' || operatorBefore(word, i + 1) !== undefined) return bracket;
    if (word(i) !== ')') continue;
    i = opening(word, i);
    bracket ??= i;
  }
  return bracket;
}

function moveBack(nodes: readonly SyntaxNode[], marks: readonly Mark[]): void {
  for (const node of nodes as readonly Mutable[]) {
    const { token } = node;
    if (token !== null) {
      for (const [i, { line, column }] of marks.entries()) {
        const moved = column + marks.slice(0, i).filter((one) => one.line === line).length;
        if (token.line === line && token.column > moved) token.column--;
      }
    }
    for (const { Node, NodeVec } of Object.values(node.children))
      moveBack(Node === undefined ? (NodeVec ?? []) : [Node], marks);
  }
}
