import { coerced, cost, superType } from './coercion.js';
import { expression } from './compile.js';
import { unnestArgument } from './constructors.js';
import { equalSql } from './equality.js';
import { boundOnce, composed, type Expression, isNull, type Limits, limitsOf, once } from './expression.js';
import type { Scope } from './scope.js';
import { child, has, invalid, keyword, list, need, notSupported, only, type SyntaxNode } from './syntax.js';
import { arrayOf, BOOL, FLOAT64, INT64, type SqlType, STRING, scalar, typeName } from './types.js';

export function unary(node: SyntaxNode, scope: Scope): Expression {
  const operator = keyword(node);
  const right = need(node, 'right');
  const value = expression(right, scope);
  if (operator === 'NOT') {
    if (cost(value, BOOL) === undefined) throw mismatch('NOT', node, value);
    return composed(`(NOT ${coerced(value, BOOL, right).sql})`, BOOL, value);
  }
  if (operator === '~') {
    if (value.type.kind !== 'INT64') throw mismatch('~', node, value);
    return composed(`(~ ${value.sql})`, INT64, value);
  }
  if (!['INT64', 'FLOAT64', 'NUMERIC', 'INTERVAL'].includes(value.type.kind))
    throw mismatch(operator, node, value);
  if (operator === '+') return { ...value, name: '' };
  if (operator === '-') return composed(`(- ${value.sql})`, value.type, value);
  throw notSupported(operator, node);
}

export function binary(node: SyntaxNode, scope: Scope): Expression {
  const operator = keyword(node);
  if (operator === 'IS') return isOperator(node, scope);
  if (operator === 'LIKE') return likeOperator(node, scope);
  refuseQuantifier(node, operator);
  const left = expression(need(node, 'left'), scope);
  const right = expression(need(node, 'right'), scope);
  if (operator === 'AND' || operator === 'OR') return logical(operator, left, right, node);
  if (['=', '!=', '<>', '<', '<=', '>', '>='].includes(operator))
    return comparison(operator, left, right, node);
  if (['+', '-', '*', '/'].includes(operator)) return arithmetic(operator, left, right, node);
  if (operator === '||') return concatenation(left, right, node);
  if (operator in BITS) return bits(operator, left, right, node);
  throw notSupported(operator, node);
}

/** Of GoogleSQL's operators LIKE alone takes ANY, SOME and ALL. */
function refuseQuantifier(node: SyntaxNode, operator: string): void {
  const quantifier = child(node, 'quantifier');
  if (quantifier === undefined) return;
  const word = keyword(quantifier);
  throw invalid(
    quantifier,
    `Syntax error: Unexpected keyword ${word}: ${operator} cannot be followed by ${word}; write IN (…), EXISTS (…) or a comparison with MIN or MAX of the rows`,
  );
}

export function mismatch(operator: string, node: SyntaxNode, ...operands: readonly Expression[]): Error {
  const types = operands.map((one) => (isNull(one) ? 'NULL' : typeName(one.type))).join(', ');
  return invalid(
    node,
    `No matching signature for operator ${operator} for argument type${operands.length === 1 ? '' : 's'}: ${types}`,
  );
}

function logical(operator: string, left: Expression, right: Expression, node: SyntaxNode): Expression {
  if (cost(left, BOOL) === undefined || cost(right, BOOL) === undefined)
    throw mismatch(operator, node, left, right);
  const [a, b] = [coerced(left, BOOL, node), coerced(right, BOOL, node)];
  return composed(`(${a.sql} ${operator} ${b.sql})`, BOOL, left, right);
}

/** Both sides in one type, or BigQuery's refusal. */
function alike(
  operator: string,
  left: Expression,
  right: Expression,
  node: SyntaxNode,
): [Expression, Expression] {
  const type = superType([left, right]);
  const equality = operator === '=' || operator === '!=' || operator === '<>' || operator === 'IN';
  if (type === undefined || !comparable(type, equality)) throw mismatch(operator, node, left, right);
  return [coerced(left, type, node), coerced(right, type, node)];
}

export function comparable(type: SqlType, equality: boolean): boolean {
  if (type.kind === 'ARRAY' || type.kind === 'JSON') return false;
  return type.kind !== 'STRUCT' || (equality && type.fields.every((field) => comparable(field.type, true)));
}

function comparison(operator: string, left: Expression, right: Expression, node: SyntaxNode): Expression {
  const [a, b] = alike(operator, left, right, node);
  if (a.type.kind === 'STRUCT') {
    const equal = equalSql(a, b, a.type);
    return composed(operator === '=' ? equal : `(NOT ${equal})`, BOOL, left, right);
  }
  return composed(`(${a.sql} ${operator === '!=' ? '<>' : operator} ${b.sql})`, BOOL, left, right);
}

function arithmetic(operator: string, left: Expression, right: Expression, node: SyntaxNode): Expression {
  const dates = dateArithmetic(operator, left, right);
  if (dates !== undefined) return dates;
  const type = numberType(operator, left, right);
  if (type === undefined && isScaledInterval(operator, left, right))
    throw notSupported(`INTERVAL ${operator} INT64`, node);
  if (type === undefined) throw mismatch(operator, node, left, right);
  const [a, b] = [coerced(left, type, node), coerced(right, type, node)];
  if (operator === '/') {
    return composed(
      `${type.kind === 'NUMERIC' ? 'bq_divide_numeric' : 'bq_divide'}(${a.sql}, ${b.sql})`,
      type,
      left,
      right,
    );
  }
  const sql = `(${a.sql} ${operator} ${b.sql})`;
  return composed(type.kind === 'NUMERIC' ? `CAST(${sql} AS DECIMAL(38,9))` : sql, type, left, right);
}

function isScaledInterval(operator: string, left: Expression, right: Expression): boolean {
  const kinds = [left.type.kind, right.type.kind];
  return (
    (operator === '*' && kinds.includes('INTERVAL') && kinds.includes('INT64')) ||
    (operator === '/' && kinds[0] === 'INTERVAL' && kinds[1] === 'INT64')
  );
}

function numberType(operator: string, left: Expression, right: Expression): SqlType | undefined {
  const order = operator === '/' ? [FLOAT64, scalar('NUMERIC')] : [INT64, scalar('NUMERIC'), FLOAT64];
  const kinds = [left, right].filter((one) => !isNull(one)).map((one) => one.type.kind);
  if (!kinds.every((kind) => kind === 'INT64' || kind === 'NUMERIC' || kind === 'FLOAT64')) return undefined;
  if (kinds.includes('NUMERIC')) {
    const numeric = scalar('NUMERIC');
    const exact = [left, right].every((one) => cost(one, numeric) !== undefined);
    return exact ? numeric : FLOAT64;
  }
  return kinds.includes('FLOAT64') ? FLOAT64 : order[0];
}

function dateArithmetic(operator: string, left: Expression, right: Expression): Expression | undefined {
  if (operator !== '+' && operator !== '-') return undefined;
  const [a, b] = [left.type.kind, right.type.kind];
  // A month of a TIMESTAMP has no length without a time zone.
  const [one, other] = [left, right].map(({ sql, type }, i) =>
    type.kind === 'INTERVAL' && (i === 0 ? b : a) === 'TIMESTAMP' ? `bq_without_months(${sql})` : sql,
  );
  const sql = `(${one} ${operator} ${other})`;
  if (a === 'DATE' && b === 'INT64') {
    return composed(`bq_date(${left.sql} ${operator} CAST(${right.sql} AS INTEGER))`, left.type, left, right);
  }
  if (operator === '+' && a === 'INT64' && b === 'DATE') {
    return composed(`bq_date(${right.sql} + CAST(${left.sql} AS INTEGER))`, right.type, left, right);
  }
  if (b === 'INTERVAL' && (a === 'DATE' || a === 'DATETIME' || a === 'TIMESTAMP' || a === 'INTERVAL')) {
    return composed(sql, a === 'DATE' ? scalar('DATETIME') : left.type, left, right);
  }
  if (operator === '+' && a === 'INTERVAL' && (b === 'DATE' || b === 'DATETIME' || b === 'TIMESTAMP')) {
    return composed(sql, b === 'DATE' ? scalar('DATETIME') : right.type, left, right);
  }
  if (operator === '-' && a === b && (a === 'TIMESTAMP' || a === 'DATETIME')) {
    const micros = `(epoch_us(${left.sql}) - epoch_us(${right.sql}))`;
    return composed(`to_microseconds(${micros})`, scalar('INTERVAL'), left, right);
  }
  if (operator === '-' && a === 'DATE' && b === 'DATE') {
    return composed(`to_days(CAST(${left.sql} - ${right.sql} AS INTEGER))`, scalar('INTERVAL'), left, right);
  }
  return undefined;
}

function concatenation(left: Expression, right: Expression, node: SyntaxNode): Expression {
  const type = superType([left, right]);
  if (type === undefined || !['STRING', 'BYTES', 'ARRAY'].includes(type.kind))
    throw mismatch('||', node, left, right);
  const [a, b] = [coerced(left, type, node), coerced(right, type, node)];
  // DuckDB's || of a list and NULL is the list.
  const sql = JOINED[type.kind]?.(a.sql, b.sql, limitsOf([left, right])) ?? `(${a.sql} || ${b.sql})`;
  return composed(sql, type, left, right);
}

const JOINED: Readonly<Record<string, (a: string, b: string, limits: Limits) => string>> = {
  ARRAY: (a, b, { elements }) => `bq_array_concat(${a}, ${b}, ${elements})`,
  STRING: (a, b, { joinedBytes }) => `bq_joined(${a}, ${b}, ${joinedBytes})`,
};

const BITS: Readonly<Record<string, (a: string, b: string) => string>> = {
  '&': (a, b) => `(${a} & ${b})`,
  '|': (a, b) => `(${a} | ${b})`,
  '^': (a, b) => `xor(${a}, ${b})`,
  '<<': (a, b) => `bq_shift_left(${a}, ${b})`,
  '>>': (a, b) => `bq_shift_right(${a}, ${b})`,
};

function bits(operator: string, left: Expression, right: Expression, node: SyntaxNode): Expression {
  if (cost(left, INT64) === undefined || cost(right, INT64) === undefined)
    throw mismatch(operator, node, left, right);
  const [a, b] = [coerced(left, INT64, node), coerced(right, INT64, node)];
  return composed(BITS[operator]!(a.sql, b.sql), INT64, left, right);
}

function isOperator(node: SyntaxNode, scope: Scope): Expression {
  const left = expression(need(node, 'left'), scope);
  const what = keyword(need(node, 'right'));
  const not = has(node, 'not') ? 'NOT ' : '';
  if (what === 'NULL') return composed(`(${left.sql} IS ${not}NULL)`, BOOL, left);
  if (what === 'TRUE' || what === 'FALSE') {
    if (cost(left, BOOL) === undefined) throw mismatch(`IS ${what}`, node, left);
    return composed(`(${coerced(left, BOOL, node).sql} IS ${not}${what})`, BOOL, left);
  }
  throw notSupported(`IS ${what}`, node);
}

function likeOperator(node: SyntaxNode, scope: Scope): Expression {
  const left = expression(need(node, 'left'), scope);
  const quantifier = child(node, 'quantifier');
  const right = need(node, 'right');
  const array = quantifier === undefined ? undefined : patternArray(right, scope);
  const rights =
    array === undefined ? likePatterns(right, quantifier).map((one) => expression(one, scope)) : [array];
  const textual = (one: Expression) => cost(one, array === one ? arrayOf(STRING) : STRING) !== undefined;
  if (![left, ...rights].every(textual)) throw mismatch('LIKE', node, left, ...rights);
  const like = has(node, 'not') ? 'NOT LIKE' : 'LIKE';
  const all = quantifier !== undefined && keyword(quantifier) === 'ALL';
  if (array !== undefined) {
    const sqls = [coerced(left, STRING, node).sql, coerced(array, arrayOf(STRING), node).sql];
    return { ...composed(likeArray(sqls, like, all), BOOL, left, array), closed: true };
  }
  const sqls = [left, ...rights].map((one) => coerced(one, STRING, node).sql);
  const sql = once(sqls, ([text, ...patterns]) => {
    const tests = patterns.map((pattern) => `(${text} ${like} ${pattern} ESCAPE '\\')`);
    return tests.length === 1 ? tests[0]! : `(${tests.join(all ? ' AND ' : ' OR ')})`;
  });
  return composed(sql, BOOL, left, ...rights);
}

/** Each pattern is asked; as with OR and AND, an answer of NULL counts where no other decides. */
function likeArray(sqls: readonly string[], like: string, all: boolean): string {
  return boundOnce(sqls, ([text, patterns]) => {
    const answers = `list_transform(${patterns}, lambda e: ${text} ${like} e ESCAPE '\\')`;
    return `bq_like_${all ? 'all' : 'any'}(${answers})`;
  });
}

/** `LIKE ANY UNNEST(array)`, `LIKE ANY (SELECT pattern …)`: the patterns as an array. */
function patternArray(node: SyntaxNode, scope: Scope): Expression | undefined {
  if (node.node_type === 'GroupedStatement') {
    const subquery = expression(node, scope);
    return { ...subquery, sql: `ARRAY${subquery.sql}`, type: arrayOf(subquery.type) };
  }
  const isUnnest = node.node_type === 'CallingFunction' && keyword(need(node, 'func')) === 'UNNEST';
  return isUnnest || node.node_type === 'CallingUnnest' ? unnestArgument(node, scope) : undefined;
}

/** `LIKE pattern`, `LIKE ANY (pattern, …)`. */
function likePatterns(node: SyntaxNode, quantifier: SyntaxNode | undefined): readonly SyntaxNode[] {
  if (quantifier === undefined) return [node];
  if (node.node_type === 'GroupedExpr') return [need(node, 'expr')];
  if (node.node_type === 'StructLiteral' && child(node, 'type') === undefined) return list(node, 'exprs');
  throw notSupported(`LIKE ${keyword(quantifier)} of what is no list, no UNNEST and no query`, node);
}

export function isDistinct(node: SyntaxNode, scope: Scope): Expression {
  const left = expression(need(node, 'left'), scope);
  const right = expression(need(node, 'right'), scope);
  const [a, b] = alike('=', left, right, node);
  return composed(`(${a.sql} IS ${has(node, 'not') ? 'NOT ' : ''}DISTINCT FROM ${b.sql})`, BOOL, left, right);
}

const INTERVAL_PARTS: Readonly<Record<string, string>> = {
  YEAR: 'to_years',
  QUARTER: 'to_quarters',
  MONTH: 'to_months',
  WEEK: 'to_weeks',
  DAY: 'to_days',
  HOUR: 'to_hours',
  MINUTE: 'to_minutes',
  SECOND: 'to_seconds',
  MILLISECOND: 'to_milliseconds',
  MICROSECOND: 'to_microseconds',
};

/** DuckDB counts days and longer as INTEGER, seconds as DOUBLE and the rest as BIGINT. */
const INTEGER_PARTS = new Set(['YEAR', 'QUARTER', 'MONTH', 'WEEK', 'DAY']);

export function intervalLiteral(node: SyntaxNode, scope: Scope): Expression {
  if (child(node, 'to_date_part') !== undefined) throw notSupported('INTERVAL with a range of parts', node);
  only(node, 'expr', 'date_part', 'as', 'alias');
  const amount = expression(need(node, 'expr'), scope);
  if (amount.type.kind !== 'INT64')
    throw invalid(node, `INTERVAL needs an INT64, not ${typeName(amount.type)}`);
  return intervalOf(amount, keyword(need(node, 'date_part')), node);
}

export function intervalOf(amount: Expression, part: string, node: SyntaxNode): Expression {
  const make = INTERVAL_PARTS[part];
  if (make === undefined) throw invalid(node, `Unsupported INTERVAL part: ${part}`);
  const count = INTEGER_PARTS.has(part) ? `CAST(${amount.sql} AS INTEGER)` : amount.sql;
  return composed(`${make}(${count})`, scalar('INTERVAL'), amount);
}
