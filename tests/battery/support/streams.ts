/** One sample of a made-up series. */
export interface Sample {
  readonly timeMs: number;
  readonly value: number;
}

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const WEEK = 7 * DAY;
/** 2025-04-01T00:00:00Z. */
export const START = 1_743_465_600_000;

export type Random = () => number;

/** mulberry32 (Ettinger 2017): uniform in [0, 1), the same for the same seed everywhere. */
export function seeded(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Standard normal (Box & Muller 1958). */
export function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** `count` samples, `periodMs` apart, of values that may depend on index and time. */
export function samples(
  count: number,
  periodMs: number,
  valueAt: (index: number, timeMs: number) => number,
  startMs = START,
): Sample[] {
  return Array.from({ length: count }, (_, index) => {
    const timeMs = startMs + index * periodMs;
    return { timeMs, value: valueAt(index, timeMs) };
  });
}

/** Gaussian noise of standard deviation 1 around a level. */
export function noise(
  count: number,
  periodMs: number,
  seed: number,
  level: (index: number) => number,
): Sample[] {
  const random = seeded(seed);
  return samples(count, periodMs, (index) => level(index) + gaussian(random));
}

/** Noise that nothing is wrong with, as functions of the time. Each call starts afresh. */
export const CLEAN_NOISE: Readonly<Record<string, (random: Random) => (timeMs: number) => number>> = {
  Gaussian: (random) => () => gaussian(random),
  'lognormal, as latencies are': (random) => () => 20 * Math.exp(0.5 * gaussian(random)),
  'heavily lognormal': (random) => () => Math.exp(gaussian(random)),
  exponential: (random) => () => -Math.log(1 - random()),
  'small counts': (random) => () => Math.floor(-2 * Math.log(1 - random())),
  'whole percentages': (random) => () =>
    percent(8 + 5 * gaussian(random) + (random() < 0.02 ? 30 * random() : 0)),
  'percentages clipped at 100': (random) => () => percent(95 + 8 * gaussian(random)),
  'a noisy daily wave': (random) => (timeMs) =>
    100 + 50 * Math.sin((2 * Math.PI * timeMs) / DAY) + 5 * gaussian(random),
  'a random walk': (random) => {
    let level = 0;
    return () => {
      level += gaussian(random);
      return level;
    };
  },
  'a slow autoregression': (random) => {
    let level = 0;
    return () => {
      level = 0.95 * level + gaussian(random);
      return level;
    };
  },
};

function percent(value: number): number {
  return Math.round(Math.min(100, Math.max(0, value)));
}
