import { describe, expect, it } from 'vitest';
import { varianceWidening } from '../exponential-smoothing/forecast-variance.js';
import type { ArimaPlusModel } from './arima-plus-model.js';
import { detectArimaPlusAnomalies } from './detect-arima-plus-anomalies.js';
import { arimaCoefficients, arimaEvaluate, evaluateArimaPlus } from './evaluate-arima-plus.js';
import { explainArimaPlusForecast } from './explain-arima-plus-forecast.js';
import { fitArimaPlus } from './fit-arima-plus.js';
import { forecastArimaPlus } from './forecast-arima-plus.js';
import { gaussianNoise } from './gaussian-noise.fixture.js';
import { dailyWave, HOUR_MS, START_MS, timesFrom } from './made-series.fixture.js';
import type { ArimaPlusOptions } from './options.js';

/** The ARIMA alone. */
const BARE: ArimaPlusOptions = {
  seasonalities: ['NO_SEASONALITY'],
  cleanSpikesAndDips: false,
  adjustStepChanges: false,
};
const DAY_MS = 24 * HOUR_MS;

function fitted(values: ArrayLike<number>, options: ArimaPlusOptions = {}, stepMs = HOUR_MS): ArimaPlusModel {
  const { model, errorMessage } = fitArimaPlus(
    timesFrom(values.length, stepMs),
    Float64Array.from(values),
    options,
  );
  if (!model) throw new Error(errorMessage);
  return model;
}
const ordered = (p: number, d: number, q: number): ArimaPlusOptions => ({
  ...BARE,
  autoArima: false,
  nonSeasonalOrder: { p, d, q },
});
const made = (length: number, seed: number, of: (noise: number, before: number) => number) => {
  const noise = gaussianNoise(seed);
  let before = 0;
  return Float64Array.from({ length }, () => {
    before = of(noise(), before);
    return before;
  });
};

describe('what is known in closed form', () => {
  it('a random walk goes on at its last value, with errors that grow by the root of time', () => {
    const walk = made(200, 1, (noise, before) => before + noise);
    const changes = walk.subarray(1).map((value, index) => value - walk[index]!);
    const widened = varianceWidening(199, 0) / changes.length;
    const deviation = Math.sqrt(changes.reduce((sum, change) => sum + change ** 2, 0) * widened);
    const { values, standardErrors, lower, timesMs } = forecastArimaPlus(fitted(walk, ordered(0, 1, 0)), {
      horizon: 9,
    });
    for (let step = 0; step < 9; step++) {
      expect(values[step]).toBeCloseTo(walk[199]!, 10);
      expect(standardErrors[step]).toBeCloseTo(deviation * Math.sqrt(step + 1), 10);
      expect(lower[step]).toBeCloseTo(walk[199]! - 1.959963984540054 * deviation * Math.sqrt(step + 1), 10);
      expect(timesMs[step]).toBe(START_MS + (200 + step) * HOUR_MS);
    }
  });

  it('white noise is forecast by its mean, with its standard deviation and that of the mean', () => {
    const noise = made(300, 2, (one) => 50 + 3 * one);
    const mean = noise.reduce((sum, value) => sum + value / 300, 0);
    const squares = noise.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const { values, standardErrors } = forecastArimaPlus(fitted(noise, ordered(0, 0, 0)), { horizon: 5 });
    for (let step = 0; step < 5; step++) {
      expect(values[step]).toBeCloseTo(mean, 9);
      const ofNoise = varianceWidening(299, 0);
      expect(standardErrors[step]).toBeCloseTo(Math.sqrt((squares / 299) * (ofNoise + 1 / 300)), 9);
    }
  });

  it('an autoregression falls back to its mean by φ a step', () => {
    const model = fitted(
      made(400, 3, (noise, before) => 0.8 * before + noise),
      ordered(1, 0, 0),
    );
    const { ar_coefficients, intercept_or_drift: mean } = arimaCoefficients(model);
    const phi = ar_coefficients[0]!;
    const last = model.history!.values[399]!;
    const { values, standardErrors } = forecastArimaPlus(model, { horizon: 30 });
    for (let step = 0; step < 30; step++) {
      expect(values[step]).toBeCloseTo(mean + phi ** (step + 1) * (last - mean), 8);
      const ofNoise = (varianceWidening(398, 1 / 400) * (1 - phi ** (2 * step + 2))) / (1 - phi ** 2);
      const ofMean = ((1 - phi ** (step + 1)) / (1 - phi)) ** 2 / 400;
      expect(standardErrors[step]).toBeCloseTo(Math.sqrt(model.arima.variance * (ofNoise + ofMean)), 8);
    }
    expect(phi).toBeGreaterThan(0.7);
  });

  it('a random walk with drift is as uncertain as its drift makes it', () => {
    const walk = made(101, 6, (noise, before) => before + 0.5 + noise);
    const model = fitted(walk, { ...ordered(0, 1, 0), includeDrift: true });
    const { standardErrors } = forecastArimaPlus(model, { horizon: 20 });
    // Hyndman & Athanasopoulos (2021), "Forecasting: principles and practice", table 5.2: the drift method; and Student's t.
    for (let step = 1; step <= 20; step++) {
      const expected = Math.sqrt(model.arima.variance * step * (varianceWidening(99, 0) + step / 100));
      expect(standardErrors[step - 1]).toBeCloseTo(expected, 9);
    }
  });

  it('a drift goes on', () => {
    const line = Float64Array.from({ length: 60 }, (_, index) => 5 + 2 * index);
    const { values } = forecastArimaPlus(fitted(line, { ...ordered(0, 1, 0), includeDrift: true }), {
      horizon: 4,
    });
    expect([...values]).toEqual([125, 127, 129, 131]);
    const searched = forecastArimaPlus(fitted(line), { horizon: 4 }).values;
    searched.forEach((value, step) => {
      expect(value).toBeCloseTo(125 + 2 * step, 6);
    });
  });

  it('a season without noise goes on as it is, and any move from it is flagged', () => {
    const wave = dailyWave(24 * 20, 1, 0);
    const model = fitted(wave);
    expect(model.seasons.map(({ seasonality }) => seasonality)).toEqual(['DAILY']);
    const { values, timesMs } = forecastArimaPlus(model, { horizon: 48 });
    values.forEach((value, step) => {
      expect(value).toBeCloseTo(wave[step]!, 6);
    });
    const moved = values.map((value, step) => (step === 7 ? value + 0.1 : value));
    const { isAnomaly } = detectArimaPlusAnomalies(model, {}, { timesMs, values: moved });
    expect([...isAnomaly].flatMap((flag, step) => (flag === 1 ? [step] : []))).toEqual([7]);
  });
});

describe('a fitted series', () => {
  it('shows its season, its step, its spike, and forecasts from the new level', () => {
    const values = dailyWave(24 * 28).map(
      (value, hour) => value + (hour >= 400 ? 7 : 0) + (hour === 300 ? 40 : 0),
    );
    const model = fitted(values);
    expect(arimaEvaluate(model)[0]).toMatchObject({
      seasonal_periods: ['DAILY'],
      has_spikes_and_dips: true,
      has_step_changes: true,
      has_holiday_effect: false,
      error_message: '',
    });
    expect(model.steps).toHaveLength(1);
    expect(Math.abs(model.steps[0]!.index - 400)).toBeLessThanOrEqual(2);
    expect(model.steps[0]!.size).toBeCloseTo(7, 0);
    expect(model.history!.spikeIndices).toEqual([300]);
    const ahead = forecastArimaPlus(model, { horizon: 48 });
    ahead.values.forEach((value, step) => {
      expect(Math.abs(value - 107 - 10 * Math.sin((2 * Math.PI * step) / 24))).toBeLessThan(2);
    });
    const { isAnomaly, probability } = detectArimaPlusAnomalies(model, { anomalyProbThreshold: 0.9999 });
    expect(isAnomaly[300]).toBe(1);
    expect(probability[300]).toBeGreaterThan(0.999999);
    expect(isAnomaly.reduce((sum, flag) => sum + flag, 0)).toBeLessThan(4);
  });

  it('has no season where there is none', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const noise = made(24 * 30, seed, (one) => one);
      expect(arimaEvaluate(fitted(noise))[0]!.seasonal_periods).toEqual(['NO_SEASONALITY']);
    }
  });

  it('is searched for the seasons asked for alone', () => {
    const wave = dailyWave(24 * 28);
    expect(fitted(wave, { seasonalities: ['NO_SEASONALITY'] }).seasons).toEqual([]);
    expect(fitted(wave, { seasonalities: ['DAILY'] }).seasons.map(({ period }) => period)).toEqual([24]);
  });

  it('that never changes has a model of a constant, from which any move is an anomaly', () => {
    const outcome = fitArimaPlus(timesFrom(100), new Float64Array(100).fill(3.7));
    expect(outcome.errorMessage).toMatch(/constant/);
    const model = outcome.model!;
    const unbounded = { variance: 0, log_likelihood: null, AIC: null };
    for (const row of arimaEvaluate(model)) expect(row).toMatchObject(unbounded);
    expect(arimaEvaluate(model)[0]!.error_message).toBe(outcome.errorMessage);
    const ahead = forecastArimaPlus(model, { horizon: 3 });
    expect([...ahead.values, ...ahead.lower, ...ahead.upper]).toEqual(Array(9).fill(3.7));
    const judged = detectArimaPlusAnomalies(
      model,
      {},
      { timesMs: ahead.timesMs, values: Float64Array.of(3.7, 3.7001, 0) },
    );
    expect([...judged.isAnomaly]).toEqual([0, 1, 1]);
    expect([...judged.probability]).toEqual([0, 1, 1]);
  });

  it('that hardly ever changes has the same', () => {
    const values = new Float64Array(1000).fill(5);
    for (const at of [100, 350, 777]) values[at] = 6;
    const model = fitted(values);
    expect(model.arima.variance).toBe(0);
    const { isAnomaly } = detectArimaPlusAnomalies(model);
    expect([...isAnomaly].flatMap((flag, at) => (flag === 1 ? [at] : []))).toEqual([100, 350, 777]);
  });

  it.each([
    [true, 500_000],
    [false, 1_000_000],
  ])(
    'may have as many points as BigQuery allows, with DECOMPOSE_TIME_SERIES = %s',
    (decomposeTimeSeries, most) => {
      // Two values far apart: what lies between them is interpolated.
      const timesMs = Float64Array.of(0, 1, most).map((minute) => minute * 60_000);
      const { model, errorMessage } = fitArimaPlus(timesMs, Float64Array.of(1, 2, 3), {
        decomposeTimeSeries,
      });
      expect(model).toBeUndefined();
      expect(errorMessage).toBe(
        `The time series has ${most + 1} points at the frequency PER_MINUTE; at most ${most} are supported.`,
      );
    },
  );

  it('fills the steps of a frequency that is finer, and averages those of one that is coarser', () => {
    const days = Float64Array.from({ length: 70 }, (_, index) => (index % 7) + index);
    const { history: finer, grid } = fitted(days, { ...BARE, frequency: 'HOURLY' }, DAY_MS);
    expect(grid).toMatchObject({ frequency: 'HOURLY', multiple: 1 });
    expect(finer!.values).toHaveLength(69 * 24 + 1);
    expect(finer!.values[12]).toBeCloseTo((days[0]! + days[1]!) / 2, 12);
    const coarser = fitted(days, { ...BARE, frequency: 'WEEKLY' }, DAY_MS).history!;
    const middle = days.subarray(6, 13).reduce((sum, value) => sum + value, 0) / 7;
    expect([...coarser.values].some((value) => Math.abs(value - middle) < 1e-9)).toBe(true);
    expect(coarser.values.length).toBeLessThan(12);
  });

  it('leaves seasons out that are finer than its values', () => {
    const weeks = Float64Array.from(
      { length: 200 },
      (_, index) => 10 * Math.sin((2 * Math.PI * index) / 52) + index / 50,
    );
    const asked = fitted(weeks, { seasonalities: ['DAILY', 'WEEKLY', 'YEARLY'] }, 7 * DAY_MS);
    expect(asked.seasons.map(({ seasonality }) => seasonality)).toEqual(['YEARLY']);
  });

  it('of which nothing can be made says why', () => {
    const message = (values: number[]) =>
      fitArimaPlus(timesFrom(values.length), Float64Array.from(values)).errorMessage;
    expect(message([])).toMatch(/no values/);
    expect(message([1, 2])).toMatch(/2 points; at least 3/);
    expect(message([1, 2, 1e141])).toMatch(/beyond/);
    const short = fitArimaPlus(timesFrom(5), Float64Array.of(1, 5, 2, 4, 3), ordered(5, 0, 0));
    expect(short.errorMessage).toMatch(/5 points; NON_SEASONAL_ORDER \(5, 0, 0\) needs 8/);
    expect(short.model).toBeUndefined();
  });

  it('keeps holidays as a component and adds those ahead', () => {
    const noise = gaussianNoise(5);
    const length = 365 * 3;
    const holidays = [2024, 2025, 2026, 2027].map((year) => ({
      name: 'Day of rest',
      primaryMs: Date.UTC(year, 0, 10),
      daysBefore: 0,
      daysAfter: 0,
    }));
    const isHoliday = (timeMs: number) => holidays.some(({ primaryMs }) => primaryMs === timeMs);
    const values = timesFrom(length, DAY_MS).map((timeMs) => 100 + noise() + (isHoliday(timeMs) ? -30 : 0));
    const model = fitted(values, { holidays }, DAY_MS);
    expect(arimaEvaluate(model)[0]!.has_holiday_effect).toBe(true);
    expect(model.holidayEffects[0]!.size).toBeCloseTo(-30, -1);
    const { timesMs, values: ahead } = forecastArimaPlus(model, { horizon: 40 });
    const at = timesMs.findIndex(isHoliday);
    expect(ahead[at]! - ahead[at - 1]!).toBeLessThan(-25);
    expect(explainArimaPlusForecast(model).holidayEffect[9]).toBe(model.holidayEffects[0]!.size);
  });
});

describe('options', () => {
  it('fit the trend to the end of the series', () => {
    // Steps of 1 up to the middle, then of −2.
    const values = Float64Array.from({ length: 200 }, (_, index) => (index < 100 ? index : 300 - 2 * index));
    const drift = (options: ArimaPlusOptions) =>
      arimaCoefficients(fitted(values, { ...ordered(0, 1, 0), includeDrift: true, ...options }))
        .intercept_or_drift;
    expect(drift({ timeSeriesLengthFraction: 0.25 })).toBeCloseTo(-2, 9);
    expect(drift({ maxTimeSeriesLength: 30 })).toBeCloseTo(-2, 9);
    expect(drift({ timeSeriesLengthFraction: 0.001, minTimeSeriesLength: 200 })).toBeCloseTo(drift({}), 9);
    expect(drift({})).toBeGreaterThan(-1);
  });

  it('forecast from the part that the trend is fitted to, however few values that is', () => {
    const noise = gaussianNoise(8);
    const values = Float64Array.from({ length: 1500 }, () => noise());
    for (let maxTimeSeriesLength = 4; maxTimeSeriesLength <= 30; maxTimeSeriesLength += 2) {
      const model = fitted(values, { maxTimeSeriesLength });
      expect(Math.max(...forecastArimaPlus(model, { horizon: 100 }).values.map(Math.abs))).toBeLessThan(5);
      expect(Math.max(...model.history!.residuals.map(Math.abs))).toBeLessThan(30);
    }
  });

  it('without decomposition forecast the same, and neither explain nor judge the history', () => {
    const wave = dailyWave(24 * 14);
    const model = fitted(wave, { decomposeTimeSeries: false });
    expect(forecastArimaPlus(model, { horizon: 20 })).toEqual(
      forecastArimaPlus(fitted(wave), { horizon: 20 }),
    );
    expect(model.history).toBeUndefined();
    expect(() => explainArimaPlusForecast(model)).toThrow(/DECOMPOSE_TIME_SERIES/);
    expect(() => detectArimaPlusAnomalies(model)).toThrow(/DECOMPOSE_TIME_SERIES/);
    expect(() => evaluateArimaPlus(model)).toThrow(/DECOMPOSE_TIME_SERIES/);
    expect(arimaEvaluate(model)[0]!.seasonal_periods).toEqual(['DAILY']);
  });

  it('try as many orders as BigQuery', () => {
    const walk = made(200, 8, (noise, before) => before + noise);
    const noise = made(200, 9, (one) => one);
    expect(arimaEvaluate(fitted(walk))).toHaveLength(12);
    expect(arimaEvaluate(fitted(noise))).toHaveLength(6);
    expect(arimaEvaluate(fitted(noise, { autoArimaMinOrder: 2, autoArimaMaxOrder: 3 }))).toHaveLength(7);
    expect(arimaEvaluate(fitted(noise), false)).toHaveLength(1);
    const byAic = arimaEvaluate(fitted(walk)).map(({ AIC }) => AIC!);
    expect(byAic).toEqual([...byAic].sort((a, b) => a - b));
  });

  it('of a forecast have ranges', () => {
    const model = fitted(dailyWave(100), { horizon: 50 });
    expect(forecastArimaPlus(model).values).toHaveLength(3);
    expect(() => forecastArimaPlus(model, { horizon: 51 })).toThrow(
      /horizon is a whole number from 1 to 50, not 51/,
    );
    expect(() => forecastArimaPlus(model, { confidenceLevel: 1 })).toThrow(
      /confidence_level is at least 0 and below 1/,
    );
    expect(() => detectArimaPlusAnomalies(model, { anomalyProbThreshold: -0.1 })).toThrow(
      /anomaly_prob_threshold/,
    );
  });
});
