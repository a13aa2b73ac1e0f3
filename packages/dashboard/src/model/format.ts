/** Words and numbers for people. All times in seconds since 1970. */

import { withUnit } from './units.js';

const RIGHT_TO_LEFT = new Set(['Adlm', 'Arab', 'Hebr', 'Mand', 'Nkoo', 'Rohg', 'Syrc', 'Thaa']);
const locale = localeFor(typeof navigator === 'undefined' ? 'en' : navigator.language);
const SCALES = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
] as const;

/**
 * By whose customs numbers and dates are written: the browser's language, with the digits and the calendar of the page's
 * own words. English where that runs from right to left, which would tear English lines apart, and where Intl does not take
 * it, as the one of LANG=C.UTF-8.
 */
export function localeFor(language: string): string {
  try {
    const locale = new Intl.Locale(language, { numberingSystem: 'latn', calendar: 'gregory' });
    return RIGHT_TO_LEFT.has(locale.maximize().script ?? '') ? 'en' : locale.toString();
  } catch {
    return 'en';
  }
}

/** From here up, and below the smallest, digits alone would not be read. */
const PLAIN_MOST = 1e15;
const PLAIN_LEAST = 1e-4;

function isPlain(size: number): boolean {
  return size === 0 || (size >= PLAIN_LEAST && size < PLAIN_MOST);
}

/** More digits than these no number has. */
const DIGITS_MOST = 17;

/** `1.3e300`, `-4.25e-7` */
function withExponent(value: number, digits: number): string {
  // All that it has, rather than what seventeen digits make of a tenth.
  const text = digits >= DIGITS_MOST ? value.toExponential() : value.toExponential(digits - 1);
  return text
    .replace(/(\.\d*?)0+e/, '$1e')
    .replace('.e', 'e')
    .replace('e+', 'e');
}

const formats: Intl.NumberFormat[] = [];
function significant(digits: number): Intl.NumberFormat {
  formats[digits] ??= new Intl.NumberFormat(locale, { maximumSignificantDigits: digits });
  return formats[digits];
}

/** `100,000`: how many, to the last one. */
export function countText(count: number): string {
  return significant(DIGITS_MOST).format(count);
}

/** So many significant digits, in the unit of a number of that size. */
export function numberText(value: number, digits: number, size = Math.abs(value)): string {
  if (Number.isNaN(value)) return '–';
  const most = Math.min(DIGITS_MOST, digits);
  // What is rounded up to the next unit is in that one: 1 G, not 1,000 M.
  const rounded = most < DIGITS_MOST ? Number(size.toPrecision(most)) : size;
  if (value === 0) return '0';
  if (!isPlain(rounded)) return withExponent(value, most);
  for (const [scale, letter] of SCALES) {
    if (rounded >= scale) return `${significant(most).format(value / scale)} ${letter}`;
  }
  return significant(most).format(value);
}

/** Four significant digits: `312`, `0.04217 s`, `8.123 GB`, `1.3e300`. Those that stand side by side: `numbersOf`. */
export function shortNumber(value: number | null | undefined, unit = ''): string {
  return withUnit(numberText(value ?? Number.NaN, 4), unit);
}

/** `+41.5 ms`, `−9`: what is added or taken. */
export function signedNumber(value: number, unit = ''): string {
  const text = shortNumber(Math.abs(value), unit);
  return value < 0 ? `−${text}` : `+${text}`;
}

/** The same unit and digits after the point for all ticks of one axis, as many as tell them apart. */
export function tickNumber(value: number, step: number, largest = Math.abs(value)): string {
  if (Math.abs(value) < step * 1e-9) return '0';
  if (largest >= PLAIN_MOST || largest < PLAIN_LEAST) {
    const digits = Math.floor(Math.log10(Math.abs(value))) - Math.floor(Math.log10(step) + 1e-9) + 1;
    return withExponent(value, Math.min(DIGITS_MOST, Math.max(1, digits)));
  }
  const [scale, letter] = SCALES.find(([one]) => largest >= one) ?? [1, ''];
  const digits = Math.max(0, -Math.floor(Math.log10(step / scale) + 1e-9));
  const text = fixed(Math.min(DIGITS_MOST, digits)).format(value / scale);
  return letter === '' ? text : `${text} ${letter}`;
}

const fixedFormats: Intl.NumberFormat[] = [];
function fixed(digits: number): Intl.NumberFormat {
  fixedFormats[digits] ??= new Intl.NumberFormat(locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return fixedFormats[digits];
}

export function percent(probability: number): string {
  if (Number.isNaN(probability)) return '–';
  // 0.9999 must not read as certainty.
  if (probability >= 1) return '100 %';
  const digits = probability > 0.99 ? 2 : probability > 0.9 ? 1 : 0;
  return `${fixed(digits).format(Math.min(probability * 100, 99.99))} %`;
}

const formatters = new Map<string, Intl.DateTimeFormat>();
function formatter(kind: string, utc: boolean, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${kind}${utc}`;
  let found = formatters.get(key);
  if (found === undefined) {
    found = new Intl.DateTimeFormat(locale, { ...options, ...(utc ? { timeZone: 'UTC' } : {}) });
    formatters.set(key, found);
  }
  return found;
}

const HOURS = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
const DAY = { day: 'numeric', month: 'short' } as const;

/** `14:03:07` */
export function clockTime(seconds: number, utc: boolean): string {
  return formatter('clock', utc, { ...HOURS, second: '2-digit' }).format(seconds * 1000);
}

/** `12 Mar, 14:03:07`, with the year where it is another one. */
export function fullTime(seconds: number, utc: boolean): string {
  const sameYear = new Date(seconds * 1000).getUTCFullYear() === new Date().getUTCFullYear();
  const year = sameYear ? {} : ({ year: 'numeric' } as const);
  return formatter(`full${sameYear}`, utc, { ...DAY, ...HOURS, second: '2-digit', ...year }).format(
    seconds * 1000,
  );
}

/** `12 Mar`, with the year where it is another one. */
export function dayText(seconds: number, utc: boolean): string {
  const sameYear = new Date(seconds * 1000).getUTCFullYear() === new Date().getUTCFullYear();
  const year = sameYear ? {} : ({ year: 'numeric' } as const);
  return formatter(`day${sameYear}`, utc, { ...DAY, ...year }).format(seconds * 1000);
}

/** `12 Mar, 14:03`, with the year where it is another one. */
export function minuteTime(seconds: number, utc: boolean): string {
  const sameYear = new Date(seconds * 1000).getUTCFullYear() === new Date().getUTCFullYear();
  const year = sameYear ? {} : ({ year: 'numeric' } as const);
  return formatter(`of the day${sameYear}`, utc, { ...DAY, ...HOURS, ...year }).format(seconds * 1000);
}

/** `2026-03-12T14:03:07.250Z` */
export function utcTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

/** From here on, a quarter, ticks of several years would have the same day. */
const MONTHS_APART = 7_776_000;

/** What stands below a tick: seconds, minutes, the day where one begins, or month and year. */
export function tickTime(seconds: number, step: number, utc: boolean): string {
  if (step >= MONTHS_APART) {
    return formatter('month', utc, { month: 'short', year: 'numeric' }).format(seconds * 1000);
  }
  const startsDay = (seconds + zoneOffset(seconds, utc)) % 86_400 === 0;
  if (step >= 86_400 || startsDay) return formatter('day', utc, DAY).format(seconds * 1000);
  if (step >= 60) return formatter('minute', utc, HOURS).format(seconds * 1000);
  return clockTime(seconds, utc);
}

/** Seconds that the shown zone is ahead of UTC. */
export function zoneOffset(seconds: number, utc: boolean): number {
  return utc ? 0 : -new Date(seconds * 1000).getTimezoneOffset() * 60;
}

/** `UTC`, `UTC+02:00` */
export function zoneName(seconds: number, utc: boolean): string {
  const minutes = zoneOffset(seconds, utc) / 60;
  if (minutes === 0) return 'UTC';
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0');
  const size = Math.abs(minutes);
  return `UTC${minutes < 0 ? '−' : '+'}${two(size / 60)}:${two(size % 60)}`;
}

/** `just now`, `12 s ago`, `3 min ago`, `5 h ago`, `2 days ago` */
export function ago(seconds: number, now: number): string {
  const age = now - seconds;
  if (age < -2) return `in ${span(-age)}`;
  return age < 2 ? 'just now' : `${span(age)} ago`;
}

/** `12 s`, `3 min`, `5 h`, `2 days` */
export function span(seconds: number): string {
  if (seconds < 100) return `${Math.round(seconds)} s`;
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** What was said of one sample. */
export function sampleWords(sample: { state: string; alarm: boolean }): string {
  if (sample.alarm) return 'alarm';
  if (sample.state === 'warming_up') return 'learning';
  return sample.state === 'unknown' ? 'not judged' : sample.state.replace('_', ' ');
}

/** What of a series says that a sample is anomalous, where being above or below what was expected does not say it all. */
export function componentWords(
  component: 'level' | 'time_of_day' | 'day_of_week' | 'variance' | null,
): string {
  if (component === 'time_of_day') return ', unusual for the time of day';
  if (component === 'day_of_week') return ', unusual for the day of the week';
  return component === 'variance' ? ', in a series that moves unlike before' : '';
}

/** What was said of one whole minute. */
export function minuteWords(minute: { isWithdrawn: boolean; alarm: boolean }): string {
  if (minute.isWithdrawn) return 'withdrawn after late samples';
  return minute.alarm ? 'alarm' : 'anomalous';
}

export function stateWords(state: string, have: number, need: number, isMinute = false): string {
  if (isMinute) return 'anomalous minute';
  if (state === 'warming_up') return `learning: ${have} of ${need} samples`;
  if (state === 'no_data') return 'no data';
  if (state === 'unknown') return 'not judged';
  return state;
}
