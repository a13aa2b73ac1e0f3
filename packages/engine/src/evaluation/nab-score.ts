import type { RowWindow } from './labelled-windows.js';

/** What a detection is worth: weights of a hit, a false alarm and a miss, all positive. */
export interface NabProfile {
  readonly truePositive: number;
  readonly falsePositive: number;
  readonly falseNegative: number;
}

/** The application profiles of the benchmark. */
export const NAB_PROFILES = {
  standard: { truePositive: 1, falsePositive: 0.11, falseNegative: 1 },
  rewardLowFalsePositives: { truePositive: 1, falsePositive: 0.22, falseNegative: 1 },
  rewardLowFalseNegatives: { truePositive: 1, falsePositive: 0.11, falseNegative: 2 },
} as const satisfies Record<string, NabProfile>;

/** What the detections of one series, or of several added up, are worth. */
export interface NabCount {
  /** Sum of weighted sigmoids; what {@link nabScore} sets between no detector and a perfect one. */
  readonly raw: number;
  /** Windows that can be hit: those with a row after the probationary period. */
  readonly windows: number;
  readonly hits: number;
  /** Detections outside of every window. */
  readonly falseAlarms: number;
}

const PROBATION_SHARE = 0.15;
const PROBATION_ROWS_MAX = 750;
/** So many window lengths after a window a false alarm costs all it can. */
const FAR = 3;

/** Rows at the start of a series whose detections neither count nor cost: 15%, of at most 5,000 rows. */
export function nabProbationRows(rows: number): number {
  return Math.min(Math.floor(PROBATION_SHARE * rows), PROBATION_ROWS_MAX);
}

/**
 * 2 / (1 + exp(5 y)) − 1: what a detection is worth at the place y, in window lengths from the window's right end.
 * At the left end, y = −1, 0.987; near 0 at the right end; negative after it; −1 from 3 lengths on. Source: equation 1
 * of Lavin & Ahmad.
 */
export function nabSigmoid(position: number): number {
  return position >= FAR ? -1 : 2 / (1 + Math.exp(5 * position)) - 1;
}

/**
 * Counts one series. In a window only its best detection counts: the sigmoid of its place, where the last row is one
 * row before the end, divided by that of the first row, so that a detection there is worth the whole weight. A window
 * without one costs the weight of a miss. Each detection outside is a false alarm, which costs the less the nearer it
 * follows a window; with no window before it, all. Cost: one pass.
 * Source: Lavin & Ahmad (2015), "Evaluating Real-Time Anomaly Detection Algorithms: the Numenta Anomaly Benchmark",
 * ICMLA, section II, with the places of rows as in the benchmark's published scorer.
 * @param detections a value a row, not 0 where the detector raised an alarm
 * @param windows in order and apart, as `rowWindows` makes them
 */
export function countNab(
  detections: ArrayLike<number>,
  windows: readonly RowWindow[],
  profile: NabProfile,
): NabCount {
  const probation = nabProbationRows(detections.length);
  let raw = 0;
  let falseAlarms = 0;
  let hits = 0;
  let scorable = 0;
  let before: RowWindow | undefined;
  let row = 0;
  for (const window of [...windows, undefined]) {
    const end = window?.first ?? detections.length;
    for (; row < end; row++) {
      if (detections[row] === 0 || row < probation) continue;
      raw += profile.falsePositive * nabSigmoid(placeAfter(before, row));
      falseAlarms++;
    }
    if (window === undefined) break;
    const first = firstDetection(detections, Math.max(window.first, probation), window.last);
    row = window.last + 1;
    before = window;
    if (window.last < probation) continue;
    scorable++;
    if (first < 0) raw -= profile.falseNegative;
    else {
      hits++;
      raw += (profile.truePositive * nabSigmoid(placeWithin(window, first))) / nabSigmoid(-1);
    }
  }
  return { raw, windows: scorable, hits, falseAlarms };
}

/** The counts of several series as one. */
export function addNab(counts: readonly NabCount[]): NabCount {
  const sum = { raw: 0, windows: 0, hits: 0, falseAlarms: 0 };
  for (const one of counts) {
    sum.raw += one.raw;
    sum.windows += one.windows;
    sum.hits += one.hits;
    sum.falseAlarms += one.falseAlarms;
  }
  return sum;
}

/**
 * 100 (raw − none) / (perfect − none): 0 for a detector that never says anything, 100 for one that flags the first
 * row of every window and nothing else, below 0 for one that does harm. NaN without a window to hit.
 * Source: equation 3 of Lavin & Ahmad.
 */
export function nabScore({ raw, windows }: NabCount, profile: NabProfile): number {
  if (windows === 0) return Number.NaN;
  const none = -profile.falseNegative * windows;
  const perfect = profile.truePositive * windows;
  return (100 * (raw - none)) / (perfect - none);
}

function placeWithin({ first, last }: RowWindow, row: number): number {
  return -(last - row + 1) / (last - first + 1);
}

function placeAfter(window: RowWindow | undefined, row: number): number {
  return window === undefined ? FAR : (row - window.last) / (window.last - window.first);
}

/** The sigmoid falls from left to right, so the first detection is the best. */
function firstDetection(detections: ArrayLike<number>, from: number, last: number): number {
  for (let row = from; row <= last; row++) if (detections[row] !== 0) return row;
  return -1;
}
