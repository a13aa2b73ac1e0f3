import { describe, expect, it } from 'vitest';
import { judged } from './judged-sample.fixture.js';
import { thin } from './thin.js';
import { Track } from './track.js';
import { valueRange } from './value-range.js';

function rangeOf(
  values: readonly number[],
  band: { lower_bound: number | null; upper_bound: number | null },
) {
  const track = new Track();
  for (const [time, value] of values.entries()) track.put(judged({ time, value, ...band }));
  return valueRange(track, thin(track, 0, values.length, 500));
}
const NO_BAND = { lower_bound: null, upper_bound: null };

describe('the range of values shown', () => {
  it('is finite for the largest numbers there are, and holds them', () => {
    const most = Number.MAX_VALUE;
    const { min, max } = rangeOf([most, -most, 0], NO_BAND);
    expect([min, max]).toEqual([-most, most]);
    expect(rangeOf([1e308], { lower_bound: -most, upper_bound: most }).max).toBe(most);
  });

  it('keeps to the size of tiny numbers', () => {
    const { min, max } = rangeOf([1e-304, 2e-304], NO_BAND);
    expect(min).toBeGreaterThan(0);
    expect(max).toBeLessThan(3e-304);
  });

  it('leaves the samples a third of the height beside a wide band', () => {
    const { min, max } = rangeOf([0, 10], { lower_bound: -1000, upper_bound: 1000 });
    expect(max - min).toBeLessThan(36);
  });

  it('is that of the samples and the other bound where the band has no end', () => {
    const { min, max } = rangeOf([0, 10], { lower_bound: null, upper_bound: 14 });
    expect(min).toBeGreaterThan(-3);
    expect(min).toBeLessThanOrEqual(0);
    expect(max).toBeGreaterThanOrEqual(14);
    expect(max).toBeLessThan(17);
    const down = rangeOf([-1, 10], { lower_bound: -4, upper_bound: null });
    expect([down.min > -7, down.min <= -4, down.max >= 10, down.max < 13]).toEqual([true, true, true, true]);
  });

  it('shows a constant as a flat line with a thin band', () => {
    const { min, max } = rangeOf([50, 50, 50], { lower_bound: 50 - 1e-9, upper_bound: 50 + 1e-9 });
    expect([min, max]).toEqual([expect.closeTo(49.5), expect.closeTo(50.5)]);
    expect(rangeOf([50, 50], NO_BAND)).toEqual({ min: 49.5, max: 50.5 });
    const wide = rangeOf([50, 50], { lower_bound: 40, upper_bound: 60 });
    expect(wide.max - wide.min).toBeGreaterThan(20);
  });

  it('shows zeros by the size of what came besides', () => {
    const zeros = rangeOf([0, 0], { lower_bound: -1e-304, upper_bound: 1e-8 });
    expect([zeros.min, zeros.max]).toEqual([expect.closeTo(-0.01, 6), expect.closeTo(0.01, 6)]);
    const track = new Track();
    const band = { lower_bound: 0, upper_bound: 1e-8 };
    for (const [time, value] of [500, 0, 0, 0, 0].entries()) track.put(judged({ time, value, ...band }));
    const { min, max } = valueRange(track, thin(track, 3, 5, 500));
    expect(max - min).toBeCloseTo(10, 6);
  });

  it('shows what moves, unless it is by next to nothing', () => {
    const { min, max } = rangeOf([101_300, 101_300.5], NO_BAND);
    expect(max - min).toBeLessThan(0.7);
    const still = rangeOf([3, 3 + 4e-16], NO_BAND);
    expect(still.max - still.min).toBeCloseTo(3e-7, 10);
  });
});
