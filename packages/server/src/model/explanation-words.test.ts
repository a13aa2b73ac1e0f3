import { describe, expect, it } from 'vitest';
import { type ExpectedParts, explanationWords } from './explanation-words.js';

const MONDAY = Date.parse('2026-03-23T09:00:00Z');
const PLAIN = { timeMs: MONDAY, trend: 180, seasons: {}, holiday: 0, stepChanges: 0 };

function words(given: Partial<ExpectedParts>, stepTimes: string[] = [], zone = 'UTC'): string {
  const parts: Omit<ExpectedParts, 'expected'> = { ...PLAIN, ...given };
  const seasonal = Object.values(parts.seasons).reduce((sum, effect) => sum + effect, 0);
  const expected = parts.trend + seasonal + parts.holiday + parts.stepChanges;
  return explanationWords(
    { ...parts, expected },
    stepTimes.map((time) => ({ timeMs: Date.parse(time) })),
    zone,
  );
}

describe('the words of an explanation', () => {
  it('name the trend, the time of the week and the step, and add up', () => {
    const parts = { seasons: { daily: 35, weekly: 6 }, stepChanges: -9 };
    expect(words(parts, ['2026-03-14T11:30:00Z'])).toBe(
      'expected 212: trend 180, Monday 09:00 +41, step since 14 March −9',
    );
  });

  it.each([
    [212, 'ms', 'expected 212 ms: trend 212'],
    [8.12e9, 'B', 'expected 8.12 GB: trend 8.12 G'],
    [-3.1, '°C', 'expected −3.1 °C: trend −3.1'],
    [0, '%', 'expected 0 %: trend 0'],
    [Number.NaN, 'ms', 'expected: not known'],
  ])('name the unit once: %s in %s', (trend, unit, told) => {
    const parts = { ...PLAIN, expected: trend, trend };
    expect(explanationWords(parts, [], 'UTC', unit)).toBe(told);
    if (Number.isFinite(trend)) {
      const withoutParts = explanationWords({ ...parts, trend: Number.NaN }, [], 'UTC', unit);
      expect(withoutParts).toBe(told.split(':')[0]);
    }
  });

  it('name no weekday where days are alike, and longer seasons by themselves', () => {
    expect(words({ seasons: { daily: -5 } })).toBe('expected 175: trend 180, 09:00 −5');
    expect(words({ seasons: { weekly: 2, yearly: 7, monthly: 1 }, holiday: 30 })).toBe(
      'expected 220: trend 180, Monday 09:00 +2, day of the month +1, time of the year +7, holiday +30',
    );
  });

  it('leave out what is nothing at the digits shown', () => {
    expect(words({ trend: 212.34, seasons: { daily: 0.04 }, holiday: -0 })).toBe(
      'expected 212.4: trend 212.3',
    );
    expect(words({ trend: 0 })).toBe('expected 0: trend 0');
  });

  it('tell the time by the clock of the zone', () => {
    const seasons = { weekly: 41 };
    expect(words({ seasons }, [], 'Pacific/Auckland')).toContain('Monday 22:00 +41');
    expect(words({ timeMs: Date.parse('2026-03-22T23:30:00Z'), seasons }, [], 'Europe/Berlin')).toContain(
      'Monday 00:30 +41',
    );
  });

  it('date a step by the clock today, by the day this year, and else by the year too', () => {
    const stepped = (time: string) => words({ stepChanges: 20 }, [time]);
    expect(stepped('2026-03-23T07:05:00Z')).toContain('step since 07:05 +20');
    expect(stepped('2026-03-14T07:05:00Z')).toContain('step since 14 March +20');
    expect(stepped('2025-03-23T07:05:00Z')).toContain('step since 23 March 2025 +20');
  });

  it('count several steps, and those alone that came before', () => {
    const times = ['2026-03-14T11:30:00Z', '2026-03-20T11:30:00Z', '2026-03-25T11:30:00Z'];
    expect(words({ stepChanges: 20 }, times)).toContain('2 steps until 20 March +20');
    expect(words({ stepChanges: 20 }, times.slice(2))).toContain('step +20');
  });

  it('write large, small and all numbers between with one unit', () => {
    const seasons = { daily: -50e6 };
    expect(words({ trend: 8.17e9, seasons })).toBe('expected 8.12 G: trend 8.17 G, 09:00 −0.05 G');
    expect(words({ trend: 1e6 })).toBe('expected 1 M: trend 1 M');
    expect(words({ trend: 999_999 })).toBe('expected 999,999: trend 999,999');
    expect(words({ trend: -0.0421734 })).toBe('expected −0.04217: trend −0.04217');
    expect(words({ trend: 1.3e300 })).toBe('expected 1.3e300: trend 1.3e300');
    expect(words({ trend: 4.25e-7 })).toBe('expected 4.25e-7: trend 4.25e-7');
  });

  it('say so where nothing is known', () => {
    expect(words({ trend: Number.NaN })).toBe('expected: not known');
  });
});
