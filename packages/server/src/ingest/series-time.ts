import { shortenCell } from './csv-cells.js';
import { parseRfc3339 } from './timestamp.js';

/**
 * How a file of series writes its times. Answers are written the same way, so that they can stand in the file.
 * `spaced` is "2014-03-07 03:41:00", `local` the same with a T, both UTC; `zoned` is RFC 3339.
 */
export const TIME_FORMS = [
  'seconds',
  'milliseconds',
  'year',
  'quarter',
  'month',
  'date',
  'spaced',
  'local',
  'zoned',
] as const;
export type TimeForm = (typeof TIME_FORMS)[number];

export type TimeCell =
  | { readonly ok: true; readonly timeMs: number; readonly form: TimeForm }
  | { readonly ok: false; readonly message: string };

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/** Larger numbers are milliseconds: as seconds they would lie past the year 5138. */
const SECONDS_MAX = 1e11;
const TIME_MIN_MS = Date.UTC(1000, 0, 1);
const TIME_MAX_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** How four digits are read: `always` as a year, `never`, or as the whole file has them. */
export type YearReading = 'always' | 'where_all_are' | 'never';

/** Four digits: a year, or some seconds of the first hours of 1970, which nothing was measured in. */
export function isYearCell(text: string): boolean {
  return /^[1-9]\d{3}$/.test(text.trim());
}

/** The year that was read as so many seconds. */
export function yearOfSeconds(timeMs: number): number {
  return Date.UTC(timeMs / 1000, 0, 1);
}

/**
 * Whole milliseconds since 1970, negative before, of a cell: seconds or milliseconds since 1970, a quarter (2024-Q1) or
 * month (2024-01): its first day, a date (2024-03-01), or a date and a time, in UTC where no zone is named.
 * @param isYearly four digits are a year, not seconds
 */
export function parseSeriesTime(text: string, isYearly = false): TimeCell {
  const cell = text.trim();
  if (cell === '') return { ok: false, message: 'the timestamp is missing' };
  if (isYearly && isYearCell(cell)) return { ok: true, timeMs: Date.parse(`${cell}-01-01`), form: 'year' };
  if (NUMBER.test(cell)) return fromNumber(Number(cell), cell);
  const form = formOf(cell);
  const timeMs = form === undefined ? Number.NaN : parseRfc3339(completed(cell, form));
  if (form === undefined || Number.isNaN(timeMs)) {
    const message =
      `"${shortenCell(cell)}" is not a timestamp; right are seconds or milliseconds since 1970, a quarter (2024-Q1), ` +
      'a month (2024-01), a date (2024-03-01), "2024-03-01 12:00:00" (UTC) and RFC 3339 (2024-03-01T12:00:00Z)';
    return { ok: false, message };
  }
  return inRange(timeMs, form, cell);
}

/** As the file writes times; in full where its form cannot say this one. */
export function formatSeriesTime(timeMs: number, form: TimeForm): string | number {
  if (form === 'seconds') return timeMs / 1000;
  if (form === 'milliseconds') return timeMs;
  const iso = new Date(timeMs).toISOString().replace('.000Z', 'Z');
  if (form === 'year' && iso.endsWith('-01-01T00:00:00Z')) return iso.slice(0, 4);
  const quarter = form === 'quarter' ? QUARTER_STARTS.indexOf(iso.slice(4)) : -1;
  if (quarter >= 0) return `${iso.slice(0, 4)}-Q${quarter + 1}`;
  if (form === 'month' && iso.endsWith('-01T00:00:00Z')) return iso.slice(0, 7);
  if (DAYS.includes(form) && iso.endsWith('T00:00:00Z')) return iso.slice(0, 10);
  if (form === 'spaced') return iso.replace('T', ' ').replace('Z', '');
  return form === 'local' ? iso.replace('Z', '') : iso;
}

const QUARTER_STARTS = ['01', '04', '07', '10'].map((month) => `-${month}-01T00:00:00Z`);
/** Forms without a time of the day. */
const DAYS: readonly TimeForm[] = ['year', 'quarter', 'month', 'date'];

function formOf(cell: string): TimeForm | undefined {
  if (/^[1-9]\d{3}-Q[1-4]$/.test(cell)) return 'quarter';
  if (!/^[1-9]\d{3}-\d\d/.test(cell)) return undefined;
  if (cell.length === 7) return 'month';
  if (cell.length === 10) return 'date';
  if (!/[Zz]$|[+-]\d\d:\d\d$/.test(cell)) return cell[10] === ' ' ? 'spaced' : 'local';
  return 'zoned';
}

function completed(cell: string, form: TimeForm): string {
  if (form === 'quarter') return `${cell.slice(0, 4)}${QUARTER_STARTS[Number(cell[6]) - 1]}`;
  if (form === 'month') return `${cell}-01T00:00:00Z`;
  if (form === 'date') return `${cell}T00:00:00Z`;
  return form === 'zoned' ? cell : `${cell}Z`;
}

function fromNumber(number: number, cell: string): TimeCell {
  const inSeconds = Math.abs(number) < SECONDS_MAX;
  const timeMs = Math.round(inSeconds ? number * 1000 : number);
  return inRange(timeMs, inSeconds ? 'seconds' : 'milliseconds', cell);
}

function inRange(timeMs: number, form: TimeForm, cell: string): TimeCell {
  if (timeMs >= TIME_MIN_MS && timeMs <= TIME_MAX_MS) return { ok: true, timeMs, form };
  return { ok: false, message: `"${shortenCell(cell)}" is outside the years 1000 to 9999` };
}
