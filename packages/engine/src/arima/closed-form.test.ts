import { describe, expect, it } from 'vitest';
import { coefficientErrors } from './coefficient-errors.js';
import { ExactLikelihood } from './exact-likelihood.js';
import { filterArima } from './filter-arima.js';
import { fitArima } from './fit-arima.js';
import { forecastArima } from './forecast-arima.js';
import { kalmanFilter } from './kalman-filter.js';
import { selectOrder } from './select-order.js';

/** Standard normal numbers by Lehmer's generator (Park & Miller 1988) and Box & Muller (1958). */
function gaussianNoise(count: number, seed: number): Float64Array {
  let state = seed;
  const uniform = () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return Float64Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}

const noise = gaussianNoise(400, 7);
const forecastOf = (series: Float64Array, p: number, d: number, q: number, withConstant: boolean) => {
  const model = fitArima(series, { p, d, q }, withConstant);
  return { model, ...forecastArima(model, filterArima(series, model).end, 20) };
};

describe('white noise', () => {
  it('is forecast by its mean, with the deviation around it', () => {
    const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length;
    const squares = noise.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const { model, mean: forecast, standardErrors } = forecastOf(noise, 0, 0, 0, true);
    const variance = squares / noise.length;
    expect(model.constant).toBeCloseTo(mean, 12);
    expect(model.variance).toBeCloseTo(squares / (noise.length - 1), 12);
    expect(model.logLikelihood).toBeCloseTo(-200 * (Math.log(2 * Math.PI * variance) + 1), 9);
    expect(forecast[19]).toBeCloseTo(mean, 12);
    expect(standardErrors[19]).toBeCloseTo(Math.sqrt(model.variance), 12);
    expect(coefficientErrors(noise, model).constant).toBeCloseTo(Math.sqrt(variance / noise.length), 6);
  });
});

describe('a random walk', () => {
  const walk = noise.slice();
  for (let index = 1; index < walk.length; index++) walk[index] = walk[index]! + walk[index - 1]!;

  it('is forecast by its last value, with an error that grows with the square root of the steps', () => {
    const { model, mean, standardErrors } = forecastOf(walk, 0, 1, 0, false);
    for (let step = 0; step < 20; step++) {
      expect(mean[step]).toBe(walk[399]);
      expect(standardErrors[step]).toBeCloseTo(Math.sqrt(model.variance * (step + 1)), 10);
    }
  });

  it('with drift goes on by the mean of its steps', () => {
    const { model, mean } = forecastOf(walk, 0, 1, 0, true);
    expect(model.constant).toBeCloseTo((walk[399]! - walk[0]!) / 399, 12);
    expect(mean[19]).toBeCloseTo(walk[399]! + 20 * model.constant, 9);
  });

  it('summed once more goes on by its last step, with the error of a double sum', () => {
    const sum = walk.slice();
    for (let index = 1; index < sum.length; index++) sum[index] = sum[index]! + sum[index - 1]!;
    const { model, mean, standardErrors } = forecastOf(sum, 0, 2, 0, false);
    expect(mean[4]).toBeCloseTo(sum[399]! + 5 * (sum[399]! - sum[398]!), 8);
    expect(standardErrors[4]).toBeCloseTo(Math.sqrt(model.variance * (1 + 4 + 9 + 16 + 25)), 8);
  });
});

describe('AR(1)', () => {
  const series = noise.slice();
  for (let index = 1; index < series.length; index++) {
    series[index] = series[index]! + 0.7 * series[index - 1]!;
  }

  it('has the likelihood of its determinant and sum of squares in closed form', () => {
    for (const phi of [-0.95, -0.3, 0, 0.5, 0.9999]) {
      let squares = (1 - phi * phi) * series[0]! ** 2;
      for (let index = 1; index < 400; index++) squares += (series[index]! - phi * series[index - 1]!) ** 2;
      const expected = -200 * (Math.log((2 * Math.PI * squares) / 400) + 1) + 0.5 * Math.log(1 - phi * phi);
      const likelihood = new ExactLikelihood(series, 1, 0, false);
      expect(likelihood.evaluate(Float64Array.of(phi))).toBeCloseTo(expected, 8);
    }
  });

  it('is forecast by geometric return to the mean, with the variance σ²(1 − φ²ʰ)/(1 − φ²)', () => {
    const { model, mean, standardErrors } = forecastOf(series, 1, 0, 0, true);
    const phi = model.ar[0]!;
    for (let step = 1; step <= 20; step++) {
      expect(mean[step - 1]).toBeCloseTo(model.constant + phi ** step * (series[399]! - model.constant), 10);
      const variance = (model.variance * (1 - phi ** (2 * step))) / (1 - phi * phi);
      expect(standardErrors[step - 1]).toBeCloseTo(Math.sqrt(variance), 10);
    }
  });
});

describe('MA(1)', () => {
  it('has the determinant 1 + θ² + … + θ²ⁿ of its covariance', () => {
    for (const theta of [-0.999, -0.5, 0.3, 1]) {
      const likelihood = new ExactLikelihood(noise.slice(0, 50), 0, 1, false);
      likelihood.evaluate(Float64Array.of(theta));
      let determinant = 0;
      for (let power = 0; power <= 50; power++) determinant += theta ** (2 * power);
      expect(likelihood.logDeterminant).toBeCloseTo(Math.log(determinant), 7);
    }
  });
});

describe('the fast filter and the textbook one', () => {
  const cases: [number[], number[]][] = [
    [[], [0.4]],
    [[0.5], [-0.9]],
    [
      [1.6, -0.93],
      [-1.42, 0.43, 0.13],
    ],
    [[0.3, 0, 0, 0, 0.5], [0.2]],
    [[0.2], [0.3, 0.1, -0.2, 0.1, 0.4]],
    [[0.999], [-0.998]],
  ];

  it.each(cases)('agree on the likelihood at φ = %j, θ = %j', (phi, theta) => {
    const slow = kalmanFilter(noise, Float64Array.from(phi), Float64Array.from(theta));
    const fast = new ExactLikelihood(noise, phi.length, theta.length, false);
    fast.evaluate(Float64Array.from([...phi, ...theta]));
    expect(fast.squares).toBeCloseTo(slow.squares, 7);
    expect(fast.logDeterminant).toBeCloseTo(slow.logDeterminant, 7);
  });

  it.each(cases)('agree on the mean of least squares at φ = %j, θ = %j', (phi, theta) => {
    const filtered = (values: Float64Array) =>
      kalmanFilter(values, Float64Array.from(phi), Float64Array.from(theta)).squares;
    const fast = new ExactLikelihood(noise, phi.length, theta.length, true);
    fast.evaluate(Float64Array.from([...phi, ...theta]));
    expect(fast.squares).toBeCloseTo(filtered(noise.map((value) => value - fast.mean)), 7);
    const aside = [-0.05, 0.05].map((step) => filtered(noise.map((value) => value - fast.mean - step)));
    for (const squares of aside) expect(squares).toBeGreaterThan(fast.squares - 1e-9);
  });
});

describe('a constant', () => {
  it('gives a model of a constant that forecasts it exactly, with no error', () => {
    for (const value of [0, 5, -1e9, 0.1]) {
      const series = new Float64Array(30).fill(value);
      const { best } = selectOrder(series);
      const { mean, standardErrors } = forecastArima(best, filterArima(series, best).end, 5);
      expect([...mean]).toEqual(new Array(5).fill(value));
      expect([...standardErrors]).toEqual(new Array(5).fill(0));
      expect(Number.isFinite(best.aic)).toBe(true);
      expect([best.order.p, best.order.d, best.order.q]).toEqual([0, 0, 0]);
    }
  });

  it('in its steps gives a straight line', () => {
    const line = Float64Array.from({ length: 40 }, (_, index) => 3 + 0.25 * index);
    const { best } = selectOrder(line);
    const { mean, standardErrors } = forecastArima(best, filterArima(line, best).end, 4);
    expect(best.withConstant).toBe(true);
    expect([...mean]).toEqual([13, 13.25, 13.5, 13.75]);
    expect([...standardErrors]).toEqual([0, 0, 0, 0]);
  });
});
