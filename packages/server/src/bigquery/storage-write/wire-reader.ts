import { isUtf8 } from 'node:buffer';

/** Bytes that are no message of protocol buffers. */
export class MalformedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MalformedError';
  }
}

/** How a value is written, from the last three bits of a tag. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

const TWO_POW_32 = 2 ** 32;
const LOW_BITS = 2 ** 28;
/** With 28 bits below them, more than these do not fit a float64. */
const MIDDLE_MAX = 2 ** 25;

/**
 * Reads the wire format of protocol buffers. A reader is made once and set on one piece of bytes after the other, as
 * rows are many and small.
 */
export class WireReader {
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;

  constructor(bytes?: Buffer) {
    if (bytes !== undefined) this.set(bytes);
  }

  set(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#at = 0;
    this.#end = bytes.length;
  }

  get done(): boolean {
    return this.#at >= this.#end;
  }

  /** Number of a field and how it is written: `tag >>> 3`, `tag & 7`. */
  tag(): number {
    const tag = this.uint32();
    if (tag >>> 3 === 0) throw new MalformedError('a field has the number 0');
    return tag;
  }

  uint32(): number {
    const value = this.int64();
    const fits = typeof value === 'number' && value >= 0 && value < TWO_POW_32;
    return fits ? value : Number(BigInt.asUintN(32, BigInt(value)));
  }

  int32(): number {
    const value = this.int64();
    return typeof value === 'number' && value === (value | 0)
      ? value
      : Number(BigInt.asIntN(32, BigInt(value)));
  }

  sint32(): number {
    const value = this.uint32();
    return (value >>> 1) ^ -(value & 1);
  }

  uint64(): number | bigint {
    const value = this.int64();
    return value < 0 ? BigInt.asUintN(64, BigInt(value)) : value;
  }

  sint64(): number | bigint {
    const value = BigInt(this.uint64());
    return exact((value >> 1n) ^ -(value & 1n));
  }

  /** A number where that holds it exactly. */
  int64(): number | bigint {
    const bytes = this.#bytes;
    let at = this.#at;
    let byte = bytes[at++]!;
    if (byte < 128 && at <= this.#end) {
      this.#at = at;
      return byte;
    }
    let low = byte & 127;
    let middle = 0;
    let high = 0;
    for (let shift = 7; byte > 127; shift += 7) {
      if (at >= this.#end || shift > 63) throw new MalformedError('a number does not end');
      byte = bytes[at++]!;
      const bits = byte & 127;
      if (shift < 28) low |= bits << shift;
      else if (shift < 56) middle |= bits << (shift - 28);
      else high |= bits << (shift - 56);
    }
    if (at > this.#end) throw cutOff();
    this.#at = at;
    high &= 255;
    if (high === 0 && middle < MIDDLE_MAX) return middle * LOW_BITS + low;
    if (high === 255 && middle - LOW_BITS >= -MIDDLE_MAX) return (middle - LOW_BITS) * LOW_BITS + low;
    return exact(BigInt.asIntN(64, (BigInt(high) << 56n) | (BigInt(middle) << 28n) | BigInt(low)));
  }

  double(): number {
    const at = this.#take(8);
    return this.#bytes.readDoubleLE(at);
  }

  float(): number {
    const at = this.#take(4);
    return this.#bytes.readFloatLE(at);
  }

  /** Bytes with their length before them: a part of what is read, no copy. */
  bytes(): Buffer {
    const length = this.uint32();
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  string(): string {
    const length = this.uint32();
    const at = this.#take(length);
    const text = this.#bytes.toString('utf8', at, at + length);
    if (text.includes('\ufffd') && !isUtf8(this.#bytes.subarray(at, at + length))) {
      throw new MalformedError('a text is not UTF-8');
    }
    return text;
  }

  skip(wire: number): void {
    if (wire === WIRE.varint) this.int64();
    else if (wire === WIRE.fixed64) this.#take(8);
    else if (wire === WIRE.fixed32) this.#take(4);
    else if (wire === WIRE.bytes) this.#take(this.uint32());
    else throw new MalformedError(`a value is written in the way ${wire}, which is not known`);
  }

  #take(length: number): number {
    const at = this.#at;
    if (at + length > this.#end) throw cutOff();
    this.#at = at + length;
    return at;
  }
}

function cutOff(): MalformedError {
  return new MalformedError('the message is cut off');
}

function exact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
