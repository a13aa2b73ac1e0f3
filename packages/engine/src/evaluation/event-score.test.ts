import { describe, expect, it } from 'vitest';
import { addEvents, scoreEvents } from './event-score.js';
import { emptyWindows, rowLabels, rowWindows, windowsOfLabels } from './labelled-windows.js';

const WINDOWS = [
  { first: 2, last: 4 },
  { first: 6, last: 6 },
  { first: 8, last: 9 },
];

describe('alarms as events', () => {
  it('count a window once and each alarm outside', () => {
    //                     0  1  2  3  4  5  6  7  8  9
    const alarms = [0, 1, 0, 1, 1, 1, 1, 0, 0, 0];
    const score = scoreEvents(alarms, WINDOWS);
    expect(score).toMatchObject({ windows: 3, hits: 2, falseAlarms: 2, precision: 0.5 });
    expect(score.recall).toBeCloseTo(2 / 3, 12);
    expect(score.f1).toBeCloseTo((2 * 0.5 * (2 / 3)) / (0.5 + 2 / 3), 12);
    expect(score.delays).toEqual([1, 0]);
  });

  it('say nothing of what there is none of', () => {
    expect(scoreEvents([0, 0], [])).toMatchObject({
      precision: Number.NaN,
      recall: Number.NaN,
      f1: Number.NaN,
    });
    expect(scoreEvents([0, 0], [{ first: 0, last: 0 }])).toMatchObject({ recall: 0, f1: 0 });
    expect(scoreEvents([1, 1], [])).toMatchObject({ precision: 0, falseAlarms: 2 });
  });

  it('add up over series', () => {
    const one = scoreEvents([0, 1], [{ first: 0, last: 1 }]);
    const other = scoreEvents([1, 0], [{ first: 1, last: 1 }]);
    expect(addEvents([one, other])).toMatchObject({
      windows: 2,
      hits: 1,
      falseAlarms: 1,
      precision: 0.5,
      recall: 0.5,
    });
    expect(addEvents([one, other]).delays).toEqual([1]);
  });
});

describe('labelled windows', () => {
  const timesMs = Float64Array.from([0, 10, 20, 30, 40]);

  it('become rows, joined where they meet; one between two rows has none', () => {
    expect(rowWindows(timesMs, [{ fromMs: 15, toMs: 30 }])).toEqual([{ first: 2, last: 3 }]);
    expect(rowWindows(timesMs, [{ fromMs: 31, toMs: 39 }])).toEqual([]);
    const windows = [
      { fromMs: 40, toMs: 90 },
      { fromMs: 0, toMs: 0 },
      { fromMs: 5, toMs: 20 },
    ];
    expect(rowWindows(timesMs, windows)).toEqual([
      { first: 0, last: 2 },
      { first: 4, last: 4 },
    ]);
    expect(emptyWindows(timesMs, [...windows, { fromMs: 31, toMs: 39 }, { fromMs: 50, toMs: 60 }])).toBe(2);
    expect(() => rowWindows(timesMs, [{ fromMs: 2, toMs: 1 }])).toThrow(RangeError);
    expect(() => rowWindows(timesMs, [{ fromMs: Number.NaN, toMs: 1 }])).toThrow(RangeError);
  });

  it('reach from their first row to their last where a row is late', () => {
    const late = Float64Array.from([0, 10, 30, 20, 40]);
    expect(rowWindows(late, [{ fromMs: 25, toMs: 40 }])).toEqual([{ first: 2, last: 4 }]);
    expect(rowWindows(late, [{ fromMs: 21, toMs: 29 }])).toEqual([]);
  });

  it('go to labels of rows and back', () => {
    expect(windowsOfLabels(rowLabels(10, WINDOWS))).toEqual(WINDOWS);
    expect(windowsOfLabels([])).toEqual([]);
    expect(windowsOfLabels([1, 1])).toEqual([{ first: 0, last: 1 }]);
  });
});
