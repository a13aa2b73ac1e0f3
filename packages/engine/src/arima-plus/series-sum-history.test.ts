import { describe, expect, it } from 'vitest';
import { detectArimaPlusAnomalies, detectBy } from './detect-arima-plus-anomalies.js';
import { evaluateArimaPlus, evaluateBy } from './evaluate-arima-plus.js';
import type { Expectations } from './expectations.js';
import { type ExplainedForecast, explainArimaPlusForecast } from './explain-arima-plus-forecast.js';
import { fitArimaPlus } from './fit-arima-plus.js';
import { gaussianNoise } from './gaussian-noise.fixture.js';
import { HOUR_MS, timesFrom } from './made-series.fixture.js';
import type { ArimaPlusOptions } from './options.js';
import { createSeriesSum } from './series-sum.js';
import { type SumPartOptions, sumPartOf } from './sum-part.js';

const HORIZON = 48;
const LENGTH = 480;

/** Days of hours with noise; the first half of those that ask for it is 20 lower. */
function made(seed: number, { level = 50, swing = 10, step = 0, from = 0 } = {}) {
  const noise = gaussianNoise(seed);
  const all = Float64Array.from({ length: LENGTH }, (_, at) => {
    const season = swing * Math.sin((2 * Math.PI * at) / 24);
    return level + season + (at < LENGTH / 2 ? 0 : step) + noise();
  });
  return { timesMs: timesFrom(LENGTH).slice(from), values: all.slice(from) };
}

function fitted({ timesMs, values }: ReturnType<typeof made>, options: ArimaPlusOptions = {}) {
  return fitArimaPlus(timesMs, values, { horizon: HORIZON, ...options }).model!;
}

const END_MS = timesFrom(LENGTH).at(-1)!;

function sumOf(models: readonly ReturnType<typeof fitted>[], of: SumPartOptions['of']) {
  const sum = createSeriesSum();
  for (const model of models) sum.add(sumPartOf(model, { newestMs: END_MS, of }));
  return sum;
}

const known = <Found extends object>(found: Found | { readonly errorMessage: string }): Found => {
  if ('errorMessage' in found) throw new Error(String(found.errorMessage));
  return found;
};
const expected = (models: readonly ReturnType<typeof fitted>[]): Expectations =>
  known(sumOf(models, 'history').expectations(HORIZON));

describe('the history of a sum', () => {
  it('of one series is judged and evaluated as the series', () => {
    const one = made(1, { step: 20 });
    one.values[300] = one.values[300]! + 30;
    one.values[200] = Number.NaN;
    const model = fitted(one);
    const ahead = { timesMs: one.timesMs.map((timeMs) => timeMs + 24 * HOUR_MS), values: one.values };
    expect(detectBy(expected([model]), {})).toEqual(detectArimaPlusAnomalies(model));
    expect(detectBy(expected([model]), {}, ahead)).toEqual(detectArimaPlusAnomalies(model, {}, ahead));
    expect(evaluateBy(expected([model]), ahead)).toEqual(evaluateArimaPlus(model, ahead));
    expect(evaluateBy(expected([model]))).toEqual(evaluateArimaPlus(model));
  });

  it('shows what all series do a little of at once, which none of them shows', () => {
    const series = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((seed) => made(seed));
    for (const { values } of series) values[300] = 52.5;
    const models = series.map((one) => fitted(one, { cleanSpikesAndDips: false }));
    const options = { anomalyProbThreshold: 0.9999 };
    for (const model of models) expect(detectArimaPlusAnomalies(model, options).isAnomaly[300]).toBe(0);
    const found = detectBy(expected(models), options);
    expect(found.isAnomaly[300]).toBe(1);
    expect(found.values[300]).toBeCloseTo(
      series.reduce((sum, { values }) => sum + values[300]!, 0),
      9,
    );
  });

  it('flags as much of noise as the threshold says, be the series alike or not', () => {
    const shared = gaussianNoise(77);
    const common = Float64Array.from({ length: LENGTH }, shared);
    for (const weight of [0, 1, 3]) {
      const series = [1, 2, 3, 4].map((seed) => {
        const one = made(seed, { swing: 0 });
        return { ...one, values: one.values.map((value, at) => value + weight * common[at]!) };
      });
      const { isAnomaly } = detectBy(expected(series.map((one) => fitted(one))), {
        anomalyProbThreshold: 0.9,
      });
      const flagged = isAnomaly.reduce((sum, one) => sum + Math.max(0, one), 0) / LENGTH;
      expect(flagged).toBeGreaterThan(0.06);
      expect(flagged).toBeLessThan(0.14);
    }
  });

  it('counts a series from its first value on, and has no verdict where a value was interpolated', () => {
    const [long, late] = [made(1), made(2, { level: 1000, from: 100 })];
    late.values[150] = Number.NaN;
    const found = detectBy(expected([fitted(long), fitted(late)]), {});
    expect(found.timesMs).toEqual(long.timesMs);
    expect(found.values[99]).toBe(long.values[99]);
    expect(found.values[100]).toBe(long.values[100]! + late.values[0]!);
    expect([found.isAnomaly[250], found.values[250]]).toEqual([-1, Number.NaN]);
    expect(found.isAnomaly.filter((one) => one === 1).length).toBeLessThan(0.1 * LENGTH);
    expect(found.isAnomaly[99]).not.toBe(-1);
  });

  it('has limits for as many series as there are', () => {
    const limits = { forecastLimitLowerBound: 46, forecastLimitUpperBound: 54 };
    const series = [made(1, { swing: 0 }), made(2, { swing: 0, from: 100 })];
    const models = series.map((one) => fitted(one, limits));
    const { lower, upper } = detectBy(expected(models), { anomalyProbThreshold: 0.999999999 });
    const [early, all] = [
      [lower, upper].map((bounds) => bounds.subarray(0, 100)),
      [lower, upper].map((bounds) => bounds.subarray(100)),
    ];
    expect([Math.min(...early[0]!), Math.max(...early[1]!)]).toEqual([46, 54]);
    expect([Math.min(...all[0]!), Math.max(...all[1]!)]).toEqual([92, 108]);
  });

  it('is missed where models have none, and their forecasts are evaluated all the same', () => {
    const models = [1, 2].map((seed) => fitted(made(seed), { decomposeTimeSeries: false }));
    const by = expected(models);
    expect(() => detectBy(by, {})).toThrow('needs the histories of the series');
    const data = { timesMs: Float64Array.of(END_MS + HOUR_MS), values: Float64Array.of(100) };
    expect(evaluateBy(by, data)).toMatchObject({ mean_absolute_error: expect.any(Number) });
  });
});

describe('the explanation of a sum', () => {
  const models = [made(1, { step: 20 }), made(2, { level: 300, swing: 0, from: 48 }), made(3)].map((one) =>
    fitted(one),
  );
  const explanation = () => known(sumOf(models, 'explanation').explain(24, 0.9));
  const seasonsOf = ({ seasonal }: ExplainedForecast, at: number) =>
    Object.values(seasonal).reduce((sum, season) => sum + season[at]!, 0);

  it('adds up to the values of the history and of the forecast', () => {
    const told = explanation();
    expect([told.historyLength, told.values.length]).toEqual([LENGTH, LENGTH + 24]);
    for (let at = 0; at < told.values.length; at++) {
      const ofTrend = told.trend[at]! + seasonsOf(told, at) + told.holidayEffect[at]!;
      const others = told.spikesAndDips[at]! + told.stepChanges[at]!;
      const residual = at < told.historyLength ? told.residual[at]! : 0;
      expect(Math.abs(ofTrend + others + residual - told.values[at]!)).toBeLessThan(1e-9);
    }
    expect(told.residual.subarray(LENGTH).every(Number.isNaN)).toBe(true);
  });

  it('has the parts of its series, each from its first value on', () => {
    const told = explanation();
    const parts = models.map((model) => explainArimaPlusForecast(model, { horizon: 24 }));
    for (const at of [10, 47, 48, 400, LENGTH, LENGTH + 23]) {
      const sum = (of: (part: ExplainedForecast) => Float64Array, offset: (number: number) => number) =>
        parts.reduce((total, part, number) => total + (of(part)[at - offset(number)] ?? 0), 0);
      const offset = (number: number) => (number === 1 ? 48 : 0);
      expect(told.values[at]).toBeCloseTo(
        sum(({ values }) => values, offset),
        9,
      );
      expect(told.trend[at]).toBeCloseTo(
        sum(({ trend }) => trend, offset),
        9,
      );
      expect(told.stepChanges[at]).toBeCloseTo(
        sum(({ stepChanges }) => stepChanges, offset),
        9,
      );
    }
  });

  it('has the forecast of the sum with its interval', () => {
    const told = explanation();
    const forecast = known(sumOf(models, undefined).forecast(24, 0.9));
    expect(told.timesMs.slice(LENGTH)).toEqual(forecast.timesMs);
    expect(told.values.slice(LENGTH)).toEqual(forecast.values);
    expect(told.standardErrors.slice(LENGTH)).toEqual(forecast.standardErrors);
    expect(told.lower.slice(LENGTH)).toEqual(forecast.lower);
    expect(told.upper.slice(LENGTH)).toEqual(forecast.upper);
    expect(told.lower.subarray(0, LENGTH).every(Number.isNaN)).toBe(true);
  });

  it('of one series is that of the series', () => {
    const model = models[0]!;
    const sum = sumOf([model], 'explanation');
    expect(known(sum.explain(24, 0.9))).toEqual(
      explainArimaPlusForecast(model, { horizon: 24, confidenceLevel: 0.9 }),
    );
  });
});
