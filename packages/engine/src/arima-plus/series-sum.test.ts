import { describe, expect, it } from 'vitest';
import { fitArimaPlus } from './fit-arima-plus.js';
import { forecastArimaPlus } from './forecast-arima-plus.js';
import { gaussianNoise } from './gaussian-noise.fixture.js';
import { groupsOf, hierarchyOf } from './hierarchy.js';
import { HOUR_MS, timesFrom } from './made-series.fixture.js';
import type { ArimaPlusOptions } from './options.js';
import { createSeriesSum } from './series-sum.js';
import { sumPartOf } from './sum-part.js';

const HORIZON = 6;
const NOISE: ArimaPlusOptions = {
  horizon: HORIZON,
  autoArima: false,
  nonSeasonalOrder: { p: 0, d: 0, q: 0 },
  seasonalities: ['NO_SEASONALITY'],
};

function fitted(values: Float64Array, options: ArimaPlusOptions = {}, stepMs = HOUR_MS) {
  return fitArimaPlus(timesFrom(values.length, stepMs), values, { ...NOISE, ...options }).model!;
}

/** Noise of deviation 1 around 10, of which this share of the variance is common to all. */
function series(count: number, common: number, length = 2000): Float64Array[] {
  const noise = gaussianNoise(11);
  const shared = Float64Array.from({ length }, noise);
  return Array.from({ length: count }, () =>
    shared.map(
      (one) =>
        10 +
        Math.sign(common) * Math.sqrt(Math.abs(common)) * one +
        Math.sqrt(1 - Math.abs(common)) * noise(),
    ),
  );
}

function sumOf(models: readonly ReturnType<typeof fitted>[], newestMs = 0, confidenceLevel = 0.95) {
  const sum = createSeriesSum();
  for (const model of models) sum.add(sumPartOf(model, { horizon: HORIZON, newestMs }));
  const found = sum.forecast(HORIZON, confidenceLevel);
  if ('errorMessage' in found) throw new Error(found.errorMessage);
  return found;
}

describe('a hierarchy', () => {
  it('sums over its last column first, at the end over all, and never over other id columns', () => {
    const hierarchy = hierarchyOf(['store', 'zip', 'city', 'county'], ['zip', 'store']);
    expect(groupsOf(['2190', '50314', 'DES MOINES', 'POLK'], hierarchy)).toEqual([
      [null, '50314', 'DES MOINES', 'POLK'],
      [null, null, 'DES MOINES', 'POLK'],
    ]);
    expect(groupsOf(['a', 'b'], hierarchyOf(['x', 'y'], ['x', 'y']))).toEqual([
      ['a', null],
      [null, null],
    ]);
  });

  it.each([
    [['a'], ['b'], /HIERARCHICAL_TIME_SERIES_COLS must be some .* \(they are a\), not b/],
    [[], ['b'], /TIME_SERIES_ID_COL \(there is none\), not b/],
    [['a', 'b'], ['a', 'a'], /named twice/],
    [['a'], [], /names no column/],
  ])('of the id columns %j is not %j', (ids, columns, message) => {
    expect(() => hierarchyOf(ids, columns)).toThrow(message);
  });
});

describe('the forecast of a sum', () => {
  it('is the sum of the forecasts, at their times', () => {
    const models = series(3, 0.5).map((values) => fitted(values));
    const forecasts = models.map((model) => forecastArimaPlus(model, { horizon: HORIZON }));
    const { timesMs, values } = sumOf(models);
    expect(timesMs).toEqual(forecasts[0]!.timesMs);
    for (const [step, value] of values.entries()) {
      const sum = forecasts.reduce((total, one) => total + one.values[step]!, 0);
      expect(Math.abs(value - sum)).toBeLessThan(1e-9);
    }
  });

  it.each([
    ['independent', 0, 2],
    ['alike', 1, 4],
    ['half alike', 0.5, Math.sqrt(4 + 12 * 0.5)],
  ])('has the standard error that series which are %s have together', (_, common, deviation) => {
    const { standardErrors, lower, upper, values } = sumOf(series(4, common).map((one) => fitted(one)));
    expect(standardErrors[0]! / deviation).toBeGreaterThan(0.95);
    expect(standardErrors[0]! / deviation).toBeLessThan(1.05);
    expect(upper[0]! - values[0]!).toBeCloseTo(1.959964 * standardErrors[0]!, 4);
    expect(values[0]! - lower[0]!).toBeCloseTo(1.959964 * standardErrors[0]!, 4);
  });

  it('knows that what two series take from each other is no doubt about their sum', () => {
    const [one] = series(1, 0);
    const { standardErrors } = sumOf([fitted(one!), fitted(one!.map((value) => 20 - value))]);
    expect(standardErrors[0]).toBeLessThan(0.05);
  });

  it('takes series of models without history for independent', () => {
    const models = series(4, 1).map((values) => fitted(values, { decomposeTimeSeries: false }));
    expect(sumOf(models).standardErrors[0]! / 2).toBeCloseTo(1, 1);
  });

  it('begins after the newest value of any of its series', () => {
    const [long, short] = series(2, 0);
    const models = [fitted(long!), fitted(short!.slice(0, 1990))];
    const newestMs = timesFrom(2000).at(-1)!;
    const { timesMs } = sumOf(models, newestMs);
    expect([...timesMs]).toEqual(
      Array.from({ length: HORIZON }, (_, step) => newestMs + (step + 1) * HOUR_MS),
    );
  });

  it('does not depend on the order of its series, and is that of one alone', () => {
    const models = series(3, 0.3).map((values, at) => fitted(values.slice(0, 2000 - 5 * at)));
    const newestMs = timesFrom(2000).at(-1)!;
    const [forth, back] = [sumOf(models, newestMs), sumOf([...models].reverse(), newestMs)];
    for (const [step, value] of forth.upper.entries()) expect(back.upper[step]).toBeCloseTo(value, 9);
    const alone = forecastArimaPlus(models[0]!, { horizon: HORIZON });
    expect(sumOf([models[0]!])).toEqual(alone);
  });

  it('keeps the limits of its series, summed up', () => {
    const limits = { forecastLimitLowerBound: 9.5, forecastLimitUpperBound: 11 };
    const models = series(4, 0.5).map((values) => fitted(values, limits));
    const { lower, upper } = sumOf(models, 0, 0.99999);
    expect([lower[0], upper[0]]).toEqual([38, 44]);
  });

  it('is none of series at different times or of one that ended long ago', () => {
    const [one, two] = series(2, 0, 200);
    const newestMs = timesFrom(200).at(-1)!;
    const sum = createSeriesSum();
    sum.add(sumPartOf(fitted(one!), { horizon: HORIZON, newestMs }));
    sum.add(sumPartOf(fitted(two!, {}, 24 * HOUR_MS), { horizon: HORIZON, newestMs }));
    expect(sum.forecast(HORIZON, 0.95)).toEqual({ errorMessage: expect.stringContaining('different times') });
    const late = createSeriesSum();
    const lateMs = newestMs + 20_000 * HOUR_MS;
    const model = fitArimaPlus(
      timesFrom(200).map((timeMs) => timeMs + 20_000 * HOUR_MS),
      two!,
      NOISE,
    ).model!;
    late.add(sumPartOf(fitted(one!), { horizon: HORIZON, newestMs: lateMs }));
    late.add(sumPartOf(model, { horizon: HORIZON, newestMs: lateMs }));
    expect(late.forecast(HORIZON, 0.95)).toEqual({ errorMessage: expect.stringContaining('ended before') });
  });
});
