import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { smoothLoess } from './loess.js';
import { mstl } from './mstl.js';
import { seasonalStrength } from './seasonal-strength.js';
import { stl } from './stl.js';

const DAY = [0, 1, 4, 9, 3, -2, -7, -8];
const pureSeason = Float64Array.from({ length: 80 }, (_, index) => DAY[index % 8]!);
const wild = fc.array(
  fc.oneof(fc.double({ min: -1e9, max: 1e9, noNaN: true }), fc.constantFrom(0, 1e150, -1e150, 5e-324)),
  { minLength: 17, maxLength: 80 },
);
const runs = { numRuns: 80 };

describe('a pure season', () => {
  it('on a level is taken apart exactly', () => {
    const series = pureSeason.map((value) => 100 + value);
    for (const seasonalWindow of [7, 11, 'periodic'] as const) {
      const { seasonal, trend, remainder } = stl(series, { period: 8, seasonalWindow });
      for (let index = 0; index < 80; index++) {
        expect(seasonal[index]).toBeCloseTo(pureSeason[index]!, 9);
        expect(trend[index]).toBeCloseTo(100, 9);
        expect(remainder[index]).toBeCloseTo(0, 9);
      }
    }
  });

  it('on a straight line is taken apart to 2% of what the line rises in a season', () => {
    const series = pureSeason.map((value, index) => 100 + 0.5 * index + value);
    const { seasonal, trend } = stl(series, { period: 8, seasonalWindow: 11 });
    for (let index = 0; index < 80; index++) {
      expect(Math.abs(seasonal[index]! - pureSeason[index]!)).toBeLessThan(0.08);
      expect(Math.abs(trend[index]! - 100 - 0.5 * index)).toBeLessThan(0.08);
    }
  });

  it('has the strength 1, and none the strength 0', () => {
    const { seasonal, remainder } = mstl(pureSeason, { periods: [8] });
    expect(seasonalStrength(seasonal[0]!.values, remainder)).toBeCloseTo(1, 12);
    expect(seasonalStrength(new Float64Array(9), Float64Array.from(DAY.concat(5)))).toBe(0);
    expect(seasonalStrength(new Float64Array(9), new Float64Array(9))).toBe(0);
  });

  it('stays when robust, although single values are far off', () => {
    const series = pureSeason.slice();
    series[20] = 900;
    series[21] = -900;
    const { seasonal, weights } = stl(series, { period: 8, seasonalWindow: 7, robust: true });
    expect([weights[20], weights[21]]).toEqual([0, 0]);
    for (let index = 0; index < 80; index++) expect(seasonal[index]).toBeCloseTo(pureSeason[index]!, 1);
  });
});

describe('loess', () => {
  it('of degree 1 returns a line, of degree 0 a level, at every jump', () => {
    const line = Float64Array.from({ length: 50 }, (_, index) => 7 - 0.3 * index);
    const out = new Float64Array(50);
    for (const [window, jump] of [
      [5, 1],
      [11, 3],
      [49, 10],
      [201, 60],
    ] as const) {
      smoothLoess(line, { window, degree: 1, jump }, out);
      for (let index = 0; index < 50; index++) expect(out[index]).toBeCloseTo(line[index]!, 9);
      smoothLoess(new Float64Array(50).fill(3), { window, degree: 0, jump }, out);
      for (const value of out) expect(value).toBeCloseTo(3, 12);
    }
  });

  it('keeps a value where no neighbour has a weight', () => {
    const out = new Float64Array(3);
    smoothLoess(
      Float64Array.of(1, 2, 9),
      { window: 3, degree: 1, jump: 1, robustness: new Float64Array(3) },
      out,
    );
    expect([...out]).toEqual([1, 2, 9]);
  });
});

describe('STL and MSTL of whatever comes', () => {
  it('hold no NaN and add up to the series', () => {
    fc.assert(
      fc.property(wild, fc.boolean(), (numbers, robust) => {
        const series = Float64Array.from(numbers);
        const { trend, seasonal, remainder } = mstl(series, { periods: [3, 8], robust });
        const largest = Math.max(...numbers.map(Math.abs));
        series.forEach((value, index) => {
          const sum =
            trend[index]! + seasonal[0]!.values[index]! + seasonal[1]!.values[index]! + remainder[index]!;
          expect(Math.abs(sum - value)).toBeLessThanOrEqual(1e-12 * largest);
        });
        for (const { values } of seasonal) {
          const strength = seasonalStrength(values, remainder);
          expect(strength).toBeGreaterThanOrEqual(0);
          expect(strength).toBeLessThanOrEqual(1);
        }
      }),
      runs,
    );
  });

  it('move and scale with the series', () => {
    const number = fc.double({ min: -100, max: 100, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(number, { minLength: 20, maxLength: 60 }),
        number,
        number,
        (numbers, by, times) => {
          const options = { period: 6, seasonalWindow: 7 } as const;
          const plain = stl(Float64Array.from(numbers), options);
          const moved = stl(
            Float64Array.from(numbers, (value) => by + times * value),
            options,
          );
          for (let index = 0; index < numbers.length; index++) {
            expect(Math.abs(moved.seasonal[index]! - times * plain.seasonal[index]!)).toBeLessThan(1e-8);
            expect(Math.abs(moved.trend[index]! - times * plain.trend[index]! - by)).toBeLessThan(1e-8);
          }
        },
      ),
      runs,
    );
  });
});

describe('what cannot be is refused', () => {
  it('with a RangeError that says why', () => {
    const series = new Float64Array(48);
    expect(() => stl(series, { period: 24, seasonalWindow: 7 })).toThrow(/needs more than 48 values/);
    expect(() => stl(series, { period: 1.5, seasonalWindow: 7 })).toThrow(/period is a whole number from 2/);
    expect(() => stl(series, { period: 4, seasonalWindow: 8 })).toThrow(/seasonalWindow is an odd number/);
    expect(() => stl(series, { period: 4, seasonalWindow: 7, trendWindow: 2 })).toThrow(
      /trendWindow is an odd/,
    );
    expect(() => mstl(series, { periods: [] })).toThrow(/at least one/);
    expect(() => mstl(series, { periods: [6, 6] })).toThrow(/all different/);
    expect(() => mstl(series, { periods: [6], iterations: 0 })).toThrow(/iterations/);
    expect(() => seasonalStrength(series, series.slice(1))).toThrow(/equally long/);
  });
});
