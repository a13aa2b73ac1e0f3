import { describe, expect, test } from 'vitest';
import { parseRange, parseTime } from './time-parameter.js';

describe('a time parameter', () => {
  test.each([
    ['1743548330', 1743548330000],
    ['1743548330.25', 1743548330250],
    ['0', 0],
    ['2025-04-01T22:58:50Z', 1743548330000],
    ['2025-04-01T22:58:50.125z', 1743548330125],
    ['2025-04-02T00:58:50+02:00', 1743548330000],
    // The plus sign arrives as a space where a client did not escape it.
    ['2025-04-02T00:58:50 02:00', 1743548330000],
  ])('%s is %i ms', (text, timeMs) => {
    expect(parseTime('from', text)).toBe(timeMs);
  });

  test.each(['', ' ', 'now', '2025-04-01', '2025-13-01T00:00:00Z', 'NaN', 'Infinity', '1743548330000'])(
    'refuses "%s" and names the parameter',
    (text) => {
      expect(() => parseTime('to', text)).toThrow(
        expect.objectContaining({ code: 'bad_request', field: 'to' }),
      );
    },
  );

  test('a range may be open at either end, and must not be upside down', () => {
    expect(parseRange(undefined, '5')).toEqual({ fromMs: undefined, toMs: 5000 });
    expect(parseRange('5', '5')).toEqual({ fromMs: 5000, toMs: 5000 });
    expect(() => parseRange('6', '5')).toThrow('must not be later');
  });
});
