import type { Verdict } from '@seismo/engine';
import { expect, it } from 'vitest';
import { alarmsIn, describeEachDetector, firstFault, judge } from './support/run-detector.js';
import { DAY, gaussian, HOUR, MINUTE, type Sample, SECOND, samples, seeded } from './support/streams.js';

const SEEDS = [1, 2, 3];
const MONDAY = Date.UTC(2025, 2, 3);
/** Half the height of a wave on noise of deviation 1. */
const HEIGHT = 60;

interface Wave {
  readonly periodMs: number;
  readonly everyMs: number;
  /** By place in the round, 0 to 1: from -1 to 1. */
  readonly shape: (place: number) => number;
}

const sine = (place: number) => Math.sin(2 * Math.PI * place);
/** Rises for four fifths of the time. */
const saw = (place: number) => (place < 0.8 ? 2.5 * place - 1 : 9 - 10 * place);
/** Falls at once when the round begins. */
const edge = (place: number) => 2 * place - 1;

/** The wave around 100; `change` may leave it out, shift it or add to it, by rounds since the beginning. */
function waves(
  { periodMs, everyMs, shape }: Wave,
  rounds: number,
  seed: number,
  change: (round: number) => { height?: number; late?: number; add?: number } = () => ({}),
): Sample[] {
  const random = seeded(seed);
  return samples(
    (rounds * everyMs) / periodMs,
    periodMs,
    (_, timeMs) => {
      const round = (timeMs - MONDAY) / everyMs;
      const { height = HEIGHT, late = 0, add = 0 } = change(round);
      const place = (((round - late) % 1) + 1) % 1;
      return 100 + height * shape(place) + add + gaussian(random);
    },
    MONDAY,
  );
}

const halfBand = ({ lower, upper }: Verdict) => (upper - lower) / 2;

describeEachDetector('a wave', (create) => {
  const KINDS: [string, Wave, number][] = [
    ['of ten minutes, at a second', { periodMs: SECOND, everyMs: 10 * MINUTE, shape: sine }, 40],
    ['of ten minutes, at ten seconds', { periodMs: 10 * SECOND, everyMs: 10 * MINUTE, shape: saw }, 60],
    ['of an hour, at a minute', { periodMs: MINUTE, everyMs: HOUR, shape: sine }, 60],
    ['of half an hour with an edge, at a minute', { periodMs: MINUTE, everyMs: HOUR / 2, shape: edge }, 60],
    ['of an hour that rises for long, at a minute', { periodMs: MINUTE, everyMs: HOUR, shape: saw }, 60],
    ['of six hours, at a minute', { periodMs: MINUTE, everyMs: 6 * HOUR, shape: sine }, 40],
    ['of two hours, at five minutes', { periodMs: 5 * MINUTE, everyMs: 2 * HOUR, shape: sine }, 60],
    ['of twelve hours, at five minutes', { periodMs: 5 * MINUTE, everyMs: 12 * HOUR, shape: saw }, 40],
  ];

  it.each(KINDS)('%s is expected, and a bump on it is told at any time', (_, wave, rounds) => {
    let told = 0;
    let asked = 0;
    for (const seed of SEEDS) {
      // Two bumps for a twelfth of a round each, up and down, at other places of it for each seed.
      const bumps = [0.8, 0.9].map(
        (share, index) => Math.floor(share * rounds) + (((seed + index) * 0.23) % 1),
      );
      const rows = waves(wave, rounds, seed, (round) => {
        const bump = bumps.findIndex((from) => round >= from && round < from + 1 / 12);
        return { add: bump < 0 ? 0 : ((bump === 0 ? 1 : -1) * HEIGHT) / 3 };
      });
      const detector = create();
      const slot = detector.open();
      const verdicts = judge(detector, slot, rows);
      const perRound = wave.everyMs / wave.periodMs;
      expect(firstFault(verdicts, rows)).toBeUndefined();
      expect(detector.describe(slot).components.waveMinutes).toBe(wave.everyMs / MINUTE);
      const known = verdicts.slice(Math.floor(0.6 * rounds) * perRound, Math.floor(0.8 * rounds) * perRound);
      expect(alarmsIn(known)).toBeLessThanOrEqual(1);
      expect(Math.max(...known.map(halfBand))).toBeLessThan(HEIGHT / 2);
      const off = known.map(({ expected }, index) => {
        const place = (Math.floor(0.6 * rounds) + index / perRound) % 1;
        return Math.abs(expected - 100 - HEIGHT * wave.shape(place));
      });
      expect(off.reduce((sum, one) => sum + one, 0) / off.length).toBeLessThan(3);
      for (const from of bumps) {
        const first = Math.ceil(from * perRound);
        const during = verdicts.slice(first, first + Math.ceil(perRound / 12));
        if (during.some(({ state }) => state === 'anomalous')) told++;
        asked++;
      }
    }
    expect(told / asked).toBeGreaterThanOrEqual(0.8);
  });

  const HOURLY: Wave = { periodMs: MINUTE, everyMs: HOUR, shape: sine };

  it.each(SEEDS)('a value of another time of it says so (seed %d)', (seed) => {
    const rows = waves(HOURLY, 60, seed, (round) => (round >= 50.2 && round < 50.3 ? { late: 0.5 } : {}));
    const detector = create();
    const verdicts = judge(detector, detector.open(), rows);
    const during = verdicts.slice(50.2 * 60, 50.3 * 60);
    expect(during.filter(({ component }) => component === 'time_of_day').length).toBeGreaterThan(2);
  });

  it.each(SEEDS)('stays known over a time without samples (seed %d)', (seed) => {
    const rows = waves(HOURLY, 60, seed).filter((_, index) => index < 40 * 60 || index >= 43.4 * 60);
    const detector = create();
    const slot = detector.open();
    const verdicts = judge(detector, slot, rows);
    expect(detector.describe(slot).components.waveMinutes).toBe(60);
    expect(alarmsIn(verdicts.slice(20 * 60))).toBeLessThanOrEqual(1);
  });

  it.each(SEEDS)('and samples that are missing now and then do no harm (seed %d)', (seed) => {
    const random = seeded(100 + seed);
    const rows = waves(HOURLY, 60, seed).filter(() => random() > 0.1);
    const detector = create();
    const slot = detector.open();
    const verdicts = judge(detector, slot, rows);
    expect(detector.describe(slot).components.waveMinutes).toBe(60);
    expect(alarmsIn(verdicts.slice(-20 * 60))).toBeLessThanOrEqual(1);
  });

  it.each(SEEDS)('that stops is told, and is given up (seed %d)', (seed) => {
    const rows = waves(HOURLY, 90, seed, (round) => (round > 40.25 ? { height: 0 } : {}));
    const detector = create();
    const slot = detector.open();
    const verdicts = judge(detector, slot, rows);
    expect(verdicts.slice(40 * 60, 42 * 60).some(({ alarm }) => alarm)).toBe(true);
    expect(detector.describe(slot).components.waveMinutes).toBe(0);
    expect(alarmsIn(verdicts.slice(-40 * 60))).toBe(0);
    for (const { expected } of verdicts.slice(-60)) expect(Math.abs(expected - 100)).toBeLessThan(6);
  });

  it.each(SEEDS)('that comes a third of a round later from now on is learned anew (seed %d)', (seed) => {
    const rows = waves(HOURLY, 100, seed, (round) => (round > 40 ? { late: 1 / 3 } : {}));
    const detector = create();
    const slot = detector.open();
    const verdicts = judge(detector, slot, rows);
    expect(detector.describe(slot).components.waveMinutes).toBe(60);
    expect(alarmsIn(verdicts.slice(40 * 60))).toBeLessThanOrEqual(8);
    expect(alarmsIn(verdicts.slice(-20 * 60))).toBeLessThanOrEqual(1);
  });

  it.each(SEEDS)('is known beside the time of day (seed %d)', (seed) => {
    const random = seeded(seed);
    const value = (_: number, timeMs: number) =>
      100 + 30 * sine((timeMs % DAY) / DAY) + 20 * sine((timeMs % HOUR) / HOUR) + gaussian(random);
    const detector = create();
    const slot = detector.open();
    const verdicts = judge(detector, slot, samples((6 * DAY) / MINUTE, MINUTE, value, MONDAY));
    expect(detector.describe(slot).components.waveMinutes).toBe(60);
    expect(alarmsIn(verdicts.slice((-2 * DAY) / MINUTE))).toBeLessThanOrEqual(2);
  });
});

describeEachDetector('no wave', (create) => {
  const KINDS: Readonly<Record<string, (random: () => number) => (timeMs: number) => number>> = {
    noise: (random) => () => gaussian(random),
    'a random walk': (random) => {
      let place = 0;
      return () => {
        place += gaussian(random);
        return place;
      };
    },
    'a slow autoregression': (random) => {
      let place = 0;
      return () => {
        place = 0.97 * place + gaussian(random);
        return place;
      };
    },
    'a daily season': (random) => (timeMs) => 10 * sine((timeMs % DAY) / DAY) + gaussian(random),
  };

  it.each(Object.keys(KINDS))('is known in %s', (name) => {
    for (const seed of SEEDS) {
      for (const periodMs of [MINUTE, 5 * MINUTE]) {
        const valueAt = KINDS[name]!(seeded(seed));
        const detector = create();
        const slot = detector.open();
        for (let day = 0; day < 10; day++) {
          judge(
            detector,
            slot,
            samples(DAY / periodMs, periodMs, (_, timeMs) => valueAt(timeMs), MONDAY + day * DAY),
          );
          expect(detector.describe(slot).components.waveMinutes).toBe(0);
        }
      }
    }
  });
});
