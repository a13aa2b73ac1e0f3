import { AGGREGATES, ANALYTICS, aggregateCall, analyticCall } from './aggregates.js';
import { castCall, castSql } from './casts.js';
import { coerced } from './coercion.js';
import { expression } from './compile.js';
import { addOrSubtract, bucket, difference, extract, lastDay, truncate } from './date-parts.js';
import { equalSql } from './equality.js';
import { composed, type Expression, isNull, once } from './expression.js';
import { formatCalls } from './formats.js';
import { SCALARS, UNSUPPORTED } from './functions/catalog.js';
import { callSignature } from './functions/signature.js';
import { jsonCalls } from './json.js';
import { identifierName } from './literals.js';
import { normalize } from './normalize.js';
import { comparable, mismatch } from './operators.js';
import { regularExpressionPlace } from './regular-expression-places.js';
import { regularExpressionCalls } from './regular-expressions.js';
import { pathNames, type Scope, suggestion } from './scope.js';
import { has, invalid, keyword, list, need, notSupported, only, type SyntaxNode } from './syntax.js';
import { isBigNumeric, NO_BIGNUMERIC, STRING } from './types.js';
import { userFunctionCall } from './user-functions.js';
import { withExpression } from './with-expression.js';

type SpecialCall = (node: SyntaxNode, scope: Scope, name: string) => Expression;

/** Functions that take more than values: types, date parts, formats that must be known. */
const SPECIAL_CALLS: Readonly<Record<string, SpecialCall>> = {
  CAST: (node, scope) => castCall(node, scope, false),
  SAFE_CAST: (node, scope) => castCall(node, scope, true),
  EXTRACT: extract,
  CONCAT: concat,
  LAST_DAY: lastDay,
  NORMALIZE: normalize,
  NULLIF: nullIf,
  WITH: withExpression,
  ...each(['DATE', 'DATETIME', 'TIMESTAMP', 'TIME'], ['ADD', 'SUB'], addOrSubtract),
  ...each(['DATE', 'DATETIME', 'TIMESTAMP', 'TIME'], ['DIFF'], difference),
  ...each(['DATE', 'DATETIME', 'TIMESTAMP', 'TIME'], ['TRUNC'], truncate),
  ...each(['DATE', 'DATETIME', 'TIMESTAMP'], ['BUCKET'], bucket),
  ...formatCalls,
  ...jsonCalls,
  ...regularExpressionCalls,
  REGEXP_INSTR: regularExpressionPlace,
};

function each(
  kinds: readonly string[],
  actions: readonly string[],
  call: SpecialCall,
): Record<string, SpecialCall> {
  return Object.fromEntries(kinds.flatMap((kind) => actions.map((action) => [`${kind}_${action}`, call])));
}

/** A call; `name` and `nodes` are given for functions that are called without brackets. */
export function callFunction(node: SyntaxNode, scope: Scope, bare?: string): Expression {
  if (bare !== undefined) return callSignature(bare, SCALARS.get(bare)!, [], [], node);
  const { name, safe } = functionName(node);
  if (safe && (AGGREGATES.has(name) || ANALYTICS.has(name))) {
    throw invalid(node, `Function ${name} does not support SAFE error mode`);
  }
  const found = called(node, scope, name, safe);
  if (!safe || SCALARS.has(name)) return found;
  if (found.closed === true) throw notSupported(`SAFE.${name} of an aggregate or a subquery`, node);
  return { ...found, sql: `TRY(${found.sql})` };
}

function functionName(node: SyntaxNode): { name: string; safe: boolean } {
  const names = pathNames(need(node, 'func'));
  if (names === undefined) throw notSupported('A call of this kind', node);
  const words = names.map((one) => identifierName(one).toUpperCase());
  const safe = words[0] === 'SAFE' && words.length > 1;
  return { name: (safe ? words.slice(1) : words).join('.'), safe };
}

function called(node: SyntaxNode, scope: Scope, name: string, safe: boolean): Expression {
  const user = scope.translation.session.functions.get(name.toLowerCase());
  if (user !== undefined) return userFunctionCall(user, node, scope);
  if (has(node, 'over')) {
    if (!ANALYTICS.has(name) && !AGGREGATES.has(name))
      throw missing(name, node, `Function ${name} does not support an OVER clause`);
    return analyticCall(node, scope, name);
  }
  if (AGGREGATES.has(name)) return aggregateCall(node, scope, name);
  if (ANALYTICS.has(name))
    throw invalid(node, `Analytic function ${name} cannot be called without an OVER clause`);
  const special = SPECIAL_CALLS[name];
  if (special !== undefined) return special(node, scope, name);
  const signatures = SCALARS.get(name);
  if (signatures === undefined) throw missing(name, node);
  only(node, 'func', 'args', 'as', 'alias', 'order', 'null_order');
  const nodes = list(node, 'args');
  const values = nodes.map((one) => argument(one, scope, name));
  return callSignature(name, signatures, values, nodes, node, safe);
}

/** Values that are no texts are written as CAST writes them, where one of them is a text. */
function concat(node: SyntaxNode, scope: Scope, name: string): Expression {
  only(node, 'func', 'args', 'as', 'alias', 'order', 'null_order');
  const nodes = list(node, 'args');
  const values = nodes.map((one) => argument(one, scope, name));
  const texts = values.map((value) => {
    const sql = castSql(value.sql, value.type, STRING);
    const stays = value.type.kind === 'STRING' || value.type.kind === 'BYTES' || isNull(value);
    return stays || sql === undefined ? value : composed(sql, STRING, value);
  });
  return callSignature(name, SCALARS.get(name)!, texts, nodes, node);
}

/** What NULLIF compares must be comparable by `=`, which for STRUCTs goes field by field. */
function nullIf(node: SyntaxNode, scope: Scope, name: string): Expression {
  only(node, 'func', 'args', 'as', 'alias', 'order', 'null_order');
  const nodes = list(node, 'args');
  const values = nodes.map((one) => argument(one, scope, name));
  const found = callSignature(name, SCALARS.get(name)!, values, nodes, node);
  const { type } = found;
  if (!comparable(type, true)) throw mismatch(name, node, ...values);
  if (type.kind !== 'STRUCT') return found;
  const sqls = values.map((value, i) => coerced(value, type, nodes[i]!).sql);
  const sql = once(
    sqls,
    ([a, b]) => `(CASE WHEN ${equalSql({ sql: a! }, { sql: b! }, type)} THEN NULL ELSE ${a} END)`,
  );
  return composed(sql, type, ...values);
}

function argument(node: SyntaxNode, scope: Scope, name: string): Expression {
  if (node.node_type === 'BinaryOperator' && keyword(node) === '=>')
    throw notSupported(`A named argument of ${name}`, node);
  if (node.node_type === 'SelectStatement' || node.node_type === 'Asterisk')
    throw invalid(node, `Syntax error: Unexpected argument of ${name}`);
  return expression(node, scope);
}

function missing(name: string, node: SyntaxNode, message?: string): Error {
  if (isBigNumeric(name)) return invalid(node, NO_BIGNUMERIC);
  if (UNSUPPORTED.has(name)) return notSupported(`The function ${name}`, node);
  const known = [...SCALARS.keys(), ...AGGREGATES.keys(), ...ANALYTICS.keys(), ...Object.keys(SPECIAL_CALLS)];
  return invalid(node, message ?? `Function not found: ${name}${suggestion(name, known)}`);
}

/** For lists of what there is. */
export function allFunctionNames(): string[] {
  return [
    ...new Set([
      ...SCALARS.keys(),
      ...AGGREGATES.keys(),
      ...ANALYTICS.keys(),
      ...Object.keys(SPECIAL_CALLS),
      'ARRAY',
      'EXISTS',
      'STRUCT',
      'UNNEST',
    ]),
  ].sort();
}
