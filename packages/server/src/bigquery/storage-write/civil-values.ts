import { invalidValue } from './field-error.js';

/** Values that Google's client libraries pack into a number or into bytes; read back as the port SqlEngine has them. */

const SECOND_MICROS = 1_000_000n;

/** TIME as the class CivilTimeEncoder packs it: hour, minute and second below each other, then microseconds. */
export function timeOfPacked(packed: number | bigint, at: string): bigint {
  const { micros, rest } = split(packed);
  const [hour, minute, second] = [rest >> 12n, (rest >> 6n) & 63n, rest & 63n];
  if (hour > 23n || minute > 59n || second > 59n || micros >= SECOND_MICROS)
    throw invalidValue(at, 'TIME', packed);
  return ((hour * 60n + minute) * 60n + second) * SECOND_MICROS + micros;
}

/** DATETIME in the same form, with year, month and day before the hour. */
export function datetimeOfPacked(packed: number | bigint, at: string): bigint {
  const { micros, rest } = split(packed);
  const [year, month, day] = [Number(rest >> 26n), Number((rest >> 22n) & 15n), Number((rest >> 17n) & 31n)];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const isDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && year >= 1 && year <= 9999;
  if (!isDay) throw invalidValue(at, 'DATETIME', packed);
  const time = timeOfPacked(((rest & 0x1ffffn) << 20n) | micros, at);
  return BigInt(date.getTime()) * 1000n + time;
}

function split(packed: number | bigint): { micros: bigint; rest: bigint } {
  const all = BigInt(packed);
  return { micros: all & 0xfffffn, rest: all >> 20n };
}

const NUMERIC_SCALE = 9;
/** 38 digits in all. */
const UNSCALED_MAX = 10n ** 38n;

/** NUMERIC as the class BigDecimalByteStringEncoder packs it: two's complement, lowest byte first, times 10⁹. */
export function numericOfBytes(bytes: Uint8Array, at: string): string {
  if (bytes.length === 0 || bytes.length > 16) throw invalidValue(at, 'NUMERIC', `${bytes.length} bytes`);
  let unscaled = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) unscaled = (unscaled << 8n) | BigInt(bytes[i]!);
  const signed = BigInt.asIntN(bytes.length * 8, unscaled);
  if (signed >= UNSCALED_MAX || signed <= -UNSCALED_MAX) throw invalidValue(at, 'NUMERIC', signed);
  const digits = (signed < 0n ? -signed : signed).toString().padStart(NUMERIC_SCALE + 1, '0');
  const text = `${digits.slice(0, -NUMERIC_SCALE)}.${digits.slice(-NUMERIC_SCALE)}`;
  return signed < 0n ? `-${text}` : text;
}

/** A float64 as a NUMERIC: rounded to nine places, as BigQuery casts it. */
export function numericOfNumber(value: number, at: string): string {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e29) throw invalidValue(at, 'NUMERIC', value);
  return Math.abs(value) >= 1e20 ? BigInt(Math.round(value)).toString() : value.toFixed(NUMERIC_SCALE);
}
