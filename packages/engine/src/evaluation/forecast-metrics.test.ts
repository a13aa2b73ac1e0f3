import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateForecast } from './forecast-evaluation.js';
import {
  intervalCoverage,
  meanAbsoluteError,
  meanAbsoluteScaledError,
  meanScaledIntervalScore,
  seasonalNaiveScale,
  symmetricMeanAbsolutePercentageError,
} from './forecast-metrics.js';
import { seasonalNaive } from './seasonal-naive.js';

const numbers = (...values: number[]) => Float64Array.from(values);
const pairs = fc
  .array(
    fc.tuple(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    ),
    {
      minLength: 1,
      maxLength: 30,
    },
  )
  .map((list) => [Float64Array.from(list, ([a]) => a), Float64Array.from(list, ([, b]) => b)] as const);

describe('measures of a forecast', () => {
  it('give what is worked out by hand', () => {
    const evaluation = evaluateForecast(numbers(10, 20, 40), numbers(12, 20, 30), 8);
    expect(evaluation).toEqual({
      mean_absolute_error: 4,
      mean_squared_error: 104 / 3,
      root_mean_squared_error: Math.sqrt(104 / 3),
      mean_absolute_percentage_error: (0.2 + 0 + 0.25) / 3,
      symmetric_mean_absolute_percentage_error: (4 / 22 + 0 + 20 / 70) / 3,
      mean_absolute_scaled_error: 0.5,
    });
  });

  it('are null where there is no number, as in SQL', () => {
    const evaluation = evaluateForecast(numbers(0, 1), numbers(1, 1), 0);
    expect(evaluation?.mean_absolute_percentage_error).toBeNull();
    expect(evaluation?.mean_absolute_scaled_error).toBeNull();
    expect(evaluateForecast(numbers(), numbers(), 1)).toBeNull();
  });

  it('are all 0 for what was foreseen, even of a history that never changed', () => {
    const evaluation = evaluateForecast(numbers(0, 3), numbers(0, 3), 0);
    expect(Object.values(evaluation ?? {})).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('refuse arrays that do not pair', () => {
    expect(() => meanAbsoluteError(numbers(1), numbers(1, 2))).toThrow(RangeError);
    expect(() => evaluateForecast(numbers(1), numbers(), 1)).toThrow(RangeError);
    expect(() => meanAbsoluteError(numbers(), numbers())).toThrow(RangeError);
    expect(() => intervalCoverage(numbers(1), { lower: numbers(1), upper: numbers() })).toThrow(RangeError);
  });

  it('keep the symmetric error within 0 and 2, the same both ways round', () => {
    fc.assert(
      fc.property(pairs, ([actual, forecast]) => {
        const error = symmetricMeanAbsolutePercentageError(actual, forecast);
        expect(error).toBeGreaterThanOrEqual(0);
        expect(error).toBeLessThanOrEqual(2);
        expect(symmetricMeanAbsolutePercentageError(forecast, actual)).toBe(error);
      }),
    );
  });

  it('do not change with the unit where they are scaled', () => {
    fc.assert(
      fc.property(pairs, ([actual, forecast]) => {
        const scale = seasonalNaiveScale(actual, 1);
        fc.pre(scale > 1e-3);
        const bigger = (values: Float64Array) => values.map((value) => value * 1024);
        const once = meanAbsoluteScaledError(actual, forecast, scale);
        const again = meanAbsoluteScaledError(bigger(actual), bigger(forecast), scale * 1024);
        expect(again).toBeCloseTo(once, 9);
      }),
    );
  });
});

describe('measures of intervals', () => {
  const bounds = { lower: numbers(0, 0, 0, 0), upper: numbers(10, 10, 10, 10) };

  it('count the bounds as inside', () => {
    expect(intervalCoverage(numbers(0, 10, -1, 11), bounds)).toBe(0.5);
  });

  it('add to the width what lies outside, 40 times at 95%', () => {
    const score = meanScaledIntervalScore(numbers(5, 5, -1, 12), bounds, 0.95, 2);
    expect(score).toBeCloseTo((10 + (40 * 3) / 4) / 2, 9);
    expect(() => meanScaledIntervalScore(numbers(5, 5, 5, 5), bounds, 1, 2)).toThrow(RangeError);
  });
});

describe('the seasonal naive forecast', () => {
  it('repeats the last season, less sure with every season ahead', () => {
    const { mean, standardErrors } = seasonalNaive(numbers(1, 2, 3, 4, 5, 6), 3, 5);
    expect([...mean]).toEqual([4, 5, 6, 4, 5]);
    expect([...standardErrors]).toEqual([3, 3, 3, 3 * Math.SQRT2, 3 * Math.SQRT2]);
  });

  it('of a history shorter than a season repeats the last value', () => {
    expect([...seasonalNaive(numbers(1, 2), 24, 2).mean]).toEqual([2, 2]);
    expect([...seasonalNaive(numbers(7), 24, 1).standardErrors]).toEqual([0]);
  });

  it('has the scale that scaled measures divide by', () => {
    expect(seasonalNaiveScale(numbers(1, 2, 3, 4, 5, 6), 3)).toBe(3);
    expect(seasonalNaiveScale(numbers(1, 2), 3)).toBe(0);
    expect(() => seasonalNaiveScale(numbers(1), 0)).toThrow(RangeError);
    expect(() => seasonalNaive(numbers(1), 0.5, 1)).toThrow(RangeError);
    expect(() => seasonalNaive(numbers(), 1, 1)).toThrow(RangeError);
  });
});
