import type { BigQueryType, Column } from '../sql/plan.js';
import { type Fields, object, text } from './request.js';
import { RestError } from './rest-error.js';

/** Names of types as REST writes them; it reads GoogleSQL's as well. */
const REST_NAMES: Partial<Record<BigQueryType, string>> = {
  INT64: 'INTEGER',
  FLOAT64: 'FLOAT',
  BOOL: 'BOOLEAN',
  STRUCT: 'RECORD',
};
const TYPES: Readonly<Record<string, BigQueryType>> = {
  INTEGER: 'INT64',
  INT64: 'INT64',
  FLOAT: 'FLOAT64',
  FLOAT64: 'FLOAT64',
  BOOLEAN: 'BOOL',
  BOOL: 'BOOL',
  RECORD: 'STRUCT',
  STRUCT: 'STRUCT',
  NUMERIC: 'NUMERIC',
  STRING: 'STRING',
  BYTES: 'BYTES',
  DATE: 'DATE',
  TIME: 'TIME',
  DATETIME: 'DATETIME',
  TIMESTAMP: 'TIMESTAMP',
  JSON: 'JSON',
};

export interface RestField {
  readonly name: string;
  readonly type: string;
  readonly mode: string;
  readonly description?: string;
  readonly defaultValueExpression?: string;
  readonly maxLength?: string;
  readonly fields?: readonly RestField[];
}

export function toRestFields(columns: readonly Column[]): RestField[] {
  return columns.map((column) => ({
    name: column.name,
    type: REST_NAMES[column.type] ?? column.type,
    mode: column.mode ?? 'NULLABLE',
    ...(column.description === undefined ? {} : { description: column.description }),
    ...(column.defaultValueExpression === undefined
      ? {}
      : { defaultValueExpression: column.defaultValueExpression }),
    ...(column.maxLength === undefined ? {} : { maxLength: String(column.maxLength) }),
    ...(column.fields === undefined ? {} : { fields: toRestFields(column.fields) }),
  }));
}

/** Columns of `schema.fields` as a client sends it. */
export function fromRestFields(given: unknown, at = 'schema.fields'): Column[] {
  if (!Array.isArray(given)) throw new RestError('invalid', `${at} must be an array of fields.`, at);
  const columns = given.map((one) => fromRestField(object(one, at) ?? {}, at));
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (seen.has(name.toLowerCase())) throw new RestError('invalid', `Duplicate field name: ${name}.`, at);
    seen.add(name.toLowerCase());
  }
  return columns;
}

function fromRestField(field: Fields, at: string): Column {
  const name = text(field.name, `${at}.name`) ?? '';
  if (!/^[\p{L}_][\p{L}\p{M}\p{N}_ -]{0,299}$/u.test(name)) {
    throw new RestError(
      'invalid',
      `Invalid field name "${name}". Fields must contain only letters, numbers, and underscores, start with a letter or underscore, and be at most 300 characters long.`,
      at,
    );
  }
  const asked = (text(field.type, `${at}.${name}.type`) ?? '').toUpperCase();
  const type = TYPES[asked];
  if (type === undefined) {
    throw new RestError(
      'invalid',
      `Invalid value for type: ${asked || 'nothing'} is not a type that is supported here.`,
      `${at}.${name}`,
    );
  }
  if (type === 'NUMERIC' && field.precision !== undefined && field.precision !== null) {
    throw new RestError(
      'notImplemented',
      `NUMERIC with a precision is not supported here: ${name} may be NUMERIC.`,
      `${at}.${name}`,
    );
  }
  const mode = (text(field.mode, `${at}.${name}.mode`) || 'NULLABLE').toUpperCase();
  if (mode !== 'NULLABLE' && mode !== 'REQUIRED' && mode !== 'REPEATED') {
    throw new RestError(
      'invalid',
      `Invalid value for mode: ${mode} is none of NULLABLE, REQUIRED, REPEATED.`,
      `${at}.${name}`,
    );
  }
  const description = text(field.description, `${at}.${name}.description`);
  const defaultValue = text(field.defaultValueExpression, `${at}.${name}.defaultValueExpression`);
  return {
    name,
    type,
    ...(mode === 'NULLABLE' ? {} : { mode }),
    ...(type === 'STRUCT' ? { fields: fromRestFields(field.fields, `${at}.${name}.fields`) } : {}),
    ...(description === undefined ? {} : { description }),
    ...(defaultValue === undefined ? {} : { defaultValueExpression: defaultValue }),
    ...(field.maxLength === undefined ? {} : { maxLength: Number(field.maxLength) }),
  };
}
