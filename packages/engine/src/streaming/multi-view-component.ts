import type { Component } from './detector.js';
import type { Prediction } from './multi-view-prediction.js';
import { hourMean } from './multi-view-season.js';
import { F, PROFILE_HOURS, SINGLE } from './multi-view-state.js';
import { LONG, PLACE, SHIFT, SHORT, STEPS, viewMean, viewQuantile } from './multi-view-views.js';
import { knownBins } from './multi-view-wave.js';
import { isUsualOnAnotherDay } from './multi-view-week.js';

/** Steps that grew make the means of errors grow as much; ones that grew so many times as much are of another level. */
const LEVEL_TIMES = 3;

/**
 * Which part of what was learned says that a sample is anomalous. Variance: the series moves less than ever, spikes come
 * more often, or steps had grown before it, since one alone makes large ones too, and what lasts grew no more than they
 * did. What lasts while values are ordinary as such, whatever the time of day, is of the time of day.
 */
export function componentOf(cells: Float64Array, at: number, sample: Prediction): Component {
  const { error, band, seasonal, still, sizes, rarities } = sample;
  if (error <= band && sample.changed >= 0) return 'variance';
  if (!still && isVariance(cells, at, sizes)) return 'variance';
  if (isUsualOnAnotherDay(at, sample)) return 'day_of_week';
  if (seasonal === 0 && sample.wave === 0) return 'level';
  if (error <= band && rarities[PLACE]! + rarities[SHIFT]! > 0) return 'level';
  return isUsualAtAnotherTime(at, sample) ? 'time_of_day' : 'level';
}

/**
 * Whether a value is what the series is like at another time of day, or of a wave, whose period is a part of the day; only
 * said of one that those move by more than half the band.
 */
function isUsualAtAnotherTime(at: number, sample: Prediction): boolean {
  const { value, expected, seasonal, wave, band } = sample;
  const hours = rangeOf(PROFILE_HOURS, (hour) => hourMean(sample, at, hour));
  const bins = rangeOf(knownBins(at, sample), (bin) => sample.singles[2 * at + SINGLE.WAVE + bin]!);
  const base = expected - seasonal - wave;
  const low = base + hours.low + bins.low;
  const high = base + hours.high + bins.high;
  return high - low >= band && value >= low - band && value <= high + band;
}

/** Least and largest of so many numbers, 0 of none. */
function rangeOf(count: number, numberAt: (index: number) => number): { low: number; high: number } {
  const numbers = Array.from({ length: count }, (_, index) => numberAt(index));
  return count === 0 ? { low: 0, high: 0 } : { low: Math.min(...numbers), high: Math.max(...numbers) };
}

function isVariance(cells: Float64Array, at: number, sizes: Float64Array): boolean {
  const steps = cells[at + F.STEP_SIZE]!;
  if (steps <= viewQuantile(cells, at, STEPS)) return false;
  const growth = steps / viewMean(cells, at, STEPS);
  return [SHORT, LONG].every((view) => sizes[view]! < LEVEL_TIMES * growth * viewMean(cells, at, view));
}
