/** A stretch of time that somebody labelled as anomalous, both ends included, ms since 1970. */
export interface TimeWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The rows of a labelled window, both ends included. */
export interface RowWindow {
  readonly first: number;
  readonly last: number;
}

/**
 * Which rows lie in each window. Windows that touch or overlap become one, and windows without a row are left out, so
 * that every window of the answer has rows of its own, in order.
 * @param timesMs of the rows, in order but for single stragglers; a window reaches from its first row to its last
 * @throws RangeError if a window ends before it begins or has an end that is no time
 */
export function rowWindows(timesMs: Float64Array, windows: readonly TimeWindow[]): RowWindow[] {
  return merged(rowsOf(timesMs, windows).filter((found) => found !== null));
}

/** How many of the windows have no row; arguments and errors as those of `rowWindows`. */
export function emptyWindows(timesMs: Float64Array, windows: readonly TimeWindow[]): number {
  return rowsOf(timesMs, windows).filter((found) => found === null).length;
}

/** Of each window its rows, null where it has none. Cost: ln(rows) a window where all are in order, else rows. */
function rowsOf(timesMs: Float64Array, windows: readonly TimeWindow[]): (RowWindow | null)[] {
  const find = isInOrder(timesMs) ? rowsBetween : scattered;
  return windows.map(({ fromMs, toMs }) => {
    if (!(fromMs <= toMs)) throw new RangeError(`a window cannot reach from ${fromMs} to ${toMs}`);
    return find(timesMs, fromMs, toMs);
  });
}

function isInOrder(timesMs: Float64Array): boolean {
  return timesMs.every((timeMs, row) => row === 0 || timeMs >= timesMs[row - 1]!);
}

function rowsBetween(timesMs: Float64Array, fromMs: number, toMs: number): RowWindow | null {
  const first = firstRow(timesMs, (timeMs) => timeMs >= fromMs);
  const last = firstRow(timesMs, (timeMs) => timeMs > toMs) - 1;
  return first <= last ? { first, last } : null;
}

/** The first row of which it is true, the number of rows where it is of none; once true it stays so. */
function firstRow(timesMs: Float64Array, holds: (timeMs: number) => boolean): number {
  let low = 0;
  let high = timesMs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(timesMs[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function scattered(timesMs: Float64Array, fromMs: number, toMs: number): RowWindow | null {
  const isInside = (timeMs: number) => timeMs >= fromMs && timeMs <= toMs;
  const first = timesMs.findIndex(isInside);
  return first < 0 ? null : { first, last: timesMs.findLastIndex(isInside) };
}

/** 1 for every row in a window, 0 for the others. */
export function rowLabels(rows: number, windows: readonly RowWindow[]): Uint8Array {
  const labels = new Uint8Array(rows);
  for (const { first, last } of windows) labels.fill(1, first, last + 1);
  return labels;
}

/** The stretches of rows that are not 0. */
export function windowsOfLabels(labels: ArrayLike<number>): RowWindow[] {
  const windows: RowWindow[] = [];
  let first = -1;
  for (let row = 0; row <= labels.length; row++) {
    const isLabelled = row < labels.length && labels[row] !== 0;
    if (isLabelled && first < 0) first = row;
    if (isLabelled || first < 0) continue;
    windows.push({ first, last: row - 1 });
    first = -1;
  }
  return windows;
}

function merged(windows: readonly RowWindow[]): RowWindow[] {
  const all: RowWindow[] = [];
  for (const one of [...windows].sort((a, b) => a.first - b.first)) {
    const before = all.at(-1);
    if (before === undefined || one.first > before.last + 1) all.push(one);
    else all[all.length - 1] = { first: before.first, last: Math.max(before.last, one.last) };
  }
  return all;
}
