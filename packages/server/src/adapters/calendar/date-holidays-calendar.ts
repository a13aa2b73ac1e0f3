import type { HolidayWindow } from '@seismo/engine';
import Holidays, { type HolidaysTypes } from 'date-holidays';
import type { HolidayCalendar } from '../../ports/holiday-calendar.js';
import { REGION_GROUPS, unknownPart, unknownRegion } from './holiday-regions.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Tables of moveable feasts end some time; years further off would only cost. */
const YEAR_FIRST = 1900;
const YEAR_LAST = 2100;
/** What the kind of a day must be; school holidays last for weeks, and optional ones are not observed by many. */
const KINDS: readonly HolidaysTypes.HolidayType[] = ['public', 'bank', 'observance'];
/** A group of countries has the holidays that at least this share of them keep on the same day. */
const GROUP_SHARE = 0.25;

/** The calendars of the package date-holidays: some 200 countries with their states. */
export const dateHolidaysCalendar: HolidayCalendar = {
  async windows({ regions, fromMs, toMs, daysBefore, daysAfter }) {
    const first = Math.max(new Date(fromMs).getUTCFullYear(), YEAR_FIRST);
    const last = Math.min(new Date(toMs).getUTCFullYear(), YEAR_LAST);
    const asked = [...new Set(regions.map((one) => one.toUpperCase()))];
    // Before the first is looked up: groups take seconds.
    const members = asked.map((region) => (REGION_GROUPS.get(region) ?? [region]).map(calendarOf));
    // A window may reach over the turn of the year.
    const found = asked.flatMap((region, at) =>
      shared(members[at]!.map((calendar) => holidaysOf(calendar, first - 1, last + 1))).map(
        ({ name, primaryMs, furtherDays }): HolidayWindow => {
          return { name, region, primaryMs, daysBefore, daysAfter: daysAfter + furtherDays };
        },
      ),
    );
    return found.sort((a, b) => a.primaryMs - b.primaryMs || (a.name < b.name ? -1 : 1));
  },
};

/** Of one calendar all, of several those of one name that enough of them have on a day. */
function shared(calendars: readonly (readonly Holiday[])[]): readonly Holiday[] {
  const least = GROUP_SHARE * calendars.length;
  const byDay = new Map<string, { readonly holiday: Holiday; count: number }>();
  for (const holiday of calendars.flat()) {
    const key = `${holiday.primaryMs} ${holiday.name}`;
    const known = byDay.get(key);
    if (known === undefined) byDay.set(key, { holiday, count: 1 });
    else known.count++;
  }
  return [...byDay.values()].filter(({ count }) => count >= least).map(({ holiday }) => holiday);
}

/** Looking up a year of some calendars takes a quarter of a second. */
const YEARS = new WeakMap<Holidays, Map<number, readonly HolidaysTypes.Holiday[]>>();
const CALENDARS = new Map<string, Holidays>();

function yearOf(calendar: Holidays, year: number): readonly HolidaysTypes.Holiday[] {
  const known = YEARS.get(calendar) ?? new Map<number, readonly HolidaysTypes.Holiday[]>();
  YEARS.set(calendar, known);
  const days = known.get(year) ?? calendar.getHolidays(year, 'en').filter(({ type }) => KINDS.includes(type));
  known.set(year, days);
  return days;
}

function holidaysOf(calendar: Holidays, first: number, last: number): Holiday[] {
  const holidays: Holiday[] = [];
  const newest = new Map<string, Holiday>();
  for (let year = first; year <= last; year++) {
    for (const { name, date, start, end } of yearOf(calendar, year)) {
      // The day on the clock of the series, whatever the zone of the region.
      const primaryMs = Date.parse(`${date.slice(0, 10)}T00:00:00Z`);
      const furtherDays = daysAfterFirst(end.getTime() - start.getTime());
      const before = newest.get(name);
      // Some calendars list the days of one holiday one by one.
      if (before !== undefined && primaryMs - before.primaryMs === (before.furtherDays + 1) * DAY_MS) {
        before.furtherDays += 1 + furtherDays;
        continue;
      }
      // Some list one day twice, for different reasons.
      if (before?.primaryMs === primaryMs) continue;
      const holiday = { name, primaryMs, furtherDays };
      newest.set(name, holiday);
      holidays.push(holiday);
    }
  }
  return holidays;
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
  const calendar = CALENDARS.get(region) ?? newCalendar(region);
  CALENDARS.set(region, calendar);
  return calendar;
}

function newCalendar(region: string): Holidays {
  const [country = '', state] = region.split('-', 2);
  const countries = new Holidays().getCountries('en');
  if (!(country in countries)) throw unknownRegion(region, countries);
  if (state === undefined) return new Holidays(country);
  const states = (new Holidays(country).getStates(country, 'en') as Record<string, string> | undefined) ?? {};
  // Some states stand there in lower case.
  const own = Object.keys(states).find((one) => one.toUpperCase() === state);
  if (own !== undefined) return new Holidays(country, own);
  const known = Object.keys(states).map((one) => one.toUpperCase());
  throw unknownPart(country, state, countries[country]!, known);
}
