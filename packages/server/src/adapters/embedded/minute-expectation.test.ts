import { detectArimaPlusAnomalies, fitArimaPlus, forecastArimaPlus } from '@seismo/engine';
import { normalPoint, probabilityWithin } from '@seismo/engine/normal-distribution';
import { describe, expect, it } from 'vitest';
import { boundsOf, deviationsOff } from './minute-expectation.js';

const START_MS = Date.UTC(2025, 2, 1);
const MINUTES = 200;
const timesMs = Float64Array.from({ length: MINUTES }, (_, at) => START_MS + at * 60_000);
const values = timesMs.map((_, at) => 60 + 20 * Math.sin(at / 9) + ((at * 7919) % 13));
const LIMITS = [
  {},
  { forecastLimitLowerBound: 30 },
  { forecastLimitUpperBound: 110 },
  { forecastLimitLowerBound: 30, forecastLimitUpperBound: 110 },
];

describe('what a row expects of a minute', () => {
  it.each(LIMITS)('is what the model says that it is of, with %o', (limits) => {
    const { model } = fitArimaPlus(timesMs, values, { ...limits, frequency: 'PER_MINUTE', horizon: 60 });
    const ahead = forecastArimaPlus(model!, { horizon: 60 });
    const seen = ahead.values.map((value, step) => value + 9 * Math.sin(step));
    const judged = detectArimaPlusAnomalies(model!, {}, { timesMs: ahead.timesMs, values: seen });
    for (const [step, expected] of ahead.values.entries()) {
      const row = {
        ...{ expected, deviation: ahead.standardErrors[step]! },
        lowerLimit: model!.scale?.lowerLimit ?? Number.NEGATIVE_INFINITY,
        upperLimit: model!.scale?.upperLimit ?? Number.POSITIVE_INFINITY,
      };
      const { lower, upper } = boundsOf(row, normalPoint(0.95));
      expect(lower).toBeCloseTo(ahead.lower[step]!, 8);
      expect(upper).toBeCloseTo(ahead.upper[step]!, 8);
      const probability = probabilityWithin(deviationsOff(row, seen[step]!));
      expect(probability).toBeCloseTo(judged.probability[step]!, 8);
    }
  });

  it('is infinitely far from a limit and from any other value than that of a constant', () => {
    const row = { expected: 50, deviation: 2, lowerLimit: 0, upperLimit: 100 };
    expect(deviationsOff(row, 100)).toBe(Number.POSITIVE_INFINITY);
    expect(deviationsOff(row, -3)).toBe(Number.POSITIVE_INFINITY);
    expect(deviationsOff(row, 50)).toBe(0);
    const constant = { ...row, deviation: 0 };
    expect([deviationsOff(constant, 50), deviationsOff(constant, 51)]).toEqual([0, Number.POSITIVE_INFINITY]);
    expect(boundsOf(constant, 4)).toEqual({ lower: 50, upper: 50 });
  });
});
