import { describe, expect, it } from 'vitest';
import { Forecast, runsOf } from './forecast.js';

/** Minutes from 600 s to 1,140 s. */
const forecast = new Forecast({
  points: Array.from({ length: 10 }, (_, i) => ({
    time: 600 + i * 60,
    expected: i,
    lower: i - 1,
    upper: i + 1,
  })),
});
const times = (from: number, to: number, now: number) =>
  forecast.within(from, to, now).map(({ time }) => time);

describe('a forecast', () => {
  it('begins with the minute that holds the present', () => {
    expect(forecast.aheadOf(0)).toBe(0);
    expect(forecast.aheadOf(659)).toBe(0);
    expect(forecast.aheadOf(660)).toBe(1);
    expect(forecast.aheadOf(2000)).toBe(10);
  });

  it('shows the minutes of a window that are to come, and one beyond its edge', () => {
    expect(times(0, 800, 700)).toEqual([660, 720, 780, 840]);
    expect(times(900, 1000, 700)).toEqual([900, 960, 1020]);
    expect(times(0, 5000, 1100)).toEqual([1080, 1140]);
    expect(times(0, 500, 0)).toEqual([600]);
    expect(times(0, 5000, 1200)).toEqual([]);
  });

  it('finds the nearest minute to come', () => {
    expect(forecast.nearest(719, 0)).toBe(2);
    expect(forecast.nearest(685, 0)).toBe(1);
    expect(forecast.nearest(0, 700)).toBe(1);
    expect(forecast.nearest(1e9, 700)).toBe(9);
    expect(forecast.nearest(700, 1200)).toBe(-1);
  });

  it('leaves out minutes without numbers, and is broken there', () => {
    const holey = new Forecast({
      points: [600, 660, 720, 780].map((time) => ({
        time,
        expected: time === 660 ? null : 1,
        lower: 0,
        upper: 2,
      })),
    });
    expect(runsOf(holey.points).map((run) => run.map(({ time }) => time))).toEqual([[600], [720, 780]]);
    expect(runsOf([])).toEqual([]);
  });
});
