/** Bytes written one after the other; grows as needed. Numbers are little endian. */
export class ByteWriter {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  byte(value: number): void {
    this.#makeRoom(1);
    this.#bytes[this.#length++] = value;
  }

  /** A whole number from 0 to 2^53 − 1, 7 bits a byte, the lowest first; the highest bit says that more follow. */
  varint(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.byte((rest % 128) + 128);
    this.byte(rest);
  }

  float64(value: number): void {
    this.#makeRoom(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  float32(value: number): void {
    this.#makeRoom(4);
    this.#view.setFloat32(this.#length, value, true);
    this.#length += 4;
  }

  /** A whole number with sign, of 1, 2 or 4 bytes. */
  signed(value: number, size: 1 | 2 | 4): void {
    this.#makeRoom(size);
    if (size === 1) this.#view.setInt8(this.#length, value);
    else if (size === 2) this.#view.setInt16(this.#length, value, true);
    else this.#view.setInt32(this.#length, value, true);
    this.#length += size;
  }

  /** The number of UTF-16 units, then they: a byte each for ASCII. */
  text(value: string): void {
    this.varint(value.length);
    for (let at = 0; at < value.length; at++) this.varint(value.charCodeAt(at));
  }

  unsigned32(value: number): void {
    this.#makeRoom(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  /** What was written so far, not copied. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #makeRoom(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + more));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/** Reads what a {@link ByteWriter} wrote. Throws RangeError past the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  byte(): number {
    return this.#view.getUint8(this.#take(1));
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  }

  /** How many things follow, of a byte at least each. */
  count(): number {
    const count = this.varint();
    if (count > this.#bytes.length - this.#at) this.#take(count);
    return count;
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  float32(): number {
    return this.#view.getFloat32(this.#take(4), true);
  }

  signed(size: 1 | 2 | 4): number {
    const at = this.#take(size);
    if (size === 1) return this.#view.getInt8(at);
    return size === 2 ? this.#view.getInt16(at, true) : this.#view.getInt32(at, true);
  }

  unsigned32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  text(): string {
    let text = '';
    for (let left = this.count(); left > 0; left--) text += String.fromCharCode(this.varint());
    return text;
  }

  #take(count: number): number {
    const at = this.#at;
    if (at + count > this.#bytes.length) throw new RangeError('these bytes end too early for a saved model');
    this.#at = at + count;
    return at;
  }
}
