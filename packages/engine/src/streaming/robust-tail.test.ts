import { expect, it } from 'vitest';
import { bandFor, rarity, thresholdFor } from './robust-tail.js';

it('one false alarm a week is one sample in all samples of a week, at least one in a thousand', () => {
  expect(thresholdFor(1000, 1, 1e6)).toBeCloseTo(Math.log10(604_800), 12);
  expect(thresholdFor(60_000, 10, 1e6)).toBeCloseTo(Math.log10(1008), 12);
  expect(thresholdFor(3_600_000, 1, 1e6)).toBe(3);
  expect(thresholdFor(1000, 1, 300)).toBeCloseTo(Math.log10(30_000), 12);
});

it('rarity is 2 at the quantile of 1%, rises with the error, and the band undoes it', () => {
  const logQ = Math.log(4);
  expect(rarity(4, logQ, 0.2)).toBeCloseTo(2, 12);
  expect(rarity(0, logQ, 0.2)).toBe(0);
  expect(rarity(2, logQ, 0.2)).toBeCloseTo(1, 12);
  for (const threshold of [3, 4.5, 9]) {
    expect(rarity(bandFor(threshold, logQ, 0.2), logQ, 0.2)).toBeCloseTo(threshold, 9);
  }
});
