import { DAY_MS, modulo, monthDayMs, monthIndex, monthLength, TIME_MS_MAX, timeOfDayMs } from './calendar.js';
import { type Step, unitMonths, unitMs } from './frequency.js';

/** The times at which a regular series has values: a {@link Step} and where it starts. Plain data, fit to be saved. */
export interface TimeGrid extends Step {
  /** Time of the first value. */
  readonly startMs: number;
  /** Only of months, quarters and years: the day of the month, 1 to 31; a month without it has its last instead. */
  readonly dayOfMonth?: number;
}

/** 1970 began on a Thursday; weeks that no data agree on begin on Sunday, as in BigQuery. */
const SUNDAY_MS = 3 * DAY_MS;

/** A grid and which of its places a time of the series counts to. */
export interface FittedGrid {
  readonly grid: TimeGrid;
  /** Index from the start, never negative for a time of the series. */
  slotOf(timeMs: number): number;
}

/**
 * The grid that a series lies on, from its first time on. Where most times agree on a phase it keeps that, as hourly
 * values taken at half past, and a time counts to the nearest place; otherwise the grid is that of whole minutes,
 * hours, days, weeks (from Sunday, as BigQuery's), and a time counts to the one it lies in. Months, quarters and years
 * always hold the times that lie in them. Cost: three passes.
 * @param timesMs ascending, not empty
 */
export function fitGrid(timesMs: Float64Array, step: Step): FittedGrid {
  const months = unitMonths(step.frequency);
  return months === undefined
    ? fixedGrid(timesMs, step, unitMs(step.frequency)! * step.multiple)
    : monthGrid(timesMs, step, months * step.multiple);
}

/** Time of the value at an index from the start, which may be negative or beyond the data. */
export function gridTimeMs(grid: TimeGrid, index: number): number {
  const months = unitMonths(grid.frequency);
  if (months === undefined) return grid.startMs + index * unitMs(grid.frequency)! * grid.multiple;
  const month = monthIndex(grid.startMs) + index * months * grid.multiple;
  return monthDayMs(month, grid.dayOfMonth ?? 1) + timeOfDayMs(grid.startMs);
}

/** Index of the value at exactly this time; undefined for a time that is not on the grid. */
export function gridIndex(grid: TimeGrid, timeMs: number): number | undefined {
  if (!(Math.abs(timeMs) <= TIME_MS_MAX)) return undefined;
  const months = unitMonths(grid.frequency);
  const index =
    months === undefined
      ? Math.round((timeMs - grid.startMs) / (unitMs(grid.frequency)! * grid.multiple))
      : Math.floor((monthIndex(timeMs) - monthIndex(grid.startMs)) / (months * grid.multiple));
  return gridTimeMs(grid, index) === timeMs ? index + 0 : undefined;
}

function fixedGrid(timesMs: Float64Array, step: Step, stepMs: number): FittedGrid {
  const agreed = agreedOn(timesMs, (timeMs) => modulo(timeMs, stepMs));
  const phaseMs = agreed ?? (step.frequency === 'WEEKLY' ? SUNDAY_MS : 0);
  const place = agreed === undefined ? Math.floor : Math.round;
  const startMs = phaseMs + place((timesMs[0]! - phaseMs) / stepMs) * stepMs;
  return { grid: { ...step, startMs }, slotOf: (timeMs) => place((timeMs - startMs) / stepMs) };
}

function monthGrid(timesMs: Float64Array, step: Step, span: number): FittedGrid {
  const phase = agreedOn(timesMs, (timeMs) => modulo(monthIndex(timeMs), span)) ?? 0;
  const month = phase + Math.floor((monthIndex(timesMs[0]!) - phase) / span) * span;
  const agreedDay = dayAgreedOn(timesMs);
  const clockMs = agreedDay === undefined ? 0 : (agreedOn(timesMs, timeOfDayMs) ?? 0);
  const dayOfMonth = agreedDay ?? 1;
  return {
    grid: { ...step, startMs: monthDayMs(month, dayOfMonth) + clockMs, dayOfMonth },
    slotOf: (timeMs) => Math.floor((monthIndex(timeMs) - month) / span),
  };
}

/** The 31st stands for the ends of months, whatever their length. */
function dayAgreedOn(timesMs: Float64Array): number | undefined {
  let latest = 0;
  let ends = true;
  for (const timeMs of timesMs) {
    const day = dayOf(timeMs);
    latest = Math.max(latest, day);
    ends &&= day === monthLength(timeMs);
  }
  if (ends) return 31;
  const aligned = timesMs.every((timeMs) => dayOf(timeMs) === Math.min(latest, monthLength(timeMs)));
  return aligned ? latest : agreedOn(timesMs, dayOf);
}

function dayOf(timeMs: number): number {
  return new Date(timeMs).getUTCDate();
}

/** What more than half of the times give; undefined if nothing is. Source: Boyer & Moore (1991), "MJRTY". */
function agreedOn(timesMs: Float64Array, of: (timeMs: number) => number): number | undefined {
  let candidate = Number.NaN;
  let lead = 0;
  for (const timeMs of timesMs) {
    const value = of(timeMs);
    if (lead === 0) candidate = value;
    lead += value === candidate ? 1 : -1;
  }
  let count = 0;
  for (const timeMs of timesMs) if (of(timeMs) === candidate) count++;
  return 2 * count > timesMs.length ? candidate : undefined;
}
