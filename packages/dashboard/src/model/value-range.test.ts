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
});
