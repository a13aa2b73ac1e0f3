import { type Expression, literalExpression } from './expression.js';
import { invalid, type SyntaxNode, syntaxError, textOf } from './syntax.js';
import { FLOAT64, INT64, quoteText, type SqlType, STRING, scalar } from './types.js';

const INT64_MAX = 9_223_372_036_854_775_807n;

/** `negated`: the literal stands behind a minus, with which one more is allowed. */
export function numericLiteral(node: SyntaxNode, negated = false): Expression {
  const text = textOf(node);
  if (/^(\d+|0[xX][0-9a-fA-F]+)$/.test(text)) {
    const value = negated ? -BigInt(text) : BigInt(text);
    if (value > INT64_MAX || value < -INT64_MAX - 1n) {
      throw invalid(node, `Invalid integer literal: ${negated ? '-' : ''}${text}`);
    }
    return literalExpression(integerSql(value), INT64, value);
  }
  const value = Number(text) * (negated ? -1 : 1);
  if (!Number.isFinite(value)) throw invalid(node, `Invalid floating point literal: ${text}`);
  return literalExpression(floatSql(value), FLOAT64, value);
}

export function integerSql(value: bigint): string {
  return value < 0n ? `CAST('${value}' AS BIGINT)` : `${value}::BIGINT`;
}

export function floatSql(value: number): string {
  if (Number.isNaN(value)) return "CAST('nan' AS DOUBLE)";
  if (!Number.isFinite(value)) return `CAST('${value > 0 ? '' : '-'}inf' AS DOUBLE)`;
  return value < 0 || Object.is(value, -0)
    ? `CAST('${Object.is(value, -0) ? '-0.0' : value}' AS DOUBLE)`
    : `${value}::DOUBLE`;
}

export function bytesSql(bytes: Uint8Array): string {
  return `from_hex('${Buffer.from(bytes).toString('hex')}')`;
}

function textLiteral(text: string): Expression {
  return literalExpression(quoteText(text), STRING, text);
}

/** A literal of STRING or BYTES with any of its prefixes and quotes. */
export function stringLiteral(node: SyntaxNode): Expression {
  const { text, prefix, body } = opened(node);
  if (prefix.includes('b')) {
    const bytes = prefix.includes('r')
      ? Buffer.from(body, 'utf8')
      : Buffer.from(unescaped(node, body, true), 'latin1');
    return literalExpression(bytesSql(bytes), scalar('BYTES'), undefined);
  }
  if (text.length === 0) throw syntaxError(node, 'Unclosed string literal');
  return textLiteral(prefix.includes('r') ? body : unescaped(node, body, false));
}

/** The text of a literal that must be a STRING. */
export function stringValue(node: SyntaxNode): string {
  const { literal } = node.node_type === 'StringLiteral' ? stringLiteral(node) : { literal: undefined };
  if (typeof literal?.value !== 'string') throw syntaxError(node, 'Expected string literal');
  return literal.value;
}

function opened(node: SyntaxNode): { text: string; prefix: string; body: string } {
  const text = textOf(node);
  const found = /^([rRbB]{0,2})("""|'''|"|')/.exec(text);
  const quote = found?.[2] ?? '';
  const start = (found?.[0] ?? '').length;
  if (found === null || text.length < start + quote.length || !text.endsWith(quote)) {
    throw syntaxError(node, 'Unclosed string literal');
  }
  const body = text.slice(start, text.length - quote.length);
  if (quote.length === 1 && body.includes('\n')) throw syntaxError(node, 'Unclosed string literal');
  return { text, prefix: (found[1] ?? '').toLowerCase(), body: body.replaceAll('\r\n', '\n') };
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '?': '?',
  '"': '"',
  "'": "'",
  '`': '`',
};

/** For bytes each character of the answer stands for one byte. */
function unescaped(node: SyntaxNode, body: string, bytes: boolean): string {
  const source = bytes ? Buffer.from(body, 'utf8').toString('latin1') : body;
  return source.replace(
    /\\(x[0-9a-fA-F]{2}|X[0-9a-fA-F]{2}|[0-3][0-7]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[\s\S]?)/g,
    (whole, sequence: string) => {
      if (sequence in SIMPLE_ESCAPES) return SIMPLE_ESCAPES[sequence]!;
      const code = codeOf(sequence, bytes);
      if (code === undefined) throw syntaxError(node, `Illegal escape sequence: ${whole}`);
      return String.fromCodePoint(code);
    },
  );
}

function codeOf(sequence: string, bytes: boolean): number | undefined {
  const first = sequence[0] ?? '';
  let code: number | undefined;
  if (/[xX]/.test(first) && sequence.length === 3) code = Number.parseInt(sequence.slice(1), 16);
  else if (/[0-3]/.test(first) && sequence.length === 3) code = Number.parseInt(sequence, 8);
  else if (/[uU]/.test(first) && sequence.length > 4 && !bytes) code = Number.parseInt(sequence.slice(1), 16);
  if (code === undefined || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return undefined;
  // DuckDB's statements end at such a character.
  return code === 0 && !bytes ? undefined : code;
}

/** A name, out of its back quotes. */
export function identifierName(node: SyntaxNode): string {
  const text = textOf(node);
  if (!text.startsWith('`')) return text;
  if (text.length < 3 || !text.endsWith('`')) throw syntaxError(node, 'Invalid empty identifier');
  return unescaped(node, text.slice(1, -1), false);
}

const DATE = String.raw`\d{4}-\d{1,2}-\d{1,2}`;
const TIME = String.raw`\d{1,2}:\d{1,2}:\d{1,2}(\.\d{0,9})?`;
const ZONE = String.raw`( ?[zZ]| ?[+-]\d{1,2}(:?\d{2})?| [A-Za-z_]+(/[A-Za-z_+\-0-9]+)*)`;
const FORMS: Readonly<Record<string, RegExp>> = {
  DATE: new RegExp(`^${DATE}$`),
  DATETIME: new RegExp(`^${DATE}([ Tt]${TIME})?$`),
  TIME: new RegExp(`^${TIME}$`),
  TIMESTAMP: new RegExp(`^${DATE}([ Tt]${TIME})?${ZONE}?$`),
};

/** Literals of dates and times, written after their type or converted by where they stand. */
export function timeLiteral(text: string, type: SqlType, at: SyntaxNode): Expression {
  if (!FORMS[type.kind]?.test(text)) {
    throw invalid(at, `Could not cast literal ${JSON.stringify(text)} to type ${type.kind}`);
  }
  const sql = `CAST(${quoteText(timeText(text, type))} AS ${type.kind === 'TIMESTAMP' ? 'TIMESTAMPTZ' : type.kind === 'DATETIME' ? 'TIMESTAMP' : type.kind})`;
  return literalExpression(sql, type, text);
}

/** DuckDB wants a space before a zone's name and none before an offset. */
function timeText(text: string, type: SqlType): string {
  if (type.kind !== 'TIMESTAMP') return text.replace(/[Tt]/, ' ');
  return text
    .replace(/^([\d-]+)[Tt]/, '$1 ')
    .replace(/ ([+-]\d)/, '$1')
    .replace(/ ?[zZ]$/, '+00')
    .replace(/^(\d{4}-\d{1,2}-\d{1,2})([+-]| [A-Za-z])/, '$1 00:00:00$2')
    .replace(/([+-])(\d)(:|$)/, '$10$2$3');
}
