import { SqlError } from './plan.js';
import type { SyntaxNode } from './syntax.js';

export interface Token {
  readonly line: number;
  readonly column: number;
  readonly literal: string;
}

/** Before a model's name it is the keyword. */
const BEFORE_MODELS = new Set(['CREATE', 'REPLACE', 'DROP', 'ALTER']);

/** A text in which some words are quoted, and how to put places in it back. */
export interface QuotedText {
  readonly text: string;
  restore(nodes: readonly SyntaxNode[]): void;
}

/**
 * MODEL is no reserved word, and a column may bear that name; the parser takes each one for the word before a
 * model's name. So those that are none are put into back quotes before it sees them. So is the name of the function
 * LEFT, which behind a comma it takes for the beginning of LEFT UNION.
 */
export function quoteNames(text: string, tokenize: (text: string) => readonly Token[]): QuotedText {
  if (!/\bmodel\b|\bleft\b/i.test(text)) return { text, restore: () => undefined };
  const tokens = tokenize(text);
  const columns = tokens.filter(
    (token, i) => isColumn(token, tokens[i - 1], tokens[i + 1]) || isLeft(token, tokens[i + 1]),
  );
  if (columns.length === 0) return { text, restore: () => undefined };
  return { text: quoted(text, columns), restore: (nodes) => restore(nodes, columns) };
}

function isLeft(token: Token, after: Token | undefined): boolean {
  return token.literal.toUpperCase() === 'LEFT' && after?.literal === '(';
}

function isColumn(token: Token, before: Token | undefined, after: Token | undefined): boolean {
  if (token.literal.toUpperCase() !== 'MODEL') return false;
  if (before !== undefined && BEFORE_MODELS.has(before.literal.toUpperCase())) return false;
  // `ML.FORECAST(MODEL name, …)`
  const isArgument = before?.literal === '(' || before?.literal === ',';
  const named = /^[`A-Za-z_]/.test(after?.literal ?? '') && !KEYWORDS.has(after!.literal.toUpperCase());
  return !(isArgument && named);
}

/** What may follow a column in a list and is not a name. */
const KEYWORDS = new Set(
  'AS FROM IS IN NOT LIKE BETWEEN AND OR ASC DESC NULLS LIMIT ORDER GROUP HAVING WHERE QUALIFY WINDOW UNION INTERSECT EXCEPT THEN ELSE END WHEN OVER STRING INT64 FLOAT64 BOOL'.split(
    ' ',
  ),
);

function quoted(text: string, columns: readonly Token[]): string {
  const lines = text.split('\n');
  for (const { line, column, literal } of [...columns].reverse()) {
    const characters = [...lines[line - 1]!];
    characters.splice(column - 1, literal.length, `\`${literal}\``);
    lines[line - 1] = characters.join('');
  }
  return lines.join('\n');
}

export type Mutable = { token: { line: number; column: number; literal: string } | null } & Omit<
  SyntaxNode,
  'token'
>;

function restore(nodes: readonly SyntaxNode[], columns: readonly Token[]): void {
  for (const node of nodes as readonly Mutable[]) {
    const { token } = node;
    if (token !== null) {
      const before = columns.filter(
        (one, i) => one.line === token.line && one.column + 2 * placeInLine(columns, i) < token.column,
      );
      token.column -= 2 * before.length;
      if (
        /^`(model|left)`$/i.test(token.literal) &&
        columns.some((one) => one.line === token.line && one.column === token.column)
      ) {
        token.literal = token.literal.slice(1, -1);
      }
    }
    for (const { Node, NodeVec } of Object.values(node.children))
      restore(Node === undefined ? (NodeVec ?? []) : [Node], columns);
  }
}

/** How many of them stand before it in its line: each has moved it by two. */
function placeInLine(columns: readonly Token[], index: number): number {
  let place = 0;
  for (let i = index - 1; i >= 0 && columns[i]!.line === columns[index]!.line; i--) place++;
  return place;
}

/** The parser reads 0x1F as 0 with the alias x1F: here such numbers become decimal ones of the same length. */
export function decimalLiterals(text: string, tokenize: (text: string) => readonly Token[]): string {
  if (!/0[xX][0-9a-fA-F]/.test(text)) return text;
  const tokens = tokenize(text);
  const lines = text.split('\n');
  for (const [i, { line, column, literal }] of tokens.entries()) {
    const digits = tokens[i + 1];
    if (literal !== '0' || digits?.line !== line || digits.column !== column + 1) continue;
    if (!/^[xX][0-9a-fA-F]+$/.test(digits.literal)) continue;
    const length = digits.literal.length + 1;
    const decimal = BigInt(`0${digits.literal}`).toString().padStart(length, '0');
    if (decimal.length > length) {
      throw new SqlError('invalidQuery', `Invalid integer literal: 0${digits.literal}`, { line, column });
    }
    const characters = [...lines[line - 1]!];
    characters.splice(column - 1, length, ...decimal);
    lines[line - 1] = characters.join('');
  }
  return lines.join('\n');
}

/** The text with blanks instead of some tokens. */
export function withoutTokens(text: string, tokens: readonly Token[]): string {
  const lines = text.split('\n').map((line) => [...line]);
  for (const { line, column, literal } of tokens)
    for (let k = 0; k < [...literal].length; k++) lines[line - 1]![column - 1 + k] = ' ';
  return lines.map((line) => line.join('')).join('\n');
}

/** The first token of a tree. */
export function firstToken(node: SyntaxNode): Token | undefined {
  let first: Token | undefined = node.token ?? undefined;
  for (const { Node, NodeVec } of Object.values(node.children)) {
    for (const inner of Node === undefined ? (NodeVec ?? []) : [Node]) {
      const token = inner.node_type === 'Comment' ? undefined : firstToken(inner);
      if (token !== undefined && (first === undefined || before(token, first))) first = token;
    }
  }
  return first;
}

function before(one: Token, other: Token): boolean {
  return one.line < other.line || (one.line === other.line && one.column < other.column);
}
