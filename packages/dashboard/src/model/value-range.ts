import type { ForecastPoint } from './forecast.js';
import type { Thinned } from './thin.js';
import type { Track } from './track.js';

/**
 * Smallest and largest value to show: all drawn samples, and of the band as much as leaves the samples at
 * least a third of the height, so that a wide early band does not flatten the line. What is expected ahead counts
 * as samples do, its band as the other.
 */
export function valueRange(
  track: Track,
  thinned: Thinned,
  ahead: readonly ForecastPoint[] = [],
): { min: number; max: number } {
  const { min, max, low, high } = withAhead(extremes(track, thinned), ahead);
  if (min > max) return { min: 0, max: 1 };
  // The distance of the largest numbers is infinite: they are reckoned with in small.
  const scale = Math.max(Math.abs(low), Math.abs(high)) > HUGE ? 1e-10 : 1;
  const { from, to } = padded(min * scale, max * scale, low * scale, high * scale);
  return {
    min: Math.max(-Number.MAX_VALUE, from / scale),
    max: Math.min(Number.MAX_VALUE, to / scale),
  };
}
const HUGE = 1e300;

interface Extremes {
  readonly min: number;
  readonly max: number;
  readonly low: number;
  readonly high: number;
}

function withAhead(seen: Extremes, ahead: readonly ForecastPoint[]): Extremes {
  let { min, max, low, high } = seen;
  for (const { expected, lower, upper } of ahead) {
    min = Math.min(min, expected);
    max = Math.max(max, expected);
    low = Math.min(low, lower);
    high = Math.max(high, upper);
  }
  return { min, max, low, high };
}

/** Ends of the samples, and of samples and band. */
function extremes(track: Track, thinned: Thinned): Extremes {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < thinned.count; k++) {
    const value = track.value[thinned.index[k]!]!;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  let low = min;
  let high = max;
  for (let k = 0; k < thinned.bandCount; k++) {
    if (thinned.bandLower[k]! < low) low = thinned.bandLower[k]!;
    if (thinned.bandUpper[k]! > high) high = thinned.bandUpper[k]!;
  }
  return { min, max, low, high };
}

function padded(min: number, max: number, low: number, high: number): { from: number; to: number } {
  const span = max - min || Math.max(high - low, Math.abs(max) * 0.1) || 1;
  const from = Math.max(low, min - span);
  const to = Math.min(high, max + span);
  const pad = (to - from || span) * 0.08;
  return { from: from - pad, to: to + pad };
}
