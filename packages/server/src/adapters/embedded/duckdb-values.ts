import type {
  DuckDBDataChunk,
  DuckDBDecimalValue,
  DuckDBType,
  DuckDBValue,
  DuckDBValueConverter,
} from '@duckdb/node-api';
import type { EngineColumn, EngineValue } from '../../ports/sql-engine.js';
import { writeInt64 } from './duckdb-columns.js';
import { duckdb } from './duckdb-library.js';

/** DuckDB's values as the port SqlEngine has them, and back. */

export const CHUNK_ROWS = 2048;

export const fromDuckDb: DuckDBValueConverter<EngineValue> = (value) => plain(value);

function plain(value: DuckDBValue): EngineValue {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof duckdb.DuckDBTimestampTZValue || value instanceof duckdb.DuckDBTimestampValue)
    return value.micros;
  if (value instanceof duckdb.DuckDBTimeValue) return value.micros;
  if (value instanceof duckdb.DuckDBDateValue) return value.days;
  if (value instanceof duckdb.DuckDBDecimalValue) return value.toString();
  if (value instanceof duckdb.DuckDBBlobValue) return value.bytes;
  if (value instanceof duckdb.DuckDBListValue) return value.items.map(plain);
  if (value instanceof duckdb.DuckDBStructValue) {
    return Object.fromEntries(Object.entries(value.entries).map(([name, one]) => [name, plain(one)]));
  }
  if (value instanceof duckdb.DuckDBIntervalValue) return value.toString();
  throw new TypeError(`no SQL of ours gives ${value.constructor.name}`);
}

/** A part of columns as a chunk that an appender of these types takes. */
export function toChunk(
  types: readonly DuckDBType[],
  columns: readonly EngineColumn[],
  start: number,
  end: number,
): DuckDBDataChunk {
  const chunk = duckdb.DuckDBDataChunk.create([...types], end - start);
  columns.forEach((column, c) => {
    if (column instanceof Float64Array && fillNumbers(chunk, c, column.subarray(start, end))) return;
    const values: DuckDBValue[] = [];
    for (let row = start; row < end; row++) values.push(toDuckDb(column[row]!, types[c]!));
    chunk.setColumnValues(c, values);
  });
  return chunk;
}

/** Straight into the chunk's memory, without a value for each cell; false where the type's memory is another. */
function fillNumbers(chunk: DuckDBDataChunk, index: number, numbers: Float64Array): boolean {
  const vector = chunk.getColumnVector(index);
  const { items } = vector as unknown as { items: Float64Array | BigInt64Array };
  const { typeId } = vector.type;
  if (typeId === duckdb.DuckDBTypeId.DOUBLE) (items as Float64Array).set(numbers);
  else if (WHOLE_NUMBERS.has(typeId)) {
    writeInt64(numbers, new Uint32Array(items.buffer, items.byteOffset, 2 * numbers.length));
  } else return false;
  vector.flush();
  return true;
}

function toDuckDb(value: EngineValue, type: DuckDBType): DuckDBValue {
  if (value === null) return null;
  switch (type.typeId) {
    case duckdb.DuckDBTypeId.BIGINT:
    case duckdb.DuckDBTypeId.HUGEINT:
      return whole(value);
    case duckdb.DuckDBTypeId.TIMESTAMP_TZ:
      return new duckdb.DuckDBTimestampTZValue(whole(value));
    case duckdb.DuckDBTypeId.TIMESTAMP:
      return new duckdb.DuckDBTimestampValue(whole(value));
    case duckdb.DuckDBTypeId.TIME:
      return new duckdb.DuckDBTimeValue(whole(value));
    case duckdb.DuckDBTypeId.DATE:
      return new duckdb.DuckDBDateValue(Number(value));
    case duckdb.DuckDBTypeId.DECIMAL:
      return decimal(String(value), type.width, type.scale);
    case duckdb.DuckDBTypeId.BLOB:
      return new duckdb.DuckDBBlobValue(value as Uint8Array);
    case duckdb.DuckDBTypeId.LIST:
      return new duckdb.DuckDBListValue(
        (value as readonly EngineValue[]).map((one) => toDuckDb(one, type.valueType)),
      );
    case duckdb.DuckDBTypeId.STRUCT: {
      const given = value as Readonly<Record<string, EngineValue>>;
      const fields = type.entryNames.map((name, index) => [
        name,
        toDuckDb(given[name] ?? null, type.entryTypes[index]!),
      ]);
      return new duckdb.DuckDBStructValue(Object.fromEntries(fields) as Record<string, DuckDBValue>);
    }
    default:
      return value as number | string | boolean;
  }
}

function whole(value: EngineValue): bigint {
  return typeof value === 'bigint' ? value : BigInt(value as number);
}

/** Of plain digits with or without a fraction, not longer than the type's. */
function decimal(text: string, width: number, scale: number): DuckDBDecimalValue {
  const [, sign = '', digits = '', fraction = ''] = /^(-?)(\d*)\.?(\d*)$/.exec(text) ?? [];
  const unscaled = BigInt(`${digits}${fraction.padEnd(scale, '0').slice(0, scale)}` || '0');
  return new duckdb.DuckDBDecimalValue(sign === '-' ? -unscaled : unscaled, width, scale);
}

/** A column that comes chunk by chunk: numbers in one array of numbers as long as none of them is NULL. */
export class GrowingColumn {
  #numbers: Float64Array[] | undefined = [];
  readonly #values: EngineValue[] = [];

  add(chunk: DuckDBDataChunk, index: number): void {
    const numbers = this.#numbers === undefined ? undefined : numbersOf(chunk, index);
    if (numbers !== undefined) {
      this.#numbers!.push(numbers);
      return;
    }
    this.#giveUpNumbers();
    for (const value of chunk.convertColumnValues(index, fromDuckDb)) this.#values.push(value);
  }

  whole(): EngineColumn {
    if (this.#numbers === undefined) return this.#values;
    const whole = new Float64Array(this.#numbers.reduce((length, part) => length + part.length, 0));
    let at = 0;
    for (const part of this.#numbers) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  #giveUpNumbers(): void {
    for (const part of this.#numbers ?? []) for (const number of part) this.#values.push(number);
    this.#numbers = undefined;
  }
}

/** Undefined where there is a NULL, a whole number that no float64 holds, or another type. */
function numbersOf(chunk: DuckDBDataChunk, index: number): Float64Array | undefined {
  const vector = chunk.getColumnVector(index);
  const { items, validity } = vector as unknown as {
    items?: unknown;
    validity?: { itemValid(row: number): boolean };
  };
  const isWhole = WHOLE_NUMBERS.has(vector.type.typeId);
  if (!isWhole && vector.type.typeId !== duckdb.DuckDBTypeId.DOUBLE) return undefined;
  const { rowCount } = chunk;
  for (let row = 0; row < rowCount; row++) if (validity?.itemValid(row) === false) return undefined;
  if (!isWhole) return (items as Float64Array).slice(0, rowCount);
  const numbers = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const whole = (items as BigInt64Array)[row]!;
    numbers[row] = Number(whole);
    if (!Number.isSafeInteger(numbers[row])) return undefined;
  }
  return numbers;
}

const WHOLE_NUMBERS = new Set<number>([
  duckdb.DuckDBTypeId.BIGINT,
  duckdb.DuckDBTypeId.TIMESTAMP,
  duckdb.DuckDBTypeId.TIMESTAMP_TZ,
]);
