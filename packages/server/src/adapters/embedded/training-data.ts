import type { MeanColumns } from './duckdb-models.js';

const MINUTE_MS = 60_000;
/** What a model learns from at most: a day seen 28 times, a week four times. */
export const HISTORY_MS = 28 * 24 * 60 * MINUTE_MS;
/** Minutes with data that a first model needs. */
const HISTORY_MINUTES_MIN = 120;
/** Of the minutes since the first: with less, most of what is learned would be interpolated. */
const COVERAGE_MIN = 0.5;

/** What the series still lacks for a model; undefined when it has enough. */
export function lackOf({ timesMs }: MeanColumns): string | undefined {
  const have = timesMs.length;
  if (have < HISTORY_MINUTES_MIN) return tooFew(`there are ${have}`);
  const minutes = minutesOf(timesMs[0]!, timesMs.at(-1)!);
  return have < COVERAGE_MIN * minutes ? tooSeldom(have, minutes) : undefined;
}

/** The same without the minutes at hand: no more of them can have data than there are samples. */
export function certainLackOf(firstMs: number, lastMs: number, samples: number): string | undefined {
  const minutes = minutesOf(firstMs, lastMs);
  const most = Math.min(minutes, samples);
  if (most < HISTORY_MINUTES_MIN) return tooFew(`there are at most ${most}`);
  return samples < COVERAGE_MIN * minutes ? tooSeldom(samples, minutes) : undefined;
}

function minutesOf(firstMs: number, lastMs: number): number {
  return Math.floor(lastMs / MINUTE_MS) - Math.floor(firstMs / MINUTE_MS) + 1;
}

function tooFew(have: string): string {
  return `A model needs ${HISTORY_MINUTES_MIN} minutes with data; ${have}.`;
}

function tooSeldom(have: number, minutes: number): string {
  const [withData, all] = [have, minutes].map((count) => count.toLocaleString('en'));
  return (
    `Samples come less often than a model of minutes needs: ${withData} of the ${all} minutes since the first have ` +
    'data, and half of them should.'
  );
}
