import { PROFILE_HOURS } from './multi-view-state.js';

/** Mean of one hour of the day, as a part of what is expected. */
type HourMean = (cells: Float64Array, singles: Float32Array, at: number, hour: number) => number;

/**
 * Whether a value that is out of the band is what the series is like at another time of day; only said of one whose
 * days move it by more than half the band. `base`: what is expected less its time-of-day part.
 */
export function isUsualAtAnotherTime(
  cells: Float64Array,
  singles: Float32Array,
  at: number,
  hourMean: HourMean,
  value: number,
  base: number,
  band: number,
): boolean {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let hour = 0; hour < PROFILE_HOURS; hour++) {
    const mean = hourMean(cells, singles, at, hour);
    if (mean < low) low = mean;
    if (mean > high) high = mean;
  }
  return high - low >= band && value >= base + low - band && value <= base + high + band;
}
