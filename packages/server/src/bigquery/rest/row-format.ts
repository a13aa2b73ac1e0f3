import { intervalText } from '../sql/interval-text.js';
import { inMemberOrder } from '../sql/json-order.js';
import type { Column } from '../sql/plan.js';

/**
 * Rows as REST writes them, `{"f": [{"v": …}, …]}`: made by DuckDB itself, in its own threads, so that a long result
 * costs this process no more than passing texts on. Put together as text, which takes a third of the time of writing
 * a struct as JSON; only what needs it goes through JSON.
 */
export function restRowSql(columns: readonly Column[]): string {
  const cells = columns.map((column) => {
    const value = cellSql(column, `"${column.name.replaceAll('"', '""')}"`);
    if (isPlain(column)) return `coalesce('{"v":"' || ${value} || '"}', '{"v":null}')`;
    return `coalesce('{"v":' || to_json(${value})::VARCHAR || '}', '{"v":null}')`;
  });
  return `concat('{"f":[', ${cells.join(", ',', ")}, ']}')`;
}

/** The cells of such rows, each by itself, for `restRowOf`. */
export function restCellsSql(columns: readonly Column[]): string {
  return columns.map((column) => looseSql(column, `"${column.name.replaceAll('"', '""')}"`)).join(', ');
}

/** Texts in the arrays and structs that they stand in. */
function looseSql(column: Column, value: string): string {
  if (column.mode === 'REPEATED')
    return `list_transform(${value}, lambda ${ELEMENT}: ${looseSingleSql(column, ELEMENT)})`;
  return looseSingleSql(column, value);
}

function looseSingleSql(column: Column, value: string): string {
  if (column.type !== 'STRUCT') return SCALARS[column.type](value);
  const cells = (column.fields ?? []).map(
    (field, i) =>
      `'${i}': ${looseSql(field, `struct_extract(${value}, '${field.name.replaceAll("'", "''")}')`)}`,
  );
  return `CASE WHEN ${value} IS NOT NULL THEN {${cells.join(', ')}} END`;
}

export function restRowOf(cells: readonly unknown[], columns: readonly Column[]): string {
  return JSON.stringify({ f: columns.map((column, i) => ({ v: looseCell(column, cells[i]) })) });
}

function looseCell(column: Column, value: unknown): unknown {
  if (column.mode === 'REPEATED')
    return ((value ?? []) as readonly unknown[]).map((one) => ({ v: looseSingle(column, one) }));
  return looseSingle(column, value);
}

function looseSingle({ type, fields = [] }: Column, value: unknown): unknown {
  if (type !== 'STRUCT' || value === null) return value;
  const given = value as Readonly<Record<string, unknown>>;
  return { f: fields.map((field, i) => ({ v: looseCell(field, given[String(i)]) })) };
}

/** A column of the same name would be taken for it. */
const ELEMENT = 'seismo_element';

function isNested({ type, mode }: Column): boolean {
  return type === 'STRUCT' || mode === 'REPEATED';
}

/** Whether its text may stand between quotes as it is. */
function isPlain(column: Column): boolean {
  return !isNested(column) && column.type !== 'STRING' && column.type !== 'JSON';
}

function cellSql(column: Column, value: string): string {
  if (column.mode !== 'REPEATED') return singleSql(column, value);
  // An array is never NULL to clients.
  const element = singleSql(column, ELEMENT);
  return `coalesce(list_transform(${value}, lambda ${ELEMENT}: {'v': ${element}}), [])`;
}

function singleSql(column: Column, value: string): string {
  if (column.type !== 'STRUCT') return SCALARS[column.type](value);
  const fields = column.fields ?? [];
  const nested = fields.some(isNested);
  const cells = fields.map((field) => {
    const one = cellSql(field, `struct_extract(${value}, '${field.name.replaceAll("'", "''")}')`);
    return `{'v': ${nested ? `to_json(${one})` : one}}`;
  });
  return `CASE WHEN ${value} IS NOT NULL THEN {'f': [${cells.join(', ')}]} END`;
}

const asText = (value: string) => `(${value})::VARCHAR`;

const SCALARS: Readonly<Record<Exclude<Column['type'], 'STRUCT'>, (value: string) => string>> = {
  INT64: asText,
  FLOAT64: (value) =>
    `CASE WHEN isnan(${value}) THEN 'NaN' WHEN isinf(${value}) THEN if(${value} > 0, 'Infinity', '-Infinity') ELSE ${asText(value)} END`,
  NUMERIC: (value) => `regexp_replace(${asText(value)}, '\\.?0+$', '')`,
  BOOL: asText,
  STRING: (value) => value,
  BYTES: (value) => `base64(${value})`,
  DATE: asText,
  TIME: (value) => `left(${asText(value)}, 8) || ${fraction(value)}`,
  DATETIME: (value) =>
    `if(epoch_us(${value}) % 1000000 = 0, strftime(${value}, '%Y-%m-%dT%H:%M:%S'), strftime(${value}, '%Y-%m-%dT%H:%M:%S.%f'))`,
  TIMESTAMP: (value) => asText(`epoch_us(${value})`),
  JSON: asText,
  INTERVAL: intervalText,
};

/** Six digits where there is a fraction of a second. */
function fraction(value: string): string {
  return `if(epoch_us(${value}) % 1000000 = 0, '', format('.{:06d}', epoch_us(${value}) % 1000000))`;
}

/**
 * Times leave as microseconds since 1970 where the client asks for that (`formatOptions.useInt64Timestamp`), otherwise
 * as seconds with a fraction. The members of JSON stand by their names.
 */
export function shownRows(
  rows: readonly string[],
  columns: readonly Column[],
  int64Timestamps: boolean,
): readonly string[] {
  const changed = int64Timestamps ? ['JSON'] : ['JSON', 'TIMESTAMP'];
  if (!hasType(columns, changed)) return rows;
  const { TIMESTAMP: _, ...kept } = SHOWN;
  const shown = int64Timestamps ? kept : SHOWN;
  return rows.map((row) => JSON.stringify(shownRow(JSON.parse(row) as Row, columns, shown)));
}

function hasType(columns: readonly Column[], types: readonly string[]): boolean {
  return columns.some(({ type, fields }) => types.includes(type) || hasType(fields ?? [], types));
}

/** What clients see of some types. */
type Shown = Readonly<Record<string, (text: string) => string>>;
const SHOWN: Shown = { TIMESTAMP: secondsText, JSON: inMemberOrder };

interface Row {
  readonly f: readonly Cell[];
}
interface Cell {
  readonly v: unknown;
}

function shownRow(row: Row, columns: readonly Column[], shown: Shown): Row {
  return { f: row.f.map(({ v }, index) => ({ v: shownValue(v, columns[index]!, shown) })) };
}

function shownValue(value: unknown, column: Column, shown: Shown): unknown {
  if (value === null) return null;
  if (column.mode === 'REPEATED') {
    const element = { ...column, mode: 'NULLABLE' as const };
    return (value as readonly Cell[]).map(({ v }) => ({ v: shownValue(v, element, shown) }));
  }
  if (column.type === 'STRUCT') return shownRow(value as Row, column.fields ?? [], shown);
  return shown[column.type]?.(String(value)) ?? value;
}

/** With one digit before the point and an exponent, as BigQuery writes it: 1.5E9; all six digits of a fraction kept. */
function secondsText(micros: string): string {
  const digits = micros.replace('-', '').replace(/^0+/, '');
  if (digits === '') return '0.0';
  const mantissa = `${digits[0]}.${digits.slice(1).replace(/0+$/, '') || '0'}`;
  return `${micros.startsWith('-') ? '-' : ''}${mantissa}E${digits.length - 7}`;
}
