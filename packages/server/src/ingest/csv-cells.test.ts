import { describe, expect, it } from 'vitest';
import { parseTimestampCell, parseValueCell } from './csv-cells.js';

const DAY = Date.UTC(2025, 3, 1, 22, 58, 50);

describe('a timestamp cell', () => {
  it.each([
    ['1743548330', DAY],
    ['1743548330.25', DAY + 250],
    [' 1743548330.0004 ', DAY],
    ['1.74354833e9', DAY],
    ['2025-04-01T22:58:50Z', DAY],
    ['2025-04-01t22:58:50.125z', DAY + 125],
    ['2025-04-02T00:58:50+02:00', DAY],
    ['2025-04-01T17:28:50.5-05:30', DAY + 500],
    ['2025-04-01 22:58:50', DAY],
    ['2025-04-01T22:58:50', DAY],
    ['2025-04-01 22:58:50.000000', DAY],
    ['0', 0],
  ])('%s is read to the millisecond', (cell, timeMs) => {
    expect(parseTimestampCell(cell)).toEqual({ ok: true, value: timeMs });
  });

  it.each([
    ['', 'missing'],
    ['yesterday', 'not a timestamp'],
    ['2025-04-01', 'not a timestamp'],
    ['2025-04-31T00:00:00Z', 'not a timestamp'],
    ['2025-13-01T00:00:00Z', 'not a timestamp'],
    ['2025-04-01T24:00:00Z', 'not a timestamp'],
    ['2025-04-01T00:00:00+25:00', 'not a timestamp'],
    ['1743548330000', 'milliseconds'],
    ['-1', 'outside'],
    ['1e300', 'outside'],
    ['0x10', 'not a timestamp'],
  ])('"%s" is refused in words', (cell, words) => {
    const parsed = parseTimestampCell(cell);
    expect(parsed).toMatchObject({ ok: false, message: expect.stringContaining(words) });
  });
});

describe('a value cell', () => {
  it.each([
    ['1', 1],
    ['-0.5', -0.5],
    ['+.5e-3', 0.0005],
    [' 1e300 ', 1e300],
    ['', Number.NaN],
    ['NaN', Number.NaN],
  ])('"%s" is a number or missing', (cell, value) => {
    expect(parseValueCell(cell)).toEqual({ ok: true, value });
  });

  it.each(['abc', '1,5', 'Infinity', '1e400', '0x10', 'true', '1 2'])('"%s" is refused', (cell) => {
    expect(parseValueCell(cell)).toMatchObject({ ok: false });
  });
});
