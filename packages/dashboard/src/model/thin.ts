import { Gaps } from './gaps.js';
import type { Track } from './track.js';

/** What is drawn of a track: positions of the line's points, and the band as an envelope. */
export interface Thinned {
  /** Positions in the track, ascending, `count` of them. */
  readonly index: Uint32Array;
  readonly count: number;
  /** 1 where a gap lies before the point of the same place in `index`. */
  readonly breaks: Uint8Array;
  readonly gaps: number;
  /** Anomalous samples among the points: all there are in the range. */
  readonly anomalous: number;
  /** Band by time: smallest lower and largest upper bound of a column; runs are parted by `bandBreaks`. */
  readonly bandTime: Float64Array;
  readonly bandLower: Float64Array;
  readonly bandUpper: Float64Array;
  readonly bandBreaks: Uint8Array;
  readonly bandCount: number;
}

/**
 * Leaves out what a screen of `columns` pixels cannot show of the samples in [from, to] (and one neighbour on
 * each side, for the line to reach the edge). Each column keeps its first, smallest, largest and last sample;
 * both sides of a gap and every anomalous sample are kept besides. The order stays that of time.
 */
export function thin(track: Track, from: number, to: number, columns: number): Thinned {
  const first = Math.max(0, track.indexFrom(from) - 1);
  let end = track.indexFrom(to);
  while (end < track.length && track.time[end]! <= to) end++;
  end = Math.min(track.length, end + 1);
  const rows = Math.max(0, end - first);
  const out = new Thinning(track, new Gaps(track, first, end), rows);
  if (rows <= columns * 4) out.addRun(first, end, true);
  else {
    const perSecond = columns / (to - from);
    let start = first;
    let column = Math.floor((track.time[first]! - from) * perSecond);
    for (let i = first + 1; i <= end; i++) {
      const next = i === end ? Number.POSITIVE_INFINITY : Math.floor((track.time[i]! - from) * perSecond);
      if (next === column) continue;
      out.addRun(start, i, false);
      start = i;
      column = next;
    }
  }
  return out;
}

/** Collects the points run by run; a run is one column, or everything. */
class Thinning implements Thinned {
  readonly index: Uint32Array;
  readonly breaks: Uint8Array;
  readonly bandTime: Float64Array;
  readonly bandLower: Float64Array;
  readonly bandUpper: Float64Array;
  readonly bandBreaks: Uint8Array;
  count = 0;
  gaps = 0;
  anomalous = 0;
  bandCount = 0;
  #bandOpen = false;
  #bandEnd = Number.NEGATIVE_INFINITY;
  readonly #track: Track;
  readonly #gaps: Gaps;

  constructor(track: Track, gaps: Gaps, rows: number) {
    this.#track = track;
    this.#gaps = gaps;
    this.index = new Uint32Array(rows);
    this.breaks = new Uint8Array(rows);
    this.bandTime = new Float64Array(rows);
    this.bandLower = new Float64Array(rows);
    this.bandUpper = new Float64Array(rows);
    this.bandBreaks = new Uint8Array(rows);
  }

  /** Takes the samples [start, end) as one column, or each for itself. */
  addRun(start: number, end: number, whole: boolean): void {
    let piece = start;
    for (let i = start + 1; i <= end; i++) {
      if (!whole && i < end && !this.#gaps.isBefore(i)) continue;
      this.#addPiece(piece, i);
      piece = i;
    }
  }

  /** Takes samples without a gap between them. */
  #addPiece(start: number, end: number): void {
    if (start > 0 && this.count > 0 && this.#gaps.isBefore(start)) {
      this.breaks[this.count] = 1;
      this.gaps++;
      this.#bandOpen = false;
    }
    this.#addPoints(start, end);
    this.#addBand(start, end);
  }

  #addPoints(start: number, end: number): void {
    const { value, states } = this.#track;
    let smallest = start;
    let largest = start;
    for (let i = start + 1; i < end; i++) {
      if (value[i]! < value[smallest]!) smallest = i;
      if (value[i]! > value[largest]!) largest = i;
    }
    for (let i = start; i < end; i++) {
      const isAnomalous = states[i] === ANOMALOUS;
      if (isAnomalous) this.anomalous++;
      if (isAnomalous || i === start || i === end - 1 || i === smallest || i === largest) {
        this.index[this.count++] = i;
      }
    }
  }

  #addBand(start: number, end: number): void {
    const { time, lower, upper } = this.#track;
    let isLate = true;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let i = start; i < end; i++) {
      if (lower[i]! < low) low = lower[i]!;
      if (upper[i]! > high) high = upper[i]!;
      isLate &&= this.#track.isUnknown(i);
    }
    if (low > high) {
      // The band goes on over single samples that came late.
      this.#bandOpen &&= isLate;
      return;
    }
    const isNext = start > 0 && this.#bandEnd === time[start - 1]!;
    const isLong = isNext ? this.#gaps.isBefore(start) : this.#gaps.isLong(this.#bandEnd, time[start]!);
    if (isLong) this.#bandOpen = false;
    this.#bandEnd = time[end - 1]!;
    const k = this.bandCount++;
    this.bandTime[k] = (time[start]! + time[end - 1]!) / 2;
    this.bandLower[k] = low;
    this.bandUpper[k] = high;
    this.bandBreaks[k] = this.#bandOpen ? 0 : 1;
    this.#bandOpen = true;
  }
}

/** Code of `anomalous` in the engine's VERDICT_STATES. */
const ANOMALOUS = 2;
