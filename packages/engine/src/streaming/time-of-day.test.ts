import { describe, expect, it } from 'vitest';
import { createTimeOfDay } from './time-of-day.js';

const HOUR = 3_600_000;

describe('the time of day', () => {
  it('is the time since midnight in UTC, before 1970 too', () => {
    const timeOfDay = createTimeOfDay();
    expect(timeOfDay(Date.UTC(2025, 3, 1, 22, 58, 50, 125))).toBe(22 * HOUR + 58 * 60_000 + 50_125);
    expect(timeOfDay(-1)).toBe(24 * HOUR - 1);
  });

  it('follows summer time, to the minute of the change', () => {
    const timeOfDay = createTimeOfDay('Europe/Berlin');
    expect(timeOfDay(Date.UTC(2025, 2, 30, 0, 59))).toBe(1 * HOUR + 59 * 60_000);
    expect(timeOfDay(Date.UTC(2025, 2, 30, 1, 0))).toBe(3 * HOUR);
    expect(timeOfDay(Date.UTC(2025, 9, 26, 1, 0))).toBe(2 * HOUR);
  });

  it('knows zones that are off by parts of an hour and across the date line', () => {
    expect(createTimeOfDay('Asia/Kathmandu')(0 + 1e12 - (1e12 % (24 * HOUR)))).toBe(5 * HOUR + 45 * 60_000);
    expect(createTimeOfDay('Pacific/Kiritimati')(Date.UTC(2025, 0, 1, 23))).toBe(13 * HOUR);
  });
});
