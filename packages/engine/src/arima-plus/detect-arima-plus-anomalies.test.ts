import { describe, expect, it } from 'vitest';
import type { ArimaPlusModel } from './arima-plus-model.js';
import { detectArimaPlusAnomalies } from './detect-arima-plus-anomalies.js';
import { evaluateArimaPlus, evaluateArimaPlusRows } from './evaluate-arima-plus.js';
import { fitArimaPlus } from './fit-arima-plus.js';
import { forecastArimaPlus } from './forecast-arima-plus.js';
import { gaussianNoise } from './gaussian-noise.fixture.js';
import { dailyWave, HOUR_MS, START_MS, timesFrom } from './made-series.fixture.js';

const LENGTH = 24 * 14;
const model = fitArimaPlus(timesFrom(LENGTH), dailyWave(LENGTH), { horizon: 10 }).model!;
const endMs = START_MS + (LENGTH - 1) * HOUR_MS;

/** A model that knows its series to be white noise of this mean and deviation. */
function whiteNoise(mean: number, deviation: number): ArimaPlusModel {
  const { model: plain } = fitArimaPlus(timesFrom(50), dailyWave(50), {
    autoArima: false,
    nonSeasonalOrder: { p: 0, d: 0, q: 0 },
    seasonalities: ['NO_SEASONALITY'],
  });
  const arima = { ...plain!.arima, withConstant: false, constant: mean, variance: deviation ** 2 };
  return { ...plain!, arima, trendUncertainty: undefined, steps: [], seasons: [] };
}

describe('detecting anomalies', () => {
  /** Of a real run of BigQuery ML at a threshold of 0.95, bounds rounded to one digit, probabilities to two. */
  it.each([
    [20.3, 17.3, 29.0, 0.66],
    [19.5, 17.1, 29.0, 0.76],
    [17.0, 17.4, 29.3, 0.96],
    [13.4, 17.6, 29.7, 0.999],
    [17.3, 17.6, 29.8, 0.96],
  ])('gives %d within [%d, %d] the probability %d, as BigQuery does', (value, low, high, expected) => {
    const noise = whiteNoise((low + high) / 2, (high - low) / 2 / 1.959963984540054);
    const timesMs = forecastArimaPlus(noise, { horizon: 1 }).timesMs;
    const { probability, lower, upper, isAnomaly } = detectArimaPlusAnomalies(
      noise,
      { anomalyProbThreshold: 0.95 },
      { timesMs, values: Float64Array.of(value) },
    );
    expect(lower[0]).toBeCloseTo(low, 9);
    expect(upper[0]).toBeCloseTo(high, 9);
    // The bounds are off by up to 0.05, which moves the probability by up to 0.01.
    expect(Math.abs(probability[0]! - expected)).toBeLessThan(0.011);
    expect(isAnomaly[0]).toBe(expected > 0.95 ? 1 : 0);
  });

  it('has no verdict inside the history, past the horizon, off the grid and without a value', () => {
    const timesMs = Float64Array.of(
      START_MS,
      endMs,
      endMs + HOUR_MS,
      endMs + 10 * HOUR_MS,
      endMs + 11 * HOUR_MS,
      endMs + HOUR_MS + 1,
      endMs + 2 * HOUR_MS,
    );
    const values = Float64Array.of(100, 100, 100, 100, 100, 100, Number.NaN);
    const judged = detectArimaPlusAnomalies(model, {}, { timesMs, values });
    expect([...judged.isAnomaly].map((flag) => flag !== -1)).toEqual([
      false,
      false,
      true,
      true,
      false,
      false,
      false,
    ]);
    for (const column of [judged.lower, judged.upper, judged.probability]) {
      expect([...column].map((value) => !Number.isNaN(value))).toEqual([
        false,
        false,
        true,
        true,
        false,
        false,
        false,
      ]);
    }
    expect(judged.timesMs).toBe(timesMs);
  });

  it('judges by the bounds of the forecast, in any order of rows', () => {
    const ahead = forecastArimaPlus(model, { horizon: 10, confidenceLevel: 0.99 });
    const timesMs = ahead.timesMs.slice().reverse();
    const values = ahead.upper
      .slice()
      .reverse()
      .map((value, row) => value + (row % 2 === 0 ? 0.001 : -0.001));
    const judged = detectArimaPlusAnomalies(model, { anomalyProbThreshold: 0.99 }, { timesMs, values });
    expect([...judged.upper].reverse()).toEqual([...ahead.upper]);
    expect([...judged.lower].reverse()).toEqual([...ahead.lower]);
    expect([...judged.isAnomaly]).toEqual([1, 0, 1, 0, 1, 0, 1, 0, 1, 0]);
  });

  it('judges the history itself, but for what was interpolated', () => {
    const values = dailyWave(LENGTH, 3);
    values[200] = Number.NaN;
    values[250] = 160;
    const { model: gapped } = fitArimaPlus(timesFrom(LENGTH), values);
    const judged = detectArimaPlusAnomalies(gapped!, { anomalyProbThreshold: 0.9999 });
    expect(judged.isAnomaly[200]).toBe(-1);
    expect(judged.values[200]).toBeNaN();
    expect(judged.lower[200]).toBeNaN();
    expect(judged.isAnomaly[250]).toBe(1);
    expect(judged.timesMs[250]).toBe(START_MS + 250 * HOUR_MS);
    const flags = [...judged.isAnomaly].filter((flag) => flag === 1);
    expect(flags.length).toBeLessThan(4);
  });

  it('flags about 5% of pure noise at 0.95', () => {
    const values = dailyWave(24 * 100, 4);
    const { isAnomaly } = detectArimaPlusAnomalies(fitArimaPlus(timesFrom(values.length), values).model!);
    const share = isAnomaly.reduce((sum, flag) => sum + flag, 0) / values.length;
    expect(share).toBeGreaterThan(0.03);
    expect(share).toBeLessThan(0.07);
  });

  it('knows that the first value was hardly expected', () => {
    let flagged = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const noise = gaussianNoise(seed);
      let level = 0;
      const all = Float64Array.from({ length: 350 }, () => {
        level = 0.95 * level + noise();
        return level;
      });
      // From amid the series, where its level is anything.
      const { model: wandering } = fitArimaPlus(timesFrom(150), all.subarray(200), {
        autoArima: false,
        nonSeasonalOrder: { p: 1, d: 0, q: 0 },
        adjustStepChanges: false,
      });
      const judged = detectArimaPlusAnomalies(wandering!);
      if (judged.isAnomaly[0] === 1) flagged++;
      expect(judged.upper[0]! - judged.lower[0]!).toBeGreaterThan(judged.upper[9]! - judged.lower[9]!);
    }
    expect(flagged).toBeLessThanOrEqual(8);
  });

  it('ahead of its model flags about as much of noise as the threshold says', () => {
    const [day, ahead, trainings] = [24, 24, 40];
    const length = day * 21;
    let flagged = 0;
    for (let seed = 1; seed <= trainings; seed++) {
      const all = dailyWave(length + ahead, seed);
      const { model: trained } = fitArimaPlus(timesFrom(length), all.subarray(0, length));
      const data = { timesMs: timesFrom(length + ahead).subarray(length), values: all.subarray(length) };
      const { isAnomaly } = detectArimaPlusAnomalies(trained!, { anomalyProbThreshold: 0.99 }, data);
      flagged += isAnomaly.filter((flag) => flag === 1).length;
    }
    expect(flagged / (ahead * trainings)).toBeGreaterThan(0.003);
    expect(flagged / (ahead * trainings)).toBeLessThan(0.02);
  });

  it('refuses times and values that do not pair', () => {
    const data = { timesMs: new Float64Array(2), values: new Float64Array(3) };
    expect(() => detectArimaPlusAnomalies(model, {}, data)).toThrow(RangeError);
  });
});

describe('an evaluation', () => {
  const { timesMs, values: forecast } = forecastArimaPlus(model, { horizon: 10 });

  it('pairs forecasts with the values in the horizon, and no others', () => {
    const actual = forecast.map((value, step) => value + (step % 2 === 0 ? 1 : -3));
    const data = {
      timesMs: Float64Array.of(START_MS, ...timesMs, endMs + 11 * HOUR_MS),
      values: Float64Array.of(1e6, ...actual, 1e6),
    };
    const result = evaluateArimaPlus(model, data)!;
    expect(result.mean_absolute_error).toBeCloseTo(2, 9);
    expect(result.mean_squared_error).toBeCloseTo(5, 9);
    expect(result.root_mean_squared_error).toBeCloseTo(Math.sqrt(5), 9);
    expect(result.mean_absolute_scaled_error).toBeCloseTo(2 / model.naiveError, 9);
    const rows = evaluateArimaPlusRows(model, data, 0.9);
    expect(rows.timesMs).toEqual(timesMs);
    expect(rows.forecasts).toEqual(forecast);
    rows.absoluteErrors.forEach((error, row) => {
      expect(error).toBeCloseTo(row % 2 === 0 ? 1 : 3, 9);
    });
    expect(rows.absolutePercentageErrors[0]).toBeCloseTo(1 / actual[0]!, 9);
    expect(rows.upper).toEqual(forecastArimaPlus(model, { horizon: 10, confidenceLevel: 0.9 }).upper);
  });

  it('is null without a pair', () => {
    expect(
      evaluateArimaPlus(model, { timesMs: Float64Array.of(endMs), values: Float64Array.of(1) }),
    ).toBeNull();
  });

  it('without data is that of the one-step expectations of the history', () => {
    const { mean_squared_error } = evaluateArimaPlus(model)!;
    const residuals = model.history!.residuals;
    const mean = residuals.reduce((sum, value) => sum + value ** 2, 0) / residuals.length;
    expect(mean_squared_error).toBeCloseTo(mean, 9);
  });
});
