export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** Of the Gregorian calendar's 400 years. */
export const MONTH_MEAN_MS = (146_097 * DAY_MS) / 4800;
/** Farthest from 1970 that a JavaScript date goes, either way. */
export const TIME_MS_MAX = 8.64e15;

/** Whole months since January 1970, in UTC; negative before. */
export function monthIndex(timeMs: number): number {
  const date = new Date(timeMs);
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
}

/** Days of the month that a time lies in, in UTC. */
export function monthLength(timeMs: number): number {
  return daysIn(monthIndex(timeMs));
}

/** Start of a day of a month, in UTC; a day that the month lacks is its last. */
export function monthDayMs(month: number, day: number): number {
  // Years under 100 mean 19xx to Date.UTC, but months may go as far from 1970 as one likes.
  return Date.UTC(1970, month, Math.min(day, daysIn(month)));
}

/** Since midnight UTC. */
export function timeOfDayMs(timeMs: number): number {
  return modulo(timeMs, DAY_MS);
}

/** Remainder that is never negative. */
export function modulo(value: number, by: number): number {
  const rest = value % by;
  return rest < 0 ? rest + by : rest + 0;
}

function daysIn(month: number): number {
  return new Date(Date.UTC(1970, month + 1, 0)).getUTCDate();
}
