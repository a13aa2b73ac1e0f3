import { composed, type Expression, isNull, literalExpression, once } from './expression.js';
import { floatSql, timeLiteral } from './literals.js';
import { invalid, type SyntaxNode } from './syntax.js';
import { coercionCost, duckDbType, fieldName, quoteText, type SqlType, sameType, typeName } from './types.js';

/** How far an expression is from a type; undefined where it is not converted by itself. */
export function cost(expression: Expression, type: SqlType): number | undefined {
  if (isNull(expression)) return 0;
  const { parts } = expression;
  if (parts !== undefined && !sameType(expression.type, type)) {
    if (type.kind === 'ARRAY' && expression.type.kind === 'ARRAY')
      return worst(parts.map((part) => cost(part, type.element)));
    if (type.kind === 'STRUCT' && expression.type.kind === 'STRUCT' && type.fields.length === parts.length) {
      return worst(parts.map((part, i) => cost(part, type.fields[i]!.type)));
    }
  }
  return coercionCost(expression.type, type, expression.coercible);
}

function worst(costs: readonly (number | undefined)[]): number | undefined {
  let most = 0;
  for (const one of costs) {
    if (one === undefined) return undefined;
    most = Math.max(most, one);
  }
  return most;
}

/** Converts where `cost` says that it is possible. */
export function coerced(expression: Expression, type: SqlType, at: SyntaxNode): Expression {
  if (isNull(expression)) return literalExpression(`CAST(NULL AS ${duckDbType(type)})`, type, null);
  if (sameType(expression.type, type)) return expression.type === type ? expression : { ...expression, type };
  const { literal, parts } = expression;
  if (parts !== undefined && type.kind === 'ARRAY') {
    const elements = parts.map((part) => coerced(part, type.element, at));
    return {
      ...composed(arraySql(elements, type.element), type, ...elements),
      coercible: expression.coercible,
      parts: elements,
    };
  }
  if (parts !== undefined && type.kind === 'STRUCT') {
    const fields = parts.map((part, i) => coerced(part, type.fields[i]!.type, at));
    return {
      ...composed(structSql(fields, type), type, ...fields),
      coercible: expression.coercible,
      parts: fields,
    };
  }
  if (typeof literal?.value === 'bigint' && type.kind === 'FLOAT64') {
    return literalExpression(floatSql(Number(literal.value)), type, Number(literal.value));
  }
  if (typeof literal?.value === 'number' && type.kind === 'NUMERIC') {
    return literalExpression(`CAST('${literal.value}' AS DECIMAL(38,9))`, type, literal.value);
  }
  if (typeof literal?.value === 'string' && /DATE|TIME/.test(type.kind))
    return timeLiteral(literal.value, type, at);
  return { ...expression, sql: converted(expression.sql, expression.type, type), type };
}

export function arraySql(elements: readonly Expression[], element: SqlType): string {
  return elements.length === 0
    ? `CAST([] AS ${duckDbType(element)}[])`
    : `[${elements.map(({ sql }) => sql).join(', ')}]`;
}

export function structSql(values: readonly { readonly sql: string }[], type: SqlType): string {
  if (type.kind !== 'STRUCT') throw new Error('A struct has fields.');
  const fields = type.fields.map((field, i) => `${quoteText(fieldName(field, i))}: ${values[i]!.sql}`);
  return `{${fields.join(', ')}}`;
}

function converted(sql: string, from: SqlType, to: SqlType): string {
  if (sameType(from, to)) return sql;
  if (from.kind === 'STRUCT' && to.kind === 'STRUCT') {
    // DuckDB converts structs by the names of fields, GoogleSQL by their places.
    return once([sql], ([value]) => {
      const fields = to.fields.map((field, i) => ({
        sql: converted(fieldSql(value!, from, i), from.fields[i]!.type, field.type),
      }));
      return `(CASE WHEN ${value} IS NULL THEN NULL ELSE ${structSql(fields, to)} END)`;
    });
  }
  if (from.kind === 'ARRAY' && to.kind === 'ARRAY') {
    return `list_transform(${sql}, lambda e: ${converted('e', from.element, to.element)})`;
  }
  return `CAST(${sql} AS ${duckDbType(to)})`;
}

export function fieldSql(sql: string, type: SqlType, index: number): string {
  if (type.kind !== 'STRUCT') throw new Error('A struct has fields.');
  return `struct_extract(${sql}, ${quoteText(fieldName(type.fields[index]!, index))})`;
}

/** The type to which all of them are converted: one of theirs, or undefined. */
export function superType(expressions: readonly Expression[]): SqlType | undefined {
  const given = expressions.filter((one) => !isNull(one));
  const first = given[0];
  if (first === undefined) return expressions[0]?.type;
  const firm = given.filter(({ coercible }) => !coercible);
  for (const { type } of [...firm, ...given]) {
    if (given.every((one) => cost(one, type) !== undefined)) return type;
  }
  return structSuperType(given);
}

function structSuperType(given: readonly Expression[]): SqlType | undefined {
  const { type } = given[0]!;
  if (type.kind !== 'STRUCT' || !given.every((one) => one.parts?.length === type.fields.length))
    return undefined;
  const fields = type.fields.map(({ name }, i) => ({
    name,
    type: superType(given.map(({ parts }) => parts![i]!)),
  }));
  if (fields.some((field) => field.type === undefined)) return undefined;
  return { kind: 'STRUCT', fields: fields as { name: string; type: SqlType }[] };
}

/** For where one type is asked for: a column to be filled, a condition, a number of rows. */
export function required(expression: Expression, type: SqlType, at: SyntaxNode, what: string): Expression {
  if (cost(expression, type) === undefined) {
    throw invalid(
      at,
      `${what} should return type ${typeName(type)}, but returns ${typeName(expression.type)}`,
    );
  }
  return coerced(expression, type, at);
}
