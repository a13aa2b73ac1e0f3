import type { Prediction } from './multi-view-prediction.js';
import * as stateModule from './multi-view-state.js';
import type { TimeOfDay } from './time-of-day.js';

/** Constants of this module: what is imported is looked up anew at each use. */
const { clamp, F, noiseFloor, PROFILE_HOURS, SEASON_ON_TRIAL, SEASON_TRUSTED, SINGLE, STILL_FLOORS, WHOLE } =
  stateModule;

const { COUNT, FIRST_TIME, LEVEL, LONG_ERROR, PERIOD, SHORT_ERROR, SPREAD, WEEK_LEVEL } = F;
const { PROFILE } = SINGLE;
const { PROFILE_COUNT, SEASON_KNOWN } = WHOLE;

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** The profile is on trial until so many days after the first sample; a first day of fewer samples has taught the tails little. */
const TRIAL_DAYS = 2.5;
const TRIAL_SAMPLES = 200;
/** Hours that are so many spreads off on the mean are much. */
const MUCH_SPREADS = 1.5;
/** Days over which the time-of-day profile is learned. */
const PROFILE_DAYS = 7;
/** One sample moves an hour by at most this share of its residual, where an hour has but one or two. */
const HOUR_GAIN_MAX = 0.3;

/** The profile between the middles of two hours, once the samples span a day; 0 before. */
export function predictSeason(at: number, timeOfDay: TimeOfDay, out: Prediction): void {
  out.place = timeOfDay(out.timeMs) / HOUR_MS + (PROFILE_HOURS - 0.5);
  out.seasonal = out.wholes[4 * at + SEASON_KNOWN] === 0 ? 0 : seasonalPart(out, at, out.place);
}

export function seasonalPart(sample: Prediction, at: number, place: number): number {
  const hour = hourBefore(place);
  const share = place - Math.floor(place);
  return (1 - share) * hourMean(sample, at, hour) + share * hourMean(sample, at, hourAfter(hour));
}

/** The hour whose middle was last. */
function hourBefore(place: number): number {
  const hour = place | 0;
  return hour >= PROFILE_HOURS ? hour - PROFILE_HOURS : hour;
}

function hourAfter(hour: number): number {
  return hour + 1 === PROFILE_HOURS ? 0 : hour + 1;
}

/**
 * A count of 16 bits: sixty-fourths up to 128, then whole ones. An hour's share of a sample rises and falls by turns, so
 * that whole ones are right on the whole.
 */
const COUNT_PARTS = 64;
const PARTS_MAX = 128 * COUNT_PARTS;
const COUNT_MAX = 32_000;

/** How often an hour was seen. */
function hourCount(wholes: Int16Array, at: number, hour: number): number {
  const packed = wholes[4 * at + PROFILE_COUNT + hour]!;
  return packed <= PARTS_MAX ? packed * (1 / COUNT_PARTS) : packed - (PARTS_MAX - PARTS_MAX / COUNT_PARTS);
}

/** Adds to how often an hour was seen, and gives the sum. */
function countHour(wholes: Int16Array, at: number, hour: number, weight: number): number {
  const packed = wholes[4 * at + PROFILE_COUNT + hour]!;
  const parts = packed < PARTS_MAX ? COUNT_PARTS : 1;
  wholes[4 * at + PROFILE_COUNT + hour] = Math.min(packed + Math.round(weight * parts), COUNT_MAX);
  return hourCount(wholes, at, hour);
}

/** Mean of an hour, drawn towards 0 while it was seen on few days. */
export function hourMean({ singles, wholes }: Prediction, at: number, hour: number): number {
  const seen = hourCount(wholes, at, hour);
  return (singles[2 * at + PROFILE + hour]! * seen) / (seen + 1);
}

/** Both hours between which the expectation lay move by their share of what counts of the residual. */
export function learnSeason(cells: Float64Array, at: number, sample: Prediction): void {
  if (sample.wholes[4 * at + SEASON_KNOWN] === 0) {
    learnFirstDay(cells, at, sample);
    return;
  }
  const { place, clipped } = sample;
  const share = place - Math.floor(place);
  const least = Math.min(1, cells[at + PERIOD]! / HOUR_MS) / PROFILE_DAYS;
  let hour = hourBefore(place);
  let weight = 1 - share;
  for (let turn = 0; turn < 2; turn++) {
    const seen = countHour(sample.wholes, at, hour, weight);
    const gain = Math.min(Math.max(least, 1 / Math.max(1, seen)), HOUR_GAIN_MAX);
    moveHour(sample.singles, at, hour, gain * weight * clipped);
    hour = hourAfter(hour);
    weight = share;
  }
}

/** Means of the hours, from which the profile begins at the end of the first day. */
function learnFirstDay(cells: Float64Array, at: number, sample: Prediction): void {
  // The place is half a day and a half ahead.
  const ahead = (sample.place + 0.5) | 0;
  const hour = ahead >= PROFILE_HOURS ? ahead - PROFILE_HOURS : ahead;
  const seen = countHour(sample.wholes, at, hour, 1);
  const { singles, wholes } = sample;
  const from = 2 * at + PROFILE;
  const deviation = cells[at + LEVEL]! + sample.clipped - cells[at + WEEK_LEVEL]!;
  moveHour(singles, at, hour, (deviation - singles[from + hour]!) / seen);
  if (sample.timeMs - cells[at + FIRST_TIME]! < DAY_MS) return;
  let mean = 0;
  let hours = 0;
  for (let one = 0; one < PROFILE_HOURS; one++) {
    if (hourCount(wholes, at, one) === 0) continue;
    hours++;
    mean += (singles[from + one]! - mean) / hours;
  }
  for (let one = 0; one < PROFILE_HOURS; one++) {
    if (hourCount(wholes, at, one) > 0) moveHour(singles, at, one, -mean);
  }
  wholes[4 * at + SEASON_KNOWN] = isMuch(cells, at, sample) ? SEASON_ON_TRIAL : SEASON_TRUSTED;
  // Where the series is now, less what this hour adds: a series that wanders is not thrown back to its mean.
  const spread = cells[at + SPREAD]!;
  const lag = spread > STILL_FLOORS * noiseFloor(cells, at) ? clamp(cells[at + LONG_ERROR]!, spread) : 0;
  const here = cells[at + LEVEL]! + lag;
  cells[at + LEVEL] = here - seasonalPart(sample, at, sample.place);
  cells[at + SHORT_ERROR] = 0;
  cells[at + LONG_ERROR] = 0;
}

/** Whether the hours differ so much, and not one from all others, that what the level made of them has widened the tails. */
function isMuch(cells: Float64Array, at: number, { singles }: Prediction): boolean {
  if (cells[at + COUNT]! < TRIAL_SAMPLES) return false;
  let sum = 0;
  for (let hour = 0; hour < PROFILE_HOURS; hour++) sum += Math.abs(singles[2 * at + PROFILE + hour]!);
  return sum / PROFILE_HOURS > MUCH_SPREADS * cells[at + SPREAD]!;
}

/** Whether the profile's trial ends with this sample: tails of the first day are of no use from then on. */
export function endTrial(cells: Float64Array, at: number, { timeMs, wholes }: Prediction): boolean {
  if (wholes[4 * at + SEASON_KNOWN] !== SEASON_ON_TRIAL) return false;
  if (timeMs - cells[at + FIRST_TIME]! < TRIAL_DAYS * DAY_MS) return false;
  wholes[4 * at + SEASON_KNOWN] = SEASON_TRUSTED;
  return true;
}

/** The level has moved by so much: what the first day has gathered moves with it, or it would pass for a season. */
export function moveSeason(at: number, { singles, wholes }: Prediction, by: number): void {
  if (wholes[4 * at + SEASON_KNOWN] !== 0) return;
  for (let hour = 0; hour < PROFILE_HOURS; hour++) {
    if (hourCount(wholes, at, hour) > 0) moveHour(singles, at, hour, by);
  }
}

/** Takes out of the profile what comes back every so many hours. */
export function takeRound(at: number, sample: Prediction, hours: number): void {
  const round = new Float64Array(hours);
  for (let hour = 0; hour < PROFILE_HOURS; hour++) {
    round[hour % hours]! += (hourMean(sample, at, hour) * hours) / PROFILE_HOURS;
  }
  for (let hour = 0; hour < PROFILE_HOURS; hour++) {
    const seen = hourCount(sample.wholes, at, hour);
    // What is drawn towards 0 is more before it is.
    if (seen > 0) moveHour(sample.singles, at, hour, (-round[hour % hours]! * (seen + 1)) / seen);
  }
}

/** Single precision ends at 3.4e38; what lies beyond half of it is no season. */
const SINGLE_MAX = 1e38;

function moveHour(singles: Float32Array, at: number, hour: number, by: number): void {
  const from = 2 * at + PROFILE + hour;
  singles[from] = clamp(singles[from]! + by, SINGLE_MAX);
}
