import { describe, expect, it } from 'vitest';
import { detectArimaPlusAnomalies } from './detect-arima-plus-anomalies.js';
import { fitArimaPlus } from './fit-arima-plus.js';
import { forecastArimaPlus } from './forecast-arima-plus.js';
import { gaussianNoise } from './gaussian-noise.fixture.js';
import { dailyWave, timesFrom } from './made-series.fixture.js';

const MINUTE_MS = 60_000;
const DAY = 1440;

/** Minutes of a day's wave, with a level that is 12 higher in the last ones. */
function shifted(days: number, shiftMinutes: number, ahead: number, seed = 0): Float64Array {
  const noise = gaussianNoise(days * 1000 + shiftMinutes + 7919 * seed);
  const length = Math.round(days * DAY);
  return Float64Array.from({ length: length + ahead }, (_, minute) => {
    const wave = 10 * Math.sin((2 * Math.PI * minute) / DAY);
    return 100 + wave + noise() + (minute >= length - shiftMinutes ? 12 : 0);
  });
}

describe('minutes that are high on one of two days', () => {
  it.each([
    [2, 30],
    [4, 30],
    [10, 8],
    [30, 30],
    [120, 8],
  ])('%d of them, %d high, are not half as high on the next day', (minutes, size) => {
    for (const day of [0, 1]) {
      const calm = shifted(3, 0, 0, 10 * minutes + day);
      const length = Math.round(2.3 * DAY);
      const values = calm.slice(0, length);
      for (let minute = 0; minute < minutes; minute++) values[day * DAY + 900 + minute]! += size;
      const { model } = fitArimaPlus(timesFrom(length, MINUTE_MS), values);
      const ahead = forecastArimaPlus(model!, { horizon: 2 * DAY + 900 + minutes - length }).values;
      const off = ahead
        .subarray(ahead.length - minutes)
        .reduce((sum, value, minute) => sum + value - calm[2 * DAY + 900 + minute]!, 0);
      expect(Math.abs(off / minutes)).toBeLessThan(0.2 * size);
    }
  });
});

describe('a new level that is younger than a season', () => {
  it.each([
    [2.2, 20],
    [3, 60],
    [3, 180],
    [7, 20],
    [7, 720],
  ])('of a series of %d days is known after %d minutes, and nothing is flagged any more', (days, minutes) => {
    const all = shifted(days, minutes, 60);
    const length = all.length - 60;
    const { model } = fitArimaPlus(timesFrom(length, MINUTE_MS), all.subarray(0, length));
    const step = model!.steps.find(({ index }) => Math.abs(index - length + minutes) <= 2);
    expect(step?.size).toBeGreaterThan(11);
    expect(step?.size).toBeLessThan(13);
    const { timesMs, values } = forecastArimaPlus(model!, { horizon: 60 });
    const bias = values.reduce((sum, value, minute) => sum + value - all[length + minute]!, 0) / 60;
    expect(Math.abs(bias)).toBeLessThan(0.7);
    const judged = detectArimaPlusAnomalies(
      model!,
      { anomalyProbThreshold: 0.9999 },
      { timesMs, values: all.subarray(length) },
    );
    expect(judged.isAnomaly.filter((flag) => flag === 1)).toHaveLength(0);
  });

  it.each([1, 2, 3, 4])('leaves no echo in the days before, seed %d', (seed) => {
    const all = shifted(3, 60, 0, seed);
    const { model } = fitArimaPlus(timesFrom(all.length, MINUTE_MS), all);
    expect(model!.steps).toHaveLength(1);
  });

  it.each([1, 2, 3, 4])('leaves no echo after %d minutes, when it is no step yet', (minutes) => {
    for (const days of [2.5, 3, 7]) {
      const calm = shifted(days + 1, 0, 0, minutes);
      const length = calm.length - DAY;
      const values = calm.slice(0, length);
      for (let age = 1; age <= minutes; age++) values[length - age]! += 30;
      // The shift fell into the minute before.
      if (days !== 3) values[length - minutes - 1]! += 14;
      const { model } = fitArimaPlus(timesFrom(length, MINUTE_MS), values, { horizon: DAY });
      expect(model!.steps).toEqual([]);
      const ahead = forecastArimaPlus(model!, { horizon: DAY }).values;
      const off = ahead.map((value, minute) => Math.abs(value - calm[length + minute]!));
      expect(off.reduce((sum, error) => sum + error, 0) / DAY).toBeLessThan(2);
      expect(Math.max(...off.subarray(DAY - minutes))).toBeLessThan(6);
    }
  });

  it.each([
    ['40 high, which half hides the season', 2.2, [[60, 40]]],
    [
      'besides an older one',
      7,
      [
        [4320, 8],
        [200, 12],
      ],
    ],
    [
      'a day after another one',
      7,
      [
        [1500, 10],
        [60, 20],
      ],
    ],
    [
      'up and down again',
      3,
      [
        [600, 20],
        [300, -20],
      ],
    ],
  ] as const)('leaves no echo: %s', (_, days, levels) => {
    for (const seed of [5, 6]) {
      const length = Math.round(days * DAY);
      const values = shifted(days, 0, 0, seed).map((value, minute) =>
        levels.reduce((sum, [age, size]) => sum + (minute >= length - age ? size : 0), value),
      );
      const { model } = fitArimaPlus(timesFrom(length, MINUTE_MS), values);
      expect(model!.steps.map(({ index }) => Math.round((length - index) / 5) * 5)).toEqual(
        levels.map(([age]) => age),
      );
      for (const [number, [, size]] of levels.entries()) {
        expect(Math.abs(model!.steps[number]!.size / size - 1)).toBeLessThan(0.1);
      }
    }
  });

  it.each([300, 1500])(
    'is not forecast as a level in between while it is younger, of %d minutes',
    (length) => {
      for (const [age, phi, size] of [
        [1, 0, 50],
        [2, 0.5, 50],
        [3, 0.9, 100],
        [4, 0, 10],
      ] as const) {
        const noise = gaussianNoise(length + age);
        let wander = 0;
        const values = Float64Array.from({ length }, (_, minute) => {
          wander = phi * wander + noise();
          return 100 + wander + (minute >= length - age ? size : 0);
        });
        // The shift fell into the minute before.
        if (size > 10) values[length - age - 1] = 100 + 0.6 * size;
        const { model } = fitArimaPlus(timesFrom(length, MINUTE_MS), values);
        const { values: ahead } = forecastArimaPlus(model!, { horizon: 60 });
        expect(Math.abs(ahead.reduce((sum, value) => sum + value, 0) / 60 - 100)).toBeLessThan(
          0.04 * size + 1,
        );
        expect(model!.steps).toEqual([]);
      }
    },
  );

  it.each([1, 2, 3, 4, 5, 30])(
    'of a constant series has its full size after %d minutes or is not there',
    (age) => {
      const values = Float64Array.from({ length: 400 }, (_, minute) => (minute < 400 - age ? 7 : 27));
      values[399 - age] = 18.6;
      const { model } = fitArimaPlus(timesFrom(400, MINUTE_MS), values);
      for (const value of forecastArimaPlus(model!, { horizon: 60 }).values)
        expect(value).toBeCloseTo(age < 5 ? 7 : 27, 6);
    },
  );

  it('hides no season, however large it is', () => {
    const values = dailyWave(24 * 12).map((value, hour) => value + (hour >= 24 * 11 ? 500 : 0));
    const { model } = fitArimaPlus(timesFrom(values.length), values);
    expect(model!.seasons.map(({ seasonality }) => seasonality)).toEqual(['DAILY']);
    expect(model!.steps).toHaveLength(1);
    expect(model!.steps[0]!.size).toBeCloseTo(500, -1);
  });
});
