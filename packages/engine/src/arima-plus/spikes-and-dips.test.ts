import { describe, expect, it } from 'vitest';
import { gaussianNoise } from './gaussian-noise.fixture.js';
import { spikesAndDips } from './spikes-and-dips.js';

const noise = gaussianNoise(7);
const hourly = Float64Array.from(
  { length: 480 },
  (_, index) => 100 + 20 * Math.sin((index * Math.PI) / 12) + noise(),
);

describe('spikes and dips', () => {
  it('are found in a season of any height, and a straight line stands in for them', () => {
    const series = hourly.slice();
    for (const [index, size] of [
      [50, 15],
      [200, -18],
      [201, -18],
      [470, 30],
    ] as const) {
      series[index] = series[index]! + size;
    }
    const { indices, cleaned, component } = spikesAndDips(series, { periods: [24] });
    expect(indices).toEqual([50, 200, 201, 470]);
    for (const [index, value] of hourly.entries()) {
      expect(Math.abs(cleaned[index]! - value)).toBeLessThan(indices.includes(index) ? 6 : 1e-9);
      expect(Math.abs(cleaned[index]! + component[index]! - series[index]!)).toBeLessThan(1e-9);
    }
  });

  it('are not seen in the last values, which may be the beginning of a step, until the series goes back', () => {
    const series = hourly.slice();
    for (const index of [478, 479]) series[index] = series[index]! + 40;
    expect(spikesAndDips(series, { periods: [24] }).indices).toEqual([]);
    series[479] = hourly[479]!;
    expect(spikesAndDips(series, { periods: [24] }).indices).toEqual([478]);
  });

  it('are none in ordinary noise', () => {
    expect(spikesAndDips(hourly, { periods: [24] }).indices).toEqual([]);
  });

  it('are none at the sides of a step', () => {
    const stepped = hourly.map((value, index) => value + (index >= 240 ? 80 : 0));
    expect(spikesAndDips(stepped, { periods: [24] }).indices).toEqual([]);
  });

  it('are the way of a series that has many of them', () => {
    const pulses = Float64Array.from({ length: 200 }, (_, index) => (index % 10 === 0 ? 5 : 0));
    const { indices, cleaned } = spikesAndDips(pulses);
    expect(indices).toEqual([]);
    expect(cleaned).toEqual(pulses);
  });

  it('of counts that are mostly 0 are those far beyond the others, and not all that are more than 1', () => {
    let state = 3;
    const uniform = () => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return state / 2_147_483_648;
    };
    const counts = Float64Array.from({ length: 4000 }, () => {
      if (uniform() < 0.78) return 0;
      let count = 1;
      while (uniform() < 0.28) count++;
      return count;
    });
    counts[2000] = 50;
    const { indices } = spikesAndDips(counts);
    expect(indices).toContain(2000);
    expect(indices.length).toBeLessThan(0.01 * counts.length);
    for (const index of indices) expect(counts[index]).toBeGreaterThan(3);
  });

  it('are found on a constant, but not in a handful of values', () => {
    const series = new Float64Array(40).fill(0.1);
    series[12] = 9;
    const { indices, cleaned } = spikesAndDips(series);
    expect(indices).toEqual([12]);
    expect(cleaned).toEqual(new Float64Array(40).fill(0.1));
    expect(spikesAndDips(Float64Array.of(1, 1, 9, 1)).indices).toEqual([]);
  });

  it('are looked for without seasons that the series is too short for', () => {
    expect(spikesAndDips(hourly.slice(0, 30), { periods: [24] }).indices).toEqual([]);
    expect(() => spikesAndDips(hourly, { periods: [1.5] })).toThrow(RangeError);
  });
});
