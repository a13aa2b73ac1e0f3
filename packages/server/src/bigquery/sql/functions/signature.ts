import { coerced, cost, superType } from '../coercion.js';
import { attempted, composed, type Expression, isNull, type Limits, limitsOf } from '../expression.js';
import { takesNoQueries } from '../macros.js';
import type { ScalarType } from '../plan.js';
import { invalid, type SyntaxNode } from '../syntax.js';
import { arrayOf, duckDbType, type SqlType, scalar, typeName } from '../types.js';

/**
 * One way to call a function: its name, its types as `STRING, INT64 -> STRING`, and DuckDB's SQL for it with the
 * arguments as $1, $2, … ($* for all of them, $bytes and $elements for the largest text and array that it may make). T stands for any type, the same wherever it stands; ANY for any type by
 * itself; an argument with `...` behind it may be given again and again.
 */
export type FunctionRow = readonly [
  name: string,
  signature: string,
  sql: string | ((values: readonly string[], limits: Limits) => string),
];

interface Signature {
  readonly parameters: readonly Pattern[];
  readonly repeated: boolean;
  readonly result: Pattern;
  readonly sql: FunctionRow[2];
}

type Pattern = { readonly array: boolean; readonly name: string };

export type FunctionTable = ReadonlyMap<string, readonly Signature[]>;

export function functionTable(rows: readonly FunctionRow[]): FunctionTable {
  const table = new Map<string, Signature[]>();
  for (const [name, text, sql] of rows) {
    const [given = '', result = ''] = text.split('->');
    const parts = given
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
    const repeated = parts.at(-1)?.endsWith('...') === true;
    const signature = {
      parameters: parts.map((part) => pattern(part.replace('...', ''))),
      repeated,
      result: pattern(result.trim()),
      sql,
    };
    const known = table.get(name);
    if (known === undefined) table.set(name, [signature]);
    else known.push(signature);
  }
  return table;
}

function pattern(text: string): Pattern {
  const array = /^ARRAY<(\w+)>$/.exec(text);
  return array === null ? { array: false, name: text } : { array: true, name: array[1]! };
}

interface Match {
  readonly signature: Signature;
  readonly types: readonly SqlType[];
  readonly variable: SqlType | undefined;
  readonly cost: number;
}

/** A call's signature, and its arguments in that signature's types. */
export interface Choice {
  readonly sql: FunctionRow[2];
  readonly type: SqlType;
  readonly values: readonly Expression[];
}

/** The signature that is nearest to the arguments. */
export function chooseSignature(
  name: string,
  signatures: readonly Signature[],
  values: readonly Expression[],
  nodes: readonly SyntaxNode[],
  at: SyntaxNode,
): Choice {
  let best: Match | undefined;
  for (const signature of signatures) {
    const match = matched(signature, values);
    if (match !== undefined && (best === undefined || match.cost < best.cost)) best = match;
  }
  if (best === undefined) throw noMatch(name, signatures, values, at);
  const { signature, types, variable } = best;
  return {
    sql: signature.sql,
    type: resolved(signature.result, variable),
    values: values.map((value, i) => coerced(value, types[i]!, nodes[i] ?? at)),
  };
}

/** The call in SQL. */
export function callSignature(
  name: string,
  signatures: readonly Signature[],
  values: readonly Expression[],
  nodes: readonly SyntaxNode[],
  at: SyntaxNode,
  safe = false,
): Expression {
  const choice = chooseSignature(name, signatures, values, nodes, at);
  const limits = limitsOf(choice.values);
  const call = (sqls: readonly string[]) => filled(choice.sql, sqls, limits);
  const isClosed = choice.values.some(({ closed }) => closed === true);
  const tries = safe || (isClosed && takesNoQueries(call(choice.values.map(() => 'x'))));
  const attempt = safe ? (sqls: readonly string[]) => `TRY(${call(sqls)})` : call;
  const sql = tries ? attempted(choice.values, attempt) : call(choice.values.map((value) => value.sql));
  // Of NULL some of DuckDB's functions give a NULL of no type.
  const typed = values.some(isNull) ? `CAST(${sql} AS ${duckDbType(choice.type)})` : sql;
  return composed(typed, choice.type, ...choice.values);
}

export function filled(
  template: FunctionRow[2],
  values: readonly string[],
  limits: Limits = limitsOf([]),
): string {
  if (typeof template !== 'string') return template(values, limits);
  return template.replace(/\$(\d|\*|bytes|elements)/g, (_, place: string) => {
    if (place === '*') return values.join(', ');
    if (place === 'bytes' || place === 'elements') return String(limits[place]);
    return values[Number(place) - 1] ?? 'NULL';
  });
}

function matched(signature: Signature, values: readonly Expression[]): Match | undefined {
  const { parameters, repeated } = signature;
  if (values.length < parameters.length || (values.length > parameters.length && !repeated)) return undefined;
  const patternAt = (i: number): Pattern => parameters[Math.min(i, parameters.length - 1)]!;
  const variable = variableType(values, patternAt);
  if (variable === 'none') return undefined;
  let total = 0;
  const types: SqlType[] = [];
  for (const [i, value] of values.entries()) {
    const wanted = patternAt(i);
    const type = wanted.name === 'ANY' ? anyType(wanted, value) : resolved(wanted, variable);
    const one = type === undefined ? undefined : cost(value, type);
    if (type === undefined || one === undefined) return undefined;
    types.push(type);
    total += one;
  }
  return { signature, types, variable, cost: total };
}

function anyType(wanted: Pattern, value: Expression): SqlType | undefined {
  if (!wanted.array) return value.type;
  return value.type.kind === 'ARRAY' ? value.type : undefined;
}

/** What T is: the type to which all arguments that are of it are converted. */
function variableType(
  values: readonly Expression[],
  patternAt: (i: number) => Pattern,
): SqlType | undefined | 'none' {
  const seen: Expression[] = [];
  for (const [i, value] of values.entries()) {
    const wanted = patternAt(i);
    if (wanted.name !== 'T') continue;
    if (!wanted.array) seen.push(value);
    else if (value.type.kind === 'ARRAY')
      seen.push({ ...composed('', value.type.element), coercible: value.coercible });
    else if (!isNull(value)) return 'none';
  }
  return seen.length === 0 ? undefined : (superType(seen) ?? 'none');
}

function resolved(wanted: Pattern, variable: SqlType | undefined): SqlType {
  const single = wanted.name === 'T' ? (variable ?? scalar('INT64')) : scalar(wanted.name as ScalarType);
  return wanted.array ? arrayOf(single) : single;
}

function noMatch(
  name: string,
  signatures: readonly Signature[],
  values: readonly Expression[],
  at: SyntaxNode,
): Error {
  const types = values.map((value) => (isNull(value) ? 'NULL' : typeName(value.type))).join(', ');
  const given =
    values.length === 0
      ? 'with no arguments'
      : `for argument type${values.length === 1 ? '' : 's'}: ${types}`;
  const known = signatures.map(({ parameters, repeated }) => {
    const names = parameters.map(({ array, name: one }) => (array ? `ARRAY<${one}>` : one));
    return `${name}(${names.join(', ')}${repeated ? ', ...' : ''})`;
  });
  return invalid(
    at,
    `No matching signature for function ${name} ${given}. Supported signature${known.length === 1 ? '' : 's'}: ${[...new Set(known)].join('; ')}`,
  );
}
