import { access } from './access.js';
import { callFunction } from './calls.js';
import { coerced, cost, superType } from './coercion.js';
import { arrayLiteral, structLiteral } from './constructors.js';
import { equalSql } from './equality.js';
import { checkLength, composed, type Expression, literalExpression, tooComplex } from './expression.js';
import { inMemberOrder } from './json-order.js';
import { numericLiteral, stringLiteral, stringValue, timeLiteral } from './literals.js';
import { binary, intervalLiteral, isDistinct, unary } from './operators.js';
import { errorVariable, parameterValue } from './parameters.js';
import { fieldOf, qualifiedColumn, resolveName, type Scope } from './scope.js';
import { arraySubquery, existsSubquery, inOperator, scalarSubquery } from './subqueries.js';
import {
  child,
  has,
  invalid,
  keyword,
  list,
  need,
  notSupported,
  only,
  type SyntaxNode,
  textOf,
} from './syntax.js';
import { BOOL, INT64, isBigNumeric, NO_BIGNUMERIC, quoteText, scalar, typeName } from './types.js';

/** What any operand may carry that belongs to whoever lists it: SELECT, ORDER BY, a STRUCT. */
const LISTED = ['as', 'alias', 'order', 'null_order'];

/** An expression that stands alone: no alias, no direction. */
export function expression(node: SyntaxNode, scope: Scope): Expression {
  refuseListed(node);
  return listed(node, scope);
}

function refuseListed(node: SyntaxNode): void {
  for (const name of LISTED) {
    const extra = child(node, name) ?? list(node, name)[0];
    if (extra !== undefined) throw invalid(extra, `Syntax error: Unexpected ${textOf(extra)}`);
  }
}

/** An expression in a list whose reader looks at alias and direction. */
export function listed(node: SyntaxNode, scope: Scope): Expression {
  const { budget } = scope.translation;
  if (--budget.left < 0) throw tooComplex();
  const found = translated(node, scope);
  checkLength(found.sql);
  if (found.references.length === 0 || scope.groupKeys?.has(found.sql) !== true) return found;
  return { ...found, references: found.references.filter(({ level }) => level !== scope) };
}

type Reader = (node: SyntaxNode, scope: Scope) => Expression;

const READERS: Readonly<Record<string, Reader>> = {
  NumericLiteral: (node) => allow(node, [], () => numericLiteral(node)),
  StringLiteral: (node) => allow(node, [], () => stringLiteral(node)),
  BooleanLiteral: (node) => {
    const value = keyword(node) === 'TRUE';
    return literalExpression(value ? 'true' : 'false', BOOL, value);
  },
  NullLiteral: () => literalExpression('NULL', INT64, null),
  Parameter: (node, scope) => parameterValue(node, scope),
  Identifier: (node, scope) => identifier(node, scope),
  DotOperator: (node, scope) => path(node, scope),
  GroupedExpr: (node, scope) =>
    allow(node, ['expr'], () => ({ ...expression(need(node, 'expr'), scope), name: '' })),
  UnaryOperator: (node, scope) => allow(node, ['right'], () => unaryOrLiteral(node, scope)),
  BinaryOperator: (node, scope) =>
    allow(node, ['left', 'right', 'not', 'quantifier'], () => binary(node, scope)),
  IsDistinctFromOperator: (node, scope) =>
    allow(node, ['left', 'right', 'not', 'distinct', 'from'], () => isDistinct(node, scope)),
  BetweenOperator: (node, scope) =>
    allow(node, ['left', 'not', 'right_min', 'right_max', 'and'], () => between(node, scope)),
  InOperator: (node, scope) => allow(node, ['left', 'not', 'right'], () => inOperator(node, scope)),
  CaseExpr: (node, scope) => allow(node, ['expr', 'arms', 'end'], () => caseExpression(node, scope)),
  AccessOperator: (node, scope) => allow(node, ['left', 'right'], () => access(node, scope)),
  ArrayLiteral: (node, scope) => allow(node, ['type', 'exprs'], () => arrayLiteral(node, scope)),
  StructLiteral: (node, scope) => allow(node, ['type', 'exprs'], () => structLiteral(node, scope)),
  IntervalLiteral: (node, scope) => intervalLiteral(node, scope),
  GroupedStatement: (node, scope) => scalarSubquery(node, scope),
  CallingFunction: (node, scope) => call(node, scope),
};

function translated(node: SyntaxNode, scope: Scope): Expression {
  const reader = READERS[node.node_type];
  if (reader === undefined) throw notSupported(textOf(node), node);
  return reader(node, scope);
}

function allow(node: SyntaxNode, names: readonly string[], read: () => Expression): Expression {
  only(node, ...names, ...LISTED);
  return read();
}

const BARE_FUNCTIONS = new Set(['CURRENT_DATE', 'CURRENT_TIMESTAMP', 'CURRENT_DATETIME', 'CURRENT_TIME']);

function identifier(node: SyntaxNode, scope: Scope): Expression {
  only(node, ...LISTED);
  if (BARE_FUNCTIONS.has(keyword(node))) return callFunction(node, scope, keyword(node));
  if (keyword(node) === 'DEFAULT') throw invalid(node, 'Syntax error: Unexpected keyword DEFAULT');
  return resolveName(node, scope);
}

/** A column of a table, a field of a value. */
function path(node: SyntaxNode, scope: Scope): Expression {
  only(node, 'left', 'right', ...LISTED);
  const [left, right] = [need(node, 'left'), need(node, 'right')];
  refuseListed(right);
  if (right.node_type !== 'Identifier') throw notSupported(textOf(right), right);
  if (left.node_type === 'Identifier') {
    const column = qualifiedColumn(left, right, scope);
    if (column !== undefined) return column;
  }
  if (textOf(left) === '@@error') return errorVariable(right, scope);
  return fieldOf(expression(left, scope), right);
}

const TIME_TYPES = ['DATE', 'DATETIME', 'TIME', 'TIMESTAMP'] as const;

/** `DATE '2024-01-01'` is parsed as an operator before a literal. */
function unaryOrLiteral(node: SyntaxNode, scope: Scope): Expression {
  const operator = keyword(node);
  const right = need(node, 'right');
  if (/^(R|B|RB|BR)$/.test(operator) && right.node_type === 'StringLiteral') {
    return stringLiteral(prefixedLiteral(node, right));
  }
  const time = TIME_TYPES.find((kind) => kind === operator);
  if (time !== undefined) return timeLiteral(stringValue(right), scalar(time), node);
  if (operator === 'NUMERIC' || operator === 'DECIMAL') return numericText(stringValue(right), node);
  if (operator === 'JSON') return jsonText(stringValue(right), node);
  if (isBigNumeric(operator)) throw invalid(node, NO_BIGNUMERIC);
  if (operator === '-' && right.node_type === 'NumericLiteral') return numericLiteral(right, true);
  if (/^[A-Z]/.test(operator) && operator !== 'NOT') throw notSupported(operator, node);
  return unary(node, scope);
}

/** r'…' and b'…' come apart. */
function prefixedLiteral(node: SyntaxNode, literal: SyntaxNode): SyntaxNode {
  return { ...literal, token: { ...literal.token!, literal: textOf(node) + textOf(literal) } };
}

function numericText(text: string, node: SyntaxNode): Expression {
  if (!/^\s*[+-]?(\d{1,29}(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*$/.test(text)) {
    throw invalid(node, `Invalid NUMERIC literal: ${JSON.stringify(text)}`);
  }
  return literalExpression(`CAST('${text.trim()}' AS DECIMAL(38,9))`, scalar('NUMERIC'), text);
}

function jsonText(text: string, node: SyntaxNode): Expression {
  try {
    JSON.parse(text);
  } catch {
    throw invalid(node, `Invalid JSON literal: ${JSON.stringify(text)}`);
  }
  return { ...composed(`json(${quoteText(inMemberOrder(text))})`, scalar('JSON')), literal: { value: text } };
}

function between(node: SyntaxNode, scope: Scope): Expression {
  const nodes = [need(node, 'left'), need(node, 'right_min'), need(node, 'right_max')];
  const operands = nodes.map((one) => expression(one, scope));
  const type = superType(operands);
  if (type === undefined || type.kind === 'ARRAY' || type.kind === 'STRUCT' || type.kind === 'JSON') {
    const types = operands.map((one) => typeName(one.type)).join(', ');
    throw invalid(node, `No matching signature for operator BETWEEN for argument types: ${types}`);
  }
  const [value, low, high] = operands.map((one, i) => coerced(one, type, nodes[i]!));
  const sql = `bq_between(${value!.sql}, ${low!.sql}, ${high!.sql})`;
  return composed(has(node, 'not') ? `(NOT ${sql})` : sql, BOOL, value!, low!, high!);
}

function caseExpression(node: SyntaxNode, scope: Scope): Expression {
  const subject = child(node, 'expr');
  const arms = list(node, 'arms');
  const whens = arms.filter((arm) => has(arm, 'expr'));
  const conditionNodes = whens.map((arm) => need(arm, 'expr'));
  const resultNodes = arms.map((arm) => need(arm, 'result'));
  for (const arm of arms) only(arm, 'expr', 'then', 'result');
  const conditions = conditionNodes.map((one) => expression(one, scope));
  const results = resultNodes.map((one) => expression(one, scope));
  const type = superType(results);
  if (type === undefined) {
    const types = results.map((one) => typeName(one.type)).join(', ');
    throw invalid(
      node,
      `No matching signature for operator CASE; all THEN/ELSE arguments must be coercible to a common type but found: ${types}`,
    );
  }
  const tests =
    subject === undefined
      ? booleans(conditions, conditionNodes)
      : comparisons(subject, conditions, node, scope);
  const values = results.map((one, i) => coerced(one, type, resultNodes[i]!));
  const branches = tests.map((test, i) => `WHEN ${test.sql} THEN ${values[i]!.sql}`);
  const last = arms.length > whens.length ? ` ELSE ${values.at(-1)!.sql}` : '';
  return composed(`(CASE ${branches.join(' ')}${last} END)`, type, ...tests, ...values);
}

function booleans(conditions: readonly Expression[], nodes: readonly SyntaxNode[]): Expression[] {
  return conditions.map((condition, i) => {
    if (cost(condition, BOOL) === undefined) {
      throw invalid(nodes[i]!, `CASE condition must be of type BOOL, but is ${typeName(condition.type)}`);
    }
    return coerced(condition, BOOL, nodes[i]!);
  });
}

function comparisons(
  subject: SyntaxNode,
  conditions: readonly Expression[],
  node: SyntaxNode,
  scope: Scope,
): Expression[] {
  const value = expression(subject, scope);
  const type = superType([value, ...conditions]);
  if (type === undefined) {
    const types = [value, ...conditions].map((one) => typeName(one.type)).join(', ');
    throw invalid(node, `No matching signature for operator CASE for argument types: ${types}`);
  }
  const left = coerced(value, type, subject);
  return conditions.map((one) => composed(equalSql(left, coerced(one, type, node), type), BOOL, left, one));
}

function call(node: SyntaxNode, scope: Scope): Expression {
  const name = need(node, 'func');
  if (name.node_type === 'Identifier') {
    const word = keyword(name);
    if (word === 'EXISTS') return existsSubquery(node, scope);
    if (word === 'ARRAY') return arraySubquery(node, scope);
  }
  return callFunction(node, scope);
}
