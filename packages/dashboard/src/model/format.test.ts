import { describe, expect, it } from 'vitest';
import {
  ago,
  componentWords,
  localeFor,
  numberText,
  percent,
  shortNumber,
  span,
  stateWords,
  tickNumber,
  tickTime,
} from './format.js';
import { timeTicks, valueTicks } from './ticks.js';
import { windowFor } from './tile-window.js';

describe('words and numbers', () => {
  it('are short and keep four digits', () => {
    expect([312, 0.042171, 12345.6, 8_123_456_789, 0, 1e-7].map((one) => shortNumber(one))).toEqual([
      '312',
      '0.04217',
      '12,350',
      '8.123 G',
      '0',
      '1e-7',
    ]);
    expect(shortNumber(null)).toBe('–');
  });

  it('say what an anomaly is of where its value does not', () => {
    expect((['level', 'time_of_day', 'day_of_week', 'variance', null] as const).map(componentWords)).toEqual([
      '',
      ', unusual for the time of day',
      ', unusual for the day of the week',
      ', in a series that moves unlike before',
      '',
    ]);
  });

  it('take an exponent where digits alone would fill the screen, or vanish', () => {
    const most = Number.MAX_VALUE;
    expect([1.301e300, -4e18, 999e12, 1e-304, -most].map((one) => shortNumber(one))).toEqual([
      '1.301e300',
      '-4e18',
      '999 T',
      '1e-304',
      '-1.798e308',
    ]);
    expect([1.3e300, 1e15, 2.5e-7, 100_000_000].map((one) => numberText(one, 7))).toEqual([
      '1.3e300',
      '1e15',
      '2.5e-7',
      '100 M',
    ]);
    expect(tickNumber(1.5e300, 5e299)).toBe('1.5e300');
    expect(tickNumber(2e-304, 1e-304)).toBe('2e-304');
    expect(tickNumber(0, 5e299)).toBe('0');
  });

  it('never call a probability below one certain', () => {
    expect([0.4, 0.96, 0.9997, 0.9999999, 1].map(percent)).toEqual([
      '40 %',
      '96.0 %',
      '99.97 %',
      '99.99 %',
      '100 %',
    ]);
  });

  it('tell ages and states', () => {
    expect([0, 42, 180, 7200, 400_000].map((age) => ago(1e9 - age, 1e9))).toEqual([
      'just now',
      '42 s ago',
      '3 min ago',
      '2 h ago',
      '5 days ago',
    ]);
    expect(span(300)).toBe('5 min');
    expect(stateWords('warming_up', 41, 60)).toBe('learning: 41 of 60 samples');
  });
});

describe('customs', () => {
  it("are the browser's, in digits and lines that stand among English words", () => {
    const written = (language: string) =>
      new Intl.DateTimeFormat(localeFor(language), {
        year: 'numeric',
        month: 'long',
        timeZone: 'UTC',
      }).format(0);
    expect(written('de-DE')).toBe('Januar 1970');
    expect(written('th-TH')).toMatch(/1970$/);
    expect(['fa-IR', 'ar-EG', 'he', 'en-US@posix'].map(localeFor)).toEqual(['en', 'en', 'en', 'en']);
  });
});

describe('ticks', () => {
  it('are round values within the range', () => {
    expect(valueTicks(-0.3, 9.7, 5).ticks).toEqual([0, 2, 4, 6, 8]);
    expect(valueTicks(5, 5, 5).ticks).toEqual([]);
    expect(tickNumber(2, 0.5)).toBe('2.0');
    const { ticks } = valueTicks(-Number.MAX_VALUE, Number.MAX_VALUE, 5);
    expect(ticks.length).toBeGreaterThan(2);
    expect(ticks.every(Number.isFinite)).toBe(true);
    // So close together that one more step changes nothing.
    expect(valueTicks(1e16, 1e16 + 2, 9).ticks.length).toBeLessThan(200);
  });

  it('stand on full steps of the shown zone', () => {
    const india = 5.5 * 3600;
    const { ticks, step } = timeTicks(1_743_500_000, 1_743_586_400, 8, india);
    expect(step).toBe(10_800);
    for (const tick of ticks) expect((tick + india) % step).toBe(0);
    expect(tickTime(1_743_552_000, 10_800, true)).toMatch(/Apr/);
    expect(tickTime(1_743_552_000 + 10_800, 10_800, true)).toBe('03:00');
    expect(tickTime(1_743_552_000, 7_776_000, true)).toMatch(/Apr.*2025/);
  });
});

describe('the window of a small chart', () => {
  it('follows the pace of the series', () => {
    expect(windowFor(3000, 0, 3000, 3000)).toBe('5m');
    expect(windowFor(4000, 0, 4000 * 300, 4000 * 300)).toBe('1d');
    expect(windowFor(10, 0, 9, 10)).toBe('5m');
  });

  it('reaches back to the last sample of a silent series', () => {
    expect(windowFor(500, 0, 500, 500 + 7200)).toBe('6h');
  });
});
