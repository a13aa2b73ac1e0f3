import type { SqlField, SqlRow } from '../api/sql-jobs.js';

const NUMBERS = ['INTEGER', 'FLOAT', 'NUMERIC'];

export function isNumber({ type, mode }: SqlField): boolean {
  return NUMBERS.includes(type) && mode !== 'REPEATED';
}

/** A value as a person reads it, in all its digits; times in UTC, as statements write them. */
export function valueText(value: unknown, field: SqlField): string {
  if (value === null) return 'NULL';
  if (field.mode === 'REPEATED') {
    const element = { ...field, mode: 'NULLABLE' };
    return `[${(value as readonly { v: unknown }[]).map(({ v }) => valueText(v, element)).join(', ')}]`;
  }
  if (field.type === 'RECORD') {
    const { f } = value as SqlRow;
    const parts = (field.fields ?? []).map((one, at) => `${one.name}: ${valueText(f[at]?.v ?? null, one)}`);
    return `{${parts.join(', ')}}`;
  }
  return field.type === 'TIMESTAMP' ? instantText(String(value)) : String(value);
}

/** Of microseconds since 1970: `2026-03-12 14:03:07.250 UTC`. */
function instantText(micros: string): string {
  const all = BigInt(micros);
  const fraction = ((all % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const text = new Date(Number((all - fraction) / 1000n)).toISOString().slice(0, 19).replace('T', ' ');
  const digits = String(fraction).padStart(6, '0').replace(/000$/, '');
  return `${text}${fraction === 0n ? '' : `.${digits}`} UTC`;
}

/** Whole seconds of these years, in a column that is called a time, are a time. */
const SECONDS_LEAST = 5e8;
const SECONDS_MOST = 1e10;

/** Where a time stands in seconds since 1970; NaN where there is none. */
export function secondsOf(value: unknown, { type }: SqlField): number {
  if (value === null || value === undefined) return Number.NaN;
  const text = String(value);
  if (type === 'TIMESTAMP') return Number(text) / 1e6;
  if (type === 'INTEGER') return Number(text);
  return Date.parse(text.length <= 10 ? text : `${text}Z`) / 1000;
}

/** Position of the column that tells the time of a row; -1 where none does. */
export function timeColumn(fields: readonly SqlField[], rows: readonly SqlRow[]): number {
  const times = ['TIMESTAMP', 'DATETIME', 'DATE'];
  const found = fields.findIndex(({ type, mode }) => times.includes(type) && mode !== 'REPEATED');
  if (found !== -1) return found;
  return fields.findIndex(({ name, type, mode }, at) => {
    if (type !== 'INTEGER' || mode === 'REPEATED' || !/^(time|timestamp)$/i.test(name)) return false;
    return rows.every(({ f }) => {
      const value = f[at]?.v ?? null;
      return value === null || (Number(value) >= SECONDS_LEAST && Number(value) < SECONDS_MOST);
    });
  });
}

/** A text that is read in full: JSON in lines. */
export function wholeText(text: string, { type, mode }: SqlField): string {
  return type === 'JSON' && mode !== 'REPEATED' ? jsonInLines(text) : text;
}

/** As it is, digit by digit: parsed and written anew, large numbers would be others. */
function jsonInLines(json: string): string {
  let depth = 0;
  const line = () => `\n${'  '.repeat(depth)}`;
  return json.replace(JSON_TOKEN, (token) => {
    if (token === '{' || token === '[') {
      depth++;
      return token + line();
    }
    if (token === '}' || token === ']') {
      depth--;
      return line() + token;
    }
    if (token === ',') return token + line();
    if (token === ':') return ': ';
    return token.trim() === '' ? '' : token;
  });
}
/** Texts and empty brackets stay whole. */
const JSON_TOKEN = /"(?:[^"\\]|\\.)*"|\{\}|\[\]|[{}[\],:]|\s+/g;
