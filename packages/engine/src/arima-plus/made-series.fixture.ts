import { gaussianNoise } from './gaussian-noise.fixture.js';

export const HOUR_MS = 3_600_000;
/** A Monday, midnight. */
export const START_MS = Date.UTC(2024, 0, 1);

/** So many times, a step apart. */
export function timesFrom(length: number, stepMs = HOUR_MS): Float64Array {
  return Float64Array.from({ length }, (_, index) => START_MS + index * stepMs);
}

/** Hours of a day's wave around 100, 10 high, with noise of standard deviation 1. */
export function dailyWave(length: number, seed = 1, noise = 1): Float64Array {
  const next = gaussianNoise(seed);
  return Float64Array.from(
    { length },
    (_, index) => 100 + 10 * Math.sin((2 * Math.PI * index) / 24) + noise * next(),
  );
}
