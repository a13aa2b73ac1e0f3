import { type RowWindow, windowsOfLabels } from './labelled-windows.js';
import { rankedRows, rankOf } from './precision-recall-area.js';

/** Thresholds taken at even distances of rank. */
const THRESHOLDS = 250;

/** What all widths of the buffer share. */
interface Ranking {
  readonly rows: number;
  readonly windows: readonly RowWindow[];
  readonly labelled: number;
  /** By row: the first threshold, from the strictest on, that the row passes. */
  readonly passes: Uint8Array;
  /** By threshold: rows that pass. */
  readonly predicted: Float64Array;
  /** By threshold: labelled rows that pass. */
  readonly found: Float64Array;
}

/**
 * VUS-PR: the area under the range-based precision-recall curve, averaged over the widths w = 0, 1, …, `width` of a
 * buffer around each labelled window. A row d away from a window, up to w / 2, has the label √(1 − d / w), so that
 * an alarm a little early or late is worth something and the result hangs less on where a label was drawn.
 *
 * For a threshold with B = Σ of the labels of buffer rows that pass, A labelled rows that pass, P labelled rows:
 *     recall    = min(1, (A + B) / (P + B / 2)) · share of windows (with their buffers, joined where they meet) with a row that passes
 *     precision = (A + B) / rows that pass
 * The area is Σ (recall_k − recall_k−1) · precision_k over 250 thresholds at even distances of rank. Without a
 * labelled row NaN. Cost: one sort, and rows near labels times `width`.
 *
 * Source: Paparrizos et al. (2022), "Volume Under the Surface: A New Accuracy Evaluation Measure for Time-Series
 * Anomaly Detection", PVLDB 15(11), definitions 4 to 7; in the form of the benchmark TSB-AD (Liu & Paparrizos 2024,
 * NeurIPS), whose figures it reproduces.
 * @param labels a value a row, not 0 where it is anomalous
 * @param scores larger is more anomalous; NaN, not judged, ranks below all others
 * @param width the largest width in rows, a whole number; TSB-AD takes that of `slidingWindowLength`
 * @throws RangeError if the lengths differ or `width` is not a whole number from 0
 */
export function volumeUnderSurface(labels: ArrayLike<number>, scores: Float64Array, width: number): number {
  if (labels.length !== scores.length) {
    throw new RangeError(`${labels.length} labels do not go with ${scores.length} scores`);
  }
  if (!Number.isInteger(width) || width < 0) {
    throw new RangeError(`width is a whole number from 0, not ${width}`);
  }
  const windows = windowsOfLabels(labels);
  if (windows.length === 0) return Number.NaN;
  const ranking = rank(scores, windows);
  const buffered = new Float64Array(scores.length);
  let sum = 0;
  for (let one = 0; one <= width; one++) sum += areaAt(ranking, one, buffered);
  return sum / (width + 1);
}

function rank(scores: Float64Array, windows: readonly RowWindow[]): Ranking {
  const rows = scores.length;
  const ranked = rankedRows(scores);
  const passes = new Uint8Array(rows);
  const predicted = new Float64Array(THRESHOLDS);
  let passing = 0;
  for (let step = 0; step < THRESHOLDS; step++) {
    const place = Math.trunc((step * (rows - 1)) / (THRESHOLDS - 1));
    const threshold = rankOf(scores, ranked[place]!);
    while (passing < rows && rankOf(scores, ranked[passing]!) >= threshold) passes[ranked[passing++]!] = step;
    predicted[step] = passing;
  }
  const found = new Float64Array(THRESHOLDS);
  let labelled = 0;
  for (const { first, last } of windows) {
    labelled += last - first + 1;
    for (let row = first; row <= last; row++) found[passes[row]!]!++;
  }
  for (let step = 1; step < THRESHOLDS; step++) found[step]! += found[step - 1]!;
  return { rows, windows, labelled, passes, predicted, found };
}

/** The area with one width of the buffer; `buffered` is room for a label a row, all 0 before and after. */
function areaAt(ranking: Ranking, width: number, buffered: Float64Array): number {
  const { rows, windows, labelled, passes, predicted, found } = ranking;
  const half = Math.floor(width / 2);
  const inBuffer = new Float64Array(THRESHOLDS);
  for (const { first, last } of windows) {
    for (let away = 1; away <= half; away++) {
      const label = Math.sqrt(1 - away / width);
      if (last + away < rows) buffered[last + away]! += label;
      if (first - away >= 0) buffered[first - away]! += label;
    }
  }
  const present = new Float64Array(THRESHOLDS);
  const groups = joined(windows, half, rows);
  let next = 0;
  for (const { first, last } of groups) {
    let earliest = THRESHOLDS - 1;
    for (let row = first; row <= last; row++) {
      const step = passes[row]!;
      if (step < earliest) earliest = step;
      while (next < windows.length && windows[next]!.last < row) next++;
      const isLabelled = next < windows.length && row >= windows[next]!.first;
      if (!isLabelled) inBuffer[step]! += Math.min(1, buffered[row]!);
      buffered[row] = 0;
    }
    present[earliest]!++;
  }
  let area = 0;
  let recallBefore = 0;
  let buffer = 0;
  let groupsFound = 0;
  for (let step = 0; step < THRESHOLDS; step++) {
    buffer += inBuffer[step]!;
    groupsFound += present[step]!;
    const hits = found[step]! + buffer;
    const recall = Math.min(1, hits / (labelled + buffer / 2)) * (groupsFound / groups.length);
    area += (recall - recallBefore) * (hits / predicted[step]!);
    recallBefore = recall;
  }
  return area;
}

/** Windows with their buffers; those whose buffers meet are one. */
function joined(windows: readonly RowWindow[], half: number, rows: number): RowWindow[] {
  const groups: RowWindow[] = [];
  for (const { first, last } of windows) {
    const from = Math.max(0, first - half);
    const to = Math.min(rows - 1, last + half);
    const before = groups.at(-1);
    if (before === undefined || before.last < from) groups.push({ first: from, last: to });
    else groups[groups.length - 1] = { first: before.first, last: to };
  }
  return groups;
}
