import { DAY_MS, HOUR_MS, MINUTE_MS, MONTH_MEAN_MS, monthLength } from './calendar.js';

/** How often a series has values, in BigQuery's words (DATA_FREQUENCY); the finest is a minute. */
export const FREQUENCIES = [
  'PER_MINUTE',
  'HOURLY',
  'DAILY',
  'WEEKLY',
  'MONTHLY',
  'QUARTERLY',
  'YEARLY',
] as const;
export type Frequency = (typeof FREQUENCIES)[number];

/** A value every `multiple` minutes, hours, …: five-minute data are PER_MINUTE with a multiple of 5. */
export interface Step {
  readonly frequency: Frequency;
  /** A whole number from 1. */
  readonly multiple: number;
}

/** Units of fixed length, longest first. */
const FIXED = [
  { frequency: 'WEEKLY', unitMs: 7 * DAY_MS },
  { frequency: 'DAILY', unitMs: DAY_MS },
  { frequency: 'HOURLY', unitMs: HOUR_MS },
  { frequency: 'PER_MINUTE', unitMs: MINUTE_MS },
] as const;
const MONTHS = { MONTHLY: 1, QUARTERLY: 3, YEARLY: 12 } as const;
/** Timestamps may jitter by this share of a unit and still be taken as so many units apart. */
const JITTER_SHARE = 0.02;
/** The shortest month, less an hour for clocks that were put forward. */
const MONTH_LEAST_MS = 28 * DAY_MS - HOUR_MS;

/** Milliseconds of a frequency's unit; undefined for months, quarters and years, which differ in length. */
export function unitMs(frequency: Frequency): number | undefined {
  return FIXED.find((unit) => unit.frequency === frequency)?.unitMs;
}

/** Months of a frequency's unit; undefined for units of fixed length. */
export function unitMonths(frequency: Frequency): number | undefined {
  return frequency in MONTHS ? MONTHS[frequency as keyof typeof MONTHS] : undefined;
}

/**
 * How far apart the values of a series mostly are: by the (lower) median distance of its times, so that gaps and a
 * few odd times do not matter. Weeks and multiples of them are told from months by the days of the month.
 * Anything under a minute is PER_MINUTE. Cost: a sort of the distances.
 * @param timesMs ascending, without repeats, at least 2
 */
export function inferStep(timesMs: Float64Array): Step {
  const distances = timesMs.subarray(1).map((timeMs, index) => timeMs - timesMs[index]!);
  distances.sort();
  const medianMs = distances[(distances.length - 1) >> 1]!;
  if (medianMs >= MONTH_LEAST_MS && !isWeekly(timesMs, medianMs)) return inMonths(medianMs);
  for (const { frequency, unitMs } of FIXED) {
    const units = medianMs / unitMs;
    const multiple = Math.round(units);
    if (multiple >= 1 && Math.abs(units - multiple) <= JITTER_SHARE) return { frequency, multiple };
  }
  return { frequency: 'PER_MINUTE', multiple: Math.max(1, Math.round(medianMs / MINUTE_MS)) };
}

/** A whole number of weeks, and neither always the same day of the month nor always its last. */
function isWeekly(timesMs: Float64Array, medianMs: number): boolean {
  const weeks = medianMs / (7 * DAY_MS);
  if (Math.abs(weeks - Math.round(weeks)) > JITTER_SHARE) return false;
  const days = [...timesMs].map((timeMs) => new Date(timeMs).getUTCDate());
  const sameDay = days.every((day) => day === days[0]);
  return !sameDay && !timesMs.every((timeMs, index) => days[index] === monthLength(timeMs));
}

function inMonths(medianMs: number): Step {
  const months = Math.max(1, Math.round(medianMs / MONTH_MEAN_MS));
  if (months % 12 === 0) return { frequency: 'YEARLY', multiple: months / 12 };
  if (months % 3 === 0) return { frequency: 'QUARTERLY', multiple: months / 3 };
  return { frequency: 'MONTHLY', multiple: months };
}
