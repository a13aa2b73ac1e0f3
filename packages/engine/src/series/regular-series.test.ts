import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FREQUENCIES, type Frequency } from './frequency.js';
import { regularSeries } from './regular-series.js';
import { gridIndex, gridTimeMs } from './time-grid.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2024, 0, 31, 10, 30);
const times = (...all: readonly (number | string)[]) =>
  Float64Array.from(all, (time) => (typeof time === 'string' ? Date.parse(time) : time));
const every = (count: number, of: (index: number) => number) =>
  Float64Array.from({ length: count }, (_, i) => of(i));
/** Distinct values, so that a series is not constant. */
const ramp = (count: number) => every(count, (index) => index * index);

function regular(timesMs: Float64Array, values = ramp(timesMs.length), frequency?: Frequency) {
  const outcome = regularSeries(timesMs, values, frequency === undefined ? {} : { frequency });
  if (outcome.series === undefined) throw new Error(outcome.errorMessage);
  const { grid, values: made, filled } = outcome.series;
  const at = Array.from(made, (_, index) => new Date(gridTimeMs(grid, index)).toISOString());
  return { grid, at, values: [...made], filled: [...filled] };
}

describe('the frequency', () => {
  const cases: readonly [string, number, Frequency, number][] = [
    ['a second', 1000, 'PER_MINUTE', 1],
    ['a minute', MINUTE, 'PER_MINUTE', 1],
    ['five minutes', 5 * MINUTE, 'PER_MINUTE', 5],
    ['half an hour', 30 * MINUTE, 'PER_MINUTE', 30],
    ['an hour', HOUR, 'HOURLY', 1],
    ['six hours', 6 * HOUR, 'HOURLY', 6],
    ['a day', DAY, 'DAILY', 1],
    ['a week', 7 * DAY, 'WEEKLY', 1],
    ['four weeks', 28 * DAY, 'WEEKLY', 4],
  ];
  it.each(cases)('of values every %s is found', (_, apartMs, frequency, multiple) => {
    const { grid } = regular(every(300, (index) => START + index * apartMs));
    expect(grid).toMatchObject({ frequency, multiple });
  });

  it('of months, quarters and years is theirs, whatever their length', () => {
    for (const [months, frequency] of [
      [1, 'MONTHLY'],
      [3, 'QUARTERLY'],
      [12, 'YEARLY'],
    ] as const) {
      for (const day of [1, 15]) {
        const { grid, filled } = regular(every(40, (index) => Date.UTC(1969, 1 + index * months, day)));
        expect(grid).toMatchObject({ frequency, multiple: 1, dayOfMonth: day });
        expect(filled).toEqual(new Array(40).fill(0));
      }
    }
  });

  it('survives gaps and times that jitter', () => {
    const jittered = every(
      100,
      (index) => START + (index + (index > 50 ? 7 : 0)) * HOUR + (index % 3 === 0 ? 9000 : 0),
    );
    const { grid, values } = regular(jittered);
    expect(grid).toEqual({ frequency: 'HOURLY', multiple: 1, startMs: START });
    expect(values).toHaveLength(107);
  });

  it('may be given, and finer values are then averaged over its calendar steps', () => {
    const hours = every(72, (index) => Date.UTC(2024, 4, 1) + index * HOUR);
    const { at, values } = regular(
      hours,
      every(72, (index) => index),
      'DAILY',
    );
    expect(at).toEqual(['2024-05-01T00:00:00.000Z', '2024-05-02T00:00:00.000Z', '2024-05-03T00:00:00.000Z']);
    expect(values.map((value) => Math.round(value * 1e9) / 1e9)).toEqual([11.5, 35.5, 59.5]);
    const months = regular(
      every(400, (index) => Date.UTC(2024, 0, 10) + index * DAY),
      undefined,
      'QUARTERLY',
    );
    expect(months.at[0]).toBe('2024-01-01T00:00:00.000Z');
    expect(months.at).toHaveLength(5);
    const weeks = regular(
      every(30, (index) => Date.UTC(2024, 0, 10) + index * DAY),
      undefined,
      'WEEKLY',
    );
    expect(new Date(weeks.at[0]!).getUTCDay()).toBe(0);
  });
});

describe('the grid', () => {
  it('keeps ends of months as ends of months', () => {
    const { grid, at } = regular(times('2023-11-30', '2023-12-31', '2024-01-31', '2024-02-29', '2024-04-30'));
    expect(at.map((time) => time.slice(0, 10))).toEqual([
      '2023-11-30',
      '2023-12-31',
      '2024-01-31',
      '2024-02-29',
      '2024-03-31',
      '2024-04-30',
    ]);
    expect(new Date(gridTimeMs(grid, -9)).toISOString().slice(0, 10)).toBe('2023-02-28');
  });

  it('knows which times lie on it', () => {
    const { grid } = regular(every(10, (index) => START + index * HOUR));
    expect(gridIndex(grid, START - 2 * HOUR)).toBe(-2);
    expect(gridIndex(grid, START + 1)).toBeUndefined();
    expect(gridIndex(grid, Number.NaN)).toBeUndefined();
    expect(gridIndex(grid, Number.POSITIVE_INFINITY)).toBeUndefined();
  });

  it('gives every index its own time and finds it again, in order', () => {
    const index = fc.integer({ min: -3000, max: 3000 });
    fc.assert(
      fc.property(
        fc.constantFrom(...FREQUENCIES),
        fc.integer({ min: 1, max: 5 }),
        index,
        fc.integer({ min: 1, max: 31 }),
        (frequency, multiple, at, dayOfMonth) => {
          const calendar = ['MONTHLY', 'QUARTERLY', 'YEARLY'].includes(frequency);
          const startMs = calendar ? Date.UTC(2023, 2, dayOfMonth, 6) : START;
          const grid = { frequency, multiple, startMs, ...(calendar ? { dayOfMonth } : {}) };
          expect(gridIndex(grid, gridTimeMs(grid, at))).toBe(at);
          expect(gridTimeMs(grid, at + 1)).toBeGreaterThan(gridTimeMs(grid, at));
          expect(gridTimeMs(grid, 0)).toBe(startMs);
        },
      ),
    );
  });
});

describe('rows', () => {
  it('of one time are averaged, and gaps filled by a straight line', () => {
    const { values, filled } = regular(
      times(0, HOUR, HOUR, 2 * HOUR, 5 * HOUR),
      Float64Array.of(1, 2, 4, 6, 0),
    );
    expect(values).toEqual([1, 3, 6, 4, 2, 0]);
    expect(filled).toEqual([0, 0, 0, 1, 1, 0]);
  });

  it('without a time or a value count as missing', () => {
    const missing = Float64Array.of(Number.NaN, 1, Number.POSITIVE_INFINITY, 3, 9, 5, Number.NaN);
    const { at, values, filled } = regular(
      times(0, HOUR, 2 * HOUR, 3 * HOUR, Number.NaN, 4 * HOUR, 5 * HOUR),
      missing,
    );
    expect(values).toEqual([1, 2, 3, 5]);
    expect(filled).toEqual([0, 1, 0, 0]);
    expect(at[0]).toBe('1970-01-01T01:00:00.000Z');
  });

  it('may come in any order, to the last bit', () => {
    const row = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.double({ min: -1e9, max: 1e9 }));
    fc.assert(
      fc.property(fc.array(row, { maxLength: 40 }), (rows) => {
        const make = (list: typeof rows) =>
          regularSeries(
            Float64Array.from(list, ([minute]) => minute * MINUTE),
            Float64Array.from(list, ([, value]) => value),
          );
        expect(make([...rows].reverse())).toEqual(make(rows));
      }),
    );
  });

  it('of any kind give an outcome: finite values, or a reason in words', () => {
    const wild = fc.oneof(fc.double(), fc.double({ min: -1e12, max: 1e12 }), fc.constantFrom(8.64e15, 0, -1));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(wild, wild), { maxLength: 30 }),
        fc.option(fc.constantFrom(...FREQUENCIES)),
        (rows, frequency) => {
          const outcome = regularSeries(
            Float64Array.from(rows, ([time]) => time),
            Float64Array.from(rows, ([, value]) => value),
            { pointsMax: 10_000, ...(frequency === null ? {} : { frequency }) },
          );
          if (outcome.status !== 'ok') expect(outcome.errorMessage).toMatch(/^The .+\.$/);
          if (outcome.series === undefined) return;
          expect(outcome.series.values.every(Number.isFinite)).toBe(true);
          expect(outcome.series.values.length).toBeGreaterThanOrEqual(3);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a series that cannot be modelled', () => {
  const outcome = (timesMs: Float64Array, values: Float64Array, pointsMax?: number) => {
    const { status, errorMessage } = regularSeries(
      timesMs,
      values,
      pointsMax === undefined ? {} : { pointsMax },
    );
    return { status, errorMessage };
  };

  it('says so in words and throws nothing', () => {
    expect(outcome(times(), Float64Array.of())).toEqual({
      status: 'all_missing',
      errorMessage: 'The time series has no values: all are missing.',
    });
    expect(outcome(times(0, 1000, MINUTE), Float64Array.of(1, 2, 3))).toEqual({
      status: 'too_short',
      errorMessage: 'The time series has 2 points; at least 3 are needed.',
    });
    expect(outcome(times(5, 5), Float64Array.of(1, 2)).status).toBe('too_short');
    expect(outcome(times(0, HOUR, 5 * HOUR), Float64Array.of(1, 2, 3), 5)).toEqual({
      status: 'too_long',
      errorMessage: 'The time series has 6 points at the frequency HOURLY; at most 5 are supported.',
    });
    expect(outcome(times(0, 1, 2), Float64Array.of(1, 2, -1e200)).status).toBe('out_of_range');
  });

  it('two points a thousand years apart allocate nothing', () => {
    const far = times('1500-01-01', '2500-01-01', '2500-01-01T00:01', '2500-01-01T00:02');
    expect(outcome(far, ramp(4)).status).toBe('too_long');
  });

  it('but is constant is still a series', () => {
    const { status, series, errorMessage } = regularSeries(
      times(0, HOUR, 3 * HOUR),
      Float64Array.of(0.1, 0.1, 0.1),
    );
    expect([status, errorMessage]).toEqual(['constant', 'The time series is constant: all values are 0.1.']);
    expect(series?.values).toEqual(Float64Array.of(0.1, 0.1, 0.1, 0.1));
  });

  it('by the caller’s own fault throws', () => {
    expect(() => regularSeries(times(0), Float64Array.of())).toThrow(RangeError);
    expect(() => regularSeries(times(0), Float64Array.of(1), { pointsMax: 2 })).toThrow(RangeError);
  });
});
