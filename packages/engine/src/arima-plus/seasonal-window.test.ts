import { describe, expect, it } from 'vitest';
import { seasonalArimaForecast } from './combined-baseline.js';
import { fitArimaPlus } from './fit-arima-plus.js';
import { forecastArimaPlus } from './forecast-arima-plus.js';
import { gaussianNoise } from './gaussian-noise.fixture.js';
import { loadArimaPlus, saveArimaPlus } from './save-arima-plus.js';
import { seasonalWindow } from './seasonal-window.js';

const HOUR_MS = 3_600_000;

/** A wave, with noise. */
function wave(length: number, period: number, noise: number, seed: number): Float64Array {
  const random = gaussianNoise(seed);
  return Float64Array.from(
    { length },
    (_, at) => 20 + 8 * Math.sin((2 * Math.PI * at) / period) + noise * random(),
  );
}

const windowOf = (series: Float64Array) => seasonalWindow(series, [24]).window;

describe('the window that a season is smoothed in', () => {
  it('is the wide one where the season stays, whatever the noise', () => {
    for (const noise of [0.5, 2, 8]) {
      for (let seed = 1; seed <= 20; seed++) expect(windowOf(wave(720, 24, noise, seed))).toBe(11);
    }
  });

  it('is the wide one in noise without a season, white or wandering', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = gaussianNoise(seed);
      const white = Float64Array.from({ length: 720 }, random);
      let level = 0;
      const walk = white.map((value) => {
        level += value;
        return level;
      });
      expect(windowOf(white)).toBe(11);
      expect(windowOf(walk)).toBe(11);
    }
  });

  it('is narrow where the pattern moves through the day, which is then followed', () => {
    const series = wave(768, 23, 0.2, 3);
    expect(windowOf(series)).toBe(5);
    const history = series.subarray(0, 720);
    const ahead = series.subarray(720);
    const errorOf = (forecast: Float64Array) =>
      forecast.reduce((sum, value, step) => sum + Math.abs(value - ahead[step]!) / ahead.length, 0);
    const timesMs = history.map((_, at) => at * HOUR_MS);
    const { model } = fitArimaPlus(timesMs, history, { frequency: 'HOURLY', horizon: 48 });
    const { order, withConstant } = model!.arima;
    const wide = { periods: [24], seasonalWindow: 11 };
    const { values } = forecastArimaPlus(model!, { horizon: 48 });
    const inWide = seasonalArimaForecast(history, wide, order, withConstant, 48).mean;
    expect(errorOf(values)).toBeLessThan(0.25 * errorOf(inWide));
    const loaded = loadArimaPlus(saveArimaPlus(model!));
    expect(forecastArimaPlus(loaded, { horizon: 48 }).values).toEqual(values);
  });

  it('does not depend on the unit of the series', () => {
    for (const period of [23, 24]) {
      const series = wave(720, period, 1, 5);
      expect(windowOf(series.map((value) => 1e-9 * value))).toBe(windowOf(series));
    }
  });
});
