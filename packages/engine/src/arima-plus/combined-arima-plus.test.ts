import { describe, expect, it } from 'vitest';
import { detectArimaPlusAnomalies } from './detect-arima-plus-anomalies.js';
import { explainArimaPlusForecast } from './explain-arima-plus-forecast.js';
import { fitArimaPlus } from './fit-arima-plus.js';
import { forecastArimaPlus } from './forecast-arima-plus.js';
import { gaussianNoise } from './gaussian-noise.fixture.js';
import { dailyWave, HOUR_MS, START_MS, timesFrom } from './made-series.fixture.js';
import type { ArimaPlusOptions } from './options.js';
import { loadArimaPlus, saveArimaPlus } from './save-arima-plus.js';

const COMBINED: ArimaPlusOptions = { forecastMethod: 'combined', horizon: 72 };

function fitted(values: Float64Array, options: ArimaPlusOptions) {
  const { model, errorMessage } = fitArimaPlus(timesFrom(values.length), values, options);
  if (!model) throw new Error(errorMessage);
  return model;
}

/** Hours whose day is larger the higher the level, which wanders. */
function busyHours(length: number, seed: number): Float64Array {
  const noise = gaussianNoise(seed);
  let level = 4;
  return Float64Array.from({ length }, (_, t) => {
    level += 0.012 * noise();
    return Math.exp(level + 0.8 * Math.sin((2 * Math.PI * t) / 24) + 0.03 * noise());
  });
}

describe('FORECAST_METHOD combined', () => {
  it('is nearer to what comes than arima where the season grows with the level', () => {
    const errors = { arima: 0, combined: 0 };
    for (let seed = 1; seed <= 8; seed++) {
      const all = busyHours(24 * 21, seed);
      const history = all.subarray(0, 24 * 19);
      for (const forecastMethod of ['arima', 'combined'] as const) {
        const { values } = forecastArimaPlus(fitted(history, { forecastMethod, horizon: 48 }), {
          horizon: 48,
        });
        values.forEach((value, step) => {
          errors[forecastMethod] += Math.abs(value - all[history.length + step]!);
        });
      }
    }
    expect(errors.combined).toBeLessThan(0.95 * errors.arima);
  });

  it('explains a forecast as the sum of its parts, and the history as arima does', () => {
    const series = dailyWave(24 * 14).map((value, index) => value + (index >= 200 ? 30 : 0));
    const model = fitted(series, COMBINED);
    const { values, trend, seasonal, stepChanges, holidayEffect, historyLength, residual } =
      explainArimaPlusForecast(model, { horizon: 72 });
    expect(model.steps.length).toBe(1);
    for (let row = historyLength; row < values.length; row++) {
      const sum = trend[row]! + seasonal.DAILY![row]! + stepChanges[row]! + holidayEffect[row]!;
      expect(Math.abs(sum - values[row]!)).toBeLessThan(1e-9);
      expect(Math.abs(values[row]! - 130 - 10 * Math.sin((2 * Math.PI * row) / 24))).toBeLessThan(5);
    }
    const plain = explainArimaPlusForecast(fitted(series, { horizon: 72 }), { horizon: 72 });
    expect(residual.subarray(0, historyLength)).toEqual(plain.residual.subarray(0, historyLength));
  });

  it('flags a value far from the forecast, and no other', () => {
    const all = dailyWave(24 * 16, 3);
    const model = fitted(all.subarray(0, 24 * 14), COMBINED);
    const ahead = all.slice(24 * 14);
    ahead[20] = ahead[20]! + 15;
    const timesMs = timesFrom(48).map((timeMs) => timeMs + 24 * 14 * HOUR_MS);
    expect(timesMs[0]).toBe(START_MS + 14 * 24 * HOUR_MS);
    const { isAnomaly } = detectArimaPlusAnomalies(
      model,
      { anomalyProbThreshold: 0.999 },
      { timesMs, values: ahead },
    );
    expect([...isAnomaly.entries()].filter(([, flag]) => flag === 1).map(([row]) => row)).toEqual([20]);
  });

  it('follows a step that is only beginning more than one that is a single spike ago', () => {
    const flat = dailyWave(24 * 14, 5, 0.5);
    const ahead = (lift: (index: number) => number) =>
      forecastArimaPlus(
        fitted(
          flat.map((value, index) => value + lift(index)),
          COMBINED,
        ),
        { horizon: 24 },
      ).values;
    const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value / values.length, 0);
    const last = flat.length - 1;
    const plain = mean(ahead(() => 0));
    expect(Math.abs(mean(ahead((index) => (index === last - 10 ? 60 : 0))) - plain)).toBeLessThan(1);
    expect(mean(ahead((index) => (index > last - 3 ? 60 : 0))) - plain).toBeGreaterThan(2);
  });

  it('does not grow without end, however far ahead', () => {
    const noise = gaussianNoise(9);
    const growing = Float64Array.from({ length: 30 }, (_, t) => Math.exp(0.2 * t + 0.05 * noise()));
    const { values, standardErrors } = forecastArimaPlus(
      fitted(growing, { forecastMethod: 'combined', horizon: 10_000 }),
      { horizon: 10_000 },
    );
    expect([...values, ...standardErrors].every(Number.isFinite)).toBe(true);
    expect(values[0]! / growing[29]!).toBeGreaterThan(1.05);
    expect(Math.max(...values)).toBeLessThan(growing[29]! ** 2 * 10);
  });

  it('does not explode where a few values are hundreds of times the others', () => {
    const calm = Array.from({ length: 10 }, (_, index) => 1 + (index % 3) / 10);
    for (const values of [
      [0.001, 5, 6, 5, 7],
      [1, 1.1, 1, 250, 1000],
      [...calm, 250, 1000],
    ]) {
      const forecast = forecastArimaPlus(fitted(Float64Array.from(values), COMBINED), { horizon: 10 });
      expect(Math.max(...forecast.values)).toBeLessThan(5 * Math.max(...values));
    }
  });

  it('is saved and loaded to the last bit', () => {
    const model = fitted(dailyWave(24 * 14, 7), COMBINED);
    const loaded = loadArimaPlus(saveArimaPlus(model));
    expect(loaded).toEqual(model);
    expect(forecastArimaPlus(loaded, { horizon: 72 })).toEqual(forecastArimaPlus(model, { horizon: 72 }));
  });

  it('forecasts the first steps the same, however far ahead is asked for', () => {
    const model = fitted(dailyWave(24 * 14, 8), COMBINED);
    const few = forecastArimaPlus(model, { horizon: 5 });
    const many = forecastArimaPlus(model, { horizon: 72 });
    expect(many.values.subarray(0, 5)).toEqual(few.values);
    expect(many.standardErrors.subarray(0, 5)).toEqual(few.standardErrors);
  });

  it('of a constant is the constant', () => {
    const model = fitted(new Float64Array(50).fill(4), COMBINED);
    expect(model.combined).toBeUndefined();
    expect([...forecastArimaPlus(model, { horizon: 2 }).values]).toEqual([4, 4]);
  });

  it('is one of two', () => {
    const wrong = { forecastMethod: 'best' } as unknown as ArimaPlusOptions;
    expect(() => fitArimaPlus(timesFrom(9), new Float64Array(9), wrong)).toThrow(
      'FORECAST_METHOD is arima or combined, not best',
    );
  });
});
