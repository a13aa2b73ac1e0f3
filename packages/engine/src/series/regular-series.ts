import { TIME_MS_MAX } from './calendar.js';
import { fillGaps } from './fill-gaps.js';
import { type Frequency, inferStep } from './frequency.js';
import { type FittedGrid, fitGrid, gridTimeMs, type TimeGrid } from './time-grid.js';

export interface RegularSeriesOptions {
  /** Default: what the times are mostly apart. One that is given has a multiple of 1. */
  readonly frequency?: Frequency;
  /** Most values after the gaps are filled. Default 500,000, BigQuery's limit with decomposition. */
  readonly pointsMax?: number;
}

/** A series without gaps, repeats and odd times. */
export interface RegularSeries {
  readonly grid: TimeGrid;
  /** At the grid's times, all finite, at least 3. */
  readonly values: Float64Array;
  /** 1 where the value was not there and is interpolated. */
  readonly filled: Uint8Array;
}

/** What became of the rows of a series. All but 'ok' say why in words, as the error_message of ML.ARIMA_EVALUATE. */
export type SeriesOutcome =
  | { readonly status: 'ok'; readonly series: RegularSeries; readonly errorMessage?: undefined }
  /** Still a series, whose model is a constant. */
  | { readonly status: 'constant'; readonly series: RegularSeries; readonly errorMessage: string }
  | {
      readonly status: 'all_missing' | 'too_short' | 'too_long' | 'out_of_range';
      readonly series?: undefined;
      readonly errorMessage: string;
    };

/** BigQuery's least length of a time series. */
const POINTS_LEAST = 3;
const POINTS_MAX = 500_000;
/** The likelihood's limit, so that no square overflows. */
const MAGNITUDE_MAX = 1e150;

/**
 * Brings rows onto a regular grid: infers the frequency, averages the rows of one time (or of one step, where times
 * are finer than the frequency), and fills gaps by straight lines. A row without a time or value (NaN, infinite)
 * counts as missing. The order of the rows does not matter, to the last bit. Nothing in the data throws.
 * Cost: a sort unless the times ascend already; some 100 ns a row, and 9 bytes a value of the result.
 * Source: BigQuery ML's documentation, "The CREATE MODEL statement for ARIMA_PLUS models", for the steps.
 * @param timesMs milliseconds since 1970, in any order, repeats allowed
 * @param values equally long
 * @throws RangeError if times and values differ in length, or pointsMax is less than 3
 */
export function regularSeries(
  timesMs: Float64Array,
  values: Float64Array,
  options: RegularSeriesOptions = {},
): SeriesOutcome {
  const { pointsMax = POINTS_MAX } = options;
  if (timesMs.length !== values.length) {
    throw new RangeError(`${timesMs.length} times and ${values.length} values do not pair`);
  }
  if (!(pointsMax >= POINTS_LEAST)) throw new RangeError(`pointsMax is at least ${POINTS_LEAST}`);
  const rows = sortedRows(timesMs, values);
  const present = rows.values.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0);
  if (present === 0) return failed('all_missing', 'The time series has no values: all are missing.');
  const tooBig = rows.values.find((value) => Math.abs(value) > MAGNITUDE_MAX);
  if (tooBig !== undefined) {
    return failed('out_of_range', `The value ${tooBig} is beyond ±${MAGNITUDE_MAX}.`);
  }
  const distinct = rows.timesMs.filter((timeMs, index) => index === 0 || timeMs !== rows.timesMs[index - 1]);
  if (distinct.length < 2) return tooShort(1);
  const { frequency } = options;
  const step = frequency === undefined ? inferStep(distinct) : { frequency, multiple: 1 };
  return onGrid(rows, present, fitGrid(distinct, step), pointsMax);
}

interface Rows {
  readonly timesMs: Float64Array;
  /** NaN where missing. */
  readonly values: Float64Array;
}

/** By time, then value, so that sums do not depend on the order given; rows without a time are left out. */
function sortedRows(timesMs: Float64Array, values: Float64Array): Rows {
  const usable: number[] = [];
  let ascending = true;
  for (let index = 0; index < timesMs.length; index++) {
    if (!(Math.abs(timesMs[index]!) <= TIME_MS_MAX)) continue;
    if (usable.length > 0 && !(timesMs[usable.at(-1)!]! < timesMs[index]!)) ascending = false;
    usable.push(index);
  }
  const value = (index: number) => (Number.isFinite(values[index]) ? values[index]! : Number.NaN);
  if (!ascending) {
    const missingLast = (index: number) =>
      Number.isFinite(values[index]) ? values[index]! : Number.POSITIVE_INFINITY;
    usable.sort((a, b) => timesMs[a]! - timesMs[b]! || compare(missingLast(a), missingLast(b)));
  }
  return {
    timesMs: Float64Array.from(usable, (index) => timesMs[index]!),
    values: Float64Array.from(usable, value),
  };
}

function compare(a: number, b: number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function onGrid(rows: Rows, present: number, { grid, slotOf }: FittedGrid, pointsMax: number): SeriesOutcome {
  const slots = new Float64Array(present);
  const kept = new Float64Array(present);
  let count = 0;
  for (let index = 0; index < rows.values.length; index++) {
    if (Number.isNaN(rows.values[index])) continue;
    slots[count] = slotOf(rows.timesMs[index]!);
    kept[count++] = rows.values[index]!;
  }
  const first = slots[0]!;
  const length = slots[present - 1]! - first + 1;
  if (length > pointsMax) {
    const every = grid.multiple === 1 ? grid.frequency : `${grid.frequency} times ${grid.multiple}`;
    return failed(
      'too_long',
      `The time series has ${length} points at the frequency ${every}; at most ${pointsMax} are supported.`,
    );
  }
  const series = averaged(slots, kept, length);
  const points = series.filled.reduce((sum, filled) => sum + 1 - filled, 0);
  if (points < POINTS_LEAST) return tooShort(points);
  fillGaps(series.values, series.filled);
  const moved = first === 0 ? grid : { ...grid, startMs: gridTimeMs(grid, first) };
  const result: RegularSeries = { grid: moved, ...series };
  if (series.values.every((one) => one === series.values[0])) {
    const errorMessage = `The time series is constant: all values are ${series.values[0]}.`;
    return { status: 'constant', series: result, errorMessage };
  }
  return { status: 'ok', series: result };
}

/** Means of the values of each slot; empty slots are marked to be filled. */
function averaged(slots: Float64Array, kept: Float64Array, length: number) {
  const values = new Float64Array(length);
  const filled = new Uint8Array(length).fill(1);
  for (let from = 0, to = 0; from < slots.length; from = to) {
    const at = slots[from]! - slots[0]!;
    // From the first on, so that equal values average to themselves exactly.
    let mean = kept[from]!;
    for (to = from + 1; slots[to] === slots[from]; to++) mean += (kept[to]! - mean) / (to - from + 1);
    values[at] = mean;
    filled[at] = 0;
  }
  return { values, filled };
}

function tooShort(points: number): SeriesOutcome {
  const noun = points === 1 ? 'point' : 'points';
  return failed('too_short', `The time series has ${points} ${noun}; at least ${POINTS_LEAST} are needed.`);
}

function failed(
  status: 'all_missing' | 'too_short' | 'too_long' | 'out_of_range',
  errorMessage: string,
): SeriesOutcome {
  return { status, errorMessage };
}
