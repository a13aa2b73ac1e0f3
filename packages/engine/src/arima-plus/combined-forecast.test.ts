import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seasonalArimaForecast } from './combined-baseline.js';
import { fitCombined, forecastCombined } from './combined-forecast.js';
import { gaussianNoise } from './gaussian-noise.fixture.js';

const ORDER = { p: 0, d: 1, q: 1 };
const baselineOf = (periods: readonly number[]) => (history: Float64Array, horizon: number) =>
  seasonalArimaForecast(history, { periods, seasonalWindow: 11 }, ORDER, false, horizon);

/** A wandering level times a day of 12 and a week of 60. */
function traffic(count: number, seed: number): Float64Array {
  const noise = gaussianNoise(seed);
  let level = 5;
  return Float64Array.from({ length: count }, (_, t) => {
    level += 0.01 * noise();
    const day = 0.6 * Math.sin((2 * Math.PI * t) / 12);
    const week = t % 60 >= 48 ? -0.5 : 0;
    return Math.exp(level + day + week + 0.03 * noise());
  });
}

function meanError(actual: Float64Array, forecast: Float64Array): number {
  return actual.reduce((sum, value, step) => sum + Math.abs(value - forecast[step]!), 0) / actual.length;
}

describe('the combined forecast', () => {
  const HORIZON = 24;
  const PERIODS = [12, 60];

  it('is nearer to what comes than its baseline and than a season ago, over many series', () => {
    let [combined, baseline, naive] = [0, 0, 0];
    let inside = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const all = traffic(384, seed);
      const history = all.subarray(0, 360);
      const actual = all.subarray(360);
      const own = baselineOf(PERIODS)(history, HORIZON);
      const model = fitCombined(history, {
        periods: PERIODS,
        horizon: HORIZON,
        baseline: baselineOf(PERIODS),
      });
      const { mean, standardErrors } = forecastCombined(model, HORIZON, own);
      combined += meanError(actual, mean);
      baseline += meanError(actual, own.mean);
      naive += meanError(actual, all.subarray(300, 324));
      inside += actual.filter(
        (value, step) => Math.abs(value - mean[step]!) < 1.96 * standardErrors[step]!,
      ).length;
    }
    expect(combined).toBeLessThan(0.97 * baseline);
    expect(combined).toBeLessThan(0.7 * naive);
    expect(inside / (12 * HORIZON)).toBeGreaterThan(0.88);
  });

  it('weighs the methods by their errors on what was held out; the weights add up to 1', () => {
    const history = traffic(400, 30);
    const wrong = (_: Float64Array, horizon: number) => {
      const mean = new Float64Array(horizon).fill(1e4);
      return { mean, standardErrors: mean };
    };
    const { members, baselineWeight } = fitCombined(history, {
      periods: PERIODS,
      horizon: HORIZON,
      baseline: wrong,
    });
    expect(members.length).toBe(8);
    expect(baselineWeight).toBeLessThan(1e-4);
    expect(members.reduce((sum, { weight }) => sum + weight, baselineWeight)).toBeCloseTo(1, 12);
    const negative = fitCombined(
      history.map((value) => value - 500),
      { periods: PERIODS, horizon: HORIZON },
    );
    expect(negative.members.every(({ fitted }) => !fitted.logarithm)).toBe(true);
  });

  it('is surer than its members where their errors cancelled', () => {
    const model = fitCombined(traffic(400, 33), { periods: PERIODS, horizon: HORIZON });
    expect(model.errorShare).toBeGreaterThan(0.3);
    expect(model.errorShare).toBeLessThan(0.99);
    const all = forecastCombined({ ...model, errorShare: undefined }, HORIZON).standardErrors;
    const { standardErrors } = forecastCombined(model, HORIZON);
    expect(standardErrors.every((error, step) => error < all[step]!)).toBe(true);
  });

  it('does not see what comes later', () => {
    const all = traffic(400, 31);
    const alone = fitCombined(all.slice(0, 300), { periods: PERIODS, horizon: HORIZON });
    const inside = fitCombined(all.subarray(0, 300), { periods: PERIODS, horizon: HORIZON });
    expect(forecastCombined(inside, 60)).toEqual(forecastCombined(alone, 60));
    expect(forecastCombined(inside, 24).mean).toEqual(forecastCombined(inside, 60).mean.subarray(0, 24));
  });

  it('scales with the series, however large or small it is', () => {
    const history = traffic(200, 32);
    const plain = forecastCombined(fitCombined(history, { periods: [12], horizon: 12 }), 12);
    for (const factor of [2 ** -400, 2 ** 60, 2 ** 400]) {
      const times = history.map((value) => value * factor);
      const { mean, standardErrors } = forecastCombined(
        fitCombined(times, { periods: [12], horizon: 12 }),
        12,
      );
      expect(mean.map((value) => value / factor)).toEqual(plain.mean);
      expect(standardErrors.map((value) => value / factor)).toEqual(plain.standardErrors);
    }
  });

  it('answers numbers for any numbers from three on', () => {
    const values = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 3, maxLength: 60 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 40 }), (numbers, horizon) => {
        const series = Float64Array.from(numbers);
        const baseline = baselineOf([4]);
        const model = fitCombined(series, { periods: [4], horizon, baseline });
        const { mean, standardErrors } = forecastCombined(model, horizon, baseline(series, horizon));
        expect(mean.every(Number.isFinite)).toBe(true);
        expect(standardErrors.every((error) => error >= 0 && error < Number.POSITIVE_INFINITY)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('of a constant is the constant, without doubt', () => {
    for (const value of [0, 7, -3]) {
      const model = fitCombined(new Float64Array(50).fill(value), { periods: [4], horizon: 5 });
      const { mean, standardErrors } = forecastCombined(model, 5);
      for (let step = 0; step < 5; step++) expect(mean[step]).toBeCloseTo(value, 12);
      expect(Math.max(...standardErrors)).toBeLessThan(1e-12);
    }
  });
});
