import { describe, expect, it } from 'vitest';
import { createVerdict } from '../streaming/detector.js';
import { createMultiViewDetector } from '../streaming/multi-view-detector.js';
import { CLEAN_KINDS, type CleanKind, fillCleanSeries } from './clean-series.js';
import { replaySeries } from './replay-series.js';

const MINUTE = 60_000;
const make = (kind: CleanKind, seed = 1, rows = 20_000) =>
  fillCleanSeries(kind, seed, { startMs: 0, periodMs: MINUTE }, new Float64Array(rows));
const mean = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

describe('clean series', () => {
  it.each(CLEAN_KINDS)('of %s are the same for the same seed, and finite', (kind) => {
    expect(make(kind).every(Number.isFinite)).toBe(true);
    expect(make(kind, 7, 300)).toEqual(make(kind, 7, 300));
    expect(make(kind, 7, 300)).not.toEqual(make(kind, 8, 300));
  });

  it('have the distribution that they are named for', () => {
    const gaussian = make('gaussian');
    expect(mean(gaussian)).toBeCloseTo(100, 1);
    expect(mean(gaussian.map((value) => (value - 100) ** 2))).toBeCloseTo(1, 1);
    expect(mean(make('lognormal').map(Math.log))).toBeCloseTo(Math.log(20), 1);
    // The absolute value of Student's t with 3 degrees of freedom has the median 0.765.
    const far = make('student t3').filter((value) => Math.abs(value - 100) > 0.7649).length / 20_000;
    expect(Math.abs(far - 0.5)).toBeLessThan(0.02);
    const counts = make('poisson counts');
    expect(Math.abs(mean(counts) - 4)).toBeLessThan(0.1);
    expect(Math.abs(mean(counts.map((value) => (value - 4) ** 2)) - 4)).toBeLessThan(0.2);
    expect(Math.max(...make('percentages'))).toBe(100);
    const around = make('ar(1)').map((value) => value - 100);
    const lagged = mean(around.subarray(1).map((value, row) => value * around[row]!));
    expect(Math.abs(lagged / mean(around.map((value) => value * value)) - 0.9)).toBeLessThan(0.02);
    expect(new Set(make('quantised')).size).toBeLessThan(10);
    expect(Math.abs(make('sparse').filter((value) => value > 0).length / 20_000 - 0.02)).toBeLessThan(0.005);
    expect(Math.abs(make('bursty').filter((value) => value > 15).length / 20_000 - 0.05)).toBeLessThan(0.02);
  });
});

describe('a replay', () => {
  it('says what the detector says, row by row, and judges nothing that came late', () => {
    const values = make('gaussian', 3, 500);
    values[400] = 160;
    values[401] = Number.NaN;
    const timesMs = values.map((_, row) => row * MINUTE);
    timesMs[300] = timesMs[299]!;
    timesMs[302] = timesMs[100]!;
    const replayed = replaySeries(createMultiViewDetector(), timesMs, values);

    const detector = createMultiViewDetector();
    const slot = detector.open();
    const verdict = createVerdict();
    const alarms: number[] = [];
    for (let row = 0; row < values.length; row++) {
      if (row === 300 || row === 302) continue;
      detector.score(slot, timesMs[row]!, values[row]!, verdict);
      detector.learn(slot, timesMs[row]!, values[row]!);
      expect(replayed.scores[row]).toBe(verdict.score);
      expect(replayed.upper[row]).toBe(verdict.upper);
      if (verdict.alarm) alarms.push(row);
    }
    expect(alarms).toContain(400);
    expect([...replayed.alarms.keys()].filter((row) => replayed.alarms[row] === 1)).toEqual(alarms);
    expect([replayed.scores[300], replayed.scores[302]]).toEqual([Number.NaN, Number.NaN]);
    expect(() => replaySeries(detector, timesMs, values.subarray(1))).toThrow(RangeError);
  });
});
