import { arraySql, structSql } from './coercion.js';
import { composed, type Expression, literalExpression } from './expression.js';
import { inMemberOrder } from './json-order.js';
import { bytesSql, floatSql, integerSql, timeLiteral } from './literals.js';
import { type ParameterType, type ParameterValue, type QueryParameter, SqlError } from './plan.js';
import type { Scope } from './scope.js';
import { invalid, keyword, notSupported, only, type SyntaxNode, textOf } from './syntax.js';
import { scalarNamed } from './type-syntax.js';
import {
  arrayOf,
  duckDbType,
  fieldName,
  isBigNumeric,
  NO_BIGNUMERIC,
  quoteText,
  type SqlType,
  STRING,
  scalar,
} from './types.js';

/** `@name` and `?`, as literals: their values are known before the statement is. */
export function parameterValue(node: SyntaxNode, scope: Scope): Expression {
  only(node, 'as', 'alias', 'order', 'null_order');
  const text = textOf(node);
  if (text.startsWith('@@')) return systemVariable(text, node);
  const parameters = scope.translation.options.parameters ?? [];
  const parameter =
    text === '?' ? positional(parameters, scope, node) : named(text.slice(1), parameters, node);
  const type = parameterSqlType(parameter.parameterType);
  return { ...value(parameter.parameterValue, type, parameter.name ?? '?', node), name: '' };
}

function systemVariable(text: string, node: SyntaxNode): Expression {
  if (text.toLowerCase() === '@@time_zone') return literalExpression("'UTC'", STRING, 'UTC');
  throw notSupported(`The system variable ${text}`, node);
}

/** `@@error.message`, where an error is handled. */
export function errorVariable(field: SyntaxNode, { translation }: Scope): Expression {
  if (keyword(field) !== 'MESSAGE') throw notSupported(`The system variable @@error.${textOf(field)}`, field);
  const { error } = translation.session;
  if (error === undefined) throw notSupported('@@error.message outside of EXCEPTION', field);
  return { ...composed(quoteText(error), STRING), name: 'message' };
}

function named(name: string, parameters: readonly QueryParameter[], node: SyntaxNode): QueryParameter {
  const wanted = (name.startsWith('`') ? name.slice(1, -1) : name).toLowerCase();
  const found = parameters.find((one) => one.name?.toLowerCase() === wanted);
  if (found === undefined) throw invalid(node, `Query parameter '${name}' not found`);
  return found;
}

function positional(parameters: readonly QueryParameter[], scope: Scope, node: SyntaxNode): QueryParameter {
  const index = scope.translation.counters.parameters++;
  const unnamed = parameters.filter(({ name }) => name === undefined || name === '');
  const found = unnamed[index];
  if (found === undefined)
    throw invalid(node, `Query parameter number ${index + 1} is not defined (${unnamed.length} provided)`);
  return found;
}

function parameterSqlType(given: ParameterType): SqlType {
  const name = given.type.toUpperCase();
  if (name === 'ARRAY' && given.arrayType !== undefined) return arrayOf(parameterSqlType(given.arrayType));
  if ((name === 'STRUCT' || name === 'RECORD') && given.structTypes !== undefined) {
    const fields = given.structTypes.map((field) => ({
      name: field.name ?? '',
      type: parameterSqlType(field.type),
    }));
    return { kind: 'STRUCT', fields };
  }
  const kind = name === 'FLOAT' ? 'FLOAT64' : scalarNamed(name);
  if (kind === undefined && isBigNumeric(name)) throw new SqlError('invalid', NO_BIGNUMERIC);
  if (kind === undefined)
    throw new SqlError('invalid', `Query parameters of type ${given.type} are not supported here.`);
  return scalar(kind);
}

function value(given: ParameterValue | undefined, type: SqlType, name: string, node: SyntaxNode): Expression {
  if (type.kind === 'ARRAY') {
    if (given?.arrayValues === undefined && given?.value == null) return nothing(arrayOf(type.element));
    const parts = (given.arrayValues ?? []).map((one) => value(one, type.element, name, node));
    return {
      ...literalExpression(arraySql(parts, type.element), type, undefined),
      literal: { value: parts.map(({ literal }) => literal?.value) },
      parts,
    };
  }
  if (type.kind === 'STRUCT') {
    if (given?.structValues === undefined) return nothing(type);
    const fields = given.structValues;
    const parts = type.fields.map((field, i) =>
      value(fields[fieldName(field, i)] ?? fields[field.name], field.type, name, node),
    );
    return { ...literalExpression(structSql(parts, type), type, undefined), parts };
  }
  if (given?.value == null) return nothing(type);
  return scalarValue(String(given.value), type, name, node);
}

function nothing(type: SqlType): Expression {
  const found = literalExpression(`CAST(NULL AS ${duckDbType(type)})`, type, undefined);
  return found;
}

function scalarValue(text: string, type: SqlType, name: string, node: SyntaxNode): Expression {
  const wrong = () =>
    new SqlError(
      'invalid',
      `Invalid value for type ${type.kind} in query parameter '${name}': ${JSON.stringify(text.slice(0, 100))}`,
    );
  switch (type.kind) {
    case 'INT64': {
      if (!/^[+-]?\d{1,19}$/.test(text.trim())) throw wrong();
      const number = BigInt(text.trim().replace(/^\+/, ''));
      if (BigInt.asIntN(64, number) !== number) throw wrong();
      return literalExpression(integerSql(number), type, number);
    }
    case 'FLOAT64': {
      const number = floatNamed(text.trim());
      if (number === undefined) throw wrong();
      return literalExpression(floatSql(number), type, number);
    }
    case 'NUMERIC':
      if (!/^[+-]?(\d{1,29}(\.\d{0,9})?|\.\d{1,9})$/.test(text.trim())) throw wrong();
      return literalExpression(`CAST('${text.trim()}' AS DECIMAL(38,9))`, type, text.trim());
    case 'BOOL':
      if (!/^(true|false)$/i.test(text)) throw wrong();
      return literalExpression(text.toLowerCase(), type, text.toLowerCase() === 'true');
    case 'BYTES':
      return literalExpression(bytesSql(Buffer.from(text, 'base64')), type, undefined);
    case 'STRING':
    case 'JSON':
      if (text.includes('\0')) throw wrong();
      return literalExpression(
        type.kind === 'JSON' ? `json(${quoteText(inMemberOrder(text))})` : quoteText(text),
        type,
        text,
      );
    default:
      return timeParameter(text, type, node, wrong);
  }
}

function floatNamed(text: string): number | undefined {
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (special !== null)
    return special[2]!.toLowerCase() === 'nan' ? Number.NaN : special[1] === '-' ? -Infinity : Infinity;
  const number = Number(text);
  return text === '' || Number.isNaN(number) ? undefined : number;
}

/** TIMESTAMP comes as text or, from some clients, with a T and a zone. */
function timeParameter(text: string, type: SqlType, node: SyntaxNode, wrong: () => SqlError): Expression {
  try {
    return timeLiteral(text.trim(), type, node);
  } catch {
    throw wrong();
  }
}
