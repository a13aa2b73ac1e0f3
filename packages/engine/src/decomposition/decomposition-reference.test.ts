import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mstl } from './mstl.js';
import { seasonalStrength } from './seasonal-strength.js';
import { stl } from './stl.js';

interface RParts {
  readonly seasonal: readonly number[];
  readonly trend: readonly number[];
}

interface RSeasons {
  readonly robust: boolean;
  readonly trend: readonly number[];
  readonly day: readonly number[];
  readonly week: readonly number[];
}

/** Made by r-stl.R beside it. */
interface RReference {
  readonly stl: readonly {
    readonly series: string;
    readonly period: number;
    readonly data: readonly number[];
    readonly periodic: RParts;
    readonly window11: RParts;
    readonly window7Robust: RParts;
    readonly window7RobustWeights: readonly number[];
    readonly strength: number;
  }[];
  readonly mstl: { readonly data: readonly number[]; readonly plain: RSeasons; readonly robust: RSeasons };
}

const R = JSON.parse(readFileSync(new URL('./fixtures/r-stl.json', import.meta.url), 'utf8')) as RReference;

function expectClose(actual: Float64Array, expected: readonly number[], within: number): void {
  expect(actual).toHaveLength(expected.length);
  expect(Math.max(...expected.map((value, index) => Math.abs(actual[index]! - value)))).toBeLessThan(within);
}

describe.each(R.stl)('STL of $series', (reference) => {
  const series = Float64Array.from(reference.data);
  const { period } = reference;

  it('with a season that stays is R’s to 1e-9', () => {
    const parts = stl(series, { period, seasonalWindow: 'periodic' });
    expectClose(parts.seasonal, reference.periodic.seasonal, 1e-9);
    expectClose(parts.trend, reference.periodic.trend, 1e-9);
  });

  it('with a season that moves is R’s to 1e-9', () => {
    const parts = stl(series, { period, seasonalWindow: 11 });
    expectClose(parts.seasonal, reference.window11.seasonal, 1e-9);
    expectClose(parts.trend, reference.window11.trend, 1e-9);
  });

  it('robust is R’s to 1e-9, weights included, over an odd number of values', () => {
    const parts = stl(series.slice(0, -1), { period, seasonalWindow: 7, robust: true });
    expectClose(parts.seasonal, reference.window7Robust.seasonal, 1e-9);
    expectClose(parts.trend, reference.window7Robust.trend, 1e-9);
    expectClose(parts.weights, reference.window7RobustWeights, 1e-9);
  });

  it('has the seasonal strength of R to 1e-12', () => {
    const { seasonal, remainder } = mstl(series, { periods: [period] });
    const strength = seasonalStrength(seasonal[0]!.values, remainder);
    expect(Math.abs(strength - reference.strength)).toBeLessThan(1e-12);
  });
});

describe.each([R.mstl.plain, R.mstl.robust])('MSTL of a day and a week, robust $robust', (reference) => {
  it('is R’s to 1e-9, whatever the order of the periods', () => {
    const parts = mstl(Float64Array.from(R.mstl.data), { periods: [168, 24], robust: reference.robust });
    expectClose(parts.trend, reference.trend, 1e-9);
    expect(parts.seasonal.map(({ period }) => period)).toEqual([24, 168]);
    expectClose(parts.seasonal[0]!.values, reference.day, 1e-9);
    expectClose(parts.seasonal[1]!.values, reference.week, 1e-9);
  });
});
