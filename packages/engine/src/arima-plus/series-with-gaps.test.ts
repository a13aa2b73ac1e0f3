import { describe, expect, it } from 'vitest';
import { fillGaps } from '../series/fill-gaps.js';
import { explainArimaPlusForecast } from './explain-arima-plus-forecast.js';
import { fitArimaPlus } from './fit-arima-plus.js';
import { gaussianNoise } from './gaussian-noise.fixture.js';
import { dailyWave, timesFrom } from './made-series.fixture.js';
import { loadArimaPlus, saveArimaPlus } from './save-arima-plus.js';
import { spikesAndDips } from './spikes-and-dips.js';
import { stepChanges } from './step-changes.js';

/** Noise with the given autoregression; 1 is a random walk. */
function wandering(count: number, phi: number, seed: number): Float64Array {
  const noise = gaussianNoise(seed);
  let last = 0;
  return Float64Array.from({ length: count }, () => {
    last = phi * last + noise();
    return last;
  });
}

/** The series with gaps where asked, but never at its ends: as a fit of it sees it. */
function withGaps(series: Float64Array, isMissing: (index: number) => boolean) {
  const filled = Uint8Array.from(series, (_, index) =>
    index > 0 && index < series.length - 1 && isMissing(index) ? 1 : 0,
  );
  const values = series.slice();
  fillGaps(values, filled);
  return { values, filled };
}

/** The rows that are left of it. */
function rowsOf({ values, filled }: { values: Float64Array; filled: Uint8Array }) {
  const observed = (_: number, index: number) => filled[index] === 0;
  return [timesFrom(values.length).filter(observed), values.filter(observed)] as const;
}

/** Gaps of one to six values that take about 40 of 100 values. */
function scattered(length: number, seed: number): (index: number) => boolean {
  const noise = gaussianNoise(seed);
  const missing = new Uint8Array(length);
  for (let index = 0; index < length; index += 2 + Math.round(6 * Math.abs(Math.sin(index)))) {
    missing.fill(1, index, index + Math.min(6, 1 + Math.round(2 * Math.abs(noise()))));
  }
  return (index) => missing[index] === 1;
}

const PATTERNS: readonly [string, (index: number) => boolean][] = [
  ['one gap of a quarter of it', (index) => index >= 90 && index < 165],
  ['many short gaps', scattered(300, 5)],
  ['eight hours of each day missing', (index) => index % 24 < 8],
];

describe('values that fill a gap are no observations', () => {
  it.each([3, 5, 20])('two outliers around a gap of %d at the end are no step', (gap) => {
    for (let seed = 0; seed < 20; seed++) {
      const series = wandering(200, 0.3, 500 + seed);
      for (const at of [199 - gap - 1, 199]) series[at] = series[at]! + 15;
      const { values, filled } = withGaps(series, (index) => index > 199 - gap - 1);
      expect(stepChanges(values, filled).steps).toEqual([]);
    }
  });

  it('nor do they leave steps or echoes of them in a series with seasons', () => {
    for (const gap of [3, 4, 6]) {
      const series = dailyWave(24 * 14, gap);
      const last = series.length - 1;
      for (const at of [last - gap - 1, last]) series[at] = series[at]! + 30;
      const { model } = fitArimaPlus(...rowsOf(withGaps(series, (index) => index > last - gap - 1)));
      expect(model!.steps).toEqual([]);
      expect(model!.seasons.map(({ seasonality }) => seasonality)).toEqual(['DAILY']);
    }
  });

  it.each(PATTERNS)('noise with %s shows no steps, spikes and seasons, but for 1 of 20 series', (_, gaps) => {
    for (const phi of [0, 0.5, 1]) {
      const seen = { steps: 0, spikes: 0, seasons: 0 };
      for (let seed = 0; seed < 20; seed++) {
        const { model } = fitArimaPlus(...rowsOf(withGaps(wandering(300, phi, 40 + seed), gaps)), {
          frequency: 'HOURLY',
        });
        seen.steps += Math.min(1, model!.steps.length);
        seen.spikes += model!.hasSpikesAndDips ? 1 : 0;
        seen.seasons += Math.min(1, model!.seasons.length);
      }
      // What a random walk does is more often taken for a spike, with and without gaps.
      expect(seen.spikes).toBeLessThanOrEqual(phi === 1 ? 4 : 1);
      expect(seen.steps).toBeLessThanOrEqual(1);
      expect(seen.seasons).toBeLessThanOrEqual(1);
    }
  });

  it.each(PATTERNS)('noise with %s is as large as it is, and stays stationary', (_, gaps) => {
    let variance = 0;
    let differenced = 0;
    for (let seed = 0; seed < 20; seed++) {
      const series = withGaps(wandering(300, 0, 70 + seed), gaps);
      const { model } = fitArimaPlus(...rowsOf(series), { frequency: 'HOURLY' });
      variance += model!.arima.variance / 20;
      differenced += model!.arima.order.d > 0 ? 1 : 0;
    }
    expect(variance).toBeGreaterThan(0.9);
    expect(variance).toBeLessThan(1.25);
    expect(differenced).toBeLessThanOrEqual(4);
  });
});

describe('a step beside a gap', () => {
  it.each([1, 5, 40])('of %d is found at the first value after it, at its size', (gap) => {
    let found = 0;
    for (let seed = 0; seed < 20; seed++) {
      const series = wandering(300, 0.3, seed).map((value, index) => value + (index >= 150 ? 10 : 0));
      const { values, filled } = withGaps(series, (index) => index >= 150 && index < 150 + gap);
      const { steps, component } = stepChanges(values, filled);
      if (steps.length !== 1) continue;
      found++;
      expect(steps[0]!.index).toBe(150 + gap);
      expect(Math.abs(steps[0]!.size - 10)).toBeLessThan(1.5);
      expect([component[149 + gap], component[150 + gap]]).toEqual([0, steps[0]!.size]);
    }
    expect(found).toBeGreaterThanOrEqual(19);
  });

  it('is found among many gaps, in white noise and in noise that wanders', () => {
    for (const phi of [0, 0.6]) {
      const series = wandering(400, phi, 9).map((value, index) => value + (index >= 200 ? 14 : 0));
      const { values, filled } = withGaps(series, scattered(400, 3));
      const { steps } = stepChanges(values, filled);
      expect(steps).toHaveLength(1);
      expect(filled[steps[0]!.index]).toBe(0);
      expect(Math.abs(steps[0]!.index - 200)).toBeLessThanOrEqual(6);
    }
  });

  it('is not what a trend does while nothing is observed', () => {
    const line = wandering(300, 0, 2).map((value, index) => value + 0.7 * index);
    const { values, filled } = withGaps(line, (index) => index >= 120 && index < 190);
    expect(stepChanges(values, filled).steps).toEqual([]);
  });

  it('is found where every other value is missing', () => {
    const series = wandering(400, 0.3, 8).map((value, index) => value + (index >= 200 ? 12 : 0));
    const { values, filled } = withGaps(series, (index) => index % 2 === 1);
    expect(stepChanges(values, filled).steps.map(({ index }) => index)).toEqual([200]);
  });
});

describe('a spike beside a gap', () => {
  it('is found, and the line that led to it goes with it', () => {
    const series = wandering(200, 0, 6);
    series[100] = 40;
    const { values, filled } = withGaps(series, (index) => index > 100 && index <= 108);
    const { indices, cleaned } = spikesAndDips(values, { filled });
    expect(indices).toEqual([100, 101, 102, 103, 104, 105, 106, 107, 108]);
    expect(cleaned.every((value) => Math.abs(value) < 5)).toBe(true);
  });

  it('is not a value that wandered while nothing was observed', () => {
    let seen = 0;
    for (let seed = 0; seed < 20; seed++) {
      const alone = new Set([100, 140, 180]);
      const { values, filled } = withGaps(wandering(300, 1, 20 + seed), (index) => {
        return index > 60 && index < 220 && !alone.has(index);
      });
      if (spikesAndDips(values, { filled }).indices.some((index) => alone.has(index))) seen++;
    }
    expect(seen).toBeLessThanOrEqual(1);
  });
});

describe('the history of a series with gaps', () => {
  it('is the sum of its parts in the gaps too, also once it was saved', () => {
    const series = dailyWave(24 * 20, 3).map((value, hour) => value + (hour >= 300 ? 15 : 0));
    const { model } = fitArimaPlus(
      ...rowsOf(withGaps(series, (index) => index % 37 < 6 || (index > 290 && index < 310))),
    );
    const loaded = loadArimaPlus(saveArimaPlus(model!));
    expect(loaded.history!.residuals).toEqual(model!.history!.residuals);
    const { values } = model!.history!;
    const explained = explainArimaPlusForecast(model!, { horizon: 1 });
    for (const [index, value] of values.entries()) {
      const sum =
        explained.trend[index]! +
        Object.values(explained.seasonal).reduce((total, season) => total + season[index]!, 0) +
        explained.stepChanges[index]! +
        explained.spikesAndDips[index]! +
        explained.holidayEffect[index]! +
        explained.residual[index]!;
      expect(Math.abs(sum - value)).toBeLessThan(1e-9);
    }
  });
});
