import { describe, expect, it } from 'vitest';
import { gaussianNoise } from './gaussian-noise.fixture.js';
import { withoutYoungShift } from './young-shift.js';

const NONE = new Uint8Array(300);

function noisy(end: readonly number[], length = 300): Float64Array {
  const noise = gaussianNoise(end.length + 1);
  return Float64Array.from({ length }, (_, at) => 50 + noise() + (end[at - length + end.length] ?? 0));
}

describe('a shift that a series ends with', () => {
  it.each([
    [1, [20]],
    [4, [-20, -20, -20, -20]],
    [3, [9, 20, 20]],
    [5, [-10, -20, -20, -20, -20]],
  ])('is brought to the level before: %d values', (count, end) => {
    const series = noisy(end);
    const even = withoutYoungShift(series, NONE);
    expect(even.subarray(0, 300 - count)).toEqual(series.subarray(0, 300 - count));
    for (const value of even.subarray(300 - count)) expect(Math.abs(value - 50)).toBeLessThan(2);
  });

  it('stays where it is none, or old enough to be a step', () => {
    for (const end of [[], [4], [20, 20, 20, 20, 20], [20, 20, -20], [20, 0, 0]]) {
      const series = noisy(end);
      expect(withoutYoungShift(series, NONE)).toBe(series);
    }
  });

  it('stays where the series moved as far before, or is too short to tell', () => {
    const before = noisy([20, 20]);
    before[100]! += 25;
    expect(withoutYoungShift(before, NONE)).toBe(before);
    const short = noisy([20, 20], 90);
    expect(withoutYoungShift(short, NONE)).toBe(short);
  });

  it('is told by what was observed, and takes the gaps within along', () => {
    const series = noisy([20, 20, 20, 20]);
    const filled = NONE.slice().fill(1, 297, 299);
    for (const value of withoutYoungShift(series, filled).subarray(296))
      expect(Math.abs(value - 50)).toBeLessThan(2);
  });
});
