import { describe, expect, it } from 'vitest';
import { explainArimaPlusForecast } from './explain-arima-plus-forecast.js';
import { fitArimaPlus } from './fit-arima-plus.js';
import { forecastArimaPlus } from './forecast-arima-plus.js';
import { dailyWave, HOUR_MS, START_MS, timesFrom } from './made-series.fixture.js';
import type { ArimaPlusOptions } from './options.js';

const LENGTH = 24 * 21;
const HORIZON = 30;
const series = dailyWave(LENGTH).map(
  (value, hour) => value + (hour === 100 ? 50 : 0) + (hour >= 300 ? 8 : 0),
);
const fitted = (options: ArimaPlusOptions = {}) => fitArimaPlus(timesFrom(LENGTH), series, options).model!;
const model = fitted();
const explained = explainArimaPlusForecast(model, { horizon: HORIZON, confidenceLevel: 0.9 });
const columns = Object.entries(explained).filter(
  (entry): entry is [string, Float64Array] => entry[1] instanceof Float64Array,
);

describe('an explained forecast', () => {
  it('is the history, then the forecast, in columns of the same length', () => {
    expect(explained.historyLength).toBe(LENGTH);
    for (const [, column] of columns) expect(column).toHaveLength(LENGTH + HORIZON);
    expect(explained.timesMs[0]).toBe(START_MS);
    expect(explained.timesMs[LENGTH + HORIZON - 1]).toBe(START_MS + (LENGTH + HORIZON - 1) * HOUR_MS);
    expect(explained.values.subarray(0, LENGTH)).toEqual(series);
    const ahead = forecastArimaPlus(model, { horizon: HORIZON, confidenceLevel: 0.9 });
    for (const name of ['values', 'standardErrors', 'lower', 'upper'] as const) {
      expect(explained[name].subarray(LENGTH)).toEqual(ahead[name]);
    }
  });

  it('has no value where BigQuery has NULL, and one everywhere else', () => {
    for (const [name, column] of columns) {
      const [past, ahead] = [column.subarray(0, LENGTH), column.subarray(LENGTH)];
      const isNull = name === 'lower' || name === 'upper';
      expect(past.every((value) => Number.isNaN(value) === isNull)).toBe(true);
      expect(ahead.every((value) => Number.isNaN(value) === (name === 'residual'))).toBe(true);
    }
    expect(Object.keys(explained.seasonal)).toEqual(['DAILY']);
  });

  it('says what each part adds', () => {
    expect(explained.spikesAndDips[100]).toBeCloseTo(50, -1);
    expect(explained.spikesAndDips.filter((value) => value !== 0)).toHaveLength(1);
    expect(explained.stepChanges[290]).toBe(0);
    expect(explained.stepChanges[310]).toBeCloseTo(8, 0);
    expect(explained.stepChanges[LENGTH + 5]).toBe(explained.stepChanges[LENGTH - 1]);
    expect(explained.trend[LENGTH + 5]).toBeCloseTo(100, -1);
    expect(explained.seasonal.DAILY![LENGTH + 6]).toBeCloseTo(10, -1);
  });

  it('adjusts the history by taking off its spikes and residuals', () => {
    for (let row = 0; row < LENGTH; row++) {
      const parts = explained.trend[row]! + explained.seasonal.DAILY![row]! + explained.stepChanges[row]!;
      expect(explained.adjustedValues[row]).toBeCloseTo(parts, 9);
    }
    expect(explained.standardErrors[7]).toBe(Math.sqrt(model.arima.variance));
  });

  it('smooths the trend of the history over a window, whose ends are padded, and nothing else', () => {
    const window = 5;
    const smooth = explainArimaPlusForecast(fitted({ trendSmoothingWindowSize: window }), {
      horizon: HORIZON,
    });
    const at = (row: number) => explained.trend[Math.max(0, Math.min(LENGTH - 1, row))]!;
    for (let row = 0; row < LENGTH; row++) {
      const mean = [-2, -1, 0, 1, 2].reduce((sum, offset) => sum + at(row + offset) / window, 0);
      expect(smooth.trend[row]).toBeCloseTo(mean, 9);
      const others = smooth.seasonal.DAILY![row]! + smooth.stepChanges[row]! + smooth.spikesAndDips[row]!;
      expect(smooth.trend[row]! + others + smooth.residual[row]!).toBeCloseTo(series[row]!, 9);
    }
    expect(smooth.values.subarray(LENGTH)).toEqual(explained.values.subarray(LENGTH));
  });

  it('has at most the horizon of its model', () => {
    expect(() => explainArimaPlusForecast(model, { horizon: 1001 })).toThrow(/horizon .* from 1 to 1000/);
  });
});
