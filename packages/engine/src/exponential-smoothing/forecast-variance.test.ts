import { expect, it } from 'vitest';
import { forecastVariance } from './forecast-variance.js';

it('widens the variance as Student’s t does the interval', () => {
  // t at 97.5%: Fisher & Yates (1963), table III.
  const points: [freedom: number, t: number][] = [
    [4, 2.776],
    [10, 2.228],
    [30, 2.042],
    [120, 1.98],
  ];
  for (const [freedom, t] of points) {
    const ratio = Math.sqrt(forecastVariance(9 * freedom, freedom, 0) / 9);
    expect(Math.abs((ratio * 1.959964) / t - 1)).toBeLessThan(0.02);
  }
});

it('grows by what estimating takes and adds', () => {
  const [plain, few] = [forecastVariance(1000, 1000, 0), forecastVariance(1000, 1000, 100)];
  expect(few / plain).toBeCloseTo(1100 / 900, 3);
});
