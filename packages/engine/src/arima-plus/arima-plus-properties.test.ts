import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ArimaPlusModel } from './arima-plus-model.js';
import { detectArimaPlusAnomalies } from './detect-arima-plus-anomalies.js';
import { arimaEvaluate, evaluateArimaPlus } from './evaluate-arima-plus.js';
import { type ExplainedForecast, explainArimaPlusForecast } from './explain-arima-plus-forecast.js';
import { fitArimaPlus } from './fit-arima-plus.js';
import { fitArimaPlusById } from './fit-arima-plus-by-id.js';
import { forecastArimaPlus } from './forecast-arima-plus.js';
import { gaussianNoise } from './gaussian-noise.fixture.js';
import { HOUR_MS, timesFrom } from './made-series.fixture.js';
import { loadArimaPlus, saveArimaPlus } from './save-arima-plus.js';

/** Hours with a day, wandering, steps and spikes, in millionths, so that no digit is lost by powers of two. */
const series = fc
  .record({
    length: fc.integer({ min: 60, max: 400 }),
    seed: fc.integer({ min: 1, max: 1e6 }),
    season: fc.constantFrom(0, 3, 20),
    wandering: fc.constantFrom(0, 0.2, 1),
    step: fc.constantFrom(0, 0, 30),
    spike: fc.constantFrom(0, 50),
  })
  .map(({ length, seed, season, wandering, step, spike }) => {
    const noise = gaussianNoise(seed);
    let level = 0;
    return Float64Array.from({ length }, (_, index) => {
      level += wandering * noise();
      const extra = (index > length / 2 ? step : 0) + (index === 40 ? spike : 0);
      const wave = season * Math.sin((2 * Math.PI * index) / 24);
      return Math.round(1e6 * (level + wave + noise() + extra)) / 2 ** 20;
    });
  });
/** Anything that a user may send. */
const wild = fc.array(
  fc.oneof(
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    fc.integer({ min: -3, max: 3 }),
    fc.constantFrom(0, -0, 5, 5, 5, 1e139, -1e139, 1e-308, 5e-324, Number.NaN, Number.POSITIVE_INFINITY),
  ),
  { maxLength: 150 },
);
const steps = fc.constantFrom(60_000, 300_000, HOUR_MS, 24 * HOUR_MS, 7 * 24 * HOUR_MS, 30 * 24 * HOUR_MS);
const runs = { numRuns: 25 };

function fitted(values: Float64Array, timesMs = timesFrom(values.length)): ArimaPlusModel {
  const { model, errorMessage } = fitArimaPlus(timesMs, values);
  if (!model) throw new Error(errorMessage);
  return model;
}

/** Largest distance of the history from the sum of its parts, as a share of the largest value. */
function unexplained(explained: ExplainedForecast, model: ArimaPlusModel): number {
  let worst = 0;
  for (let at = 0; at < explained.historyLength; at++) {
    const parts = [explained.trend, explained.holidayEffect, explained.spikesAndDips, explained.stepChanges];
    const columns = [...parts, explained.residual, ...Object.values(explained.seasonal)];
    const sum = columns.reduce((total, column) => total + column[at]!, 0);
    worst = Math.max(worst, Math.abs(sum - explained.values[at]!));
  }
  return model.magnitude === 0 ? worst : worst / model.magnitude;
}

describe('a model of a series', () => {
  it('times a power of two forecasts the same times that power', () => {
    fc.assert(
      fc.property(series, fc.integer({ min: -30, max: 30 }), (values, power) => {
        const factor = 2 ** power;
        const plain = forecastArimaPlus(fitted(values), { horizon: 30 });
        const scaled = forecastArimaPlus(fitted(values.map((value) => value * factor)), { horizon: 30 });
        for (const column of ['values', 'standardErrors', 'lower', 'upper'] as const) {
          expect([...scaled[column]]).toEqual([...plain[column]].map((value) => value * factor));
        }
      }),
      runs,
    );
  });

  it('upside down forecasts the same upside down', () => {
    fc.assert(
      fc.property(series, (values) => {
        const plain = forecastArimaPlus(fitted(values), { horizon: 30 });
        const turned = forecastArimaPlus(fitted(values.map((value) => -value)), { horizon: 30 });
        const scale = Math.max(...plain.standardErrors, 1e-9);
        for (let step = 0; step < 30; step++) {
          expect(Math.abs(turned.values[step]! + plain.values[step]!)).toBeLessThan(1e-3 * scale);
          expect(Math.abs(turned.upper[step]! + plain.lower[step]!)).toBeLessThan(1e-3 * scale);
        }
      }),
      runs,
    );
  });

  it('moved up forecasts the same moved up', () => {
    fc.assert(
      fc.property(series, fc.constantFrom(-1000, 64, 4096), (values, shift) => {
        const plain = forecastArimaPlus(fitted(values), { horizon: 30 });
        const moved = forecastArimaPlus(fitted(values.map((value) => value + shift)), { horizon: 30 });
        const scale = Math.max(...plain.standardErrors, 1e-9);
        for (let step = 0; step < 30; step++) {
          expect(Math.abs(moved.values[step]! - plain.values[step]! - shift)).toBeLessThan(1e-3 * scale);
          expect(Math.abs(moved.standardErrors[step]! - plain.standardErrors[step]!)).toBeLessThan(
            1e-3 * scale,
          );
        }
      }),
      runs,
    );
  });

  it('does not depend on the order of its rows', () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 1e6 }), (values, seed) => {
        const random = gaussianNoise(seed);
        const order = [...values.keys()].map((row) => [random(), row] as const).sort((a, b) => a[0] - b[0]);
        const timesMs = timesFrom(values.length);
        const shuffled = fitted(
          Float64Array.from(order, ([, row]) => values[row]!),
          Float64Array.from(order, ([, row]) => timesMs[row]!),
        );
        expect(shuffled).toStrictEqual(fitted(values));
      }),
      runs,
    );
  });

  it('saved and loaded gives the same answers to the last bit, and the same bytes', () => {
    fc.assert(
      fc.property(series, (values) => {
        const model = fitted(values);
        const bytes = saveArimaPlus(model);
        const loaded = loadArimaPlus(bytes);
        expect(loaded).toStrictEqual(model);
        expect(saveArimaPlus(loaded)).toEqual(bytes);
        expect(explainArimaPlusForecast(loaded, { horizon: 50 })).toStrictEqual(
          explainArimaPlusForecast(model, { horizon: 50 }),
        );
        expect(detectArimaPlusAnomalies(loaded)).toStrictEqual(detectArimaPlusAnomalies(model));
      }),
      runs,
    );
  });

  it('changes neither rows nor history', () => {
    fc.assert(
      fc.property(series, (values) => {
        const before = values.slice();
        const model = fitted(values);
        const saved = saveArimaPlus(model);
        explainArimaPlusForecast(model, { horizon: 10 });
        detectArimaPlusAnomalies(model);
        expect(values).toEqual(before);
        expect(saveArimaPlus(model)).toEqual(saved);
      }),
      runs,
    );
  });

  it('is the sum of its parts, and what it forecasts that of its own', () => {
    fc.assert(
      fc.property(series, (values) => {
        const model = fitted(values);
        const explained = explainArimaPlusForecast(model, { horizon: 20 });
        expect(unexplained(explained, model)).toBeLessThan(1e-9);
        for (let at = explained.historyLength; at < explained.values.length; at++) {
          const seasons = Object.values(explained.seasonal).reduce((sum, season) => sum + season[at]!, 0);
          const sum =
            explained.trend[at]! + seasons + explained.holidayEffect[at]! + explained.stepChanges[at]!;
          expect(Math.abs(sum - explained.values[at]!)).toBeLessThan(1e-9 * model.magnitude);
        }
      }),
      runs,
    );
  });
});

describe('whatever the rows', () => {
  it('there is a model or a message, nothing throws, and no NaN leaves', () => {
    fc.assert(
      fc.property(wild, steps, (numbers, stepMs) => {
        const { model, errorMessage } = fitArimaPlus(
          timesFrom(numbers.length, stepMs),
          Float64Array.from(numbers),
        );
        if (!model) {
          expect(errorMessage).toMatch(/\.$/);
          return;
        }
        const ahead = forecastArimaPlus(model, { horizon: 400 });
        for (const column of Object.values(ahead)) expect(column.every(Number.isFinite)).toBe(true);
        const { filled } = model.history!;
        const { probability, isAnomaly } = detectArimaPlusAnomalies(model);
        for (const [at, one] of probability.entries()) {
          expect(filled[at] === 1 ? Number.isNaN(one) : one >= 0 && one <= 1).toBe(true);
          expect(isAnomaly[at]! === -1).toBe(filled[at] === 1);
        }
        expect(unexplained(explainArimaPlusForecast(model), model)).toBeLessThan(1e-9);
        for (const error of Object.values(evaluateArimaPlus(model)!)) expect(error).not.toBeNaN();
        expect(arimaEvaluate(model).length).toBeGreaterThan(0);
        expect(loadArimaPlus(saveArimaPlus(model))).toStrictEqual(model);
      }),
      { numRuns: 150 },
    );
  });
});

describe('several series by id', () => {
  it('are what each is alone, however their rows are mixed', () => {
    const [length, names] = [80, ['b', 'a', '']];
    const noise = gaussianNoise(3);
    const ids: string[] = [];
    const rows: [number, number][] = [];
    for (let hour = 0; hour < length; hour++) {
      for (const name of names) {
        ids.push(name);
        rows.push([timesFrom(length)[hour]!, noise() + name.length * hour]);
      }
    }
    const timesMs = Float64Array.from(rows, ([timeMs]) => timeMs);
    const values = Float64Array.from(rows, ([, value]) => value);
    const outcomes = fitArimaPlusById({ ids, timesMs, values }, { horizon: 5 });
    expect([...outcomes.keys()]).toEqual(names);
    for (const [number, name] of names.entries()) {
      const own = values.filter((_, row) => row % names.length === number);
      expect(outcomes.get(name)).toStrictEqual(fitArimaPlus(timesFrom(length), own, { horizon: 5 }));
    }
  });

  it('fail one by one, and need AUTO_ARIMA', () => {
    const table = { ids: ['one'], timesMs: Float64Array.of(0), values: Float64Array.of(1) };
    expect(fitArimaPlusById(table).get('one')!.errorMessage).toMatch(/1 point; at least 3/);
    const fixed = { autoArima: false, nonSeasonalOrder: { p: 0, d: 1, q: 0 } };
    expect(() => fitArimaPlusById(table, fixed)).toThrow(/AUTO_ARIMA must be true with TIME_SERIES_ID_COL/);
    expect(() => fitArimaPlusById({ ...table, ids: [] })).toThrow(RangeError);
  });
});
