import { describe, expect, it } from 'vitest';
import { varianceWidening } from '../exponential-smoothing/forecast-variance.js';
import { fitArimaPlus } from './fit-arima-plus.js';
import { forecastArimaPlus } from './forecast-arima-plus.js';
import { gaussianNoise } from './gaussian-noise.fixture.js';
import { timesFrom } from './made-series.fixture.js';
import { loadArimaPlus, saveArimaPlus } from './save-arima-plus.js';

/** A random walk with a drift that may be or not. */
function walk(length: number, seed: number, drift = 0.25): Float64Array {
  const noise = gaussianNoise(seed);
  let last = 0;
  return Float64Array.from({ length }, () => {
    last += drift + noise();
    return last;
  });
}

function fitted(values: Float64Array) {
  return fitArimaPlus(timesFrom(values.length), values, { seasonalities: ['NO_SEASONALITY'], horizon: 20 })
    .model!;
}

describe('what is not sure of the trend', () => {
  it('is the weight of the other orders, by AIC, and the errors of what is estimated', () => {
    const model = fitted(walk(40, 1));
    const { widening, alternatives } = model.trendUncertainty!;
    const { observations, order } = model.arima;
    const coefficients = order.p + order.q;
    expect(widening).toBeCloseTo(
      varianceWidening(
        observations - coefficients - (model.arima.withConstant ? 1 : 0),
        coefficients / observations,
      ),
      12,
    );
    expect(alternatives.length).toBeGreaterThan(2);
    // All tell of the 38 values that two differences leave.
    const least = ({ arima: { aic, logLikelihood, observations: own } }: (typeof alternatives)[0]) =>
      aic + 2 * logLikelihood * (1 - 38 / own);
    const [first, ...others] = alternatives;
    for (const other of others) {
      const ratio = Math.log(first!.weight / other.weight);
      expect(ratio).toBeCloseTo((least(other) - least(first!)) / 2, 3);
    }
    expect(new Set(alternatives.map(({ arima }) => arima.order.d))).toEqual(new Set([1, 2]));
    expect(alternatives.reduce((sum, { weight }) => sum + weight, 0)).toBeLessThan(1);
  });

  it('doubts the differences neither of long series nor where the order is given', () => {
    const differences = (values: Float64Array, options = {}) => {
      const { model } = fitArimaPlus(timesFrom(values.length), values, {
        seasonalities: ['NO_SEASONALITY'],
        ...options,
      });
      return new Set(model!.trendUncertainty!.alternatives.map(({ arima }) => arima.order.d));
    };
    expect(differences(walk(150, 2))).toEqual(new Set([1, 2]));
    expect(differences(walk(151, 2))).toEqual(new Set([1]));
    const given = { autoArima: false, nonSeasonalOrder: { p: 1, d: 1, q: 0 } };
    expect(differences(walk(40, 3), given)).toEqual(new Set());
  });

  it('holds the values of a trend that bends, which KPSS takes for a straight one', () => {
    let [inside, without] = [0, 0];
    for (let seed = 0; seed < 60; seed++) {
      const noise = gaussianNoise(400 + seed);
      let [level, slope] = [0, 0];
      const values = Float64Array.from({ length: 32 }, () => {
        slope += 0.3 * noise();
        level += slope;
        return level + noise();
      });
      const model = fitted(values.subarray(0, 24));
      const { d } = model.arima.order;
      const { alternatives, widening } = model.trendUncertainty!;
      const alike = alternatives.filter(({ arima }) => arima.order.d === d);
      const sure = { ...model, trendUncertainty: { widening, alternatives: alike } };
      const held = ({ lower, upper }: { lower: Float64Array; upper: Float64Array }) =>
        values.subarray(24).filter((value, step) => value >= lower[step]! && value <= upper[step]!).length;
      inside += held(forecastArimaPlus(model, { horizon: 8 })) / 480;
      without += held(forecastArimaPlus(sure, { horizon: 8 })) / 480;
    }
    expect(inside).toBeGreaterThan(without + 0.02);
    expect(inside).toBeLessThan(0.98);
  });

  it('counts how far apart their forecasts are, the further ahead the more', () => {
    const model = fitted(walk(40, 3));
    const sure = { ...model, trendUncertainty: { ...model.trendUncertainty!, alternatives: [] } };
    const [all, own] = [forecastArimaPlus(model, { horizon: 20 }), forecastArimaPlus(sure, { horizon: 20 })];
    expect(all.values).toEqual(own.values);
    const more = all.standardErrors.map((error, step) => error / own.standardErrors[step]!);
    expect(more[19]!).toBeGreaterThan(more[0]!);
    expect(more[19]!).toBeGreaterThan(1.05);
  });

  it('is nearly nothing where many values are known', () => {
    const model = fitted(walk(4000, 5));
    const sure = { ...model, trendUncertainty: undefined };
    const [all, own] = [forecastArimaPlus(model, { horizon: 3 }), forecastArimaPlus(sure, { horizon: 3 })];
    for (const [step, error] of all.standardErrors.entries()) {
      expect(Math.abs(error / own.standardErrors[step]! - 1)).toBeLessThan(0.02);
    }
  });

  it('is saved with the model', () => {
    const model = fitted(walk(60, 4));
    expect(loadArimaPlus(saveArimaPlus(model)).trendUncertainty).toEqual(model.trendUncertainty);
  });

  it('brings the intervals of short series nearer to what their level promises', () => {
    const inside = { all: 0, sure: 0 };
    for (let seed = 0; seed < 200; seed++) {
      const values = walk(42, 100 + seed, 0.1);
      const model = fitted(values.subarray(0, 30));
      for (const [name, one] of [
        ['all', model],
        ['sure', { ...model, trendUncertainty: undefined }],
      ] as const) {
        const { lower, upper } = forecastArimaPlus(one, { horizon: 12 });
        for (let step = 0; step < 12; step++) {
          const value = values[30 + step]!;
          if (value >= lower[step]! && value <= upper[step]!) inside[name] += 1 / 2400;
        }
      }
    }
    expect(inside.all).toBeGreaterThan(inside.sure + 0.02);
    expect(inside.all).toBeGreaterThan(0.87);
    expect(inside.all).toBeLessThan(0.97);
  });
});
