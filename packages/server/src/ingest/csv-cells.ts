import { parseRfc3339 } from './timestamp.js';

/** What one cell of a CSV file means: a time, a number, nothing, or a sentence that says what is wrong. */
export type Cell =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly message: string };

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/** Years 1970 to 9999, the range that RFC 3339 can write and a sample can have. */
const TIME_MAX_MS = 253_402_300_799_999;
/** As seconds this is the year 5138; a larger number is milliseconds (or finer) in the wrong column. */
const SECONDS_MAX = 1e11;

/** A finite number; an empty cell or `NaN` is a missing value and gives NaN. */
export function parseValueCell(text: string): Cell {
  const cell = text.trim();
  if (cell === '' || cell.toLowerCase() === 'nan') return { ok: true, value: Number.NaN };
  const value = NUMBER.test(cell) ? Number(cell) : Number.NaN;
  if (Number.isFinite(value)) return { ok: true, value };
  return wrong(`"${shortenCell(cell)}" is not a finite number; leave the cell empty where there is no value`);
}

/**
 * Whole milliseconds since 1970 from seconds since 1970 (whole or with a fraction), RFC 3339, or
 * `YYYY-MM-DD HH:MM:SS` (UTC). Finer than a millisecond is rounded to the nearest one.
 */
export function parseTimestampCell(text: string): Cell {
  const cell = text.trim();
  if (cell === '') return wrong('the timestamp is missing');
  if (NUMBER.test(cell)) return fromSeconds(Number(cell), cell);
  // Without a zone it is UTC, as in NAB's files.
  const zoned = parseRfc3339(cell);
  const timeMs = Number.isNaN(zoned) ? parseRfc3339(`${cell}Z`) : zoned;
  if (Number.isNaN(timeMs)) {
    return wrong(
      `"${shortenCell(cell)}" is not a timestamp; right are seconds since 1970 (1743548330 or 1743548330.25), ` +
        'RFC 3339 (2025-04-01T22:58:50Z) and "2025-04-01 22:58:50" (UTC)',
    );
  }
  return inRange(timeMs, cell);
}

function fromSeconds(seconds: number, cell: string): Cell {
  if (Math.abs(seconds) >= SECONDS_MAX && Math.abs(seconds) <= TIME_MAX_MS) {
    return wrong(`${cell} looks like milliseconds; the timestamp column holds seconds since 1970`);
  }
  return inRange(Math.round(seconds * 1000), cell);
}

function inRange(timeMs: number, cell: string): Cell {
  if (timeMs >= 0 && timeMs <= TIME_MAX_MS) return { ok: true, value: timeMs };
  return wrong(`"${shortenCell(cell)}" is outside the years 1970 to 9999`);
}

function wrong(message: string): Cell {
  return { ok: false, message };
}

export function shortenCell(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
