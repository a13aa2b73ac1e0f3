/** Words and numbers for people. All times in seconds since 1970. */

const locale = usableLocale();
const plain = new Intl.NumberFormat(locale, { maximumSignificantDigits: 4 });
const exact = new Intl.NumberFormat(locale, { maximumSignificantDigits: 7 });
const SCALES = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
] as const;

/** The browser's language tag where Intl takes it: under LANG=C.UTF-8 it is one that Intl throws at. */
function usableLocale(): string {
  const wanted = typeof navigator === 'undefined' ? 'en' : navigator.language;
  try {
    new Intl.NumberFormat(wanted);
    return wanted;
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

/** `1.3e300`, `-4.25e-7` */
function withExponent(value: number, digits: number): string {
  return value
    .toExponential(digits)
    .replace(/\.?0+e/, 'e')
    .replace('e+', 'e');
}

/** Four significant digits: `312`, `0.04217`, `8.123 G`, `1.3e300`. */
export function shortNumber(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  const size = Math.abs(value);
  if (!isPlain(size)) return withExponent(value, 3);
  for (const [scale, letter] of SCALES) {
    if (size >= scale) return `${plain.format(value / scale)} ${letter}`;
  }
  return plain.format(value);
}

/** `+41.5`, `−9`: what is added or taken. */
export function signedNumber(value: number): string {
  const text = shortNumber(Math.abs(value));
  return value < 0 ? `−${text}` : `+${text}`;
}

export function bandText(lower: number | null | undefined, upper: number | null | undefined): string {
  const text = shortNumber(lower);
  return text === '–' ? text : `${text} to ${shortNumber(upper)}`;
}

export function exactNumber(value: number): string {
  if (Number.isNaN(value)) return '–';
  return isPlain(Math.abs(value)) ? exact.format(value) : withExponent(value, 6);
}

/** The same unit and digits after the point for all ticks of one axis. */
export function tickNumber(value: number, step: number): string {
  if (value === 0) return '0';
  if (step < 1e-6 || Math.abs(value) >= PLAIN_MOST) {
    const digits = Math.floor(Math.log10(Math.abs(value))) - Math.floor(Math.log10(step) + 1e-9);
    return withExponent(value, Math.min(3, Math.max(0, digits)));
  }
  const [scale, letter] = SCALES.find(([one]) => Math.abs(value) >= one) ?? [1, ''];
  const digits = Math.max(0, -Math.floor(Math.log10(step / scale) + 1e-9));
  const text = fixed(digits).format(Math.abs(value) < step * 1e-9 ? 0 : value / scale);
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
  return `${Math.min(probability * 100, 99.99).toFixed(digits)} %`;
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

/** What stands below a tick: seconds, minutes, or the day where one begins. */
export function tickTime(seconds: number, step: number, utc: boolean): string {
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

export function stateWords(state: string, have: number, need: number): string {
  if (state === 'warming_up') return `learning: ${have} of ${need} samples`;
  if (state === 'no_data') return 'no data';
  if (state === 'unknown') return 'not judged';
  return state;
}
