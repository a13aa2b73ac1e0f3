import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../series/calendar.js';
import { type CustomHoliday, withCustomHolidays } from './custom-holidays.js';
import { explainArimaPlusForecast } from './explain-arima-plus-forecast.js';
import { fitArimaPlus } from './fit-arima-plus.js';
import { gaussianNoise } from './gaussian-noise.fixture.js';
import type { HolidayWindow } from './holidays.js';
import type { ArimaPlusOptions } from './options.js';

const day = (date: string) => Date.parse(`${date}T00:00:00Z`);
const START_MS = day('2020-01-01');
const YEARS = [2020, 2021, 2022, 2023, 2024];
/** Every year a fair on 15 June that begins two days before, and Christmas. */
const FAIR: CustomHoliday[] = YEARS.map((year) => ({
  region: 'US',
  holidayName: 'Fair',
  primaryMs: day(`${year}-06-15`),
  preholidayDays: 2,
  postholidayDays: 1,
}));
const CHRISTMAS: HolidayWindow[] = YEARS.map((year) => ({
  ...{ name: 'Christmas Day', region: 'US', primaryMs: day(`${year}-12-25`) },
  ...{ daysBefore: 1, daysAfter: 1 },
}));

function daily(length: number): { timesMs: Float64Array; values: Float64Array } {
  const noise = gaussianNoise(7);
  const timesMs = Float64Array.from({ length }, (_, index) => START_MS + index * DAY_MS);
  const values = timesMs.map((timeMs) => {
    const date = new Date(timeMs).toISOString().slice(5, 10);
    const fair = ['06-13', '06-14', '06-15'].includes(date) ? 40 : 0;
    return 100 + noise() + fair + (date === '12-25' ? -30 : 0) + (date === '12-20' ? 25 : 0);
  });
  return { timesMs, values };
}

function effects(options: ArimaPlusOptions, length = 4 * 365 + 90) {
  const { timesMs, values } = daily(length);
  const { model } = fitArimaPlus(timesMs, values, options);
  return Object.fromEntries(
    model!.holidayEffects.map(({ name, offset, size }) => [`${name} ${offset}`, size]),
  );
}

describe('custom holidays', () => {
  it('are learned within their window, without any region', () => {
    const found = effects({ customHolidays: FAIR });
    expect(Object.keys(found)).toEqual(['Fair -2', 'Fair -1', 'Fair 0']);
    for (const size of Object.values(found)) expect(Math.abs(size - 40)).toBeLessThan(3);
  });

  it('come beside those of a region, and reach into the forecast', () => {
    const { timesMs, values } = daily(4 * 365 + 90);
    const { model } = fitArimaPlus(timesMs, values, { customHolidays: FAIR, holidays: CHRISTMAS });
    expect(new Set(model!.holidayEffects.map(({ name }) => name))).toEqual(
      new Set(['Fair', 'Christmas Day']),
    );
    const explained = explainArimaPlusForecast(model!, { horizon: 120 });
    const fair = explained.timesMs.indexOf(day('2024-06-15'));
    expect(Math.abs(explained.holidayEffect[fair]! - 40)).toBeLessThan(3);
    expect(explained.holidayEffect[fair + 1]).toBe(0);
  });

  it('take the place of the known holiday of their region and name, whatever its spelling', () => {
    const christmas = YEARS.map((year) => ({
      ...{ region: 'US', holidayName: 'Christmas', primaryMs: day(`${year}-12-25`) },
      ...{ preholidayDays: 5, postholidayDays: 1 },
    }));
    const found = effects({ customHolidays: christmas, holidays: CHRISTMAS });
    expect(Object.keys(found)).toEqual(['Christmas -5', 'Christmas 0']);
    const windows = withCustomHolidays(CHRISTMAS, christmas.slice(0, 2));
    expect(windows.map(({ name, daysBefore }) => `${name} ${daysBefore}`)).toEqual([
      'Christmas 5',
      'Christmas 5',
    ]);
  });

  it.each([
    ["New Year's Day", 'NewYear'],
    ['Martin Luther King Jr. Day', 'MLKDay'],
    ["Washington's Birthday", 'PresidentDay'],
    ["Mother's Day", 'MothersDay'],
    ['Labour Day', 'LaborDay'],
    ['Veterans Day', 'VeteranDay'],
    ['St. Patrick’s Day', 'StPatrickDay'],
    ['Easter Monday', 'EasterMonday'],
  ])('know %s as %s', (name, holidayName) => {
    const known = [{ ...CHRISTMAS[0]!, name }, CHRISTMAS[0]!];
    const windows = withCustomHolidays(known, [{ region: 'US', holidayName, primaryMs: day('2020-03-01') }]);
    expect(windows.map((window) => window.name)).toEqual([holidayName, 'Christmas Day']);
  });

  it('leave the same holiday of other regions alone', () => {
    const both = [CHRISTMAS[0]!, { ...CHRISTMAS[0]!, region: 'GB' }];
    expect(withCustomHolidays(both, [])).toHaveLength(1);
    const own = { region: 'US', holidayName: 'Christmas', primaryMs: day('2020-12-26') };
    expect(withCustomHolidays(both, [own]).map(({ region }) => region)).toEqual(['GB', 'US']);
    expect(withCustomHolidays(both, [{ ...own, region: 'us' }])).toHaveLength(2);
  });

  it('are not used for weeks, as in BigQuery', () => {
    const timesMs = Float64Array.from({ length: 220 }, (_, index) => START_MS + 7 * index * DAY_MS);
    const values = daily(220).values;
    const { model } = fitArimaPlus(timesMs, values, { customHolidays: FAIR, holidays: CHRISTMAS });
    expect(model!.options.holidays.map(({ name }) => name)).not.toContain('Fair');
  });

  const one = FAIR[0]!;
  it.each<[string, Partial<CustomHoliday>[], RegExp]>([
    ['no region', [{ region: '' }], /CUSTOM_HOLIDAY needs a region/],
    [
      'a name that no column can have',
      [{ holidayName: 'Fall Fair' }],
      /"Fall Fair", which is no holiday of US/,
    ],
    ['half a day', [{ primaryMs: one.primaryMs + 1 }], /primary_date of Fair that is no date/],
    [
      'no day before',
      [{ preholidayDays: 0 }],
      /preholiday_days of Fair that are 0, not a whole number from 1/,
    ],
    ['half a day after', [{ postholidayDays: 1.5 }], /postholiday_days of Fair .* 1.5/],
    ['more than 30 days', [{ preholidayDays: 30 }], /31 days before and after Fair, more than 30/],
    ['two windows', [{}, { primaryMs: day('2021-06-15'), preholidayDays: 1 }], /several windows of Fair/],
    ['windows that overlap', [{}, { primaryMs: day('2020-06-18') }], /2020-06-15 and 2020-06-18/],
    [
      'more than 500 names',
      Array.from({ length: 501 }, (_, at) => ({ holidayName: `fair_${at}` })),
      /at most 500 values of holiday_name, not 501/,
    ],
  ])('refuse %s', (_, changes, message) => {
    const customHolidays = changes.map((change) => ({ ...one, ...change }));
    const fit = () => fitArimaPlus(new Float64Array(3), new Float64Array(3), { customHolidays });
    expect(fit).toThrow(message);
    expect(fit).toThrow(RangeError);
  });

  it('may have the name of a known holiday, spaces and all', () => {
    const customHolidays = [{ region: 'US', holidayName: 'Christmas Day', primaryMs: day('2020-12-25') }];
    const fit = (holidays: HolidayWindow[]) => () =>
      fitArimaPlus(new Float64Array(3), new Float64Array(3), { customHolidays, holidays });
    expect(fit(CHRISTMAS)).not.toThrow();
    expect(fit([])).toThrow(/"Christmas Day"/);
  });
});
