import { describe, expect, it } from 'vitest';
import { numberText, tickNumber } from './format.js';
import { numbersOf } from './numbers.js';
import { valueTicks } from './ticks.js';

const of = (value: number, expected: number, lower: number, upper: number) => {
  const text = numbersOf({ value, expected, lower, upper });
  return [text.value, text.expected, text.band];
};

describe('numbers beside each other', () => {
  it.each([
    // An ordinary one keeps to four digits.
    [312, 298.4, 280.123, 316.789, '312', '298.4', '280.1 to 316.8'],
    // What is outside is told from the band and from what was expected.
    [101_312, 101_300, 101_295, 101_305, '101,312', '101,300', '101,295 to 101,305'],
    [20_000.4, 20_000, 19_999.9, 20_000.1, '20,000.4', '20,000', '19,999.9 to 20,000.1'],
    [50.000_003, 50, 49.999_999, 50.000_001, '50.000003', '50', '49.999999 to 50.000001'],
    [101_351, 101_349, 101_348, 101_350, '101,351', '101,349', '101,348 to 101,350'],
    [3, 3, 3 - 1e-6, 3 + 1e-6, '3', '3', '2.999999 to 3.000001'],
    // The band of a series that stands still is what rounding needs, and no news.
    [312, 312, 312 - 6e-9, 312 + 6e-9, '312', '312', '312'],
    [101_351.25, 101_351.25, 101_351.25 - 3e-6, 101_351.25 + 3e-6, '101,351.25', '101,351.25', '101,351.25'],
    [0, 0, -3e-8, 3e-8, '0', '0', '0'],
    [0, 2e-12, -3e-8, 3e-8, '0', '0', '0'],
    // What leaves it is told all the same.
    [2e-7, 0, -3e-8, 3e-8, '2e-7', '0', '-3e-8 to 3e-8'],
    [4e-7, 5e-7, 3e-7, 8e-7, '4e-7', '5e-7', '3e-7 to 8e-7'],
    // Inside a wide band the distance to what was expected says nothing.
    [312.000_01, 312, 200, 400, '312', '312', '200 to 400'],
    // No more than a double holds.
    [0.3, 0.1 + 0.2, 0.3, 0.1 + 0.2, '0.3', '0.3', '0.3'],
    [0.1 + 0.2, 0.3, 0.3, 0.3, '0.30000000000000004', '0.3', '0.3'],
    [50, 50, 50, 50, '50', '50', '50'],
    // One unit for all.
    [999_960_000, 1e9, 999.4e6, 1.1e9, '1 G', '1 G', '0.9994 G to 1.1 G'],
    [2.5e9, 5, 1, 9, '2.5 G', '5', '1 to 9'],
    [1.2e15, 9e14, 8e14, 1e15, '1.2e15', '9e14', '8e14 to 1e15'],
    // Nothing beside what is large.
    [500.123_45, 0, 0, 1e-304, '500.1', '0', '0'],
    [2e-304, 1e-304, 0, 1e-304, '2e-304', '1e-304', '0 to 1e-304'],
    [1.3e300, -1e308, -Number.MAX_VALUE, Number.MAX_VALUE, '1.3e300', '-1e308', '-1.798e308 to 1.798e308'],
  ])('%d, expected %d of %d to %d', (value, expected, lower, upper, ...texts) => {
    expect(of(value, expected, lower, upper)).toEqual(texts);
  });

  it.each([
    [312, 298.4, 280.123, 316.789, 'ms', '312 ms', '298.4 ms', '280.1 to 316.8 ms'],
    [41, 41, 41, 41, '%', '41 %', '41 %', '41 %'],
    // Thousands are said once, unless the ends have different ones.
    [12.3e9, 13e9, 12.2e9, 14.1e9, 'B', '12.3 GB', '13 GB', '12.2 to 14.1 GB'],
    [2.5e9, 1e6, 5e5, 2e6, 'B/s', '2.5 GB/s', '1 MB/s', '500,000 to 2 MB/s'],
    [0, 0, -3e-8, 3e-8, 's', '0 s', '0 s', '0 s'],
    [5, 4, Number.NEGATIVE_INFINITY, 4.5, 's', '5 s', '4 s', 'at most 4.5 s'],
    [5, Number.NaN, Number.NaN, Number.NaN, 's', '5 s', '–', '–'],
  ])('%d, expected %d of %d to %d, have the unit %s behind each', (...row) => {
    const [value, expected, lower, upper, unit, ...texts] = row;
    expect(Object.values(numbersOf({ value, expected, lower, upper }, { unit }))).toEqual(texts);
  });

  it('tell a band that has no end on one side', () => {
    const { NEGATIVE_INFINITY, POSITIVE_INFINITY } = Number;
    expect(of(312, 298.4, NEGATIVE_INFINITY, 316.789)).toEqual(['312', '298.4', 'at most 316.8']);
    expect(of(20, 298.4, 280.123, POSITIVE_INFINITY)).toEqual(['20', '298.4', 'at least 280.1']);
    expect(of(20_000.4, 20_000, NEGATIVE_INFINITY, 20_000.1)[2]).toBe('at most 20,000.1');
    expect(numbersOf({ value: 5, expected: 4, lower: null, upper: 6 }).band).toBe('at most 6');
    expect(numbersOf({ value: 5, expected: 4, lower: 3, upper: null }).band).toBe('at least 3');
  });

  it('are told where some are not known', () => {
    expect(numbersOf({})).toEqual({ value: '–', expected: '–', band: '–' });
    expect(numbersOf({ value: 20_003, expected: 20_001 })).toMatchObject({
      value: '20,003',
      expected: '20,001',
    });
    expect(numbersOf({ value: 1.234567, lower: null, upper: undefined }, { digitsLeast: 7 }).value).toBe(
      '1.234567',
    );
  });

  it('call a trace of what was long before 0', () => {
    expect(of(86, 4.707e-6, -81.4, 81.4)).toEqual(['86', '0', '-81.4 to 81.4']);
    expect(of(86, 0.02, -81.4, 81.4)[1]).toBe('0.02');
  });

  it('are in the unit that they are rounded to', () => {
    expect([999_999_999, 999_940_000, 999.99e12].map((one) => numberText(one, 4))).toEqual([
      '1 G',
      '999.9 M',
      '1e15',
    ]);
  });
});

describe('ticks of one axis', () => {
  const axis = (min: number, max: number) => {
    const { ticks, step } = valueTicks(min, max, 4);
    const largest = Math.max(...ticks.map(Math.abs));
    return ticks.map((tick) => tickNumber(tick, step, largest));
  };

  it.each([
    [2.999_999_99, 3.000_000_01],
    [101_299.99, 101_300.01],
    [-2e-7, 2e-7],
    [1e300, 1.000_002e300],
    [0, 5e-304],
    [1.7e9, 1.700_000_2e9],
  ])('are all different from %d to %d', (min, max) => {
    const texts = axis(min, max);
    expect(texts.length).toBeGreaterThan(1);
    expect(new Set(texts).size).toBe(texts.length);
  });

  it('share a unit', () => {
    expect(axis(0, 2e9)).toEqual(['0', '0.5 G', '1.0 G', '1.5 G', '2.0 G']);
  });
});
