import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gridTimeMs, type TimeGrid } from '../series/time-grid.js';
import { gaussianNoise } from './gaussian-noise.fixture.js';
import { fitHolidays, type HolidayWindow, holidayComponent } from './holidays.js';

const DAY = 86_400_000;
const START = Date.UTC(2021, 0, 1);
const daily: TimeGrid = { frequency: 'DAILY', multiple: 1, startMs: START };
/** Christmas, two days before and one after, of four years: three in the series, one ahead. */
const christmas: readonly HolidayWindow[] = [2021, 2022, 2023, 2024].map((year) => ({
  name: 'Christmas',
  primaryMs: Date.UTC(year, 11, 25),
  daysBefore: 2,
  daysAfter: 1,
}));
const effectOf = (timeMs: number) => {
  const day = new Date(timeMs).toISOString().slice(5, 10);
  return { '12-24': -10, '12-25': -40, '12-26': -30 }[day] ?? 0;
};
const indexOf = (timeMs: number) => (timeMs - START) / DAY;

/** Three years with a week in them. */
function shop(seed: number, withHoliday: boolean): Float64Array {
  const noise = gaussianNoise(seed);
  return Float64Array.from({ length: 1095 }, (_, index) => {
    const week = [5, 0, -2, 0, 3, 20, 10][index % 7]!;
    return 100 + week + 2 * noise() + (withHoliday ? effectOf(gridTimeMs(daily, index)) : 0);
  });
}

describe('holidays', () => {
  const values = shop(5, true);
  const fitted = fitHolidays({ grid: daily, values }, christmas, [7]);

  it('are estimated day by day, those that stand out', () => {
    expect(fitted.effects.map(({ name, offset, occurrences }) => [name, offset, occurrences])).toEqual([
      ['Christmas', -1, 3],
      ['Christmas', 0, 3],
      ['Christmas', 1, 3],
    ]);
    for (const [at, size] of [-10, -40, -30].entries()) {
      expect(Math.abs(fitted.effects[at]!.size - size)).toBeLessThan(6);
    }
  });

  it('add nothing outside their windows', () => {
    const inside = new Set(
      christmas.flatMap(({ primaryMs }) => [-1, 0, 1].map((day) => indexOf(primaryMs) + day)),
    );
    for (const [index, value] of fitted.component.entries()) expect(value !== 0).toBe(inside.has(index));
  });

  it('lose nothing to seasons of which there are few', () => {
    const noise = gaussianNoise(9);
    const days = [25, 131, 210, 333, 402, 517, 590, 671];
    const fairs = days.map((day) => {
      return { name: 'fair', primaryMs: START + day * DAY, daysBefore: 1, daysAfter: 1 };
    });
    // A quarter has its season too: the holiday is told from that, and that from the holiday.
    const sales = Float64Array.from({ length: 740 }, (_, index) => {
      return 100 + 10 * Math.sin((2 * Math.PI * index) / 91) + noise() + (days.includes(index) ? 50 : 0);
    });
    const { effects } = fitHolidays({ grid: daily, values: sales }, fairs, [7, 30, 91]);
    expect(effects.map(({ offset }) => offset)).toEqual([0]);
    expect(Math.abs(effects[0]!.size - 50)).toBeLessThan(2);
  });

  it('come again ahead', () => {
    const ahead = holidayComponent(fitted.effects, christmas, daily, 1095, 366);
    const at = indexOf(Date.UTC(2024, 11, 25)) - 1095;
    expect([...ahead.subarray(at - 2, at + 3)]).toEqual([0, ...fitted.effects.map(({ size }) => size), 0]);
    expect(ahead.filter((value) => value !== 0)).toHaveLength(3);
  });

  it('are not seen in noise, but for 1 of 20 series', () => {
    let wrong = 0;
    for (let seed = 0; seed < 20; seed++) {
      const series = { grid: daily, values: shop(100 + seed, false) };
      if (fitHolidays(series, christmas, [7]).effects.length > 0) wrong++;
    }
    expect(wrong).toBeLessThanOrEqual(1);
  });

  it('of weekly series change the weeks that hold their days', () => {
    const grid: TimeGrid = { frequency: 'WEEKLY', multiple: 1, startMs: Date.UTC(2021, 0, 3) };
    const noise = gaussianNoise(9);
    const weeks = Float64Array.from({ length: 160 }, (_, index) => {
      const fromMs = gridTimeMs(grid, index);
      const holds = christmas.some(({ primaryMs }) => primaryMs >= fromMs && primaryMs < fromMs + 7 * DAY);
      return 700 + 5 * noise() - (holds ? 100 : 0);
    });
    const { effects } = fitHolidays({ grid, values: weeks }, christmas);
    expect(effects.map(({ offset, occurrences }) => [offset, occurrences])).toEqual([[0, 3]]);
    expect(Math.abs(effects[0]!.size + 100)).toBeLessThan(10);
  });

  it('are for daily and weekly series of more than a year', () => {
    const part = { grid: daily, values: values.slice(0, 365) };
    expect(fitHolidays(part, christmas).effects).toEqual([]);
    const hourly: TimeGrid = { frequency: 'HOURLY', multiple: 1, startMs: START };
    expect(fitHolidays({ grid: hourly, values }, christmas).effects).toEqual([]);
    const monthly: TimeGrid = { frequency: 'MONTHLY', multiple: 1, startMs: START };
    expect(fitHolidays({ grid: monthly, values }, christmas).component).toEqual(new Float64Array(1095));
  });

  it('that overlap share what they add', () => {
    const twice = [
      ...christmas,
      ...christmas.map((window) => ({ ...window, name: 'Closing', daysBefore: 0 })),
    ];
    const { component } = fitHolidays({ grid: daily, values }, twice, [7]);
    expect(Math.abs(component[indexOf(Date.UTC(2022, 11, 25))]! + 40)).toBeLessThan(6);
  });

  it('grow with the series and do not move with it', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1000, max: 1000 }), (shift) => {
        const moved = fitHolidays(
          { grid: daily, values: values.map((value) => 4 * value + shift) },
          christmas,
          [7],
        );
        expect(moved.effects.map(({ offset }) => offset)).toEqual([-1, 0, 1]);
        for (const [at, { size }] of moved.effects.entries()) {
          expect(size).toBeCloseTo(4 * fitted.effects[at]!.size, 6);
        }
      }),
      { numRuns: 5 },
    );
  });

  it('with windows that are none are refused', () => {
    const wrong = [{ ...christmas[0]!, daysAfter: -1 }];
    expect(() => fitHolidays({ grid: daily, values }, wrong)).toThrow(RangeError);
  });
});
