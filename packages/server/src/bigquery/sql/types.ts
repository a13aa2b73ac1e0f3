import type { Column, ScalarType } from './plan.js';

/** A type of GoogleSQL as expressions have it. */
export type SqlType =
  | { readonly kind: ScalarType }
  | { readonly kind: 'ARRAY'; readonly element: SqlType }
  | { readonly kind: 'STRUCT'; readonly fields: readonly StructField[] };

/** `name` is empty for a field without one. */
export interface StructField {
  readonly name: string;
  readonly type: SqlType;
}

export const scalar = (kind: ScalarType): SqlType => ({ kind });
export const INT64 = scalar('INT64');
export const FLOAT64 = scalar('FLOAT64');
export const BOOL = scalar('BOOL');
export const STRING = scalar('STRING');
export const arrayOf = (element: SqlType): SqlType => ({ kind: 'ARRAY', element });

const DUCKDB_TYPES: Readonly<Record<ScalarType, string>> = {
  INT64: 'BIGINT',
  FLOAT64: 'DOUBLE',
  NUMERIC: 'DECIMAL(38,9)',
  BOOL: 'BOOLEAN',
  STRING: 'VARCHAR',
  BYTES: 'BLOB',
  DATE: 'DATE',
  TIME: 'TIME',
  DATETIME: 'TIMESTAMP',
  TIMESTAMP: 'TIMESTAMPTZ',
  JSON: 'JSON',
  INTERVAL: 'INTERVAL',
};

/** Half of its digits would be lost. */
export const NO_BIGNUMERIC =
  'BIGNUMERIC is not supported here: it has 38 digits on either side of the point, and 38 in all can be kept. NUMERIC has 29 before the point and 9 behind it.';

export function isBigNumeric(name: string): boolean {
  return /^(BIGNUMERIC|BIGDECIMAL|PARSE_BIGNUMERIC)$/i.test(name);
}

export const SCALAR_TYPES = Object.keys(DUCKDB_TYPES) as ScalarType[];

/** A name in DuckDB's SQL. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Fields need names in DuckDB: those without get BigQuery's of results. */
export function fieldName(field: { readonly name: string }, index: number): string {
  return field.name === '' ? `_field_${index + 1}` : field.name;
}

export function duckDbType(type: SqlType): string {
  if (type.kind === 'ARRAY') return `${duckDbType(type.element)}[]`;
  if (type.kind === 'STRUCT') {
    const fields = type.fields.map(
      (field, i) => `${quoteName(fieldName(field, i))} ${duckDbType(field.type)}`,
    );
    return `STRUCT(${fields.join(', ')})`;
  }
  return DUCKDB_TYPES[type.kind];
}

/** As BigQuery writes types in messages. */
export function typeName(type: SqlType): string {
  if (type.kind === 'ARRAY') return `ARRAY<${typeName(type.element)}>`;
  if (type.kind === 'STRUCT') {
    return `STRUCT<${type.fields.map(({ name, type: inner }) => `${name === '' ? '' : `${name} `}${typeName(inner)}`).join(', ')}>`;
  }
  return type.kind;
}

export function sameType(one: SqlType, other: SqlType): boolean {
  if (one.kind === 'ARRAY') return other.kind === 'ARRAY' && sameType(one.element, other.element);
  if (one.kind === 'STRUCT') {
    return (
      other.kind === 'STRUCT' &&
      one.fields.length === other.fields.length &&
      one.fields.every(({ name, type }, i) => {
        const field = other.fields[i]!;
        return name.toLowerCase() === field.name.toLowerCase() && sameType(type, field.type);
      })
    );
  }
  return one.kind === other.kind;
}

/** The column, or field of a STRUCT, of that name: names that differ by case alone are one. */
export function fieldOf<T extends { readonly name: string }>(
  fields: readonly T[],
  name: string,
): T | undefined {
  const wanted = name.toLowerCase();
  return fields.find((field) => field.name.toLowerCase() === wanted);
}

export function columnType(column: Column): SqlType {
  const single: SqlType =
    column.type === 'STRUCT'
      ? {
          kind: 'STRUCT',
          fields: (column.fields ?? []).map((field) => ({ name: field.name, type: columnType(field) })),
        }
      : { kind: column.type };
  return column.mode === 'REPEATED' ? arrayOf(single) : single;
}

export function toColumn(name: string, type: SqlType): Column {
  if (type.kind === 'ARRAY') return { ...toColumn(name, type.element), mode: 'REPEATED' };
  if (type.kind === 'STRUCT') {
    return {
      name,
      type: 'STRUCT',
      fields: type.fields.map((field, i) => toColumn(fieldName(field, i), field.type)),
    };
  }
  return { name, type: type.kind };
}

/** What GoogleSQL converts by itself, whatever the expression; literals and parameters may do more. */
const COERCIONS: Partial<Record<ScalarType, readonly ScalarType[]>> = {
  // For a function of both, FLOAT64 is nearer.
  INT64: ['FLOAT64', 'NUMERIC'],
  NUMERIC: ['FLOAT64'],
  DATE: ['DATETIME'],
};
const LITERAL_COERCIONS: Partial<Record<ScalarType, readonly ScalarType[]>> = {
  STRING: ['DATE', 'DATETIME', 'TIME', 'TIMESTAMP'],
  FLOAT64: ['NUMERIC'],
};

/**
 * How far a type is from another: 0 the same, more where it is converted, undefined where it is not. For functions:
 * the signature that is nearest wins.
 */
export function coercionCost(from: SqlType, to: SqlType, literal: boolean): number | undefined {
  if (sameType(from, to)) return 0;
  if (from.kind === 'ARRAY' || to.kind === 'ARRAY') {
    if (from.kind !== 'ARRAY' || to.kind !== 'ARRAY' || !literal) return undefined;
    return coercionCost(from.element, to.element, true);
  }
  if (from.kind === 'STRUCT' || to.kind === 'STRUCT') {
    if (from.kind !== 'STRUCT' || to.kind !== 'STRUCT' || from.fields.length !== to.fields.length)
      return undefined;
    let worst = 0;
    for (const [i, field] of from.fields.entries()) {
      const cost = coercionCost(field.type, to.fields[i]!.type, literal);
      if (cost === undefined) return undefined;
      worst = Math.max(worst, cost);
    }
    return worst + 1;
  }
  const plain = COERCIONS[from.kind]?.indexOf(to.kind) ?? -1;
  if (plain >= 0) return plain + 1;
  const asLiteral = literal ? (LITERAL_COERCIONS[from.kind]?.indexOf(to.kind) ?? -1) : -1;
  return asLiteral >= 0 ? asLiteral + 10 : undefined;
}
