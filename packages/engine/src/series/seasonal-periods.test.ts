import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FREQUENCIES, type Frequency } from './frequency.js';
import { type Seasonality, seasonalPeriods } from './seasonal-periods.js';

const periods = (frequency: Frequency, length: number, multiple = 1, asked?: readonly Seasonality[]) =>
  seasonalPeriods({ frequency, multiple }, length, asked).map(
    ({ seasonality, period }) => `${seasonality} ${period}`,
  );

describe('the seasons to look for', () => {
  it('follow from the frequency', () => {
    const long = 1_000_000;
    expect(periods('PER_MINUTE', 400_000)).toEqual([
      'DAILY 1440',
      'WEEKLY 10080',
      'MONTHLY 43829',
      'QUARTERLY 131487',
    ]);
    expect(periods('PER_MINUTE', 5000, 5)).toEqual(['DAILY 288', 'WEEKLY 2016']);
    expect(periods('HOURLY', long)).toEqual([
      'DAILY 24',
      'WEEKLY 168',
      'MONTHLY 730',
      'QUARTERLY 2191',
      'YEARLY 8766',
    ]);
    expect(periods('DAILY', long)).toEqual(['WEEKLY 7', 'MONTHLY 30', 'QUARTERLY 91', 'YEARLY 365']);
    expect(periods('WEEKLY', long)).toEqual(['MONTHLY 4', 'QUARTERLY 13', 'YEARLY 52']);
    expect(periods('MONTHLY', long)).toEqual(['QUARTERLY 3', 'YEARLY 12']);
    expect(periods('QUARTERLY', long)).toEqual(['YEARLY 4']);
    expect(periods('YEARLY', long)).toEqual([]);
  });

  it('are those asked for', () => {
    expect(periods('HOURLY', 10_000, 1, ['WEEKLY', 'DAILY'])).toEqual(['DAILY 24', 'WEEKLY 168']);
    expect(periods('HOURLY', 10_000, 1, [])).toEqual([]);
  });

  it('fit into the series more than twice, and are whole and different', () => {
    const step = fc.record({
      frequency: fc.constantFrom(...FREQUENCIES),
      multiple: fc.integer({ min: 1, max: 40 }),
    });
    fc.assert(
      fc.property(step, fc.integer({ min: 0, max: 100_000 }), (one, length) => {
        const found = seasonalPeriods(one, length).map(({ period }) => period);
        expect(new Set(found).size).toBe(found.length);
        for (const period of found) {
          expect(Number.isInteger(period) && period >= 2 && 2 * period < length).toBe(true);
        }
      }),
    );
  });
});
