import { formattedCast } from './cast-formats.js';
import { coerced, cost } from './coercion.js';
import { expression } from './compile.js';
import { attempted, composed, type Expression, isNull } from './expression.js';
import type { ScalarType } from './plan.js';
import type { Scope } from './scope.js';
import { child, invalid, list, need, only, type SyntaxNode } from './syntax.js';
import { typeOf } from './type-syntax.js';
import { duckDbType, type SqlType, sameType, typeName } from './types.js';

type Casts = Partial<Record<ScalarType, Partial<Record<ScalarType, (sql: string) => string>>>>;

const plain = (type: string) => (sql: string) => `CAST(${sql} AS ${type})`;

/** From → to: what BigQuery's table of conversions allows, and how. */
const CASTS: Casts = {
  INT64: {
    BOOL: (sql) => `(${sql} <> 0)`,
    FLOAT64: plain('DOUBLE'),
    NUMERIC: plain('DECIMAL(38,9)'),
    STRING: plain('VARCHAR'),
  },
  FLOAT64: {
    INT64: (sql) => `bq_float_to_int64(${sql})`,
    NUMERIC: plain('DECIMAL(38,9)'),
    STRING: (sql) => `bq_double_text(${sql})`,
  },
  NUMERIC: {
    INT64: (sql) => `CAST(round(${sql}) AS BIGINT)`,
    FLOAT64: plain('DOUBLE'),
    STRING: (sql) => `bq_numeric_text(${sql})`,
  },
  BOOL: { INT64: plain('BIGINT'), STRING: plain('VARCHAR') },
  STRING: {
    INT64: (sql) => `bq_to_int64(${sql})`,
    FLOAT64: (sql) => `bq_to_float64(${sql})`,
    NUMERIC: (sql) => `bq_to_numeric(${sql})`,
    BOOL: (sql) => `bq_to_bool(${sql})`,
    BYTES: (sql) => `encode(${sql})`,
    DATE: (sql) => `bq_to_date(${sql})`,
    TIME: (sql) => `bq_to_time(${sql})`,
    DATETIME: (sql) => `bq_to_datetime(${sql})`,
    TIMESTAMP: (sql) => `bq_to_timestamp(${sql})`,
  },
  BYTES: { STRING: (sql) => `decode(${sql})` },
  DATE: {
    STRING: plain('VARCHAR'),
    DATETIME: plain('TIMESTAMP'),
    TIMESTAMP: (sql) => `bq_at_utc(CAST(${sql} AS TIMESTAMP))`,
  },
  DATETIME: {
    STRING: (sql) => `bq_datetime_text(${sql})`,
    DATE: plain('DATE'),
    TIME: plain('TIME'),
    TIMESTAMP: (sql) => `bq_at_utc(${sql})`,
  },
  TIMESTAMP: {
    STRING: (sql) => `bq_timestamp_text(${sql})`,
    DATE: (sql) => `CAST(bq_utc(${sql}) AS DATE)`,
    TIME: (sql) => `CAST(bq_utc(${sql}) AS TIME)`,
    DATETIME: (sql) => `bq_utc(${sql})`,
  },
  TIME: { STRING: (sql) => `bq_time_text(${sql})` },
  INTERVAL: { STRING: (sql) => `bq_interval_text(${sql})` },
};

/** The SQL of a conversion, or undefined where BigQuery has none. */
export function castSql(sql: string, from: SqlType, to: SqlType): string | undefined {
  if (sameType(from, to)) return sql;
  if (from.kind === 'ARRAY' && to.kind === 'ARRAY') {
    const element = castSql('e', from.element, to.element);
    return element === undefined ? undefined : `list_transform(${sql}, lambda e: ${element})`;
  }
  if (from.kind === 'ARRAY' || to.kind === 'ARRAY' || from.kind === 'STRUCT' || to.kind === 'STRUCT')
    return undefined;
  return CASTS[from.kind]?.[to.kind]?.(sql);
}

/** `CAST(x AS type)` and `SAFE_CAST`. */
export function castCall(node: SyntaxNode, scope: Scope, safe: boolean): Expression {
  only(node, 'func', 'args', 'as', 'alias', 'order', 'null_order', 'over');
  const [argument] = list(node, 'args');
  if (argument === undefined || argument.node_type !== 'CastArgument') {
    throw invalid(node, 'Syntax error: Expected keyword AS');
  }
  const value = expression(need(argument, 'cast_from'), scope);
  const type = typeOf(need(argument, 'cast_to'));
  const format = child(argument, 'format');
  if (format !== undefined) return formattedCast(value, type, need(format, 'expr'), scope, safe);
  if (isNull(value)) return { ...composed(`CAST(NULL AS ${duckDbType(type)})`, type) };
  const struct = type.kind === 'STRUCT' || (type.kind === 'ARRAY' && type.element.kind === 'STRUCT');
  if (struct || (value.parts !== undefined && cost(value, type) !== undefined)) {
    if (cost(value, type) === undefined && !sameShape(value.type, type)) throw cannot(value.type, type, node);
    return { ...coerced(value, type, node), coercible: false };
  }
  const sql = castSql(value.sql, value.type, type);
  if (sql === undefined) throw cannot(value.type, type, node);
  if (!safe || sql === value.sql) return composed(sql, type, value);
  const from = value.type;
  return composed(
    attempted([value], ([one]) => `TRY(${castSql(one!, from, type)!})`),
    type,
    value,
  );
}

function sameShape(from: SqlType, to: SqlType): boolean {
  if (from.kind === 'ARRAY' && to.kind === 'ARRAY') return sameShape(from.element, to.element);
  if (from.kind === 'STRUCT' && to.kind === 'STRUCT') {
    return (
      from.fields.length === to.fields.length &&
      from.fields.every(({ type }, i) => sameShape(type, to.fields[i]!.type))
    );
  }
  return sameType(from, to);
}

function cannot(from: SqlType, to: SqlType, node: SyntaxNode): Error {
  return invalid(node, `Invalid cast from ${typeName(from)} to ${typeName(to)}`);
}
