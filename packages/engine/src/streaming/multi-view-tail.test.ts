import { expect, it } from 'vitest';
import { rarity, thresholdFor, timesQuantile } from './multi-view-tail.js';

it('a single sample is asked for a tenth of the false alarms of a week, at least one in ten thousand', () => {
  expect(thresholdFor(1000, 1, 1e6)).toBeCloseTo(1 + Math.log10(604_800), 12);
  expect(thresholdFor(60_000, 10, 1e6)).toBeCloseTo(1 + Math.log10(1008), 12);
  expect(thresholdFor(3_600_000, 1, 1e6)).toBe(4);
  expect(thresholdFor(1000, 1, 300)).toBeCloseTo(1 + Math.log10(30_000), 12);
});

it('the rarity of the band is the threshold, and rises with the error; that of the quantile is 0.3%', () => {
  for (const threshold of [4, 5.5, 9]) {
    const band = 4 * timesQuantile(threshold, 0.2);
    expect(rarity(band, band, threshold, 0.2)).toBeCloseTo(threshold, 12);
    expect(rarity(4, band, threshold, 0.2)).toBeCloseTo(-Math.log10(0.003), 9);
    expect(rarity(2 * band, band, threshold, 0.2)).toBeGreaterThan(threshold);
  }
});
