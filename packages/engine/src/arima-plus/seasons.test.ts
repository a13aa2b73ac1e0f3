import { describe, expect, it } from 'vitest';
import { seasonalPeriods } from '../series/seasonal-periods.js';
import { fitArimaPlus } from './fit-arima-plus.js';
import { forecastArimaPlus } from './forecast-arima-plus.js';
import { gaussianNoise } from './gaussian-noise.fixture.js';
import { dailyWave, timesFrom } from './made-series.fixture.js';
import { seasonsAndSpikes } from './seasons.js';

const HOURLY = { frequency: 'HOURLY', multiple: 1 } as const;
const found = (values: Float64Array, step: Parameters<typeof seasonalPeriods>[0] = HOURLY) =>
  seasonsAndSpikes(values, seasonalPeriods(step, values.length), true).seasons;
const names = (values: Float64Array) => found(values).map(({ seasonality }) => seasonality);

/** Noise that falls back by φ a step: white with 0, a random walk with 1. */
function noise(length: number, phi: number, seed: number): Float64Array {
  const next = gaussianNoise(seed);
  let level = 0;
  return Float64Array.from({ length }, () => {
    level = phi * level + next();
    return level;
  });
}

describe('seasons', () => {
  it.each([0, 0.9, 1])('are not seen in noise with φ = %d, but for 1 of 30 series', (phi) => {
    let seen = 0;
    let tried = 0;
    for (const length of [100, 480, 1000]) {
      for (let seed = 1; seed <= 20; seed++, tried++)
        seen += Math.sign(found(noise(length, phi, seed)).length);
      const daily = { frequency: 'DAILY', multiple: 1 } as const;
      for (let seed = 1; seed <= 20; seed++, tried++) {
        seen += Math.sign(found(noise(length, phi, seed + 100), daily).length);
      }
    }
    expect(tried).toBe(120);
    expect(seen).toBeLessThanOrEqual(4);
  });

  it('are seen beneath noise as high as they are, if there are enough of them', () => {
    const wave = (seed: number) => {
      const around = noise(24 * 40, 0, seed);
      return around.map((value, hour) => value + 1.4 * Math.sin((2 * Math.PI * hour) / 24));
    };
    for (const seed of [1, 2, 3]) expect(names(wave(seed))).toEqual(['DAILY']);
  });

  it('of different lengths are told apart, also in a series that wanders', () => {
    const walk = noise(24 * 56, 1, 4);
    const weekends = walk.map((value, hour) => {
      const day = 6 * Math.sin((2 * Math.PI * hour) / 24);
      return value + day + (hour % 168 >= 120 ? -15 : 0);
    });
    const seasons = found(weekends);
    expect(seasons.map(({ seasonality }) => seasonality)).toEqual(['DAILY', 'WEEKLY']);
    // A Wednesday and a Saturday in the middle, at noon.
    const [wednesday, saturday] = [24 * 30 + 12, 24 * 33 + 12];
    expect(seasons[1]!.values[wednesday]! - seasons[1]!.values[saturday]!).toBeGreaterThan(10);
  });

  it('are not bent by a spike, nor do they echo it', () => {
    const values = dailyWave(24 * 28);
    values[300] = values[300]! + 60;
    const { spikes, seasons } = seasonsAndSpikes(values, seasonalPeriods(HOURLY, values.length), true);
    expect(spikes.indices).toEqual([300]);
    expect(spikes.component[300]).toBeCloseTo(60, -1);
    for (const day of [-2, -1, 0, 1, 2]) {
      const at = 300 + 24 * day;
      expect(Math.abs(seasons[0]!.values[at]! - 10 * Math.sin((2 * Math.PI * at) / 24))).toBeLessThan(1.5);
    }
  });
});

describe('intervals of a series with a season', () => {
  it('hold 95 of 100 values ahead, with many seasons and with few', () => {
    for (const days of [6, 28]) {
      let inside = 0;
      const [series, horizon] = [40, 24];
      for (let seed = 1; seed <= series; seed++) {
        const all = dailyWave(24 * days + horizon, seed);
        const history = all.subarray(0, 24 * days);
        const { model } = fitArimaPlus(timesFrom(history.length), history);
        const { lower, upper } = forecastArimaPlus(model!, { horizon });
        for (let step = 0; step < horizon; step++) {
          const value = all[24 * days + step]!;
          if (value >= lower[step]! && value <= upper[step]!) inside++;
        }
      }
      expect(inside / (series * horizon)).toBeGreaterThan(0.92);
      expect(inside / (series * horizon)).toBeLessThan(0.98);
    }
  });
});
