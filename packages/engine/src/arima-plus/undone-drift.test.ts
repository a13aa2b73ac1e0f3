import { describe, expect, it } from 'vitest';
import { fitArima } from '../arima/fit-arima.js';
import { gaussianNoise } from './gaussian-noise.fixture.js';
import type { StepChange } from './step-component.js';
import { isDriftUndone } from './undone-drift.js';

const LENGTH = 2000;
const CLIMB = 200;
/** Drops after every climb. */
const DROPS: StepChange[] = Array.from({ length: LENGTH / CLIMB - 1 }, (_, number) => ({
  index: (number + 1) * CLIMB,
  size: -40,
  strength: 20,
}));

/** A series without its drops: what is between two of them follows the shape, from 0 to 1. */
function withoutDrops(shape: (share: number) => number, seed = 3): Float64Array {
  const noise = gaussianNoise(seed);
  return Float64Array.from({ length: LENGTH }, (_, index) => {
    const climbs = Math.floor(index / CLIMB);
    return 40 * (climbs + shape((index % CLIMB) / CLIMB)) + noise();
  });
}

const modelOf = (trend: Float64Array) => fitArima(trend, { p: 0, d: 1, q: 1 }, true);

describe('a drift that steps take back', () => {
  it('is undone where the series does not show it between them', () => {
    // Bursts: up at once, and down by a step.
    const bursts = withoutDrops((share) => (share > 0.97 ? 1 : 0));
    expect(modelOf(bursts).constant).toBeGreaterThan(0.1);
    expect(isDriftUndone(bursts, modelOf(bursts), DROPS)).toBe(true);
  });

  it('stays where the series climbs between them, or where few steps are against it', () => {
    const climbs = withoutDrops((share) => share);
    expect(isDriftUndone(climbs, modelOf(climbs), DROPS)).toBe(false);
    const bursts = withoutDrops((share) => (share > 0.97 ? 1 : 0));
    expect(isDriftUndone(bursts, modelOf(bursts), DROPS.slice(0, 2))).toBe(false);
    const along = DROPS.map((step) => ({ ...step, size: -step.size }));
    expect(isDriftUndone(bursts, modelOf(bursts), along)).toBe(false);
  });

  it('is none without a drift', () => {
    const bursts = withoutDrops((share) => (share > 0.97 ? 1 : 0));
    expect(isDriftUndone(bursts, fitArima(bursts, { p: 0, d: 1, q: 1 }, false), DROPS)).toBe(false);
  });
});
