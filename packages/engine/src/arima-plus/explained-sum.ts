import { SEASONALITIES } from '../series/seasonal-periods.js';
import { gridTimeMs } from '../series/time-grid.js';
import type { AlignedSums } from './aligned-sums.js';
import type { ExplainedForecast } from './explain-arima-plus-forecast.js';
import type { PlacedPart, SumAhead, SumPart } from './sum-part.js';

/** Adds up over the history of a series; what it explains ahead stays with the part. */
export function addExplained(sums: AlignedSums, { explained, length }: SumPart, offset: number): void {
  for (const [name, values] of columnsOf(explained!)) sums.add(name, offset, values.subarray(0, length));
  const deviations = explained!.standardErrors.subarray(0, length);
  sums.add('deviation', offset, deviations);
  sums.add(
    'deviationSquare',
    offset,
    deviations.map((deviation) => deviation * deviation),
  );
}

/** The columns of which a sum has the sums of those of its series. */
function columnsOf(explained: ExplainedForecast): [string, Float64Array][] {
  const { values, adjustedValues, trend, seasonal, holidayEffect, spikesAndDips, stepChanges, residual } =
    explained;
  return [
    ...Object.entries({ values, adjustedValues, trend, holidayEffect, spikesAndDips, stepChanges, residual }),
    ...Object.entries(seasonal),
  ];
}

interface Errors {
  /** In the history. */
  readonly deviations: Float64Array;
  /** Ahead. */
  readonly values: Float64Array;
  readonly standardErrors: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** The history of {@link addExplained} up to the newest value of any series, then what all of them expect ahead. */
export function explainedSum(
  parts: readonly PlacedPart[],
  past: AlignedSums,
  { grid, from, count }: SumAhead,
  { deviations, values, standardErrors, lower, upper }: Errors,
): ExplainedForecast {
  const future = new Map<string, Float64Array>();
  for (const { explained, offset } of parts) {
    for (const [name, own] of columnsOf(explained!)) {
      const sums = future.get(name) ?? new Float64Array(count);
      future.set(name, sums);
      for (let step = 0; step < count; step++) sums[step] = sums[step]! + own[from - offset + step]!;
    }
  }
  const historyLength = past.length;
  const joined = (history: Float64Array, ahead: Float64Array) => {
    const all = new Float64Array(historyLength + count);
    all.set(history);
    all.set(ahead, historyLength);
    return all;
  };
  const column = (name: string) => joined(past.column(name), future.get(name)!);
  const none = new Float64Array(historyLength).fill(Number.NaN);
  const seasons = SEASONALITIES.filter((name) => future.has(name));
  return {
    timesMs: Float64Array.from({ length: historyLength + count }, (_, at) =>
      gridTimeMs(grid, past.start + at),
    ),
    historyLength,
    values: joined(past.column('values'), values),
    adjustedValues: column('adjustedValues'),
    standardErrors: joined(deviations, standardErrors),
    lower: joined(none, lower),
    upper: joined(none, upper),
    trend: column('trend'),
    seasonal: Object.fromEntries(seasons.map((name) => [name, column(name)])),
    holidayEffect: column('holidayEffect'),
    spikesAndDips: column('spikesAndDips'),
    stepChanges: column('stepChanges'),
    residual: column('residual'),
  };
}
