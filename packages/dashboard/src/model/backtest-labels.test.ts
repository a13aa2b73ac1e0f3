import { describe, expect, it } from 'vitest';
import { parseLabelFile, readLabels, writeLabels } from './backtest-labels.js';

describe('labels of a backtest', () => {
  const windows = [
    { fromMs: 10_000, toMs: 20_000 },
    { fromMs: 30_500, toMs: 40_000 },
  ];

  it('go into the address and back', () => {
    expect(writeLabels(windows)).toBe('10-20,30.5-40');
    expect(readLabels('10-20,30.5-40')).toEqual(windows);
    expect(readLabels('')).toBeNull();
    expect(readLabels('x,5-4,7,10-20')).toEqual([windows[0]]);
  });

  it('are read from a file: seconds, dates, quotes, other series', () => {
    expect(parseLabelFile('\uFEFFfrom,to\r\n10,20\r\n30.5,40\r\n', 'a')).toEqual(windows);
    const file =
      'series,from,to\n"a{b=""c,d""}",1970-01-01T00:00:10Z,1970-01-01 00:00:20\nother,1,2\n\n"a{b=""c,d""}",30.5,1970-01-01T02:00:40+02:00';
    expect(parseLabelFile(file, 'a{b="c,d"}')).toEqual(windows);
    expect(parseLabelFile('from,to\n', 'a')).toEqual([]);
  });

  it('are refused by line', () => {
    expect(() => parseLabelFile('start,end\n1,2', 'a')).toThrow('columns from,to');
    expect(() => parseLabelFile('from,to\n1,2\n3,soon', 'a')).toThrow('Line 3: give times');
    expect(() => parseLabelFile('from,to\n2,1', 'a')).toThrow('Line 2: “to”');
  });
});
