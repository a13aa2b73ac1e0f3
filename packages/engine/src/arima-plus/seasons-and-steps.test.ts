import { describe, expect, it } from 'vitest';
import { detectArimaPlusAnomalies } from './detect-arima-plus-anomalies.js';
import { fitArimaPlus } from './fit-arima-plus.js';
import { forecastArimaPlus } from './forecast-arima-plus.js';
import { gaussianNoise } from './gaussian-noise.fixture.js';
import { dailyWave, timesFrom } from './made-series.fixture.js';

const MINUTE_MS = 60_000;
const DAY = 1440;

/** Minutes of a day's wave, with a level that is 12 higher in the last ones. */
function shifted(days: number, shiftMinutes: number, ahead: number): Float64Array {
  const noise = gaussianNoise(days * 1000 + shiftMinutes);
  const length = Math.round(days * DAY);
  return Float64Array.from({ length: length + ahead }, (_, minute) => {
    const wave = 10 * Math.sin((2 * Math.PI * minute) / DAY);
    return 100 + wave + noise() + (minute >= length - shiftMinutes ? 12 : 0);
  });
}

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

  it('leaves no echo in the days before', () => {
    const all = shifted(3, 60, 0);
    const { model } = fitArimaPlus(timesFrom(all.length, MINUTE_MS), all);
    expect(model!.steps).toHaveLength(1);
  });

  it('hides no season, however large it is', () => {
    const values = dailyWave(24 * 12).map((value, hour) => value + (hour >= 24 * 11 ? 500 : 0));
    const { model } = fitArimaPlus(timesFrom(values.length), values);
    expect(model!.seasons.map(({ seasonality }) => seasonality)).toEqual(['DAILY']);
    expect(model!.steps).toHaveLength(1);
    expect(model!.steps[0]!.size).toBeCloseTo(500, -1);
  });
});
