import type { Frequency } from '@seismo/engine';

const DAY_MS = 86_400_000;
/** Steps that are usually shorter are of days, or of less, where holidays are not learned at all. */
const DAILY_MS_MAX = 2 * DAY_MS;

/**
 * From the first time of any series to the last that a forecast can reach, for a calendar to look up: by days or weeks,
 * as the series' times are mostly apart, since every further year takes time. Undefined where there is no time.
 * @param series times in any order; NaN is none
 */
export function holidayRange(
  series: Iterable<Float64Array>,
  frequency: Frequency | undefined,
  horizon: number,
): { readonly fromMs: number; readonly toMs: number } | undefined {
  let fromMs = Number.POSITIVE_INFINITY;
  let lastMs = Number.NEGATIVE_INFINITY;
  let stepDays = frequency === 'WEEKLY' ? 7 : 1;
  for (const given of series) {
    const timesMs = given.filter(Number.isFinite).sort();
    if (timesMs.length === 0) continue;
    fromMs = Math.min(fromMs, timesMs[0]!);
    lastMs = Math.max(lastMs, timesMs.at(-1)!);
    if (frequency === undefined && usualDistance(timesMs) >= DAILY_MS_MAX) stepDays = 7;
  }
  return fromMs > lastMs ? undefined : { fromMs, toMs: lastMs + horizon * stepDays * DAY_MS };
}

/** The median of the distances between times that differ; 0 where all are the same. */
function usualDistance(ascending: Float64Array): number {
  const distances = ascending
    .subarray(1)
    .map((timeMs, at) => timeMs - ascending[at]!)
    .filter((distance) => distance > 0)
    .sort();
  return distances[(distances.length - 1) >> 1] ?? 0;
}
