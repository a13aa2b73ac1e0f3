import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantile } from './robust-scale.js';

describe('a quantile', () => {
  it('lies where sorting says, whatever the values, and leaves them as they are', () => {
    const values = fc.array(
      fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true, min: -9, max: 9 })),
      {
        minLength: 1,
        maxLength: 300,
      },
    );
    fc.assert(
      fc.property(values, fc.constantFrom(0, 0.05, 0.25, 0.5, 0.95, 1), (numbers, share) => {
        const given = Float64Array.from(numbers);
        const sorted = given.slice().sort();
        const place = share * (sorted.length - 1);
        const low = sorted[Math.floor(place)]!;
        const high = sorted[Math.ceil(place)]!;
        // Zeros of either sign are the same value.
        expect(quantile(given, share) + 0).toBeCloseTo(low + (place % 1) * (high - low), 12);
        expect([...given]).toEqual(numbers);
      }),
    );
  });

  it('of long rising, falling, equal and mirrored values is found', () => {
    const length = 100_001;
    const rows = [
      Float64Array.from({ length }, (_, at) => at),
      Float64Array.from({ length }, (_, at) => length - 1 - at),
      Float64Array.from({ length }, (_, at) => Math.abs(at - 50_000) * 2),
    ];
    for (const row of rows) expect(quantile(row, 0.5)).toBe(50_000);
    expect(quantile(new Float64Array(length).fill(7), 0.5)).toBe(7);
    expect(quantile(new Float64Array(0), 0.5)).toBe(0);
  });
});
