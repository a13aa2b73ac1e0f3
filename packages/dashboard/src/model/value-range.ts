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
  const floor = leastSpan(track, min, max) * scale;
  const { from, to } = padded(min * scale, max * scale, low * scale, high * scale, floor);
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

/** Zero where no sample that is here was negative: a band drawn below it would tell of what cannot be. */
export function leastDrawn(track: Track): number {
  for (let i = 0; i < track.length; i++) if (track.value[i]! < 0) return Number.NEGATIVE_INFINITY;
  return 0;
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
  const least = leastDrawn(track);
  for (let k = 0; k < thinned.bandCount; k++) {
    const lower = Math.max(least, thinned.bandLower[k]!);
    const upper = thinned.bandUpper[k]!;
    // A band without an end says nothing of what is to be seen there.
    if (lower < low && lower > Number.NEGATIVE_INFINITY) low = lower;
    if (upper > high && upper < Number.POSITIVE_INFINITY) high = upper;
  }
  return { min, max, low, high };
}

/**
 * The least that is shown, by the size of the values: a constant is a flat line with a thin band, whatever the band is;
 * what moves is shown moving unless it is by next to nothing. Where all in view is zero, the size is that of the others.
 */
function leastSpan(track: Track, min: number, max: number): number {
  let size = Math.max(Math.abs(min), Math.abs(max));
  if (size === 0) {
    for (let i = 0; i < track.length; i++) size = Math.max(size, Math.abs(track.value[i]!));
  }
  return (size || 1) * (max > min ? MOVING : CONSTANT);
}
const CONSTANT = 0.02;
const MOVING = 1e-7;

function padded(
  min: number,
  max: number,
  low: number,
  high: number,
  floor: number,
): { from: number; to: number } {
  const span = max - min || Math.max(high - low, floor);
  const from = Math.max(low, min - span);
  const to = Math.min(high, max + span);
  const pad = Math.max((to - from) * 0.08, (floor - (to - from)) / 2);
  return { from: from - pad, to: to + pad };
}
