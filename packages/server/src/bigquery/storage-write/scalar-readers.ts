import type { EngineValue } from '../../ports/sql-engine.js';
import { CellError, cellOfText } from '../rest/cell-values.js';
import type { Column, ScalarType } from '../sql/plan.js';
import { datetimeOfPacked, numericOfBytes, numericOfNumber, timeOfPacked } from './civil-values.js';
import { FieldError, invalidValue } from './field-error.js';
import type { DescribedEnum } from './row-descriptor.js';
import { WIRE, WireReader } from './wire-reader.js';

/** Names of google.protobuf.FieldDescriptorProto.Type by number. */
export const PROTO_TYPES = [
  '',
  'double',
  'float',
  'int64',
  'uint64',
  'int32',
  'fixed64',
  'fixed32',
  'bool',
  'string',
  'group',
  'message',
  'bytes',
  'uint32',
  'enum',
  'sfixed32',
  'sfixed64',
  'sint32',
  'sint64',
] as const;
export type ProtoType = (typeof PROTO_TYPES)[number];

type Raw = number | bigint | boolean | string | Buffer;

interface WireType {
  readonly wire: number;
  readonly read: (reader: WireReader) => Raw;
}

const whole = (read: (reader: WireReader) => Raw): WireType => ({ wire: WIRE.varint, read });

/** How the types that a column takes are written. */
const WIRE_TYPES: Partial<Record<ProtoType, WireType>> = {
  double: { wire: WIRE.fixed64, read: (reader) => reader.double() },
  float: { wire: WIRE.fixed32, read: (reader) => reader.float() },
  int64: whole((reader) => reader.int64()),
  uint64: whole((reader) => reader.uint64()),
  int32: whole((reader) => reader.int32()),
  uint32: whole((reader) => reader.uint32()),
  sint32: whole((reader) => reader.sint32()),
  sint64: whole((reader) => reader.sint64()),
  enum: whole((reader) => reader.int32()),
  bool: whole((reader) => reader.int64() !== 0),
  string: { wire: WIRE.bytes, read: (reader) => reader.string() },
  bytes: { wire: WIRE.bytes, read: (reader) => reader.bytes() },
};

/**
 * Which types of a field each column takes, and how a value becomes the column's
 * (https://cloud.google.com/bigquery/docs/supported-data-types).
 */
const CONVERSIONS: Readonly<Record<ScalarType, Partial<Record<ProtoType, Convert>>>> = {
  BOOL: each(
    ['bool', 'int32', 'int64', 'uint32', 'uint64'],
    () => (raw) => (typeof raw === 'boolean' ? raw : Number(raw) !== 0),
  ),
  BYTES: each(['bytes', 'string'], (column, at) => (raw) => limited(bytesOf(raw), column, at)),
  DATE: { ...each(['int32', 'int64'], (_, at) => (raw) => dateOf(raw, at)), ...each(['string'], text) },
  DATETIME: {
    ...each(['int64'], (_, at) => (raw) => datetimeOfPacked(raw as number | bigint, at)),
    ...each(['string'], text),
  },
  TIME: {
    ...each(['int64'], (_, at) => (raw) => timeOfPacked(raw as number | bigint, at)),
    ...each(['string'], text),
  },
  FLOAT64: each(['double', 'float'], () => asIs),
  INT64: each(['int64', 'int32', 'uint32', 'enum', 'sint32', 'sint64'], () => asIs),
  JSON: each(['string'], text),
  NUMERIC: {
    ...each(['int32', 'int64', 'uint32', 'uint64'], () => (raw) => String(raw)),
    ...each(['double', 'float'], (_, at) => (raw) => numericOfNumber(raw as number, at)),
    ...each(['bytes'], (_, at) => (raw) => numericOfBytes(raw as Buffer, at)),
    ...each(['string'], numericText),
  },
  STRING: each(['string'], (column, at) => (raw) => limited(raw as string, column, at)),
  TIMESTAMP: each(['int64', 'int32', 'uint32'], (_, at) => (raw) => timestampOf(raw as number | bigint, at)),
  INTERVAL: {},
};

type Convert = (column: Column, at: string) => (raw: Raw) => EngineValue;

/** Of google.protobuf: messages that hold one value, which may be missing. */
const WRAPPED: Readonly<Record<string, ProtoType>> = {
  BoolValue: 'bool',
  BytesValue: 'bytes',
  DoubleValue: 'double',
  FloatValue: 'float',
  Int32Value: 'int32',
  Int64Value: 'int64',
  UInt32Value: 'uint32',
  StringValue: 'string',
};

export interface ScalarReader {
  /** How a single value is written; several of one that is not `bytes` may stand packed together. */
  readonly wire: number;
  /** Throws a FieldError, or a MalformedError. */
  readonly read: (reader: WireReader) => EngineValue;
}

/** Reads fields of a type into a column; undefined where the column does not take that type. */
export function scalarReader(
  column: Column,
  type: ProtoType,
  at: string,
  described?: DescribedEnum,
): ScalarReader | undefined {
  if (type === 'enum' && column.type === 'STRING') return enumReader(described, at);
  const convert = CONVERSIONS[column.type as ScalarType]?.[type]?.(column, at);
  const wireType = WIRE_TYPES[type];
  if (convert === undefined || wireType === undefined) return undefined;
  const { wire, read } = wireType;
  return {
    wire,
    read:
      convert === asIs ? (read as (reader: WireReader) => EngineValue) : (reader) => convert(read(reader)),
  };
}

/** The same for a message of google.protobuf that holds one value. `typeName` may have its dots as underscores. */
export function wrappedReader(column: Column, typeName: string, at: string): ScalarReader | undefined {
  const [, name = ''] = /(?:^|[._])google[._]protobuf[._](\w+)$/.exec(typeName) ?? [];
  if (name === 'Timestamp' && column.type === 'TIMESTAMP') {
    return { wire: WIRE.bytes, read: (reader) => instantOf(reader.bytes(), at) };
  }
  const type = WRAPPED[name];
  const inner = type === undefined ? undefined : scalarReader(column, type, at);
  if (inner === undefined || type === undefined) return undefined;
  const absent = type === 'string' ? '' : type === 'bytes' ? new Uint8Array() : type === 'bool' ? false : 0;
  return { wire: WIRE.bytes, read: (reader) => unwrapped(reader.bytes(), inner, absent) };
}

function unwrapped(bytes: Buffer, inner: ScalarReader, absent: EngineValue): EngineValue {
  const reader = new WireReader(bytes);
  let value = absent;
  while (!reader.done) {
    const tag = reader.tag();
    if (tag >>> 3 === 1 && (tag & 7) === inner.wire) value = inner.read(reader);
    else reader.skip(tag & 7);
  }
  return value;
}

/** google.protobuf.Timestamp: seconds and nanoseconds. */
function instantOf(bytes: Buffer, at: string): EngineValue {
  const reader = new WireReader(bytes);
  let [seconds, nanos] = [0n, 0n];
  while (!reader.done) {
    const tag = reader.tag();
    if (tag >>> 3 === 1 && (tag & 7) === WIRE.varint) seconds = BigInt(reader.int64());
    else if (tag >>> 3 === 2 && (tag & 7) === WIRE.varint) nanos = BigInt(reader.int64());
    else reader.skip(tag & 7);
  }
  return timestampOf(seconds * 1_000_000n + nanos / 1000n, at);
}

function enumReader(described: DescribedEnum | undefined, at: string): ScalarReader {
  return {
    wire: WIRE.varint,
    read(reader) {
      const number = reader.int32();
      const name = described?.names.get(number);
      if (name === undefined) throw new FieldError(`${number} is no value of the enum, on field ${at}.`);
      return name;
    },
  };
}

function each(types: readonly ProtoType[], convert: Convert): Partial<Record<ProtoType, Convert>> {
  return Object.fromEntries(types.map((type) => [type, convert]));
}

function asIs(raw: Raw): EngineValue {
  return raw as EngineValue;
}

function text(column: Column, at: string): (raw: Raw) => EngineValue {
  const single: Column = { name: column.name, type: column.type };
  return (raw) => {
    try {
      return cellOfText(raw as string, single, at);
    } catch (error) {
      if (error instanceof CellError)
        throw new FieldError(`${error.message.replace(/\.$/, '')}, on field ${at}.`);
      throw error;
    }
  };
}

/** Digits beyond the ninth place would be lost. */
function numericText(column: Column, at: string): (raw: Raw) => EngineValue {
  const read = text(column, at);
  return (raw) => {
    if (/\.\d{9}\d*[1-9]/.test(raw as string)) throw invalidValue(at, 'NUMERIC', raw);
    return read(raw);
  };
}

function limited<Value extends string | Uint8Array>(
  value: Value,
  { type, maxLength }: Column,
  at: string,
): Value {
  if (maxLength === undefined || value.length <= maxLength) return value;
  const length = typeof value === 'string' ? [...value].length : value.length;
  if (length <= maxLength) return value;
  throw new FieldError(
    `Field ${at}: ${type}(${maxLength}) has maximum length ${maxLength} but got a value with length ${length}.`,
  );
}

/** What is read is a part of the request, which goes. */
function bytesOf(raw: Raw): Uint8Array {
  return typeof raw === 'string' ? new Uint8Array(Buffer.from(raw)) : new Uint8Array(raw as Buffer);
}

/** 0001-01-01 and 9999-12-31, in days since 1970. */
const [DATE_MIN, DATE_MAX] = [-719_162, 2_932_896];
const DAY_MICROS = 86_400_000_000n;
const [TIMESTAMP_MIN, TIMESTAMP_MAX] = [
  BigInt(DATE_MIN) * DAY_MICROS,
  BigInt(DATE_MAX + 1) * DAY_MICROS - 1n,
];

function dateOf(raw: Raw, at: string): number {
  const days = Number(raw);
  if (days < DATE_MIN || days > DATE_MAX) throw invalidValue(at, 'DATE', raw);
  return days;
}

function timestampOf(micros: number | bigint, at: string): number | bigint {
  if (micros < TIMESTAMP_MIN || micros > TIMESTAMP_MAX) throw invalidValue(at, 'TIMESTAMP', micros);
  return micros;
}
