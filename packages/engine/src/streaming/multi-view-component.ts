import type { Component } from './detector.js';
import type { Prediction } from './multi-view-prediction.js';
import { hourMean } from './multi-view-season.js';
import { F, PROFILE_HOURS } from './multi-view-state.js';
import { LONG, PLACE, SHIFT, SHORT, STEPS, viewMean, viewQuantile } from './multi-view-views.js';
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
  if (seasonal === 0) return 'level';
  if (error <= band && rarities[PLACE]! + rarities[SHIFT]! > 0) return 'level';
  return isUsualAtAnotherTime(at, sample) ? 'time_of_day' : 'level';
}

/** Whether a value is what the series is like at another time of day; only said of one whose days move it by more than half the band. */
function isUsualAtAnotherTime(at: number, sample: Prediction): boolean {
  const { value, expected, seasonal, band } = sample;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let hour = 0; hour < PROFILE_HOURS; hour++) {
    const mean = hourMean(sample, at, hour);
    if (mean < low) low = mean;
    if (mean > high) high = mean;
  }
  const base = expected - seasonal;
  return high - low >= band && value >= base + low - band && value <= base + high + band;
}

function isVariance(cells: Float64Array, at: number, sizes: Float64Array): boolean {
  const steps = cells[at + F.STEP_SIZE]!;
  if (steps <= viewQuantile(cells, at, STEPS)) return false;
  const growth = steps / viewMean(cells, at, STEPS);
  return [SHORT, LONG].every((view) => sizes[view]! < LEVEL_TIMES * growth * viewMean(cells, at, view));
}
