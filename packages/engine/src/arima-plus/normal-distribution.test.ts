import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalPoint, probabilityWithin } from './normal-distribution.js';

describe('the normal distribution', () => {
  it('has its tabled probabilities and points', () => {
    // Abramowitz & Stegun (1972), tables 26.1 and 26.5.
    expect(probabilityWithin(1)).toBeCloseTo(0.682689492137086, 14);
    expect(probabilityWithin(-2)).toBeCloseTo(0.954499736103642, 14);
    expect(probabilityWithin(3)).toBeCloseTo(0.99730020393674, 14);
    expect(probabilityWithin(5)).toBeCloseTo(0.999999426696856, 14);
    expect(normalPoint(0.95)).toBeCloseTo(1.959963984540054, 13);
    expect(normalPoint(0.99)).toBeCloseTo(2.575829303548901, 13);
    expect(normalPoint(0.5)).toBeCloseTo(0.674489750196082, 13);
  });

  it('goes from 0 to 1', () => {
    expect(probabilityWithin(0)).toBe(0);
    expect(probabilityWithin(Number.POSITIVE_INFINITY)).toBe(1);
    expect(normalPoint(0)).toBe(0);
  });

  it('has points that are where its probabilities say', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1 - 1e-12, noNaN: true }), (probability) => {
        const tail = 1 - probability;
        expect(Math.abs(1 - probabilityWithin(normalPoint(probability)) - tail)).toBeLessThan(
          4e-16 + 1e-14 * tail,
        );
      }),
      { examples: [[0.9999], [1e-9], [1e-300]] },
    );
  });
});
