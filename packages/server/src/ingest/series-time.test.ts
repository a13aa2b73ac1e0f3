import { describe, expect, it } from 'vitest';
import { formatSeriesTime, parseSeriesTime, type TimeForm } from './series-time.js';

const NOON = Date.UTC(2024, 2, 1, 12);

describe('the time of a row of a file of series', () => {
  it.each<[string, TimeForm, number]>([
    ['1709294400', 'seconds', NOON],
    ['1709294400.25', 'seconds', NOON + 250],
    ['-86400', 'seconds', -86_400_000],
    ['1709294400000', 'milliseconds', NOON],
    ['2024-Q3', 'quarter', Date.UTC(2024, 6, 1)],
    ['2024-01', 'month', Date.UTC(2024, 0, 1)],
    ['1949-12', 'month', Date.UTC(1949, 11, 1)],
    ['2024-03-01', 'date', Date.UTC(2024, 2, 1)],
    ['2024-03-01 12:00:00', 'spaced', NOON],
    ['2024-03-01T12:00:00', 'local', NOON],
    ['2024-03-01T12:00:00Z', 'zoned', NOON],
    ['2024-03-01T12:00:00.125Z', 'zoned', NOON + 125],
  ])('%s is read, and written the same way', (cell, form, timeMs) => {
    expect(parseSeriesTime(` ${cell} `)).toEqual({ ok: true, timeMs, form });
    expect(String(formatSeriesTime(timeMs, form))).toBe(cell);
  });

  it('is a year where the file is of years', () => {
    expect(parseSeriesTime('1949', true)).toEqual({ ok: true, timeMs: Date.UTC(1949, 0, 1), form: 'year' });
    expect(formatSeriesTime(Date.UTC(1949, 0, 1), 'year')).toBe('1949');
    expect(formatSeriesTime(Date.UTC(1949, 3, 1), 'year')).toBe('1949-04-01');
    expect(parseSeriesTime('1949')).toEqual({ ok: true, timeMs: 1_949_000, form: 'seconds' });
  });

  it('with an offset is written in UTC', () => {
    expect(parseSeriesTime('2024-03-01T14:00:00+02:00')).toEqual({ ok: true, timeMs: NOON, form: 'zoned' });
    expect(formatSeriesTime(NOON, 'zoned')).toBe('2024-03-01T12:00:00Z');
  });

  it('is written in full where the form of the file cannot say it', () => {
    expect(formatSeriesTime(NOON, 'date')).toBe('2024-03-01T12:00:00Z');
    expect(formatSeriesTime(Date.UTC(2024, 0, 31), 'month')).toBe('2024-01-31');
    expect(formatSeriesTime(NOON + 5, 'month')).toBe('2024-03-01T12:00:00.005Z');
  });

  it.each([
    ['', 'missing'],
    ['soon', 'not a timestamp'],
    ['2024-13', 'not a timestamp'],
    ['2024-Q5', 'not a timestamp'],
    ['2024-02-30', 'not a timestamp'],
    ['0999-01-01', 'not a timestamp'],
    ['2024-03-01 25:00:00', 'not a timestamp'],
    ['1e300', 'outside the years'],
    ['-1e12', 'ok'],
  ])('"%s" is judged in words', (cell, words) => {
    const parsed = parseSeriesTime(cell);
    if (words === 'ok') expect(parsed).toMatchObject({ ok: true, form: 'milliseconds' });
    else expect(parsed).toMatchObject({ ok: false, message: expect.stringContaining(words) });
  });
});
