import type { Prediction } from './multi-view-prediction.js';
import * as seasonModule from './multi-view-season.js';
import * as stateModule from './multi-view-state.js';
import type { TimeOfDay } from './time-of-day.js';

/** Constants of this module: what is imported is looked up anew at each use. */
const { seasonalPart } = seasonModule;
const { clamp, F, SINGLE, WEEK_DAYS, WHOLE } = stateModule;

const { LAST_TIME, PERIOD, SPREAD, WEEK_LEVEL } = F;
const {
  DAY_ERRORS,
  DAY_PRODUCTS,
  DAY_PROFILES,
  DAY_SQUARES,
  WEEK_ERROR,
  WEEK_ERROR_BY,
  WEEK_HOUR,
  WEEK_LEVEL_BY,
  WEEK_OFFSET,
  WEEKDAY,
} = SINGLE;
const { DAY, DAY_HOURS, DAYS, SEASON_KNOWN, WEEK_HOUR_COUNT, WEEK_KNOWN, WEEKDAY_SHAPE } = WHOLE;

/*
 * What days of the week differ by: each is higher or lower than the mean day, and has more or less of its shape. Learned
 * of means of hours, and taken off all samples while two levels that follow the hours, one with it and one without, show
 * that it helps.
 */

const HOUR_MS = 3_600_000;
const PER_HOUR = 1 / HOUR_MS;
const DAY_MS = 86_400_000;
/** Zones from 10:06 behind UTC to 13:54 ahead have their own days' numbers, the others those of a neighbour. */
const ZONE_DAYS = 13.9 / 24;
/** The shape of a day in parts of the profile, as whole numbers. */
const SHAPE_PARTS = 8192;
const SHAPE_MAX = 3.9;
/** Weight of an hour in both levels. */
const LEVEL_GAIN = 1 / 48;
/** Hours over which their errors are compared; an error counts up to so many times the usual one. */
const ERROR_GAIN = 1 / 240;
const CLIP = 4;
/** Share of the squared error from which days of the week count, and from which they no longer do. */
const KNOWN_SHARE = 0.8;
const DOUBTED_SHARE = 0.95;
const DAYS_MIN = 2 * 7;
/** Of a day that is learned so much must be there. */
const DAY_SHARE = 0.66;
/** A day moves its weekday by at least this share of what it is off. */
const DAY_GAIN_MIN = 0.25;
/** After a longer gap the levels begin anew. */
const GAP_HOURS_MAX = 6;
/** Squares of more do not go into single precision. */
const DEVIATION_MAX = 1e15;
/** More samples of an hour do not count. */
const HOUR_SAMPLES_MAX = 32_000;
const NO_DAY = 0;

/** What is known of the sample's day of the week: `known`, and `value` without it. */
export function predictWeek(at: number, out: Prediction): void {
  const offset = out.singles[2 * at + WEEK_OFFSET]!;
  out.known = out.wholes[4 * at + WEEK_KNOWN] === 0 ? -offset : weekPart(at, out) - offset;
  out.value = out.raw - out.known;
}

/** What the sample's day of the week adds at its time of day. */
function weekPart(at: number, { place, seasonal, singles, wholes, timeMs }: Prediction): number {
  return weekdayPart(singles, wholes, at, dayOf(timeMs, place), seasonal);
}

function weekdayPart(
  singles: Float32Array,
  wholes: Int16Array,
  at: number,
  day: number,
  profile: number,
): number {
  const shape = wholes[4 * at + WEEKDAY_SHAPE + day]! * (1 / SHAPE_PARTS);
  return singles[2 * at + WEEKDAY + day]! + shape * profile;
}

/** Number of the local day of the week; of which day it is the number does not matter. `place`: see Prediction. */
function dayOf(timeMs: number, place: number): number {
  const days = Math.floor(timeMs / DAY_MS - (place - 23.5) / 24 + ZONE_DAYS);
  return days - WEEK_DAYS * Math.floor(days / WEEK_DAYS);
}

/** Takes one more sample into its hour; before its time is learned. */
export function learnWeek(cells: Float64Array, at: number, timeOfDay: TimeOfDay, sample: Prediction): void {
  const { singles, wholes, timeMs } = sample;
  if (wholes[4 * at + SEASON_KNOWN] === 0) return;
  const lastMs = cells[at + LAST_TIME]!;
  const hours = Math.floor(timeMs * PER_HOUR) - Math.floor(lastMs * PER_HOUR);
  if (hours > 0) endHour(cells, at, timeOfDay, sample, hours);
  const count = wholes[4 * at + WEEK_HOUR_COUNT]!;
  if (count === HOUR_SAMPLES_MAX) return;
  wholes[4 * at + WEEK_HOUR_COUNT] = count + 1;
  singles[2 * at + WEEK_HOUR]! += clamp(sample.raw - sample.wave - cells[at + WEEK_LEVEL]!, DEVIATION_MAX);
}

/** `hours` until the one that begins. */
function endHour(
  cells: Float64Array,
  at: number,
  timeOfDay: TimeOfDay,
  sample: Prediction,
  hours: number,
): void {
  const { singles, wholes } = sample;
  const from = 2 * at;
  if (wholes[4 * at + WEEK_HOUR_COUNT]! > 0) {
    const lastMs = cells[at + LAST_TIME]!;
    const isCoarse = cells[at + PERIOD]! > HOUR_MS;
    const middleMs = isCoarse ? lastMs : (Math.floor(lastMs * PER_HOUR) + 0.5) * HOUR_MS;
    const place = timeOfDay(middleMs) / HOUR_MS + 23.5;
    const profile = seasonalPart(sample, at, place);
    learnHour(cells, at, sample, dayOf(middleMs, place), profile);
  }
  if (hours > Math.max(GAP_HOURS_MAX, (2 * cells[at + PERIOD]!) / HOUR_MS)) {
    endDay(cells, at, sample);
    wholes[4 * at + DAY] = NO_DAY;
  }
  singles[from + WEEK_HOUR] = 0;
  wholes[4 * at + WEEK_HOUR_COUNT] = 0;
}

/** Follows both levels by the mean of an hour, and what its day is off. */
function learnHour(cells: Float64Array, at: number, sample: Prediction, day: number, profile: number): void {
  const { singles, wholes } = sample;
  const from = 2 * at;
  const without = singles[from + WEEK_HOUR]! / wholes[4 * at + WEEK_HOUR_COUNT]! - profile;
  const part = weekdayPart(singles, wholes, at, day, profile);
  const before = wholes[4 * at + DAY]!;
  if (before === NO_DAY) {
    cells[at + WEEK_LEVEL]! += without;
    singles[from + WEEK_LEVEL_BY] = -part;
    wholes[4 * at + DAY] = day + 1;
    return;
  }
  if (day + 1 !== before) {
    endDay(cells, at, sample);
    wholes[4 * at + DAY] = day + 1;
  }
  const withIt = without - part - singles[from + WEEK_LEVEL_BY]!;
  const usual = singles[from + (wholes[4 * at + WEEK_KNOWN] === 0 ? WEEK_ERROR : WEEK_ERROR_BY)]!;
  const most = CLIP * Math.max(Math.sqrt(usual), cells[at + SPREAD]!);
  const error = clamp(without, CLIP * Math.max(Math.sqrt(singles[from + WEEK_ERROR]!), cells[at + SPREAD]!));
  const errorBy = clamp(withIt, most);
  const isFirst = wholes[4 * at + DAYS]! < WEEK_DAYS;
  singles[from + WEEK_ERROR]! += ERROR_GAIN * (error * error - singles[from + WEEK_ERROR]!);
  if (isFirst) singles[from + WEEK_ERROR_BY] = singles[from + WEEK_ERROR]!;
  else singles[from + WEEK_ERROR_BY]! += ERROR_GAIN * (errorBy * errorBy - singles[from + WEEK_ERROR_BY]!);
  cells[at + WEEK_LEVEL]! += LEVEL_GAIN * error;
  singles[from + WEEK_LEVEL_BY]! += LEVEL_GAIN * (errorBy - error);
  singles[from + DAY_ERRORS]! += errorBy;
  singles[from + DAY_PROFILES]! += profile;
  singles[from + DAY_PRODUCTS]! += errorBy * profile;
  singles[from + DAY_SQUARES]! += profile * profile;
  wholes[4 * at + DAY_HOURS]! += 1;
}

/** Moves the weekday by what its day was off: level and share of the profile by least squares. */
function endDay(cells: Float64Array, at: number, sample: Prediction): void {
  const { singles, wholes } = sample;
  const from = 2 * at;
  const day = wholes[4 * at + DAY]! - 1;
  const hours = wholes[4 * at + DAY_HOURS]!;
  const hoursOfDay = DAY_MS / Math.max(HOUR_MS, cells[at + PERIOD]!);
  if (day >= 0 && hours >= DAY_SHARE * hoursOfDay) {
    const [errors, profiles] = [singles[from + DAY_ERRORS]!, singles[from + DAY_PROFILES]!];
    const variance = singles[from + DAY_SQUARES]! - (profiles * profiles) / hours;
    const covariance = singles[from + DAY_PRODUCTS]! - (errors * profiles) / hours;
    const shape = variance > 0 ? clamp(covariance / variance, 1) : 0;
    const level = (errors - shape * profiles) / hours;
    const days = wholes[4 * at + DAYS]!;
    const gain = Math.max(DAY_GAIN_MIN, 1 / (1 + Math.floor(days / WEEK_DAYS)));
    const shapeBefore = wholes[4 * at + WEEKDAY_SHAPE + day]! / SHAPE_PARTS;
    wholes[4 * at + WEEKDAY_SHAPE + day] = clamp(shapeBefore + gain * shape, SHAPE_MAX) * SHAPE_PARTS;
    moveWeekday(singles, at, day, gain * level, wholes[4 * at + WEEK_KNOWN] !== 0);
    wholes[4 * at + DAYS] = Math.min(days + 1, 32_000);
    weigh(at, sample);
  }
  singles.fill(0, from + DAY_ERRORS, from + DAY_SQUARES + 1);
  wholes[4 * at + DAY_HOURS] = 0;
}

/** All weekdays together stay where they are: what they would have in common is the level's. */
function moveWeekday(singles: Float32Array, at: number, day: number, by: number, isKnown: boolean): void {
  const from = 2 * at;
  singles[from + WEEKDAY + day]! += by;
  for (let one = 0; one < WEEK_DAYS; one++) singles[from + WEEKDAY + one]! -= by / WEEK_DAYS;
  singles[from + WEEK_LEVEL_BY]! += by / WEEK_DAYS;
  if (isKnown) singles[from + WEEK_OFFSET]! -= by / WEEK_DAYS;
}

/** Whether the days of the week count from the next sample on. The offset sees to it that nothing jumps. */
function weigh(at: number, sample: Prediction): void {
  const { singles, wholes } = sample;
  const known = wholes[4 * at + WEEK_KNOWN]!;
  const share = singles[2 * at + WEEK_ERROR_BY]! / singles[2 * at + WEEK_ERROR]!;
  if (known === 0 && wholes[4 * at + DAYS]! >= DAYS_MIN && share < KNOWN_SHARE) {
    wholes[4 * at + WEEK_KNOWN] = 1;
    singles[2 * at + WEEK_OFFSET]! += weekPart(at, sample);
  } else if (known !== 0 && !(share < DOUBTED_SHARE)) {
    wholes[4 * at + WEEK_KNOWN] = 0;
    singles[2 * at + WEEK_OFFSET]! -= weekPart(at, sample);
  }
}

/**
 * Whether a value is what the series is like at this hour of another day of the week: the days differ by as much as it is
 * off, or as the band is wide, and it is nearer to theirs.
 */
export function isUsualOnAnotherDay(at: number, sample: Prediction): boolean {
  const { error, expected, seasonal, value, known, singles, wholes, band } = sample;
  if (wholes[4 * at + WEEK_KNOWN] === 0) return false;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let day = 0; day < WEEK_DAYS; day++) {
    const part = weekdayPart(singles, wholes, at, day, seasonal);
    if (part < low) low = part;
    if (part > high) high = part;
  }
  const base = expected - known - singles[2 * at + WEEK_OFFSET]!;
  const beyond = Math.max(base + low - value, value - base - high);
  return high - low >= Math.min(band, error) && beyond <= Math.min(band, error / 2);
}

/** Whether the days of the week count, and the squared error with them as a share of that without. */
export function describeWeek(at: number, singles: Float32Array, wholes: Int16Array): Record<string, number> {
  const without = singles[2 * at + WEEK_ERROR]!;
  return {
    weekKnown: wholes[4 * at + WEEK_KNOWN]!,
    weekErrorShare: without > 0 ? singles[2 * at + WEEK_ERROR_BY]! / without : 1,
  };
}
