import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gaussianNoise } from '../arima-plus/gaussian-noise.fixture.js';
import { lagProducts } from './lag-products.js';
import { fitLaggedRegression, forecastLaggedRegression } from './lagged-regression.js';

describe('sums of products at lags', () => {
  it('are those of each pair added up for itself', () => {
    const noise = gaussianNoise(3);
    const series = Float64Array.from({ length: 80 }, noise);
    const distinct = fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(distinct, (picked) => {
        const lags = [...picked].sort((a, b) => a - b);
        const most = lags.at(-1)!;
        const fast = lagProducts(series, lags);
        for (const [i, a] of lags.entries()) {
          for (const [j, b] of lags.entries()) {
            let sum = 0;
            for (let t = most; t < series.length; t++) sum += series[t - a]! * series[t - b]!;
            expect(fast[i * lags.length + j]).toBeCloseTo(sum, 9);
          }
        }
      }),
    );
  });
});

describe('an autoregression on lags', () => {
  it('finds the coefficients that made the series', () => {
    const noise = gaussianNoise(5);
    const series = new Float64Array(6000);
    for (let t = 12; t < series.length; t++) {
      series[t] = 4 + 0.5 * series[t - 1]! - 0.3 * series[t - 2]! + 0.4 * series[t - 12]! + noise();
    }
    const model = fitLaggedRegression(series.subarray(100), [1, 2, 12])!;
    for (const [index, value] of [0.5, -0.3, 0.4].entries()) {
      expect(Math.abs(model.coefficients[index]! - value)).toBeLessThan(0.04);
    }
    expect(Math.abs(model.variance - 1)).toBeLessThan(0.06);
    const { mean, standardErrors } = forecastLaggedRegression(model, 400);
    expect(Math.abs(mean[399]! - 4 / (1 - 0.5 + 0.3 - 0.4))).toBeLessThan(0.7);
    // The deviation of the process itself, by its autocorrelations.
    const spread = Math.sqrt(series.reduce((sum, value) => sum + (value - 10) ** 2, 0) / series.length);
    expect(standardErrors[0]).toBeCloseTo(Math.sqrt(model.variance), 12);
    expect(standardErrors[399]! / spread).toBeGreaterThan(0.8);
    expect(standardErrors[399]! / spread).toBeLessThan(1.2);
  });

  it('repeats a season that repeats', () => {
    const series = Float64Array.from({ length: 100 }, (_, t) => 7 + [0, 3, -1, 5, -7][t % 5]!);
    const { mean } = forecastLaggedRegression(fitLaggedRegression(series, [1, 5])!, 10);
    for (let step = 0; step < 10; step++) {
      expect(Math.abs(mean[step]! - series[step]!)).toBeLessThan(0.01);
    }
  });

  it('goes on at its pace where the fit would run away', () => {
    const noise = gaussianNoise(8);
    const series = Float64Array.from({ length: 200 }, (_, t) => Math.exp(0.03 * t) + 0.1 * noise());
    const { mean } = forecastLaggedRegression(fitLaggedRegression(series, [1, 2])!, 10_000);
    expect(mean[9999]!).toBeLessThan(10_000 * 0.04 * series[199]!);
    expect(mean[0]! / series[199]!).toBeGreaterThan(0.98);
  });

  it('is not there for too few values, nor for values that never change', () => {
    expect(fitLaggedRegression(Float64Array.of(1, 3, 2, 5, 4, 6), [1, 2])).toBeUndefined();
    expect(fitLaggedRegression(new Float64Array(50).fill(3), [1, 2])).toBeUndefined();
  });
});
