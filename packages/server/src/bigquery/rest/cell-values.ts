import type { EngineValue } from '../../ports/sql-engine.js';
import type { Column, ScalarType } from '../sql/plan.js';

/** A value that does not suit its column. */
export class CellError extends Error {
  /** The column, with that of the struct it is in: `address.city`. */
  readonly location: string;

  constructor(location: string, message: string) {
    super(message);
    this.name = 'CellError';
    this.location = location;
  }
}

export interface RowRules {
  /** Fields that the table does not have are left out instead of refused. */
  readonly ignoreUnknown: boolean;
  /** JSON columns come as a text that holds JSON, and not as a part of the row. */
  readonly jsonAsText: boolean;
}

/** The values of a row that came as an object, in the order of the columns. Throws a CellError. */
export function rowOfObject(
  row: unknown,
  columns: readonly Column[],
  rules: RowRules,
  at = '',
): EngineValue[] {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) {
    throw new CellError(
      at,
      at === '' ? 'A row must be a JSON object.' : `This field: ${at} is not a record.`,
    );
  }
  const given = new Map(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value as unknown]));
  const values = columns.map((column) => {
    const value = given.get(column.name.toLowerCase());
    given.delete(column.name.toLowerCase());
    return cellOf(value ?? null, column, rules, at === '' ? column.name : `${at}.${column.name}`);
  });
  const [unknown] = given.keys();
  if (unknown !== undefined && !rules.ignoreUnknown) {
    const name = at === '' ? unknown : `${at}.${unknown}`;
    throw new CellError(name, `no such field: ${name}.`);
  }
  return values;
}

function cellOf(value: unknown, column: Column, rules: RowRules, at: string): EngineValue {
  if (column.mode === 'REPEATED') {
    if (value === null) return [];
    if (!Array.isArray(value))
      throw new CellError(at, `Array specified for non-repeated field: ${at} must be an array.`);
    const element = { ...column, mode: 'NULLABLE' as const };
    return value.map((one) => {
      if (one === null)
        throw new CellError(at, `Only optional fields can be set to NULL. Field: ${at}; Value: NULL`);
      return cellOf(one, element, rules, at);
    });
  }
  if (value === null) {
    if (column.mode === 'REQUIRED') throw new CellError(at, `Missing required field: ${at}.`);
    return null;
  }
  if (Array.isArray(value) && column.type !== 'JSON')
    throw new CellError(at, `Array specified for non-repeated field: ${at}.`);
  if (column.type === 'STRUCT') {
    const fields = column.fields ?? [];
    const values = rowOfObject(value, fields, rules, at);
    return Object.fromEntries(fields.map(({ name }, index) => [name, values[index]!]));
  }
  if (column.type === 'JSON') return jsonText(value, rules, at);
  if (typeof value === 'object') throw new CellError(at, `This field: ${at} is not a record.`);
  return scalarOf(value as string | number | boolean, column, at);
}

function jsonText(value: unknown, { jsonAsText }: RowRules, at: string): string {
  if (!jsonAsText || typeof value !== 'string') return JSON.stringify(value);
  try {
    return JSON.stringify(JSON.parse(value));
  } catch {
    throw new CellError(at, `Invalid JSON: ${shown(value)}`);
  }
}

/** A cell of a text file. Throws a CellError. */
export function cellOfText(text: string | null, column: Column, at: string): EngineValue {
  if (text === null) {
    if (column.mode === 'REQUIRED')
      throw new CellError(at, `Required column value for column: ${at} is missing.`);
    return null;
  }
  if (column.type === 'STRUCT' || column.mode === 'REPEATED') {
    throw new CellError(
      at,
      `Unsupported field type: CSV has no ${column.mode === 'REPEATED' ? 'arrays' : 'records'}.`,
    );
  }
  if (column.type === 'JSON') return jsonText(text, { jsonAsText: true, ignoreUnknown: false }, at);
  return scalarOf(text, column, at);
}

type Reader = (value: string | number | boolean) => EngineValue | undefined;

function scalarOf(value: string | number | boolean, { type, maxLength }: Column, at: string): EngineValue {
  const read = READERS[type as ScalarType]?.(value);
  if (read !== undefined) {
    checkLength(read, type, maxLength, at);
    return read;
  }
  throw new CellError(
    at,
    `Cannot convert value to ${WORDS[type as ScalarType] ?? type.toLowerCase()}: ${shown(value)}`,
  );
}

function checkLength(value: EngineValue, type: string, most: number | undefined, at: string): void {
  if (most === undefined) return;
  const length = value instanceof Uint8Array ? value.length : [...String(value)].length;
  if (length <= most) return;
  throw new CellError(
    at,
    `Field ${at}: ${type}(${most}) has maximum length ${most} but got a value with length ${length}`,
  );
}

const WORDS: Partial<Record<ScalarType, string>> = {
  INT64: 'integer',
  FLOAT64: 'floating point',
  BOOL: 'boolean',
};

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

const READERS: Partial<Record<ScalarType, Reader>> = {
  INT64(value) {
    if (typeof value === 'boolean') return undefined;
    const text = String(value).trim();
    const whole = /^[+-]?\d+$/.test(text) ? text : wholeOf(Number(text), text);
    if (whole === undefined) return undefined;
    const number = BigInt(whole.replace(/^\+/, ''));
    return number >= INT64_MIN && number <= INT64_MAX ? number : undefined;
  },
  FLOAT64(value) {
    if (typeof value === 'number') return value;
    if (typeof value === 'boolean') return undefined;
    const text = value.trim();
    const special = SPECIAL_FLOATS[text.toLowerCase()];
    if (special !== undefined) return special;
    const number = Number(text);
    return text === '' || !Number.isFinite(number) || /^0[xob]/i.test(text) ? undefined : number;
  },
  NUMERIC(value) {
    const text = String(value).trim();
    return /^[+-]?(\d{1,29}\.?\d*|\.\d+)$/.test(text) ? text.replace(/^\+/, '') : undefined;
  },
  BOOL(value) {
    if (typeof value === 'boolean') return value;
    return BOOLS[String(value).trim().toLowerCase()];
  },
  STRING: (value) => String(value),
  BYTES: (value) =>
    typeof value === 'string' && /^[A-Za-z0-9+/_-]*={0,2}$/.test(value)
      ? new Uint8Array(Buffer.from(value, 'base64'))
      : undefined,
  DATE: (value) => daysOf(String(value).trim()),
  TIME: (value) => timeOfDay(String(value).trim()),
  DATETIME: (value) => instantOf(String(value).trim(), false),
  TIMESTAMP(value) {
    if (typeof value === 'boolean') return undefined;
    const text = String(value).trim();
    if (/^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) return BigInt(Math.round(Number(text) * 1_000_000));
    return instantOf(text, true);
  },
};

const SPECIAL_FLOATS: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  '+inf': Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  '-infinity': Number.NEGATIVE_INFINITY,
};

const BOOLS: Readonly<Record<string, boolean>> = {
  true: true,
  t: true,
  yes: true,
  y: true,
  1: true,
  false: false,
  f: false,
  no: false,
  n: false,
  0: false,
};

/** 3.0 is a whole number, 3.5 is none. */
function wholeOf(number: number, text: string): string | undefined {
  return text !== '' && Number.isSafeInteger(number) ? String(number) : undefined;
}

const DAY_MS = 86_400_000;

function daysOf(text: string): number | undefined {
  const [, year = '', month = '', day = ''] = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text) ?? [];
  if (year === '') return undefined;
  const timeMs = utcMs(Number(year), Number(month), Number(day));
  return timeMs === undefined ? undefined : timeMs / DAY_MS;
}

/** Undefined for a day that no month has. */
function utcMs(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const same =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return same && year >= 1 ? date.getTime() : undefined;
}

const CLOCK = /^(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?$/;

function timeOfDay(text: string): bigint | undefined {
  const [, hours = '', minutes = '', seconds = '', fraction = ''] = CLOCK.exec(text) ?? [];
  if (hours === '' || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const whole = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  return BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0').slice(0, 6));
}

const INSTANT = /^(\d{4}-\d{1,2}-\d{1,2})(?:[Tt ]+([\d:.]+))?\s*(Z|z|UTC|[+-]\d{1,2}(?::?\d{2})?)?$/;

/** Microseconds since 1970; without a zone it is UTC. */
function instantOf(text: string, withZone: boolean): bigint | undefined {
  const [, date = '', clock = '00:00:00', zone = ''] = INSTANT.exec(text) ?? [];
  if (date === '' || (zone !== '' && !withZone)) return undefined;
  const days = daysOf(date);
  const time = timeOfDay(clock.split(':').length === 2 ? `${clock}:00` : clock);
  if (days === undefined || time === undefined) return undefined;
  return BigInt(days) * 86_400_000_000n + time - zoneMicros(zone);
}

function zoneMicros(zone: string): bigint {
  const [, sign = '', hours = '0', minutes = '0'] = /^([+-])(\d{1,2}):?(\d{2})?$/.exec(zone) ?? [];
  const minutesEast = Number(hours) * 60 + Number(minutes);
  return BigInt(sign === '-' ? -minutesEast : minutesEast) * 60_000_000n;
}

function shown(value: unknown): string {
  const text = String(value);
  return text.length <= 100 ? text : `${text.slice(0, 100)}…`;
}
