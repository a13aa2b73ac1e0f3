import { coerced, cost } from './coercion.js';
import { expression } from './compile.js';
import { composed, type Expression, isNull, limitsOf } from './expression.js';
import type { Scope } from './scope.js';
import { invalid, list, only, type SyntaxNode } from './syntax.js';
import { arrayOf, INT64, type SqlType, STRING, scalar, typeName } from './types.js';

const BYTES = scalar('BYTES');

type Call = (node: SyntaxNode, scope: Scope, name: string) => Expression;

/** How many groups take part of what a regular expression finds. */
function groups(pattern: string): number {
  let found = 0;
  let inClass = false;
  for (let i = 0; i < pattern.length; i++) {
    if (pattern[i] === '\\') i++;
    else if (inClass) inClass = pattern[i] !== ']';
    else if (pattern[i] === '[') {
      inClass = true;
      if (pattern[i + 1] === ']' || (pattern[i + 1] === '^' && pattern[i + 2] === ']'))
        i += pattern[i + 1] === ']' ? 1 : 2;
    } else if (pattern[i] === '(' && (pattern[i + 1] !== '?' || pattern.startsWith('(?P<', i))) found++;
  }
  return found;
}

/** Of BYTES both are read as texts with a character for each byte. */
export interface Search {
  /** What is searched, as it was given. */
  readonly given: Expression;
  readonly type: SqlType;
  readonly text: string;
  /** The regular expression. */
  readonly sql: string;
  /** The same as a text; undefined for NULL. */
  readonly pattern?: string;
  readonly group: number;
  readonly more: readonly Expression[];
}

/** The regular expression, where it is a constant. */
function constantOf({ literal, sql, type }: Expression): string | undefined {
  if (type.kind !== 'BYTES') return typeof literal?.value === 'string' ? literal.value : undefined;
  const hex = /^from_hex\('([0-9a-f]*)'\)$/.exec(sql)?.[1];
  return hex === undefined ? undefined : Buffer.from(hex, 'hex').toString('latin1');
}

export function search(node: SyntaxNode, scope: Scope, name: string): Search {
  only(node, 'func', 'args', 'as', 'alias', 'order', 'null_order');
  const nodes = list(node, 'args');
  const values = nodes.map((one) => expression(one, scope));
  const [text, regexp, ...more] = values;
  const type = [STRING, BYTES].find((one) =>
    [text, regexp].every((given) => given !== undefined && cost(given, one) !== undefined),
  );
  if (text === undefined || regexp === undefined || type === undefined) {
    throw invalid(
      node,
      `No matching signature for function ${name} for argument types: ${values.map((one) => typeName(one.type)).join(', ')}`,
    );
  }
  const asText = ({ sql }: Expression) => (type === BYTES ? `bq_bytes_text(${sql})` : sql);
  const found = { given: text, type, text: asText(coerced(text, type, node)), more };
  if (isNull(regexp)) return { ...found, sql: 'NULL', group: 0 };
  const given = constantOf(regexp);
  if (given === undefined) throw invalid(nodes[1]!, `${name} needs a constant regular expression here`);
  const count = groups(given);
  if (count > 1)
    throw invalid(
      nodes[1]!,
      `Regular expression in ${name} has ${count} capturing groups, at most 1 is allowed`,
    );
  for (const [i, one] of more.entries()) {
    if (cost(one, INT64) === undefined)
      throw invalid(nodes[i + 2]!, `${name} needs INT64 behind the regular expression`);
  }
  return { ...found, sql: asText(coerced(regexp, type, node)), pattern: given, group: count };
}

const extractOne: Call = (node, scope, name) => {
  const { given, type, text, sql, group, more } = search(node, scope, name);
  const [position, occurrence] = more;
  if (more.length > 2)
    throw invalid(node, `No matching signature for function ${name} with ${more.length + 2} arguments`);
  const from = position === undefined ? text : `${text}[${position.sql}:]`;
  const found =
    occurrence === undefined
      ? `bq_regexp_extract(${from}, ${sql}, ${group})`
      : `regexp_extract_all(${from}, ${sql}, ${group})[${occurrence.sql}]`;
  return composed(type === BYTES ? `bq_text_bytes(${found})` : found, type, given, ...more);
};

export const regularExpressionCalls: Readonly<Record<string, Call>> = {
  REGEXP_EXTRACT: extractOne,
  REGEXP_SUBSTR: extractOne,
  REGEXP_EXTRACT_ALL: (node, scope, name) => {
    const { given, type, text, sql, group } = search(node, scope, name);
    const { elements } = limitsOf([given]);
    const found = `regexp_extract_all(bq_bounded_text(${text}, ${elements}), ${sql}, ${group})`;
    const all = type === BYTES ? `list_transform(${found}, lambda e: bq_text_bytes(e))` : found;
    return composed(all, arrayOf(type), given);
  },
};
