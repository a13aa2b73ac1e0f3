import { expect, it } from 'vitest';
import { holidayRange } from './holiday-range.js';

const DAY_MS = 86_400_000;
const times = (count: number, stepDays: number, startDay = 0) =>
  Float64Array.from({ length: count }, (_, at) => (startDay + at * stepDays) * DAY_MS);

it('looks for holidays as many days or weeks ahead as the series can be forecast', () => {
  expect(holidayRange([times(10, 1)], undefined, 30)).toEqual({ fromMs: 0, toMs: 39 * DAY_MS });
  expect(holidayRange([times(10, 7)], undefined, 30)).toEqual({ fromMs: 0, toMs: (63 + 210) * DAY_MS });
  expect(holidayRange([times(3, 1, 5), times(3, 7)], undefined, 2)).toEqual({ fromMs: 0, toMs: 28 * DAY_MS });
  expect(holidayRange([times(10, 1)], 'WEEKLY', 1)).toEqual({ fromMs: 0, toMs: 16 * DAY_MS });
});

it('takes times in any order, repeats and none', () => {
  const mixed = Float64Array.of(2 * DAY_MS, Number.NaN, 0, DAY_MS, DAY_MS);
  expect(holidayRange([mixed, new Float64Array(0)], undefined, 1)).toEqual({ fromMs: 0, toMs: 3 * DAY_MS });
  expect(holidayRange([Float64Array.of(Number.NaN)], undefined, 1)).toBeUndefined();
});
