import type { HolidayWindow } from '@seismo/engine';
import Holidays, { type HolidaysTypes } from 'date-holidays';
import { AppError } from '../../errors.js';
import type { HolidayCalendar, HolidayRequest } from '../../ports/holiday-calendar.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Tables of moveable feasts end some time; years further off would only cost. */
const YEAR_FIRST = 1900;
const YEAR_LAST = 2100;
/** What the kind of a day must be; school holidays last for weeks, and optional ones are not observed by many. */
const KINDS: readonly HolidaysTypes.HolidayType[] = ['public', 'bank', 'observance'];
/** BigQuery's regions that are not countries. */
const CONTINENTS = ['GLOBAL', 'NA', 'JAPAC', 'EMEA', 'LAC'];

/** The calendars of the package date-holidays: some 200 countries with their states. */
export const dateHolidaysCalendar: HolidayCalendar = {
  async windows(request) {
    const found = new Map<string, HolidayWindow>();
    for (const region of new Set(request.regions.map((one) => one.toUpperCase()))) {
      for (const window of ofRegion(region, request)) found.set(`${window.primaryMs} ${window.name}`, window);
    }
    return [...found.values()].sort((a, b) => a.primaryMs - b.primaryMs || (a.name < b.name ? -1 : 1));
  },
};

function ofRegion(region: string, { fromMs, toMs, daysBefore, daysAfter }: HolidayRequest): HolidayWindow[] {
  const calendar = calendarOf(region);
  const first = Math.max(new Date(fromMs).getUTCFullYear(), YEAR_FIRST);
  const last = Math.min(new Date(toMs).getUTCFullYear(), YEAR_LAST);
  const holidays: Holiday[] = [];
  const newest = new Map<string, Holiday>();
  // A window may reach over the turn of the year.
  for (let year = first - 1; year <= last + 1; year++) {
    for (const { name, date, start, end, type } of calendar.getHolidays(year, 'en')) {
      if (!KINDS.includes(type)) continue;
      // The day on the clock of the series, whatever the zone of the region.
      const primaryMs = Date.parse(`${date.slice(0, 10)}T00:00:00Z`);
      const furtherDays = daysAfterFirst(end.getTime() - start.getTime());
      const before = newest.get(name);
      // Some calendars list the days of one holiday one by one.
      if (before !== undefined && primaryMs - before.primaryMs === (before.furtherDays + 1) * DAY_MS) {
        before.furtherDays += 1 + furtherDays;
        continue;
      }
      const holiday = { name, primaryMs, furtherDays };
      newest.set(name, holiday);
      holidays.push(holiday);
    }
  }
  return holidays.map(({ name, primaryMs, furtherDays }) => {
    return { name, primaryMs, daysBefore, daysAfter: daysAfter + furtherDays };
  });
}

interface Holiday {
  readonly name: string;
  readonly primaryMs: number;
  furtherDays: number;
}

/** Days that a holiday touches beside its first. An hour is left out: with summer time a day may have 25. */
function daysAfterFirst(lengthMs: number): number {
  return Math.max(0, Math.ceil((lengthMs - HOUR_MS) / DAY_MS) - 1);
}

function calendarOf(region: string): Holidays {
  const [country = '', state] = region.split('-', 2);
  const countries = new Holidays().getCountries('en');
  if (!(country in countries)) throw unknownRegion(region);
  if (state === undefined) return new Holidays(country);
  const states = (new Holidays(country).getStates(country, 'en') as Record<string, string> | undefined) ?? {};
  // Some states stand there in lower case.
  const own = Object.keys(states).find((one) => one.toUpperCase() === state);
  if (own !== undefined) return new Holidays(country, own);
  const known = Object.keys(states).map((one) => `${country}-${one.toUpperCase()}`);
  throw new AppError('usage', `HOLIDAY_REGION: ${countries[country]} has no region ${state}.`, {
    field: 'HOLIDAY_REGION',
    hint: `Right are ${[country, ...known].join(', ')}.`,
  });
}

function unknownRegion(region: string): AppError {
  const hint = CONTINENTS.includes(region)
    ? 'Regions of several countries are not known here: name the countries, separated by commas.'
    : 'It is a code of ISO 3166 such as US, GB or DE-BY.';
  return new AppError('usage', `HOLIDAY_REGION: there is no calendar of ${region}.`, {
    field: 'HOLIDAY_REGION',
    hint,
  });
}
