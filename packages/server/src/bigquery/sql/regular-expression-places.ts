import { composed, type Expression, isNull, limitsOf } from './expression.js';
import { search } from './regular-expressions.js';
import type { Scope } from './scope.js';
import { invalid, list, notSupported, type SyntaxNode } from './syntax.js';
import { INT64, quoteText } from './types.js';

/** More repetitions make a regular expression too large. */
const OCCURRENCES_MAX = 100;

/** What a regular expression finds, in three: before its group, the group, and after it. */
interface Parts {
  readonly before: string;
  readonly inner: string;
  readonly after: string;
}

/** `REGEXP_INSTR(text, regexp[, position[, occurrence[, occurrence_position]]])`: where what is found begins or ends. */
export function regularExpressionPlace(node: SyntaxNode, scope: Scope, name: string): Expression {
  const { given, text, sql, pattern, group, more } = search(node, scope, name);
  const [position, occurrence, end] = more;
  if (more.length > 3)
    throw invalid(node, `No matching signature for function ${name} with ${more.length + 2} arguments`);
  const nothing = composed('CAST(NULL AS BIGINT)', INT64, given, ...more);
  if (pattern === undefined || more.some(isNull)) return nothing;
  const nodes = list(node, 'args');
  const nth = constant(occurrence, 1, 'occurrence', nodes[3] ?? node);
  const atEnd = constant(end, 0, 'occurrence_position', nodes[4] ?? node);
  if (nth < 1) throw invalid(node, 'Occurrence must be positive in REGEXP_INSTR');
  if (atEnd !== 0 && atEnd !== 1) throw invalid(node, 'Occurrence position must be 0 or 1 in REGEXP_INSTR');
  if (nth > OCCURRENCES_MAX) throw notSupported(`${name} of an occurrence beyond ${OCCURRENCES_MAX}`, node);
  const parts = partsOf(pattern, group, nodes[1]!);
  const fromStart = position === undefined || Number(position.literal?.value) === 1;
  // Whether these look at what stands before the position is not said.
  if (!fromStart && /\\[AbB]|(?<!(?<!\\)\[)\^/.test(pattern))
    throw notSupported(`${name} with a position and ^, \\A, \\b or \\B`, nodes[1]!);
  const searched = fromStart ? text : `${text}[greatest(${position.sql}, 1):]`;
  const full = quoteText(wholeExpression(parts, nth));
  const place =
    nth === 1
      ? `bq_regexp_place(${searched}, ${sql}, ${full}, ${atEnd})`
      : `bq_regexp_place_nth(${searched}, ${sql}, ${full}, ${atEnd}, ${nth}, ${limitsOf([given]).elements})`;
  const found = fromStart ? place : `bq_place_from(${place}, ${position.sql})`;
  return composed(found, INT64, given, ...more);
}

/** A group for what stands before, lazily, so that the first place is found, and a group for what is found. */
function wholeExpression({ before, inner, after }: Parts, nth: number): string {
  const earlier = nth === 1 ? '' : `(?:(?s:.*?)(?:${before}(?:${inner})${after})){${nth - 1}}`;
  return `\\A(${earlier}(?s:.*?)${before})(${inner})${after}`;
}

function constant(value: Expression | undefined, fallback: number, what: string, node: SyntaxNode): number {
  if (value === undefined) return fallback;
  if (value.literal === undefined) throw invalid(node, `REGEXP_INSTR needs a constant ${what} here`);
  return Number(value.literal.value);
}

function partsOf(pattern: string, group: number, node: SyntaxNode): Parts {
  if (pattern.includes('\\Q')) throw notSupported('REGEXP_INSTR with \\Q', node);
  if (group === 0) return { before: '', inner: pattern, after: '' };
  const parts = /\(\?(?!:|P<)/.test(pattern) ? undefined : splitAtGroup(pattern);
  if (parts === undefined)
    throw notSupported(
      'REGEXP_INSTR with a group that is repeated, within another or beside | or flags',
      node,
    );
  return parts;
}

/** Undefined unless the one group stands by itself among what follows each other. */
function splitAtGroup(pattern: string): Parts | undefined {
  let depth = 0;
  let opened: number | undefined;
  let parts: Parts | undefined;
  for (const { 0: token, index } of pattern.matchAll(/\\.|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|\(\?:|./gsu)) {
    if (token === '|' && depth === 0) return undefined;
    if (token === '(' && depth > 0) return undefined;
    if (token === '(') opened = index;
    if (token.startsWith('(')) depth++;
    if (token !== ')') continue;
    depth--;
    if (depth > 0 || opened === undefined || parts !== undefined) continue;
    const inner = pattern.slice(opened + 1, index).replace(/^\?P<\w+>/, '');
    parts = { before: pattern.slice(0, opened), inner, after: pattern.slice(index + 1) };
    if (/^[*+?{]/.test(parts.after)) return undefined;
  }
  return parts;
}
