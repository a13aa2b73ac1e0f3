/*
 * Numbers in the fewest bytes that give each back to the last bit. After the length comes the packing:
 *   0         all are the same: one number of 8 bytes
 *   1, 2, 4   whole numbers of so many bytes with sign, over a power of ten: the power as a byte, then they
 *   5         4 bytes each, as none needs more digits
 *   8         8 bytes each
 */
import type { ByteReader, ByteWriter } from './bytes.js';

const SAME = 0;
const SINGLE = 5;
const DOUBLE = 8;
/** Metrics are rarely written with more decimals. */
const DECIMALS_MAX = 4;
const WHOLE_MAX = 2 ** 31 - 1;

export function writePackedNumbers(to: ByteWriter, numbers: Float64Array): void {
  to.varint(numbers.length);
  if (numbers.length === 0) return;
  if (numbers.every((value) => Object.is(value, numbers[0]))) {
    to.byte(SAME);
    to.float64(numbers[0]!);
    return;
  }
  for (let decimals = 0; decimals <= DECIMALS_MAX; decimals++) {
    const largest = largestWhole(numbers, 10 ** decimals);
    if (largest === undefined) continue;
    const size = largest <= 127 ? 1 : largest <= 32_767 ? 2 : 4;
    to.byte(size);
    to.byte(decimals);
    for (const value of numbers) to.signed(Math.round(value * 10 ** decimals), size);
    return;
  }
  const isSingle = numbers.every((value) => Object.is(Math.fround(value), value));
  to.byte(isSingle ? SINGLE : DOUBLE);
  for (const value of numbers) {
    if (isSingle) to.float32(value);
    else to.float64(value);
  }
}

/** @throws RangeError on a packing that is none */
export function readPackedNumbers(from: ByteReader): Float64Array {
  const length = from.varint();
  if (length === 0) return new Float64Array(0);
  const packing = from.byte();
  if (packing === SAME) return new Float64Array(length).fill(from.float64());
  if (packing === 1 || packing === 2 || packing === 4) {
    const factor = 10 ** from.byte();
    return Float64Array.from({ length }, () => from.signed(packing) / factor);
  }
  if (packing === SINGLE) return Float64Array.from({ length }, () => from.float32());
  if (packing === DOUBLE) return Float64Array.from({ length }, () => from.float64());
  throw new RangeError(`these bytes are not a saved model: numbers are packed by ${packing}`);
}

/** The largest of the numbers times the factor, either way; undefined unless whole numbers over it give them back. */
function largestWhole(numbers: Float64Array, factor: number): number | undefined {
  let largest = 0;
  for (const value of numbers) {
    const whole = Math.round(value * factor);
    // Whole numbers have no −0.
    if (!(Math.abs(whole) <= WHOLE_MAX) || whole / factor !== value || Object.is(value, -0)) return undefined;
    largest = Math.max(largest, Math.abs(whole));
  }
  return largest;
}
