import { AppError } from '../errors.js';

const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
/** The year 5138 in seconds; what is larger was meant as milliseconds. */
const SECONDS_MAX = 1e11;

/** Reads `from` or `to`: seconds since 1970, with or without a fraction, or an RFC 3339 time. Gives milliseconds. */
export function parseTime(field: string, text: string): number {
  const seconds = text.trim() === '' ? Number.NaN : Number(text);
  if (Math.abs(seconds) > SECONDS_MAX) {
    throw new AppError('bad_request', `The parameter ${field} must be in seconds, not milliseconds.`, {
      field,
    });
  }
  if (Number.isFinite(seconds)) return Math.round(seconds * 1000);
  // A plus sign that was not escaped arrives as a space.
  const repaired = text.replace(/ (\d{2}:\d{2})$/, '+$1');
  const timeMs = RFC_3339.test(repaired) ? Date.parse(repaired) : Number.NaN;
  if (Number.isFinite(timeMs)) return timeMs;
  if (RFC_3339.test(`${text}Z`)) {
    throw new AppError('bad_request', `The parameter ${field} has no time zone.`, {
      field,
      hint: 'Add Z for UTC, or an offset such as +02:00.',
    });
  }
  throw new AppError(
    'bad_request',
    `The parameter ${field} must be seconds since 1970 or a time such as 2025-04-01T22:58:50Z.`,
    { field },
  );
}

/** As `parseTime`, and refuses a range that is upside down. */
export function parseRange(from: string | undefined, to: string | undefined) {
  const fromMs = from === undefined ? undefined : parseTime('from', from);
  const toMs = to === undefined ? undefined : parseTime('to', to);
  if (fromMs !== undefined && toMs !== undefined && fromMs > toMs) {
    throw new AppError('bad_request', 'The parameter from must not be later than to.', { field: 'from' });
  }
  return { fromMs, toMs };
}
