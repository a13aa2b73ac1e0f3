import type { MeanColumns } from './duckdb-models.js';

const MINUTE_MS = 60_000;
/** What a model learns from at most: a day seen 28 times, a week four times. */
export const HISTORY_MS = 28 * 24 * 60 * MINUTE_MS;
/** Minutes with data that a first model needs. */
const HISTORY_MINUTES_MIN = 120;
/** Of the minutes since the first: with less, most of what is learned would be interpolated. */
const COVERAGE_MIN = 0.5;

/** What a series has of what a model needs. */
export interface Lack {
  readonly message: string;
  /** Minutes with data. */
  readonly have: number;
  readonly need: number;
}

/** What the series still lacks for a model; undefined when it has enough. */
export function lackOf({ timesMs }: MeanColumns): Lack | undefined {
  const have = timesMs.length;
  if (have < HISTORY_MINUTES_MIN) return tooFew(have);
  const minutes = minutesOf(timesMs[0]!, timesMs.at(-1)!);
  return have < COVERAGE_MIN * minutes ? tooSeldom(have, minutes) : undefined;
}

/** The same without the minutes at hand: no more of them can have data than there are samples. */
export function certainLackOf(firstMs: number, lastMs: number, samples: number): Lack | undefined {
  const minutes = minutesOf(firstMs, lastMs);
  const most = Math.min(minutes, samples);
  if (most < HISTORY_MINUTES_MIN) return tooFew(most);
  return samples < COVERAGE_MIN * minutes ? tooSeldom(samples, minutes) : undefined;
}

function minutesOf(firstMs: number, lastMs: number): number {
  return Math.floor(lastMs / MINUTE_MS) - Math.floor(firstMs / MINUTE_MS) + 1;
}

function tooFew(have: number): Lack {
  const need = HISTORY_MINUTES_MIN;
  return { have, need, message: `It has ${have} of the ${need} minutes with data that a model needs.` };
}

function tooSeldom(have: number, minutes: number): Lack {
  const [withData, all] = [have, minutes].map((count) => count.toLocaleString('en'));
  const message =
    `Samples come less often than a model of minutes needs: ${withData} of the ${all} minutes since the first have ` +
    'data, and half of them should.';
  return { have, need: Math.ceil(COVERAGE_MIN * minutes), message };
}
