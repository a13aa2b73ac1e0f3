import { createRequire } from 'node:module';
import { readBulkInsert } from './bulk-values.js';
import { hoistDirections } from './directions.js';
import { blankExceptBeforeReplace } from './except-replace.js';
import { blankMergeOffsets } from './merge-offsets.js';
import { SqlError } from './plan.js';
import { blankNotNullBehindDefault } from './required-defaults.js';
import { bracketFirstQueries } from './set-operation-brackets.js';
import { signPaths } from './signed-paths.js';
import { decimalLiterals, firstToken, quoteNames, type Token } from './source-fixes.js';
import type { SyntaxNode } from './syntax.js';

interface ParserModule {
  parse(code: string): SyntaxNode[];
  tokenize(code: string): Token[];
}

/** What the parser throws: no Error, and at the text's end no place. */
interface ParserFailure {
  readonly line?: number;
  readonly column?: number;
  readonly message?: string;
}

/** BigQuery's limit of a statement's text. */
const TEXT_CHARACTERS_MAX = 1_024 * 1_024;
/** The parser recurses on a stack of one megabyte; deeper than this it would break, and is then made anew. */
const DEPTH_MAX = 200;

const require = createRequire(import.meta.url);
let parser: ParserModule | undefined;

/** The parser is WebAssembly of 1.5 MB: loaded with the first statement, so that starting costs nothing. */
function loaded(): ParserModule {
  parser ??= require('bq2cst') as ParserModule;
  return parser;
}

/** After a trap the instance's memory is in no known state: the next statement gets a new one. */
function discard(): void {
  parser = undefined;
  delete require.cache[require.resolve('bq2cst')];
}

/** The statements of a text, in order. */
export function parseStatements(text: string): SyntaxNode[] {
  if (text.length > TEXT_CHARACTERS_MAX) {
    throw new SqlError(
      'invalidQuery',
      `The query is too large: ${text.length} characters, ${TEXT_CHARACTERS_MAX} at most.`,
    );
  }
  if (text.includes('\0'))
    throw new SqlError('invalidQuery', 'Syntax error: Illegal input character "\\000"');
  const bulk = readBulkInsert(text);
  if (bulk !== undefined) return withRows(parseStatements(bulk.head), bulk.rows);
  checkDepth(text);
  try {
    return checkedNodes(text);
  } catch (error) {
    throw error instanceof SqlError && error.message.startsWith('Syntax error')
      ? (unparsed(text) ?? error)
      : error;
  }
}

function checkedNodes(text: string): SyntaxNode[] {
  const nodes = parseOrExplain(text).filter((node) => node.node_type !== 'EOF' && !isEmpty(node));
  for (const [index, node] of nodes.entries()) {
    checkTokens(node);
    signPaths(node);
    hoistDirections(node);
    const next = nodes[index + 1];
    if (next !== undefined && node.children.semicolon === undefined) throw expectedEnd(firstToken(next));
  }
  return nodes;
}

/** A statement whose first row alone was parsed. */
function withRows(statements: SyntaxNode[], rows: readonly SyntaxNode[]): SyntaxNode[] {
  const first = statements[0]?.children.input?.Node?.children.exprs?.NodeVec;
  if (first === undefined) throw new Error('An INSERT with VALUES has rows.');
  for (const row of rows) first.push(row);
  return statements;
}

/** A semicolon behind another. */
function isEmpty(node: SyntaxNode): boolean {
  return node.node_type === 'StandAloneExpr' && node.children.expr?.Node?.token?.literal === ';';
}

function parseOrExplain(text: string): SyntaxNode[] {
  const { error: printError } = console;
  // When it breaks it prints its own stack first, which is nobody's business.
  console.error = () => undefined;
  try {
    const tokenize = (one: string) => loaded().tokenize(one);
    const required = blankNotNullBehindDefault(decimalLiterals(text, tokenize), tokenize);
    const blanked = blankExceptBeforeReplace(required.text, tokenize);
    const merged = blankMergeOffsets(blanked.text, tokenize);
    const bracketed = bracketFirstQueries(merged.text, tokenize);
    const quoted = quoteNames(bracketed.text, tokenize);
    const nodes = loaded().parse(quoted.text);
    quoted.restore(nodes);
    bracketed.restore(nodes);
    merged.restore(nodes);
    blanked.restore(nodes);
    required.restore(nodes);
    return nodes;
  } catch (error) {
    if (isTrap(error)) throw tooComplex();
    if (error instanceof SqlError) throw error;
    throw explained(error as ParserFailure, text);
  } finally {
    console.error = printError;
  }
}

/** WebAssembly stopped: its stack was too small, as a rule. */
function isTrap(error: unknown): boolean {
  return error instanceof Error && error.name === 'RuntimeError';
}

function tooComplex(): SqlError {
  discard();
  return new SqlError(
    'invalidQuery',
    'Not enough resources for query planning - too many subqueries or query is too complex.',
  );
}

/** None of a text with a literal that has no end. */
function tokensOf(text: string): readonly Token[] {
  try {
    return loaded().tokenize(text);
  } catch (error) {
    if (isTrap(error)) discard();
    return [];
  }
}

/** What the parser has no rule for, by the tokens that it begins with: better refused by name than as an error in syntax. */
const UNPARSED: readonly (readonly [what: string, tokens: readonly RegExp[]])[] = [
  ['HLL_COUNT', [/^HLL_COUNT$/i, /^\.$/]],
  ['The type RANGE', [/^RANGE$/i, /^[(<]$/]],
  ['A lambda (->)', [/^-$/, /^>$/]],
];

function unparsed(text: string): SqlError | undefined {
  const tokens = tokensOf(text);
  const bare = tokens.findIndex(
    ({ literal }, i) =>
      /^(?:UNION|INTERSECT)$/i.test(literal) && !/^(?:ALL|DISTINCT)$/i.test(tokens[i + 1]?.literal ?? ''),
  );
  if (bare >= 0) {
    const next = tokens[bare + 1];
    const message = `Syntax error: Expected keyword ALL or keyword DISTINCT but got ${described(next)}`;
    return new SqlError('invalidQuery', message, next);
  }
  for (const [what, wanted] of UNPARSED) {
    const found = tokens.find((_, i) => wanted.every((one, k) => one.test(tokens[i + k]?.literal ?? '')));
    if (found !== undefined)
      return new SqlError('invalidQuery', `${what} is not supported here; docs/sql.md lists what is.`, found);
  }
  return undefined;
}

/** Beyond any line: the parser's place for the end. */
const END_LINE = 0xffff_ffff;

function explained({ line = END_LINE, column = 1, message = '' }: ParserFailure, text: string): SqlError {
  if (message === 'Unexpected EOF.') {
    return new SqlError('invalidQuery', 'Syntax error: Unclosed literal, quoted name or comment', {
      line,
      column,
    });
  }
  if (line >= END_LINE)
    return new SqlError('invalidQuery', 'Syntax error: Unexpected end of script', endOf(text));
  const what = message
    .replace(/:? but got:?.*$/s, '')
    .replaceAll('`', '')
    .replace(/^e/, 'E');
  return new SqlError('invalidQuery', `Syntax error: ${what}`, { line, column });
}

function checkDepth(text: string): void {
  let depth = 0;
  for (const character of text) {
    if (character === '(' || character === '[') depth++;
    else if (character === ')' || character === ']') depth--;
    // Brackets in literals count too; that only matters to texts of hundreds of them.
    if (depth > DEPTH_MAX) throw tooComplex();
  }
}

/** `1.`, `1.e3`: numbers, for which the parser has no kind. */
const FLOAT_ENDING_IN_POINT = /^\d+\.(E[+-]?\d+)?$/;

/** The parser takes some tokens for others: what is none of them, and what does not close what was opened. */
function checkTokens(node: SyntaxNode): void {
  const literal = node.token?.literal.toUpperCase() ?? '';
  if (node.node_type === 'StandAloneExpr') throw expectedEnd(firstToken(node));
  if (node.node_type === 'Unknown' && FLOAT_ENDING_IN_POINT.test(literal))
    (node as { node_type: string }).node_type = 'NumericLiteral';
  else if (node.node_type === 'Unknown' && literal !== 'DEFAULT') throw unexpected(node.token ?? undefined);
  for (const [name, { Node, NodeVec }] of Object.entries(node.children)) {
    if (name === 'rparen' && Node?.token != null && !/^[)\]>]+$/.test(Node.token.literal))
      throw unexpected(Node.token);
    if (name === 'end' && Node?.token != null && Node.token.literal.toUpperCase() !== 'END')
      throw unexpected(Node.token);
    for (const inner of Node === undefined ? (NodeVec ?? []) : [Node]) checkTokens(inner);
  }
}

function unexpected(token: Token | undefined): SqlError {
  return new SqlError('invalidQuery', `Syntax error: Unexpected ${described(token)}`, token);
}

function expectedEnd(token: Token | undefined): SqlError {
  return new SqlError(
    'invalidQuery',
    `Syntax error: Expected end of input but got ${described(token)}`,
    token,
  );
}

function described(token: Token | undefined): string {
  if (token === undefined) return 'end of script';
  const { literal } = token;
  if (/^[0-9.]/.test(literal) && literal !== '.') {
    return /^(\d+|0[xX][0-9a-fA-F]+)$/.test(literal)
      ? `integer literal "${literal}"`
      : `floating point literal "${literal}"`;
  }
  if (/^[rRbB]*['"]/.test(literal)) return `string literal ${literal}`;
  if (/^[A-Za-z_]/.test(literal)) {
    return KEYWORDS.has(literal.toUpperCase())
      ? `keyword ${literal.toUpperCase()}`
      : `identifier "${literal}"`;
  }
  return literal.startsWith('`') ? `identifier ${literal}` : `"${literal}"`;
}

const KEYWORDS = new Set(
  'ALL AND ANY ARRAY AS ASC BETWEEN BY CASE CAST CREATE CROSS DEFAULT DESC DISTINCT ELSE END EXCEPT EXISTS EXTRACT FALSE FOR FROM FULL GROUP HAVING IF IN INNER INTERSECT INTERVAL INTO IS JOIN LEFT LIKE LIMIT MERGE NOT NULL NULLS ON OR ORDER OUTER OVER PARTITION QUALIFY RANGE RECURSIVE RIGHT ROLLUP ROWS SELECT SET STRUCT THEN TO TRUE UNION UNNEST USING WHEN WHERE WINDOW WITH WITHIN'.split(
    ' ',
  ),
);

function endOf(text: string): { line: number; column: number } {
  const lines = text.split('\n');
  return { line: lines.length, column: [...(lines.at(-1) ?? '')].length + 1 };
}
