import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gaussianNoise } from '../arima-plus/gaussian-noise.fixture.js';
import { fitSmoothing, forecastSmoothing, type SmoothingOptions } from './fit-smoothing.js';
import { seasonalProfile } from './seasonal-profile.js';
import { smooth } from './smoothing-recursion.js';
import type { SmoothingState } from './smoothing-state.js';

const WEIGHTS = { level: 0.3, slope: 0, damping: 1, deviation: 0, persistence: 0 };

describe('the recursion of exponential smoothing', () => {
  it('is the weighted mean of all values, for a level alone', () => {
    const values = Float64Array.of(4, 7, 1, 9);
    const state: SmoothingState = { level: 2, slope: 0, deviation: 0, seasons: [] };
    smooth(values, { ...WEIGHTS, seasonal: new Float64Array(0) }, state, true);
    const expected = 0.7 ** 4 * 2 + 0.3 * (0.7 ** 3 * 4 + 0.7 ** 2 * 7 + 0.7 * 1 + 9);
    expect(state.level).toBeCloseTo(expected, 12);
  });

  it('is the same with seasons that are zero and stay so, however many', () => {
    const noise = gaussianNoise(4);
    const values = Float64Array.from({ length: 50 }, noise);
    const run = (periods: readonly number[]) => {
      const seasons = periods.map((period) => new Float64Array(period));
      const weights = {
        ...WEIGHTS,
        deviation: 0.2,
        persistence: 0.5,
        seasonal: new Float64Array(periods.length),
      };
      const state: SmoothingState = { level: 1, slope: 0.1, deviation: 0, seasons };
      return [
        smooth(values, { ...weights, slope: 0.05, damping: 0.9 }, state, true),
        state.level,
        state.slope,
      ];
    };
    for (const periods of [[4], [4, 7], [3, 4, 7]]) {
      for (const [index, value] of run(periods).entries()) expect(value).toBeCloseTo(run([])[index]!, 12);
    }
  });

  it('hands the seasons over from the next place on', () => {
    const state: SmoothingState = { level: 0, slope: 0, deviation: 0, seasons: [Float64Array.of(1, 2, 3)] };
    smooth(Float64Array.of(1, 2, 3, 1), { ...WEIGHTS, seasonal: Float64Array.of(0) }, state, true);
    expect([...state.seasons[0]!]).toEqual([2, 3, 1]);
  });
});

describe('a seasonal profile', () => {
  it('finds seasons within one another, and none in noise', () => {
    const day = [0, 4, -2, -2];
    const week = [0, 0, 0, 6, 0, -6, 0, 0, 0, 0, 0, 0];
    const noise = gaussianNoise(6);
    const plain = Float64Array.from({ length: 240 }, noise);
    expect(seasonalProfile(plain, [4, 12], 0.3)).toEqual([]);
    const seasonal = plain.map((value, t) => value / 10 + day[t % 4]! + week[t % 12]!);
    const found = seasonalProfile(seasonal, [4, 12], 0.3);
    expect(found.map(({ length }) => length)).toEqual([4, 12]);
    for (let t = 0; t < 12; t++) {
      expect(Math.abs(found[0]![t % 4]! + found[1]![t]! - day[t % 4]! - week[t]!)).toBeLessThan(0.2);
    }
  });
});

describe('exponential smoothing', () => {
  const OPTIONS: readonly SmoothingOptions[] = [
    { trend: 'none' },
    { trend: 'damped', periods: [4] },
    { trend: 'theta', periods: [4], deviation: true },
  ];

  it('goes on with the season and half of the slope, as Theta does', () => {
    const season = [3, -1, 2, -4];
    const series = Float64Array.from({ length: 60 }, (_, t) => 20 + 0.5 * t + season[t % 4]!);
    const { mean } = forecastSmoothing(fitSmoothing(series, { trend: 'theta', periods: [4] }), 8);
    // From the end on half of 0.5 a step; the start of the season is taken off.
    for (let step = 4; step < 8; step++) expect(mean[step]! - mean[step - 4]!).toBeCloseTo(1, 2);
    expect(Math.abs(mean[0]! - 50 - 3)).toBeLessThan(0.5);
  });

  it('has standard errors of √h for a random walk', () => {
    const noise = gaussianNoise(11);
    let level = 0;
    const series = Float64Array.from({ length: 2000 }, () => (level += noise()));
    const { standardErrors } = forecastSmoothing(fitSmoothing(series, { trend: 'none' }), 25);
    expect(Math.abs(standardErrors[0]! - 1)).toBeLessThan(0.05);
    expect(Math.abs(standardErrors[24]! / 5 - 1)).toBeLessThan(0.1);
  });

  it('moves and scales with the series', () => {
    const noise = gaussianNoise(2);
    const series = Float64Array.from({ length: 40 }, (_, t) => noise() + (t % 4) + t / 10);
    for (const options of OPTIONS) {
      const plain = forecastSmoothing(fitSmoothing(series, options), 6);
      const moved = forecastSmoothing(
        fitSmoothing(
          series.map((value) => 8 * value - 64),
          options,
        ),
        6,
      );
      for (let step = 0; step < 6; step++) {
        expect(Math.abs((moved.mean[step]! + 64) / 8 - plain.mean[step]!)).toBeLessThan(0.01);
        expect(Math.abs(moved.standardErrors[step]! / 8 / plain.standardErrors[step]! - 1)).toBeLessThan(
          0.01,
        );
      }
    }
  });

  it('answers numbers for any numbers, and a constant for a constant', () => {
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 3, maxLength: 30 });
    for (const options of OPTIONS) {
      fc.assert(
        fc.property(values, (numbers) => {
          const { mean, standardErrors } = forecastSmoothing(
            fitSmoothing(Float64Array.from(numbers), options),
            9,
          );
          expect([...mean, ...standardErrors].every(Number.isFinite)).toBe(true);
          expect(standardErrors.every((error) => error >= 0)).toBe(true);
        }),
        { numRuns: 50 },
      );
      const constant = forecastSmoothing(fitSmoothing(new Float64Array(20).fill(5), options), 3);
      expect([...constant.mean, ...constant.standardErrors]).toEqual([5, 5, 5, 0, 0, 0]);
    }
  });
});
