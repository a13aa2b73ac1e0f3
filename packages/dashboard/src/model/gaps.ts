import type { Track } from './track.js';

/** A hole is a gap from this many times the usual distance on. */
const TIMES_MEDIAN = 4;
/** Irregular arrivals (a Poisson stream) have long distances that are usual: allow twice the 90th percentile. */
const TIMES_P90 = 2;
/** So many samples in a row that came late are passed over; more of them are what there is. */
const LATE_MAX = 8;
/** Distances looked at, evenly spread: enough for a median, cheap for 100,000 samples. */
const DISTANCES_MAX = 512;

/** So many distances before, and after, tell whether one that is long for the whole is usual where it lies: */
const AROUND = 4;
/** this many of them are no shorter than this share of it. */
const LIKE_IT = 2;
const LIKE_SHARE = 1 / 4;

/** Which neighbouring samples of a range have a gap between them. */
export class Gaps {
  readonly #track: Track;
  readonly #first: number;
  readonly #end: number;
  readonly #threshold: number;

  constructor(track: Track, first: number, end: number) {
    this.#track = track;
    this.#first = first;
    this.#end = end;
    this.#threshold = gapThreshold(track, first, end);
  }

  /** Whether one lies before the sample; of two paces in one range, a slow recording and fast samples, neither has. */
  isBefore(i: number): boolean {
    if (!this.isLong(this.#track.time[i - 1]!, this.#track.time[i]!)) return false;
    return !this.#isUsual(i, -1) && !this.#isUsual(i, 1);
  }

  /** Whether it is longer than distances are in the range. */
  isLong(time: number, next: number): boolean {
    return next - time > this.#threshold;
  }

  #isUsual(i: number, step: number): boolean {
    const { time } = this.#track;
    const least = (time[i]! - time[i - 1]!) * LIKE_SHARE;
    let alike = 0;
    for (let n = 1; n <= AROUND; n++) {
      const at = i + n * step;
      if (at <= this.#first || at >= this.#end) break;
      if (time[at]! - time[at - 1]! >= least) alike++;
    }
    return alike >= LIKE_IT;
  }
}

/** Distance in seconds above which two neighbouring samples have a gap between them; Infinity below three. */
function gapThreshold(track: Track, first: number, end: number): number {
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
