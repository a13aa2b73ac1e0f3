import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ArimaPlusModel } from './arima-plus-model.js';
import { detectArimaPlusAnomalies } from './detect-arima-plus-anomalies.js';
import {
  arimaCoefficients,
  arimaEvaluate,
  evaluateArimaPlus,
  evaluateArimaPlusRows,
} from './evaluate-arima-plus.js';
import { type ExplainedForecast, explainArimaPlusForecast } from './explain-arima-plus-forecast.js';
import { fitArimaPlus } from './fit-arima-plus.js';
import { forecastArimaPlus } from './forecast-arima-plus.js';
import { gaussianNoise } from './gaussian-noise.fixture.js';
import { timesFrom } from './made-series.fixture.js';
import type { ArimaPlusOptions } from './options.js';
import { createSeriesSum } from './series-sum.js';
import { sumPartOf } from './sum-part.js';

const HOURS = 24 * 14;
const LIMITS = { lower: 20, upper: 90 };
const BOTH = { forecastLimitLowerBound: LIMITS.lower, forecastLimitUpperBound: LIMITS.upper };

/** Logarithms of hours with a day, a lasting step and a spike. */
function logarithms(seed: number, length = HOURS): Float64Array {
  const noise = gaussianNoise(seed);
  return Float64Array.from({ length }, (_, hour) => {
    const wave = 0.5 * Math.sin((2 * Math.PI * hour) / 24);
    return wave + 0.1 * noise() + (hour > 200 ? 0.8 : 0) + (hour === 120 ? 2 : 0);
  });
}

function fitted(values: ArrayLike<number>, options: ArimaPlusOptions = {}): ArimaPlusModel {
  const { model, errorMessage } = fitArimaPlus(timesFrom(values.length), Float64Array.from(values), options);
  if (!model) throw new Error(errorMessage);
  return model;
}

/** How each kind of limit is modelled, by its inverse. */
const KINDS: [string, ArimaPlusOptions, (logarithm: number) => number][] = [
  [
    'a lower one, log(y − a)',
    { forecastLimitLowerBound: LIMITS.lower },
    (log) => LIMITS.lower + Math.exp(log),
  ],
  [
    'an upper one, −log(b − y)',
    { forecastLimitUpperBound: LIMITS.upper },
    (log) => LIMITS.upper - Math.exp(-log),
  ],
  [
    'both, log((y − a)/(b − y))',
    BOTH,
    (log) => LIMITS.lower + (LIMITS.upper - LIMITS.lower) / (1 + Math.exp(-log)),
  ],
];

function partsOf(explained: ExplainedForecast, at: number): number[] {
  const { trend, stepChanges, seasonal, holidayEffect, spikesAndDips, residual } = explained;
  return [
    trend[at]!,
    stepChanges[at]!,
    ...Object.values(seasonal).map((season) => season[at]!),
    holidayEffect[at]!,
    spikesAndDips[at]!,
    Number.isNaN(residual[at]!) ? 0 : residual[at]!,
  ];
}

describe('a series with limits', () => {
  it.each(KINDS)('is modelled, with %s', (_, limits, inverse) => {
    const logs = logarithms(3);
    const [plain, limited] = [fitted(logs), fitted(logs.map(inverse), limits)];
    const [of, ahead] = [plain, limited].map((model) => forecastArimaPlus(model, { horizon: 48 }));
    for (let step = 0; step < 48; step++) {
      for (const name of ['values', 'lower', 'upper'] as const) {
        expect(ahead![name][step]).toBeCloseTo(inverse(of![name][step]!), 6);
      }
      const width = ahead!.upper[step]! - ahead!.lower[step]!;
      expect(ahead!.standardErrors[step]).toBeCloseTo(width / 2 / 1.959963984540054, 9);
    }
    const [expected, found] = [arimaEvaluate(plain), arimaEvaluate(limited)];
    for (const [row, { variance, log_likelihood, AIC, ...others }] of expected.entries()) {
      expect(found[row]).toMatchObject(others);
      expect(found[row]!.variance! / variance!).toBeCloseTo(1, 6);
      expect(found[row]!.log_likelihood).toBeCloseTo(log_likelihood!, 4);
      expect(found[row]!.AIC).toBeCloseTo(AIC!, 4);
    }
    expect(arimaCoefficients(limited).intercept_or_drift).toBeCloseTo(
      arimaCoefficients(plain).intercept_or_drift,
      6,
    );
    const [judged, limitedJudged] = [plain, limited].map((model) => detectArimaPlusAnomalies(model));
    for (let at = 0; at < HOURS; at++) {
      expect(limitedJudged!.probability[at]).toBeCloseTo(judged!.probability[at]!, 6);
      expect(limitedJudged!.upper[at]).toBeCloseTo(inverse(judged!.upper[at]!), 6);
    }
  });

  it.each(KINDS)('is the sum of its parts in its own units, with %s', (_, limits, inverse) => {
    for (const trendSmoothingWindowSize of [1, 12]) {
      const model = fitted(logarithms(5).map(inverse), { ...limits, trendSmoothingWindowSize });
      expect([model.steps.length, model.hasSpikesAndDips, model.seasons.length]).toEqual([1, true, 1]);
      const explained = explainArimaPlusForecast(model, { horizon: 30 });
      const ahead = forecastArimaPlus(model, { horizon: 30 });
      for (const [at, value] of explained.values.entries()) {
        const sum = partsOf(explained, at).reduce((total, part) => total + part, 0);
        expect(Math.abs(sum - value)).toBeLessThan(1e-9);
        const isPast = at < HOURS;
        const others = explained.spikesAndDips[at]! + (isPast ? explained.residual[at]! : 0);
        expect(Math.abs(explained.adjustedValues[at]! + others - value)).toBeLessThan(1e-9);
        if (!isPast) expect(explained.standardErrors[at]).toBe(ahead.standardErrors[at - HOURS]);
      }
      expect(explained.values.subarray(HOURS)).toEqual(ahead.values);
      // What is taken for the step is a factor of what the trend left to the limit.
      expect(explained.stepChanges[100]).toBe(0);
      expect(explained.stepChanges[300]).toBeGreaterThan(0);
      expect(explained.spikesAndDips[120]).toBeGreaterThan(0);
    }
  });

  it('never has forecasts, bounds or expectations at a limit or beyond', () => {
    const kinds = fc.constantFrom(...KINDS.map(([, limits]) => limits));
    const values = fc.array(
      fc.oneof(
        fc.double({ min: LIMITS.lower, max: LIMITS.upper, noNaN: true }),
        fc.constantFrom(LIMITS.lower, LIMITS.upper, 20.0001, 89.9999, 55, 55, 1e6, -1e6, Number.NaN),
      ),
      { minLength: 3, maxLength: 120 },
    );
    const methods = fc.constantFrom('arima' as const, 'combined' as const);
    fc.assert(
      fc.property(values, kinds, methods, (list, limits, forecastMethod) => {
        const options = { ...limits, forecastMethod, horizon: 300 };
        const { model } = fitArimaPlus(timesFrom(list.length), Float64Array.from(list), options);
        if (model === undefined) return;
        const { values: ahead, lower, upper, standardErrors } = forecastArimaPlus(model, { horizon: 300 });
        const judged = detectArimaPlusAnomalies(model);
        const { forecasts } = evaluateArimaPlusRows(model);
        const bounds = [judged.lower, judged.upper].map((column) =>
          column.filter((_, at) => judged.isAnomaly[at]! >= 0),
        );
        for (const column of [ahead, lower, upper, forecasts, ...bounds]) {
          expect(column.every(Number.isFinite)).toBe(true);
          expect(column.every((one) => one > (limits.forecastLimitLowerBound ?? -1e200))).toBe(true);
          expect(column.every((one) => one < (limits.forecastLimitUpperBound ?? 1e200))).toBe(true);
        }
        expect(standardErrors.every((error) => Number.isFinite(error) && error >= 0)).toBe(true);
        const explained = explainArimaPlusForecast(model);
        for (const [at, value] of explained.values.entries()) {
          const sum = partsOf(explained, at).reduce((total, part) => total + part, 0);
          expect(Math.abs(sum - value)).toBeLessThanOrEqual(
            1e-9 * Math.max(1, Math.abs(value), model.magnitude),
          );
        }
      }),
      { numRuns: 40 },
    );
  });

  it.each(['arima', 'combined'] as const)(
    'moves and grows with its limits when forecast by %s',
    (forecastMethod) => {
      const values = logarithms(8).map((log) => 20 + Math.exp(log));
      const options = { forecastMethod, horizon: 48 };
      const of = (factor: number, shift: number, both: boolean) =>
        forecastArimaPlus(
          fitted(
            values.map((value) => factor * value + shift),
            {
              ...options,
              forecastLimitLowerBound: factor * 20 + shift,
              ...(both && { forecastLimitUpperBound: factor * 90 + shift }),
            },
          ),
          { horizon: 48 },
        );
      for (const both of [false, true]) {
        const plain = of(1, 0, both);
        for (const [factor, shift] of [
          [8, 0],
          [1, 1024],
          [0.25, -64],
        ] as const) {
          const { values: ahead, lower, upper, standardErrors } = of(factor, shift, both);
          for (let step = 0; step < 48; step++) {
            expect(ahead[step]! / factor - shift / factor).toBeCloseTo(plain.values[step]!, 4);
            expect(lower[step]! / factor - shift / factor).toBeCloseTo(plain.lower[step]!, 4);
            expect(upper[step]! / factor - shift / factor).toBeCloseTo(plain.upper[step]!, 4);
            expect(standardErrors[step]! / factor).toBeCloseTo(plain.standardErrors[step]!, 4);
          }
        }
      }
    },
  );

  it('is forecast as without them where they are far away', () => {
    const values = logarithms(9).map((log) => 100 + 10 * log);
    const plain = forecastArimaPlus(fitted(values), { horizon: 48 });
    const far = { forecastLimitLowerBound: -1e10, forecastLimitUpperBound: 1e11 };
    const limited = forecastArimaPlus(fitted(values, far), { horizon: 48 });
    for (const name of ['values', 'lower', 'upper', 'standardErrors'] as const) {
      for (const [step, value] of plain[name].entries()) expect(limited[name][step]).toBeCloseTo(value, 5);
    }
  });

  it('is evaluated in its own units', () => {
    const values = logarithms(11).map((log) => 20 + Math.exp(log));
    const model = fitted(values.slice(0, 300), { forecastLimitLowerBound: 20, horizon: 36 });
    const data = { timesMs: timesFrom(HOURS).slice(300), values: values.slice(300) };
    const { values: ahead, lower } = forecastArimaPlus(model, { horizon: 36 });
    const errors = data.values.map((value, step) => Math.abs(value - ahead[step]!));
    const found = evaluateArimaPlus(model, data)!;
    expect(found.mean_absolute_error).toBeCloseTo(errors.reduce((sum, error) => sum + error) / 36, 9);
    expect(evaluateArimaPlusRows(model, data).lower).toEqual(lower);
  });

  it('judges values at a limit and beyond as infinitely far off', () => {
    const values = logarithms(12).map((log) => 20 + Math.exp(log));
    const model = fitted(values, { forecastLimitLowerBound: 20 });
    const { timesMs, values: ahead } = forecastArimaPlus(model, { horizon: 3 });
    const judged = detectArimaPlusAnomalies(
      model,
      { anomalyProbThreshold: 0.9999 },
      { timesMs, values: Float64Array.from([20, -5, ahead[2]!]) },
    );
    expect([...judged.probability]).toEqual([1, 1, 0]);
    expect([...judged.isAnomaly]).toEqual([1, 1, 0]);
    expect(judged.lower.every((bound) => bound > 20)).toBe(true);
  });

  it('that never changes goes on as it is, and any move from it is flagged', () => {
    const { model, errorMessage } = fitArimaPlus(timesFrom(50), new Float64Array(50).fill(70), BOTH);
    expect(errorMessage).toMatch(/constant/);
    const ahead = forecastArimaPlus(model!, { horizon: 3 });
    expect(ahead).toMatchObject({
      values: new Float64Array(3).fill(70),
      standardErrors: new Float64Array(3),
      lower: new Float64Array(3).fill(70),
    });
    const data = { timesMs: ahead.timesMs, values: Float64Array.from([70, 70.001, 69]) };
    expect([...detectArimaPlusAnomalies(model!, {}, data).isAnomaly]).toEqual([0, 1, 1]);
    expect(arimaEvaluate(model!, false)[0]).toMatchObject({ variance: 0, log_likelihood: null, AIC: null });
  });

  it('is added up with others in its own units', () => {
    const models = [13, 14].map((seed) =>
      fitted(
        logarithms(seed).map((log) => 20 + Math.exp(log)),
        { forecastLimitLowerBound: 20 },
      ),
    );
    const sum = createSeriesSum();
    const newestMs = timesFrom(HOURS).at(-1)!;
    for (const model of models) sum.add(sumPartOf(model, { horizon: 12, newestMs, of: 'explanation' }));
    const told = sum.explain(12, 0.95);
    if ('errorMessage' in told) throw new Error(told.errorMessage);
    const [one, two] = models.map((model) => explainArimaPlusForecast(model, { horizon: 12 }));
    for (const [at, value] of told.values.entries()) {
      expect(value).toBeCloseTo(one!.values[at]! + two!.values[at]!, 9);
      expect(partsOf(told, at).reduce((total, part) => total + part, 0)).toBeCloseTo(value, 9);
    }
    const errors = [one!, two!].map(({ standardErrors }) => standardErrors.at(-1)!);
    const apart = Math.hypot(...errors);
    expect(told.standardErrors.at(-1)! / apart).toBeGreaterThan(0.8);
    expect(told.standardErrors.at(-1)! / apart).toBeLessThan(1.3);
    expect(told.lower.subarray(HOURS).every((bound) => bound >= 40)).toBe(true);
  });
});

describe('FORECAST_LIMIT_METHOD clip', () => {
  const bare: ArimaPlusOptions = {
    ...{ seasonalities: ['NO_SEASONALITY'], cleanSpikesAndDips: false, adjustStepChanges: false },
    forecastLimitMethod: 'clip',
  };

  it('holds forecasts and bounds at the limits', () => {
    const fall = Float64Array.from({ length: 80 }, (_, index) => 100 - index + (index % 3));
    for (const sign of [1, -1]) {
      const [lowerLimit, upperLimit] = sign === 1 ? ([5, 200] as const) : ([-200, -5] as const);
      const limits = { forecastLimitLowerBound: lowerLimit, forecastLimitUpperBound: upperLimit };
      const model = fitted(
        fall.map((value) => sign * value),
        { ...bare, ...limits },
      );
      expect(model.scale).toBeUndefined();
      const { values, lower, upper } = forecastArimaPlus(model, { horizon: 60 });
      for (const column of [values, lower, upper]) {
        for (const value of column) expect(value >= lowerLimit && value <= upperLimit).toBe(true);
      }
      expect(values[59]).toBe(5 * sign);
      expect(upper[0]).toBeGreaterThan(values[0]!);
    }
  });
});

describe('values at a limit or beyond', () => {
  it.each(['transform', 'clip'] as const)('are left out of modelling, with %s', (forecastLimitMethod) => {
    const noise = gaussianNoise(5);
    const values = Float64Array.from({ length: 200 }, () => 50 + noise());
    const options: ArimaPlusOptions = {
      ...{ seasonalities: ['NO_SEASONALITY'], cleanSpikesAndDips: false, adjustStepChanges: false },
      ...{ forecastLimitMethod, forecastLimitLowerBound: 0, forecastLimitUpperBound: 100 },
    };
    const missing = values.slice();
    for (const at of [40, 41, 90, 150]) {
      values[at] = at === 41 ? 100 : -at * (at % 4 === 0 ? 0 : 1);
      missing[at] = Number.NaN;
    }
    const model = fitted(values, options);
    expect(model.history!.filled.reduce((sum, one) => sum + one, 0)).toBe(4);
    expect(forecastArimaPlus(model)).toEqual(forecastArimaPlus(fitted(missing, options)));
    expect(model.arima.variance).toBeLessThan(2);
    const judged = detectArimaPlusAnomalies(model);
    expect([judged.isAnomaly[40], judged.isAnomaly[42]]).toEqual([-1, 0]);
    const gone = fitArimaPlus(timesFrom(200), values, { forecastLimitLowerBound: 60 });
    expect(gone.model).toBeUndefined();
    expect(gone.errorMessage).toMatch(/Values that are not within the FORECAST_LIMIT bounds are left out/);
  });
});
