import type { RejectCode } from '../ports/ingest.js';
import { quote } from './quote.js';

/** From here on a number of seconds would lie past the year 5138: it was meant in a smaller unit. */
const SECONDS_MAX = 1e11;
const MILLISECONDS_MAX = 1e14;
const MICROSECONDS_MAX = 1e17;

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

const WHAT_IS_RIGHT =
  'send seconds since 1970 as a number, such as 1743548330 or 1743548330.25, or RFC 3339 text such as "2025-04-01T22:58:50Z"';

export interface TimestampFault {
  readonly code: RejectCode;
  readonly message: string;
}

/** The span of time in which samples are taken, ms since 1970, both inclusive. */
export interface TimeSpan {
  readonly oldestMs: number;
  readonly newestMs: number;
}

/** Whole milliseconds since 1970, or why not. Returns a number whenever it can: this is the hot path. */
export function readTimestamp(timestamp: unknown, span: TimeSpan): number | TimestampFault {
  let timeMs: number;
  if (typeof timestamp === 'number') {
    timeMs = Math.round(timestamp * 1000);
    if (timeMs >= span.oldestMs && timeMs <= span.newestMs) return timeMs;
    const fault = unitFault(timestamp);
    if (fault !== undefined) return fault;
  } else if (typeof timestamp === 'string') {
    timeMs = parseRfc3339(timestamp);
    if (Number.isNaN(timeMs)) {
      const zoneMissing = !Number.isNaN(parseRfc3339(`${timestamp}Z`));
      const message = zoneMissing
        ? `timestamp ${quote(timestamp)} has no time zone; add Z for UTC, or an offset such as +02:00`
        : `timestamp ${quote(timestamp)} is not a time; ${WHAT_IS_RIGHT}`;
      return { code: 'timestamp_not_finite', message };
    }
    if (timeMs >= span.oldestMs && timeMs <= span.newestMs) return timeMs;
  } else if (timestamp === undefined) {
    return { code: 'timestamp_missing', message: `timestamp is missing; ${WHAT_IS_RIGHT}` };
  } else {
    return {
      code: 'timestamp_not_finite',
      message: `timestamp is ${quote(timestamp)}; ${WHAT_IS_RIGHT}`,
    };
  }
  return spanFault(timestamp, timeMs, span);
}

function unitFault(timestamp: number): TimestampFault | undefined {
  if (!Number.isFinite(timestamp)) {
    return {
      code: 'timestamp_not_finite',
      message: `timestamp ${timestamp} is not a finite number; ${WHAT_IS_RIGHT}`,
    };
  }
  if (timestamp < 0 || timestamp >= MICROSECONDS_MAX * 1000) {
    return {
      code: 'timestamp_out_of_range',
      message: `timestamp ${timestamp} is no usable time; ${WHAT_IS_RIGHT}`,
    };
  }
  if (timestamp < SECONDS_MAX) return undefined;
  if (timestamp < MILLISECONDS_MAX) {
    return {
      code: 'timestamp_in_milliseconds',
      message: `timestamp ${timestamp} looks like milliseconds; send seconds: ${timestamp / 1000}`,
    };
  }
  const [unit, perSecond] = timestamp < MICROSECONDS_MAX ? ['microseconds', 1e6] : ['nanoseconds', 1e9];
  return {
    code: 'timestamp_out_of_range',
    message: `timestamp ${timestamp} looks like ${unit}; send seconds: ${Math.floor(timestamp / Number(perSecond))}`,
  };
}

function spanFault(timestamp: unknown, timeMs: number, span: TimeSpan): TimestampFault {
  const iso = new Date(timeMs).toISOString();
  if (timeMs > span.newestMs) {
    return {
      code: 'timestamp_in_future',
      message: `timestamp ${quote(timestamp)} (${iso}) is more than 1 hour in the future of the server's clock; the newest taken is ${new Date(span.newestMs).toISOString()}`,
    };
  }
  return {
    code: 'timestamp_too_old',
    message: `timestamp ${quote(timestamp)} (${iso}) is older than the retention; the oldest taken is ${new Date(span.oldestMs).toISOString()} (see --retention)`,
  };
}

/** Milliseconds since 1970, fraction rounded to the millisecond; NaN for anything but a real RFC 3339 time. */
export function parseRfc3339(text: string): number {
  const match = text.length > 64 ? null : RFC_3339.exec(text);
  if (match === null) return Number.NaN;
  const [, year, month, day, hour, minute, second, fraction, sign, offsetHour, offsetMinute] = match;
  const dayMs = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const date = new Date(dayMs);
  const real = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  // 60 is RFC 3339's leap second.
  if (!real || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return Number.NaN;
  if (Number(offsetHour ?? 0) > 23 || Number(offsetMinute ?? 0) > 59) return Number.NaN;
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  const offsetS = (Number(offsetHour ?? 0) * 3600 + Number(offsetMinute ?? 0) * 60) * (sign === '-' ? -1 : 1);
  return dayMs + (seconds - offsetS) * 1000 + Math.round(Number(`0.${fraction ?? 0}`) * 1000);
}
