import type { MeanColumns } from './duckdb-models.js';

const MINUTE_MS = 60_000;
/** What a model learns from at most: a day seen 28 times, a week four times. */
export const HISTORY_MS = 28 * 24 * 60 * MINUTE_MS;
/** Minutes with data that a first model needs. */
export const HISTORY_MINUTES_MIN = 120;
/** Of the minutes since the first: with less, most of what is learned would be interpolated. */
const COVERAGE_MIN = 0.5;

/** What the series still lacks for a model; undefined when it has enough. */
export function lackOf({ timesMs }: MeanColumns): string | undefined {
  const have = timesMs.length;
  if (have < HISTORY_MINUTES_MIN) {
    return `A model needs ${HISTORY_MINUTES_MIN} minutes with data; there are ${have}.`;
  }
  const minutes = (timesMs.at(-1)! - timesMs[0]!) / MINUTE_MS + 1;
  if (have >= COVERAGE_MIN * minutes) return undefined;
  return (
    `Samples come less often than a model of minutes needs: ${have} of the ${minutes} minutes since the first have ` +
    'data, and half of them should.'
  );
}
