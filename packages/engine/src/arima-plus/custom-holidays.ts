import { DAY_MS } from '../series/calendar.js';
import type { Frequency } from '../series/frequency.js';
import type { HolidayWindow } from './holidays.js';

/** A row of BigQuery's query custom_holiday: one occurrence of a holiday of the user's own. */
export interface CustomHoliday {
  /** A region that holidays may be asked for, in capitals, or any other name. */
  readonly region: string;
  /** A name that could be a column's, or that of a known holiday of the region. */
  readonly holidayName: string;
  /** Start of the day, midnight UTC. */
  readonly primaryMs: number;
  /** Whole numbers from 1, together at most 30, the same in all rows of the holiday. Default 1. */
  readonly preholidayDays?: number | undefined;
  readonly postholidayDays?: number | undefined;
}

/** BigQuery's limits. */
const ROWS_MAX = 50_000;
const NAMES_MAX = 500;
const WINDOW_DAYS_MAX = 30;
const COLUMN_NAME = /^[\p{L}_][\p{L}\p{N}_]{0,299}$/u;

/**
 * @param known the windows of the regions that are asked for: their holidays' names are right as well
 * @param frequency BigQuery knows custom holidays for daily data only; undefined is a frequency yet to be found
 * @throws RangeError on what BigQuery does not take; the message names custom_holiday and the holiday
 */
export function checkCustomHolidays(
  holidays: readonly CustomHoliday[],
  known: readonly HolidayWindow[],
  frequency: Frequency | undefined,
): void {
  if (holidays.length === 0) return;
  if (frequency !== undefined && frequency !== 'DAILY') {
    refuse(`goes with the DATA_FREQUENCY DAILY or AUTO_FREQUENCY, not ${frequency}`);
  }
  if (holidays.length > ROWS_MAX) refuse(`has at most ${ROWS_MAX} rows, not ${holidays.length}`);
  const occurrences = new Map<string, CustomHoliday[]>();
  const knownKeys = new Set(known.map(keyOf));
  for (const holiday of holidays) {
    checkRow(holiday, knownKeys);
    const key = JSON.stringify([holiday.region, holiday.holidayName]);
    const own = occurrences.get(key);
    if (own === undefined) occurrences.set(key, [holiday]);
    else own.push(holiday);
  }
  const names = new Set(holidays.map(({ holidayName }) => holidayName)).size;
  if (names > NAMES_MAX) refuse(`has at most ${NAMES_MAX} values of holiday_name, not ${names}`);
  for (const own of occurrences.values()) checkOccurrences(own);
}

/**
 * Known windows and custom ones together: a custom holiday of the region and name of a known one takes its place, with
 * all of its days; any other is one more. A day of several regions under one name is there once.
 */
export function withCustomHolidays(
  known: readonly HolidayWindow[],
  custom: readonly CustomHoliday[],
): readonly HolidayWindow[] {
  const replaced = new Set(custom.map(({ region, holidayName: name }) => keyOf({ region, name })));
  const own = custom.map((holiday): HolidayWindow => {
    const { before, after } = windowOf(holiday);
    const { region, holidayName: name, primaryMs } = holiday;
    return { region, name, primaryMs, daysBefore: before, daysAfter: after };
  });
  const kept = known.filter((window) => !replaced.has(keyOf(window)));
  const once = new Map<string, HolidayWindow>();
  for (const window of [...own, ...kept]) {
    const key = `${window.primaryMs} ${window.name}`;
    if (!once.has(key)) once.set(key, window);
  }
  return [...once.values()].sort((a, b) => a.primaryMs - b.primaryMs || (a.name < b.name ? -1 : 1));
}

function checkRow(holiday: CustomHoliday, knownKeys: ReadonlySet<string>): void {
  const { region, holidayName: name, primaryMs } = holiday;
  if (typeof region !== 'string' || region.trim() === '') refuse('needs a region in every row');
  if (typeof name !== 'string' || name.trim() === '') refuse('needs a holiday_name in every row');
  if (!COLUMN_NAME.test(name) && !knownKeys.has(keyOf({ region, name }))) {
    refuse(
      `has the holiday_name "${name}", which is no holiday of ${region} and cannot name a column: letters, digits and _ can`,
    );
  }
  if (!Number.isFinite(primaryMs) || primaryMs % DAY_MS !== 0) {
    refuse(`has a primary_date of ${name} that is no date`);
  }
  const { before, after } = windowOf(holiday);
  for (const [column, days] of [
    ['preholiday_days', before],
    ['postholiday_days', after],
  ] as const) {
    if (!(Number.isInteger(days) && days >= 1)) {
      refuse(`has ${column} of ${name} that are ${days}, not a whole number from 1`);
    }
  }
  if (before + after > WINDOW_DAYS_MAX) {
    refuse(`has ${before + after} days before and after ${name}, more than ${WINDOW_DAYS_MAX}`);
  }
}

function checkOccurrences(own: readonly CustomHoliday[]): void {
  const { before, after } = windowOf(own[0]!);
  const name = own[0]!.holidayName;
  if (own.some((one) => windowOf(one).before !== before || windowOf(one).after !== after)) {
    refuse(
      `has several windows of ${name}: preholiday_days and postholiday_days are the same in all its rows`,
    );
  }
  const starts = own.map(({ primaryMs }) => primaryMs).sort((a, b) => a - b);
  const overlap = starts.findIndex((ms, at) => at > 0 && ms - starts[at - 1]! <= (before + after) * DAY_MS);
  if (overlap < 0) return;
  refuse(
    `has days of ${name} whose windows overlap: ${dayText(starts[overlap - 1]!)} and ${dayText(starts[overlap]!)}`,
  );
}

function windowOf({ preholidayDays = 1, postholidayDays = 1 }: CustomHoliday) {
  return { before: preholidayDays, after: postholidayDays };
}

/** Names that BigQuery's calendar and others have for the same day, as `bare` makes them. */
const ALIASES: Readonly<Record<string, string>> = {
  labour: 'labor',
  martinlutherkingjr: 'mlk',
  washingtonsbirth: 'president',
};

/** Tells holidays apart whatever their spelling: "New Year's Day" is BigQuery's NewYear. */
function keyOf({ region = '', name }: Pick<HolidayWindow, 'region' | 'name'>): string {
  const bare = name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replace(/day$/, '');
  const singular = bare.replace(/s$/, '');
  return `${region}\n${ALIASES[bare] ?? ALIASES[singular] ?? singular}`;
}

function dayText(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

function refuse(what: string): never {
  throw new RangeError(`CUSTOM_HOLIDAY ${what}`);
}
