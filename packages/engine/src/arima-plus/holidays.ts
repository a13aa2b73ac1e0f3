import { DAY_MS } from '../series/calendar.js';
import { unitMs } from '../series/frequency.js';
import type { RegularSeries } from '../series/regular-series.js';
import type { TimeGrid } from '../series/time-grid.js';
import { quantile, scaleOf } from './robust-scale.js';
import { seasonalSum } from './seasonal-sum.js';

/** One occurrence of a holiday, past or to come. Calendars are not the engine's: they give such windows. */
export interface HolidayWindow {
  /** The same for every year's occurrence. */
  readonly name: string;
  /** Whose holiday it is; what a custom holiday names to take its place. */
  readonly region?: string;
  /** Start of the day, on the clock of the series: midnight UTC for days that begin there. */
  readonly primaryMs: number;
  /** Days before and after that the holiday changes too, whole numbers from 0. */
  readonly daysBefore: number;
  readonly daysAfter: number;
}

/** What a day (or week) of a holiday adds to the series. */
export interface HolidayEffect {
  readonly name: string;
  /** Steps of the grid from the one that holds the primary day: −1 is the day, or week, before. */
  readonly offset: number;
  /** In the units of the series. */
  readonly size: number;
  /** How often it was seen. */
  readonly occurrences: number;
}

export interface HolidayEffects {
  /** Only those that stand out; by name, then offset. */
  readonly effects: readonly HolidayEffect[];
  /** As long as the series: 0 but in the windows. */
  readonly component: Float64Array;
}

const YEAR_MS = 365 * DAY_MS;
/** Ordinary values on either side that a holiday is compared with. */
const NEIGHBOURS = 7;
/** Of so many seasons one with a holiday is an outlier that robust MSTL passes over. */
const SEASONS_MANY = 20;
/** Effects of overlapping holidays are told apart in turn. */
const ROUNDS = 3;

/**
 * Estimates what each day of each holiday adds: the mean, over its occurrences, of the value less the median of the
 * ordinary values around. Kept where that is beyond √(2 ln k + 4) standard errors, k the number of days looked at, so
 * that noise rarely passes for a holiday. As in BigQuery only for daily and weekly series of more than a year; others
 * have no effects. Cost: that of robust MSTL, at most twice, if there are periods, and some microseconds a value.
 * Source: Taylor & Letham (2018), "Forecasting at scale", section 3.3, for an effect to each day of a window; Donoho &
 * Johnstone (1994), Biometrika 81, for the threshold.
 * @param periods seasons to take off first, in values; those not shorter than half of the series are left out
 * @throws RangeError if a window's days are not whole numbers from 0
 */
export function fitHolidays(
  { grid, values }: Pick<RegularSeries, 'grid' | 'values'>,
  windows: readonly HolidayWindow[],
  periods: readonly number[] = [],
): HolidayEffects {
  const none = { effects: [], component: new Float64Array(values.length) };
  const places = placesOf(windows, grid, 0, values.length);
  if (!isLongEnough(grid, values.length) || places.length === 0) return none;
  const inWindow = new Uint8Array(values.length);
  for (const { index } of places) inWindow[index] = 1;
  const season = ordinarySeason(values, inWindow, periods);
  const base = values.map((value, index) => value - season[index]!);
  const effects = estimated(places, base, inWindow);
  return { effects, component: holidayComponent(effects, windows, grid, 0, values.length) };
}

/**
 * What known effects add to a stretch of the grid, in the history or ahead. Cost: one look at each window.
 * @param from index on the grid of the first value
 * @throws RangeError if a window's days are not whole numbers from 0
 */
export function holidayComponent(
  effects: readonly HolidayEffect[],
  windows: readonly HolidayWindow[],
  grid: TimeGrid,
  from: number,
  length: number,
): Float64Array {
  const sizes = new Map(effects.map((effect) => [keyOf(effect), effect.size]));
  const out = new Float64Array(length);
  for (const place of placesOf(windows, grid, from, length)) {
    out[place.index] = out[place.index]! + (sizes.get(keyOf(place)) ?? 0);
  }
  return out;
}

/**
 * The seasons of the ordinary values. One of which there are few would follow a holiday within it, so those of which
 * there are many are found first, and for the others holidays lie where the values around them do.
 */
function ordinarySeason(
  values: Float64Array,
  inWindow: Uint8Array,
  periods: readonly number[],
): Float64Array {
  const frequent = periods.filter((period) => values.length >= SEASONS_MANY * period);
  const first = seasonalSum(values, frequent, true);
  if (frequent.length === periods.length) return first;
  const base = values.map((value, index) => value - first[index]!);
  const ordinary = values.map((value, index) =>
    inWindow[index] === 1 ? value - departure(base, inWindow, index) : value,
  );
  return seasonalSum(ordinary, periods, true);
}

interface Place {
  readonly name: string;
  readonly offset: number;
  /** From the start of the stretch. */
  readonly index: number;
}

function placesOf(windows: readonly HolidayWindow[], grid: TimeGrid, start: number, length: number): Place[] {
  const stepMs = (unitMs(grid.frequency) ?? Number.NaN) * grid.multiple;
  const slot = (timeMs: number) => Math.floor((timeMs - grid.startMs) / stepMs);
  const places: Place[] = [];
  for (const { name, primaryMs, daysBefore, daysAfter } of windows) {
    for (const days of [daysBefore, daysAfter]) {
      if (!(Number.isInteger(days) && days >= 0)) {
        throw new RangeError(`days before and after ${name} are whole numbers from 0, not ${days}`);
      }
    }
    const primary = slot(primaryMs);
    const last = Math.min(slot(primaryMs + daysAfter * DAY_MS), start + length - 1);
    for (let at = Math.max(slot(primaryMs - daysBefore * DAY_MS), start); at <= last; at++) {
      places.push({ name, offset: at - primary, index: at - start });
    }
  }
  return places;
}

function isLongEnough({ frequency, multiple }: TimeGrid, length: number): boolean {
  return (
    (frequency === 'DAILY' || frequency === 'WEEKLY') &&
    (length - 1) * multiple * unitMs(frequency)! >= YEAR_MS
  );
}

function estimated(places: readonly Place[], base: Float64Array, inWindow: Uint8Array): HolidayEffect[] {
  const byKey = new Map<string, Place[]>();
  for (const place of places) byKey.set(keyOf(place), [...(byKey.get(keyOf(place)) ?? []), place]);
  const unexplained = new Map(places.map(({ index }) => [index, departure(base, inWindow, index)]));
  const sizes = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const [key, own] of byKey) {
      const before = sizes.get(key) ?? 0;
      const change = own.reduce((sum, { index }) => sum + unexplained.get(index)!, 0) / own.length;
      sizes.set(key, before + change);
      for (const { index } of own) unexplained.set(index, unexplained.get(index)! - change);
    }
  }
  const least = Math.sqrt(2 * Math.log(byKey.size) + 4) * ordinaryDeviation(base, inWindow);
  const effects: HolidayEffect[] = [];
  for (const [key, own] of byKey) {
    const size = sizes.get(key)!;
    if (Math.abs(size) * Math.sqrt(own.length) <= least || size === 0) continue;
    effects.push({ name: own[0]!.name, offset: own[0]!.offset, size, occurrences: own.length });
  }
  return effects.sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)) || a.offset - b.offset);
}

/** A value less the median of the ordinary values around it; 0 where there are none. */
function departure(base: Float64Array, inWindow: Uint8Array, index: number): number {
  const around: number[] = [];
  for (const direction of [-1, 1]) {
    let found = 0;
    for (let at = index + direction; found < NEIGHBOURS && at >= 0 && at < base.length; at += direction) {
      if (inWindow[at] === 1) continue;
      around.push(base[at]!);
      found++;
    }
  }
  return around.length === 0 ? 0 : base[index]! - quantile(Float64Array.from(around), 0.5);
}

function ordinaryDeviation(base: Float64Array, inWindow: Uint8Array): number {
  const departures: number[] = [];
  for (let index = 0; index < base.length; index++) {
    if (inWindow[index] === 0) departures.push(Math.abs(departure(base, inWindow, index)));
  }
  return scaleOf(Float64Array.from(departures));
}

function keyOf({ name, offset }: { readonly name: string; readonly offset: number }): string {
  return `${offset} ${name}`;
}
