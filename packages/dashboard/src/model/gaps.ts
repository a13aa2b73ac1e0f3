import type { Track } from './track.js';

/** A hole is a gap from this many times the usual distance on. */
const TIMES_MEDIAN = 4;
/** Irregular arrivals (a Poisson stream) have long distances that are usual: allow twice the 90th percentile. */
const TIMES_P90 = 2;
/** So many samples in a row that came late are passed over; more of them are what there is. */
const LATE_MAX = 8;
/** Distances looked at, evenly spread: enough for a median, cheap for 100,000 samples. */
const DISTANCES_MAX = 512;

/** Distance in seconds above which two neighbouring samples have a gap between them; Infinity below three. */
export function gapThreshold(track: Track, first: number, end: number): number {
  const distances = end - first - 1;
  if (distances < 2) return Math.max(track.gapFloor, Number.POSITIVE_INFINITY);
  const taken = Math.min(distances, DISTANCES_MAX);
  const sorted = new Float64Array(taken);
  for (let k = 0; k < taken; k++) {
    const i = regular(track, first + Math.floor((k * distances) / taken), end - 1);
    sorted[k] = track.time[regular(track, i + 1, end)]! - track.time[i]!;
  }
  sorted.sort();
  const median = sorted[(taken - 1) >> 1]!;
  const p90 = sorted[Math.floor((taken - 1) * 0.9)]!;
  // With a handful of distances the 90th percentile may be the gap itself.
  const usual = taken < 10 ? 0 : TIMES_P90 * p90;
  return Math.max(track.gapFloor, TIMES_MEDIAN * median, Math.min(usual, 16 * median));
}

/** The first sample from `i` on that came in its turn: late ones lie anywhere between the others. */
function regular(track: Track, i: number, end: number): number {
  const last = Math.min(end, i + LATE_MAX);
  for (let at = i; at < last; at++) if (!track.isUnknown(at)) return at;
  return i;
}
