import type { ArimaPlusOutcome } from './arima-plus-model.js';
import { completeOptions } from './complete-options.js';
import type { TimedValues } from './detect-arima-plus-anomalies.js';
import { fitArimaPlus } from './fit-arima-plus.js';
import type { ArimaPlusOptions } from './options.js';

/** Rows of several series: which one each belongs to, when, and its value. */
export interface IdentifiedValues extends TimedValues {
  /** As long as times and values. Several id columns are joined by the caller. */
  readonly ids: readonly string[];
}

/**
 * Fits every series of a table by itself. Rows may be mixed and in any order. Cost: that of each series' fit.
 * @returns by id, in the order in which the ids first appear
 * @throws RangeError as {@link fitArimaPlus}, and if AUTO_ARIMA is false: one order does not suit many series
 */
export function fitArimaPlusById(
  table: IdentifiedValues,
  options: ArimaPlusOptions = {},
): Map<string, ArimaPlusOutcome> {
  checkOptionsById(options);
  const outcomes = new Map<string, ArimaPlusOutcome>();
  for (const [id, { timesMs, values }] of seriesById(table)) {
    outcomes.set(id, fitArimaPlus(timesMs, values, options));
  }
  return outcomes;
}

/** @throws RangeError on options that cannot be used with an id column */
export function checkOptionsById(options: ArimaPlusOptions): void {
  if (!completeOptions(options).autoArima) {
    throw new RangeError(
      'AUTO_ARIMA must be true with TIME_SERIES_ID_COL: one order does not suit many series',
    );
  }
}

/**
 * The rows of each series, to be fitted apart, for example by several threads. Cost: two passes.
 * @returns by id, in the order in which the ids first appear
 * @throws RangeError if the columns differ in length
 */
export function seriesById({ ids, timesMs, values }: IdentifiedValues): Map<string, TimedValues> {
  if (ids.length !== timesMs.length || ids.length !== values.length) {
    throw new RangeError(
      `${ids.length} ids, ${timesMs.length} times and ${values.length} values do not pair`,
    );
  }
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  const series = new Map<string, TimedValues>();
  for (const [id, count] of counts) {
    series.set(id, { timesMs: new Float64Array(count), values: new Float64Array(count) });
    counts.set(id, 0);
  }
  for (const [row, id] of ids.entries()) {
    const own = series.get(id)!;
    const place = counts.get(id)!;
    own.timesMs[place] = timesMs[row]!;
    own.values[place] = values[row]!;
    counts.set(id, place + 1);
  }
  return series;
}
