import type { ArimaPlusOptions } from '@seismo/engine';
import { readCustomHolidays } from '../ingest/csv-custom-holidays.js';
import type { SeriesRows } from '../model/arima-columns.js';
import { holidayRange } from '../model/holiday-range.js';
import { type GivenOptions, inFlags } from './arima-options.js';

/** The holidays that were asked for, from the first time of any series to the last that a forecast can reach. */
export async function holidaysOf(
  series: readonly SeriesRows[],
  given: GivenOptions,
  horizon: number,
): Promise<Pick<ArimaPlusOptions, 'holidays' | 'customHolidays'>> {
  const { customHolidays: file, holidayRegions: regions } = given;
  const own = file === undefined ? {} : { customHolidays: await readCustomHolidays(file) };
  if (regions.length === 0) return own;
  const range = holidayRange(
    series.map(({ timesMs }) => timesMs),
    given.options.frequency,
    horizon,
  );
  if (range === undefined) return own;
  // It takes a quarter of a second to load, which only those pay who ask for holidays.
  const { dateHolidaysCalendar } = await import('../adapters/calendar/date-holidays-calendar.js');
  const { holidayDaysBefore: daysBefore, holidayDaysAfter: daysAfter } = given;
  try {
    return {
      ...own,
      holidays: await dateHolidaysCalendar.windows({ regions, ...range, daysBefore, daysAfter }),
    };
  } catch (error) {
    throw inFlags(error);
  }
}
