import type { Thinned } from './thin.js';
import type { Track } from './track.js';

/**
 * Smallest and largest value to show: all drawn samples, and of the band as much as leaves the samples at
 * least a third of the height, so that a wide early band does not flatten the line.
 */
export function valueRange(track: Track, thinned: Thinned): { min: number; max: number } {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < thinned.count; k++) {
    const value = track.value[thinned.index[k]!]!;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (min > max) return { min: 0, max: 1 };
  let low = min;
  let high = max;
  for (let k = 0; k < thinned.bandCount; k++) {
    if (thinned.bandLower[k]! < low) low = thinned.bandLower[k]!;
    if (thinned.bandUpper[k]! > high) high = thinned.bandUpper[k]!;
  }
  const span = max - min || Math.max(high - low, Math.abs(max) * 0.1, 1e-9);
  low = Math.max(low, min - span);
  high = Math.min(high, max + span);
  const pad = (high - low || span) * 0.08;
  return { min: low - pad, max: high + pad };
}
