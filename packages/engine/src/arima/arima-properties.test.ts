import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gaussianNoise } from '../arima-plus/gaussian-noise.fixture.js';
import { coefficientErrors } from './coefficient-errors.js';
import { ExactLikelihood } from './exact-likelihood.js';
import { filterArima } from './filter-arima.js';
import { fitArima } from './fit-arima.js';
import { forecastArima } from './forecast-arima.js';
import { differencesNeeded, kpssStatistic } from './kpss.js';
import { toCoefficients, toStartNumbers } from './partial-autocorrelation.js';
import { selectOrder } from './select-order.js';

const series = (lengthMax = 60) =>
  fc
    .array(fc.double({ min: -1, max: 1, noNaN: true, noDefaultInfinity: true }), {
      minLength: 30,
      maxLength: lengthMax,
    })
    .map((steps) => {
      let level = 0;
      // In millionths, so that no digit is lost when scaled by a power of two.
      return Float64Array.from(steps, (step) => {
        level = 0.6 * level + Math.round(step * 1e6) / 1e6;
        return level;
      });
    });
const wild = fc.oneof(
  fc.double({ min: -1e12, max: 1e12, noNaN: true }),
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(0, 1e150, -1e150, 1e-308, 5e-324, 100),
);
const orders = fc.constantFrom(
  { p: 0, d: 0, q: 0 },
  { p: 1, d: 0, q: 0 },
  { p: 1, d: 0, q: 1 },
  { p: 0, d: 1, q: 1 },
  { p: 2, d: 1, q: 0 },
  { p: 0, d: 2, q: 1 },
);
const runs = { numRuns: 60 };

function forecastOf(values: Float64Array, order: { p: number; d: number; q: number }) {
  const model = fitArima(values, order, order.d < 2);
  return forecastArima(model, filterArima(values, model).end, 8);
}

describe('a fitted ARIMA', () => {
  it('of a series times a power of two is the same one, its forecasts times that power', () => {
    fc.assert(
      fc.property(series(), orders, fc.integer({ min: -40, max: 40 }), (values, order, power) => {
        const factor = 2 ** power;
        const plain = forecastOf(values, order);
        const scaled = forecastOf(
          values.map((value) => value * factor),
          order,
        );
        expect([...scaled.mean]).toEqual([...plain.mean].map((value) => value * factor));
        expect([...scaled.standardErrors]).toEqual([...plain.standardErrors].map((value) => value * factor));
      }),
      runs,
    );
  });

  it('of a series moved and turned upside down forecasts the same, moved and turned', () => {
    fc.assert(
      fc.property(
        series(),
        orders,
        fc.double({ min: -1000, max: 1000, noNaN: true }),
        (values, order, by) => {
          fc.pre(spread(values) > 1e-3);
          const plain = forecastOf(values, order);
          const moved = forecastOf(
            values.map((value) => by - value),
            order,
          );
          plain.mean.forEach((value, step) => {
            expect(Math.abs(by - value - moved.mean[step]!)).toBeLessThan(
              2e-3 * (1 + plain.standardErrors[step]!),
            );
            expect(
              Math.abs(plain.standardErrors[step]! / (moved.standardErrors[step]! + 1e-12) - 1),
            ).toBeLessThan(2e-3);
          });
        },
      ),
      runs,
    );
  });
});

describe('no NaN leaves', () => {
  it('a search and its forecast, whatever finite values come in', () => {
    fc.assert(
      fc.property(fc.array(wild, { minLength: 3, maxLength: 40 }), (numbers) => {
        const values = Float64Array.from(numbers);
        const { best, candidates } = selectOrder(values, { orderMax: 3 });
        const { end, residuals } = filterArima(values, best);
        const { mean, standardErrors } = forecastArima(best, end, 30);
        for (const value of [...mean, ...standardErrors, ...residuals]) expect(value).not.toBeNaN();
        for (const error of standardErrors) expect(error).toBeGreaterThanOrEqual(0);
        for (const { model } of candidates) {
          if (model)
            expect([model.aic, model.variance, model.constant, ...model.ar, ...model.ma]).not.toContain(NaN);
        }
        const { ar, ma, constant } = coefficientErrors(values, best);
        expect([...ar, ...ma, constant]).not.toContain(NaN);
        expect(kpssStatistic(values)).not.toBeNaN();
        expect([0, 1, 2]).toContain(differencesNeeded(values));
      }),
      { numRuns: 150 },
    );
  });
});

describe('a long series', () => {
  const long = Float64Array.from({ length: 6000 }, (_, index) => Math.sin(index) + Math.sin(index * index));

  it('is fitted whole, although its end finds the peak', () => {
    const model = fitArima(long, { p: 1, d: 0, q: 1 }, true);
    const nearby = [
      [0.01, 0],
      [-0.01, 0],
      [0, 0.01],
      [0, -0.01],
    ].map(([ar = 0, ma = 0]) => {
      const likelihood = new ExactLikelihood(long, 1, 1, true);
      return likelihood.evaluate(Float64Array.of(model.ar[0]! + ar, model.ma[0]! + ma));
    });
    expect(model.observations).toBe(6000);
    for (const value of nearby) expect(value).toBeLessThan(model.logLikelihood);
  });

  it('that an order fits to the last digit can be forecast from all the same', () => {
    const alternating = Float64Array.from({ length: 248 }, (_, index) => (index % 2 === 0 ? -1 : 1));
    for (const order of [
      { p: 5, d: 1, q: 0 },
      { p: 5, d: 2, q: 3 },
      { p: 5, d: 0, q: 5 },
      { p: 4, d: 1, q: 2 },
    ]) {
      const model = fitArima(alternating, order, order.d === 0);
      const { startVariances, end } = filterArima(alternating, model);
      expect(Math.min(...startVariances)).toBeGreaterThan(0.9);
      const { mean, standardErrors } = forecastArima(model, end, 50);
      expect(mean.every((value, step) => Math.abs(value + (step % 2 === 0 ? 1 : -1)) < 0.1)).toBe(true);
      expect(standardErrors.every(Number.isFinite)).toBe(true);
    }
  });

  it('that ends in a constant still has a model', () => {
    const still = long.map((value, index) => (index < 1500 ? value : 0));
    const { best } = selectOrder(still, { d: 0 });
    expect(best.aic).not.toBeNaN();
    expect(best.variance).toBeGreaterThan(0);
  });
});

describe('partial autocorrelations', () => {
  it('become coefficients and come back', () => {
    const number = fc.double({ min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(number, { minLength: 1, maxLength: 5 }),
        fc.constantFrom(1, -1),
        (numbers, sign) => {
          const coefficients = new Float64Array(numbers.length);
          toCoefficients(Float64Array.from(numbers), 0, numbers.length, sign as 1 | -1, coefficients, 0);
          const back = toStartNumbers(coefficients, sign as 1 | -1);
          for (const [index, value] of numbers.entries()) expect(back?.[index]).toBeCloseTo(value, 3);
        },
      ),
    );
  });

  it('of coefficients that are not stationary there are none', () => {
    expect(toStartNumbers([1.01], 1)).toBeUndefined();
    expect(toStartNumbers([0.5, 0.6], 1)).toBeUndefined();
    expect(toStartNumbers([2], -1)).toBeUndefined();
  });
});

describe('what cannot be is refused', () => {
  const values = Float64Array.from({ length: 30 }, (_, index) => Math.sin(index));

  it('with a RangeError that says why', () => {
    expect(() => fitArima(values, { p: 6, d: 0, q: 0 }, true)).toThrow(/p and q from 0 to 5/);
    expect(() => fitArima(values, { p: 0, d: 2, q: 0 }, true)).toThrow(/no constant/);
    expect(() => fitArima(values.slice(0, 4), { p: 2, d: 1, q: 0 }, true)).toThrow(/needs 6 values/);
    expect(() => fitArima(Float64Array.of(1, 2, Number.NaN, 4), { p: 0, d: 0, q: 0 }, true)).toThrow(
      /value 2 is NaN/,
    );
    expect(() => selectOrder(values, { orderMax: 6 })).toThrow(/orderMax is 1 to 5/);
    expect(() => selectOrder(values, { orderMin: 3 })).toThrow(/orderMin is 0 to orderMax/);
    expect(() => selectOrder(values.slice(0, 2))).toThrow(/needs 3 values/);
    const model = fitArima(values, { p: 1, d: 0, q: 0 }, true);
    expect(() => forecastArima(model, filterArima(values, model).end, 0)).toThrow(/horizon/);
    expect(() => coefficientErrors(values.slice(1), model)).toThrow(/fitted to 30 values/);
  });
});

describe('the candidates', () => {
  it('are as many as BigQuery tries, twice that with one difference', () => {
    const values = Float64Array.from({ length: 60 }, (_, index) => Math.sin(index) + Math.cos(index * index));
    [3, 6, 10, 15, 21].forEach((count, index) => {
      const orderMax = index + 1;
      expect(selectOrder(values, { orderMax, d: 0 }).candidates).toHaveLength(count);
      expect(selectOrder(values, { orderMax, d: 1 }).candidates).toHaveLength(2 * count);
      expect(selectOrder(values, { orderMax, d: 1, drift: true }).candidates).toHaveLength(count);
      expect(selectOrder(values, { orderMax, d: 2 }).candidates).toHaveLength(count);
    });
    expect(selectOrder(values, { orderMin: 2, orderMax: 2, d: 0 }).candidates).toHaveLength(3);
  });

  it('near the unit circle win by their AIC, unless they are to be avoided', () => {
    const values = Float64Array.from(
      { length: 200 },
      (_, index) => Math.sin(index) + Math.cos(index * index),
    );
    const free = selectOrder(values, { d: 1 });
    const shy = selectOrder(values, { d: 1, avoidUnitRoots: true });
    expect(free.best.nearUnitRoot).toBe(true);
    expect(shy.best.nearUnitRoot).toBe(false);
    expect(free.best.aic).toBeLessThan(shy.best.aic);
  });

  it('with a drift that make the history a straight line need a lead of 10 in AIC', () => {
    const noise = gaussianNoise(5);
    const values = Float64Array.from({ length: 400 }, (_, index) => 0.3 * index + noise());
    const few = selectOrder(values.subarray(0, 24), { d: 1 });
    const least = Math.min(...few.candidates.flatMap(({ model }) => model?.aic ?? []));
    expect(few.best.nearUnitRoot).toBe(false);
    expect(few.best.aic).toBeGreaterThan(least);
    expect(few.best.aic).toBeLessThan(least + 10);
    const many = selectOrder(values, { d: 1 });
    expect(many.best).toMatchObject({ nearUnitRoot: true, withConstant: true });
    expect(many.best.constant).toBeCloseTo(0.3, 2);
  });

  it('of a short series are listed without a model', () => {
    const { best, candidates } = selectOrder(Float64Array.of(1, 2, 4), { d: 0 });
    expect(candidates.filter(({ model }) => model === undefined)).toHaveLength(5);
    expect(best.order).toEqual({ p: 0, d: 0, q: 0 });
  });
});

function spread(values: Float64Array): number {
  return Math.max(...values) - Math.min(...values);
}
