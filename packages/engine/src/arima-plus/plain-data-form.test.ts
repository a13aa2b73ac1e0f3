import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter } from './bytes.js';
import { type PlainData, readPlainData, writePlainData } from './plain-data-form.js';

function saved(data: PlainData): Uint8Array {
  const writer = new ByteWriter();
  writePlainData(writer, data);
  return writer.written();
}
const again = (data: PlainData) => readPlainData(new ByteReader(saved(data)));

const numbers = fc.oneof(
  fc.array(fc.double()),
  fc.array(fc.integer({ min: -100, max: 100 })),
  fc.array(fc.integer({ min: -4e9, max: 4e9 }).map((value) => value / 100)),
  fc.array(fc.float()),
  fc.tuple(fc.nat(300), fc.double()).map(([length, value]) => Array<number>(length).fill(value)),
);
const leaf = fc.oneof(
  fc.constantFrom(undefined, null, true, false),
  fc.double(),
  fc.maxSafeInteger(),
  fc.string({ unit: 'grapheme' }),
  numbers.map((values) => Float64Array.from(values)),
  fc.array(fc.constantFrom(0, 1)).map((bits) => Uint8Array.from(bits)),
);
const { tree } = fc.letrec<{ tree: PlainData }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('tree')),
    fc.dictionary(fc.string(), tie('tree'), { noNullPrototype: true }),
  ),
}));

describe('plain data as bytes', () => {
  it('comes back to the last bit', () => {
    fc.assert(
      fc.property(tree, (data) => {
        expect(again(data)).toStrictEqual(data);
      }),
      { numRuns: 80 },
    );
  });

  it('takes few bytes: one for small whole numbers, two for decimals in the thousands', () => {
    const length = 1000;
    const small = Float64Array.from({ length }, (_, index) => index % 100);
    const decimal = Float64Array.from({ length }, (_, index) => (index * 7) / 100);
    const any = Float64Array.from({ length }, (_, index) => Math.sin(index));
    expect(saved(small).length).toBeLessThan(length + 10);
    expect(saved(decimal).length).toBeLessThan(2 * length + 10);
    expect(saved(any).length).toBeLessThan(8 * length + 10);
    expect(saved(new Float64Array(length)).length).toBeLessThan(20);
    expect(saved(new Uint8Array(length)).length).toBeLessThan(10);
  });

  it('that is cut off, or none, is refused with a RangeError', () => {
    const bytes = saved({ name: 'series', values: Float64Array.of(1, 2, 3), more: ['a', 'b'] });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readPlainData(new ByteReader(bytes.subarray(0, length)))).toThrow(RangeError);
    }
    expect(() => readPlainData(new ByteReader(Uint8Array.of(99)))).toThrow(/not a saved model/);
  });
});
