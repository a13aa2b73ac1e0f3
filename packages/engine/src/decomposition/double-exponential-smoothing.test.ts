import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extrapolateSeason } from './double-exponential-smoothing.js';

const SEASON = [3, -1, 0.5, -2.5];

describe('a season continued', () => {
  it('that never changes goes on unchanged, from where the series ends', () => {
    for (const length of [12, 13, 15]) {
      const seasonal = Float64Array.from({ length }, (_, index) => SEASON[index % 4]!);
      const ahead = extrapolateSeason(seasonal, { period: 4, horizon: 9 });
      ahead.forEach((value, step) => {
        expect(value).toBeCloseTo(SEASON[(length + step) % 4]!, 12);
      });
    }
  });

  it('that grows by the same each time goes on growing, with damping ever less', () => {
    const seasonal = Float64Array.from(
      { length: 80 },
      (_, index) => SEASON[index % 4]! * Math.floor(index / 4),
    );
    const ahead = extrapolateSeason(seasonal, { period: 4, horizon: 8 });
    const damped = extrapolateSeason(seasonal, { period: 4, horizon: 400, damping: 0.9 });
    for (let step = 0; step < 8; step++) {
      expect(Math.abs(ahead[step]! / (SEASON[step % 4]! * Math.floor(20 + step / 4)) - 1)).toBeLessThan(0.02);
    }
    expect(damped[396]! - damped[392]!).toBeLessThan(1e-3);
    expect(damped[396]).toBeGreaterThan(damped[0]!);
  });

  it('scales with the season, and never is NaN', () => {
    // Not so small that a quarter of it would lose digits.
    const number = fc.double({ min: -1e100, max: 1e100, noNaN: true }).map((value) => Math.round(value));
    fc.assert(
      fc.property(fc.array(number, { minLength: 6, maxLength: 40 }), (numbers) => {
        const seasonal = Float64Array.from(numbers);
        const plain = extrapolateSeason(seasonal, { period: 3, horizon: 20 });
        const scaled = extrapolateSeason(
          seasonal.map((value) => value * 4),
          { period: 3, horizon: 20 },
        );
        for (const value of plain) expect(Number.isFinite(value)).toBe(true);
        expect([...scaled]).toEqual([...plain].map((value) => 4 * value));
      }),
      { numRuns: 80 },
    );
  });

  it('is refused where it cannot be, with a RangeError that says why', () => {
    const seasonal = new Float64Array(7);
    expect(() => extrapolateSeason(seasonal, { period: 4, horizon: 1 })).toThrow(/needs 8 values/);
    expect(() => extrapolateSeason(seasonal, { period: 2, horizon: 0 })).toThrow(/horizon/);
    expect(() => extrapolateSeason(seasonal, { period: 2, horizon: 1, damping: 0 })).toThrow(/damping/);
    expect([...extrapolateSeason(seasonal, { period: 2, horizon: 2 })]).toEqual([0, 0]);
  });
});
