import { expect, it } from 'vitest';
import { studentVariance } from './student-variance.js';

it('widens the variance as Student’s t does the interval', () => {
  // t at 97.5%: Fisher & Yates (1963), table III.
  const points: [freedom: number, t: number][] = [
    [4, 2.776],
    [10, 2.228],
    [30, 2.042],
    [120, 1.98],
  ];
  for (const [freedom, t] of points) {
    const ratio = Math.sqrt(studentVariance(9 * freedom, freedom) / 9);
    expect(Math.abs((ratio * 1.959964) / t - 1)).toBeLessThan(0.02);
  }
});
