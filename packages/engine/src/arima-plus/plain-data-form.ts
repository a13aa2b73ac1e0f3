/*
 * Plain data as bytes, to the last bit: numbers keep NaN, infinities and −0, which JSON loses. Every value is a tag and
 * what the tag says; whole numbers without sign are varints of 7 bits a byte, the lowest first.
 *
 *   0 undefined   1 null   2 false   3 true
 *   4 whole number below 2^53: varint          5 number: 8 bytes, little endian
 *   6 new string: its length, its UTF-16 units as varints; it gets the next number from 0
 *   7 string seen before: its number as varint
 *   8 array: length, values                    9 object: number of properties, then key (as a string) and value
 *   10 Float64Array: length, packing, numbers (see packed-numbers.ts)
 *   11 Uint8Array of 0 and 1: length, then the lengths of runs of 0, 1, 0, … until that is reached
 */
import type { ByteReader, ByteWriter } from './bytes.js';
import { readPackedNumbers, writePackedNumbers } from './packed-numbers.js';

/** What can be kept: no functions, no classes, no cycles. */
export type PlainData =
  | undefined
  | null
  | boolean
  | number
  | string
  | Float64Array
  | Uint8Array
  | readonly PlainData[]
  | { readonly [key: string]: PlainData };

const TAG = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  whole: 4,
  number: 5,
  newString: 6,
  knownString: 7,
  array: 8,
  object: 9,
  numbers: 10,
  bits: 11,
} as const;

/** Cost: one pass over what there is, a few over each Float64Array. */
export function writePlainData(to: ByteWriter, data: PlainData): void {
  const strings = new Map<string, number>();
  const write = (value: PlainData): void => {
    if (value === undefined || value === null || typeof value === 'boolean') {
      to.byte(TAG[`${value}`]);
    } else if (typeof value === 'number') writeNumber(to, value);
    else if (typeof value === 'string') writeString(to, value, strings);
    else if (value instanceof Float64Array) {
      to.byte(TAG.numbers);
      writePackedNumbers(to, value);
    } else if (value instanceof Uint8Array) writeBits(to, value);
    else if (Array.isArray(value)) {
      to.byte(TAG.array);
      to.varint(value.length);
      for (const one of value) write(one);
    } else {
      const entries = Object.entries(value);
      to.byte(TAG.object);
      to.varint(entries.length);
      for (const [key, one] of entries) {
        writeString(to, key, strings);
        write(one);
      }
    }
  };
  write(data);
}

/** @throws RangeError on bytes that {@link writePlainData} does not write */
export function readPlainData(from: ByteReader): PlainData {
  const strings: string[] = [];
  const readObject = (): PlainData => {
    const object: Record<string, PlainData> = {};
    for (let left = from.count(); left > 0; left--) {
      const key = readString(from.byte(), from, strings);
      // To assign it would not make a property.
      if (key === '__proto__')
        throw new RangeError('these bytes are not a saved model: a name is not allowed');
      object[key] = read();
    }
    return object;
  };
  const read = (): PlainData => {
    const tag = from.byte();
    switch (tag) {
      case TAG.undefined:
        return undefined;
      case TAG.null:
        return null;
      case TAG.false:
        return false;
      case TAG.true:
        return true;
      case TAG.whole:
        return from.varint();
      case TAG.number:
        return from.float64();
      case TAG.array:
        return Array.from({ length: from.count() }, read);
      case TAG.object:
        return readObject();
      case TAG.numbers:
        return readPackedNumbers(from);
      case TAG.bits:
        return readBits(from);
      default:
        return readString(tag, from, strings);
    }
  };
  return read();
}

function writeNumber(to: ByteWriter, value: number): void {
  const isWhole = Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0);
  to.byte(isWhole ? TAG.whole : TAG.number);
  if (isWhole) to.varint(value);
  else to.float64(value);
}

function writeString(to: ByteWriter, value: string, strings: Map<string, number>): void {
  const known = strings.get(value);
  if (known !== undefined) {
    to.byte(TAG.knownString);
    to.varint(known);
    return;
  }
  strings.set(value, strings.size);
  to.byte(TAG.newString);
  to.text(value);
}

function readString(tag: number, from: ByteReader, strings: string[]): string {
  if (tag === TAG.newString) {
    const value = from.text();
    strings.push(value);
    return value;
  }
  const known = tag === TAG.knownString ? strings[from.varint()] : undefined;
  if (known === undefined)
    throw new RangeError('these bytes are not a saved model: a value has no known form');
  return known;
}

function writeBits(to: ByteWriter, bits: Uint8Array): void {
  to.byte(TAG.bits);
  to.varint(bits.length);
  for (let from = 0, bit = 0; from < bits.length; bit = 1 - bit) {
    let end = from;
    while (end < bits.length && bits[end] === bit) end++;
    to.varint(end - from);
    from = end;
  }
}

function readBits(from: ByteReader): Uint8Array {
  const bits = new Uint8Array(from.varint());
  for (let at = 0, bit = 0; at < bits.length; bit = 1 - bit) {
    const end = at + from.varint();
    bits.fill(bit, at, end);
    at = end;
  }
  return bits;
}
