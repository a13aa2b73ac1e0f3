import type { Verdict } from '@seismo/engine';
import { expect, it } from 'vitest';
import { alarmsIn, describeEachDetector, firstFault, judgeAlone } from './support/run-detector.js';
import {
  gaussian,
  HOUR,
  MINUTE,
  noise,
  type Random,
  type Sample,
  SECOND,
  samples,
  seeded,
} from './support/streams.js';

/** Changes in which every sample is ordinary by itself, and events in the wake of others; on data made for each. */
const SEEDS = [1, 2, 3];
const MINUTES = 3000;
const SECONDS = 9000;

const alarmsFrom = (verdicts: readonly Verdict[], from: number) =>
  verdicts.flatMap(({ alarm }, index) => (alarm && index >= from ? [index - from] : []));
const anomalousShare = (verdicts: readonly Verdict[]) =>
  verdicts.filter(({ state }) => state === 'anomalous').length / verdicts.length;

/** As `before` until `from`, then as `after`. */
function changed(
  periodMs: number,
  from: number,
  seed: number,
  before: (random: Random, index: number) => number,
  after: (random: Random, index: number) => number,
): Sample[] {
  const random = seeded(seed);
  return samples(from + 1000, periodMs, (index) => (index < from ? before : after)(random, index));
}

const calm = (random: Random) => 100 + gaussian(random);
const wave = (random: Random, index: number) =>
  100 + 10 * Math.sin((2 * Math.PI * index) / 60) + gaussian(random);
/** A processor at work: 12% and noise, now and then a peak of up to all of it. */
const processor = (random: Random) => {
  const idle = 12 + 3 * gaussian(random);
  return Math.min(100, Math.max(0, random() < 0.01 ? 60 + 40 * random() : idle));
};
/** Neighbours that are alike. */
function wandering(): (random: Random) => number {
  let around = 0;
  return (random) => {
    around = 0.9 * around + gaussian(random);
    return 100 + around;
  };
}

describeEachDetector('a series that moves less than ever', (create) => {
  it.each<[string, number, number, () => ReturnType<typeof wandering>, () => typeof wave, number]>([
    ['noise that is stuck at an ordinary value', MINUTE, MINUTES, () => calm, () => () => 100.4, 80],
    ['the same at a second', SECOND, SECONDS, () => calm, () => () => 100.4, 80],
    ['neighbours that are alike, and stuck', MINUTE, MINUTES, wandering, () => () => 101, 100],
    ['a processor stuck at its peak', SECOND, SECONDS, () => processor, () => () => 100, 150],
  ])('is told: %s', (_, periodMs, from, before, after, most) => {
    for (const seed of SEEDS) {
      const rows = changed(periodMs, from, seed, before(), after());
      const verdicts = judgeAlone(create, rows);
      expect(firstFault(verdicts, rows)).toBeUndefined();
      const alarms = alarmsFrom(verdicts, from);
      expect(alarms[0]).toBeLessThan(most);
      expect(alarms.length).toBeLessThanOrEqual(2);
      expect(verdicts[from + alarms[0]!]).toMatchObject({ component: 'variance' });
    }
  });

  it.each([
    ['a second', SECOND],
    ['a minute', MINUTE],
    ['five minutes', 5 * MINUTE],
  ])('is usual once it has stood still for six hundred samples, at %s', (_, periodMs) => {
    for (const seed of SEEDS) {
      const random = seeded(seed);
      const rows = samples(6000, periodMs, (index) => (index < MINUTES ? calm(random) : 100.4));
      const stuck = judgeAlone(create, rows).slice(MINUTES);
      expect(alarmsIn(stuck)).toBeGreaterThan(0);
      expect(alarmsIn(stuck)).toBeLessThanOrEqual(2);
      expect(stuck.slice(600).every(({ state }) => state === 'ok')).toBe(true);
    }
  });

  it('is told: a wave of an hour that becomes a line, once', () => {
    for (const seed of SEEDS) {
      const rows = changed(MINUTE, MINUTES, seed, wave, calm);
      const verdicts = judgeAlone(create, rows);
      expect(alarmsIn(verdicts.slice(0, MINUTES))).toBeLessThanOrEqual(1);
      const alarms = alarmsFrom(verdicts, MINUTES);
      expect(alarms[0]).toBeLessThan(120);
      expect(alarms.length).toBeLessThanOrEqual(2);
    }
  });

  it.each([
    ['a fifth', 0.2, 100],
    ['a third', 0.333, 300],
  ])('is told, of most: noise that shrinks to %s', (_, share, most) => {
    const told = SEEDS.filter((seed) => {
      const rows = changed(MINUTE, MINUTES, seed, calm, (random) => 100 + share * gaussian(random));
      return alarmsFrom(judgeAlone(create, rows), MINUTES).some((after) => after < most);
    });
    expect(told.length).toBeGreaterThanOrEqual(2);
  });
});

describeEachDetector('spikes of a usual size', (create) => {
  it.each([
    ['one in 200 becomes one in 10', 0.005, 0.1, 400],
    ['one in 100 becomes one in 5', 0.01, 0.2, 200],
  ])('that come more often are told: %s', (_, before, after, most) => {
    for (const seed of SEEDS) {
      const random = seeded(seed);
      const rows = samples(6000, MINUTE, (index) => {
        const share = index < 5000 ? before : after;
        return calm(random) + (random() < share ? 15 + 10 * random() : 0);
      });
      const verdicts = judgeAlone(create, rows);
      expect(firstFault(verdicts, rows)).toBeUndefined();
      expect(alarmsIn(verdicts.slice(2500, 5000))).toBeLessThanOrEqual(3);
      const alarms = alarmsFrom(verdicts, 5000);
      expect(alarms[0]).toBeLessThan(most);
      expect(alarms.length).toBeLessThanOrEqual(3);
    }
  });
});

describeEachDetector('spikes that stop', (create) => {
  const spikes = (seed: number, rows: number, share: (timeMs: number, index: number) => number) => {
    const random = seeded(seed);
    return samples(rows, 5 * MINUTE, (index, timeMs) => {
      const isOne = random() < share(timeMs, index);
      return calm(random) + (isOne ? 15 + 10 * random() : 0);
    });
  };

  it('are told once, after about four days', () => {
    for (const seed of SEEDS) {
      const verdicts = judgeAlone(
        create,
        spikes(seed, 12_000, (_, index) => (index < 8000 ? 0.05 : 0)),
      );
      const days = alarmsFrom(verdicts, 8000).map((after) => after / 288);
      expect(days.filter((day) => day > 3.5 && day < 5).length).toBe(1);
      expect(days.filter((day) => day >= 5)).toEqual([]);
    }
  });

  it('each night and each weekend are not told', () => {
    const isWork = (timeMs: number) => {
      const hour = Math.floor(timeMs / HOUR);
      return hour % 24 >= 8 && hour % 24 < 18 && Math.floor(hour / 24 + 3) % 7 < 5;
    };
    for (const seed of SEEDS) {
      const rows = spikes(seed, 12_000, (timeMs) => (isWork(timeMs) ? 0.1 : 0));
      const verdicts = judgeAlone(create, rows);
      const told = rows.filter(
        ({ timeMs }, index) => index > 4000 && !isWork(timeMs) && verdicts[index]!.component === 'variance',
      );
      expect(told).toEqual([]);
    }
  });
});

describeEachDetector('a state that is 0 or 1', (create) => {
  it.each([
    ['often', 0.3],
    ['now and then', 0.02],
    ['seldom', 0.005],
  ])('and changes %s after a calm beginning is neither stuck nor always anomalous', (_, share) => {
    for (const seed of SEEDS) {
      const random = seeded(seed);
      let state = 0;
      const rows = samples(12_000, MINUTE, (index) => {
        if (index >= 1000 && random() < share) state = 1 - state;
        return state;
      });
      const verdicts = judgeAlone(create, rows);
      expect(firstFault(verdicts, rows)).toBeUndefined();
      expect(alarmsIn(verdicts)).toBeGreaterThan(0);
      expect(alarmsIn(verdicts)).toBeLessThanOrEqual(8);
      expect(anomalousShare(verdicts)).toBeLessThan(0.05);
      expect(anomalousShare(verdicts.slice(6000))).toBeLessThan(0.01);
    }
  });

  it('on a timer becomes usual within a week', () => {
    const rows = samples(14 * 288, 5 * MINUTE, (index) => (index % 288 < 108 ? 80 : 20));
    const verdicts = judgeAlone(create, rows);
    expect(alarmsFrom(verdicts, 7 * 288)).toEqual([]);
    expect(anomalousShare(verdicts.slice(7 * 288))).toBe(0);
  });
});

describeEachDetector('a level shift in the wake of a spike', (create) => {
  it.each([
    ['5 deviations, 10 samples later', 5, 10],
    ['5 deviations, 28 samples later', 5, 28],
    ['5 deviations, 53 samples later', 5, 53],
    ['8 deviations, 28 samples later', 8, 28],
  ])('is told once more: %s', (_, shift, after) => {
    const from = MINUTES + after;
    const delays = SEEDS.map((seed) => {
      const rows = noise(
        MINUTES + 400,
        MINUTE,
        seed,
        (index) => 100 + (index === MINUTES ? 20 : 0) + (index >= from ? shift : 0),
      );
      const verdicts = judgeAlone(create, rows);
      expect(verdicts[MINUTES]).toMatchObject({ alarm: true });
      const alarms = alarmsFrom(verdicts, from);
      expect(alarms.length).toBeLessThanOrEqual(2);
      return alarms[0] ?? Number.POSITIVE_INFINITY;
    });
    expect(delays.filter((delay) => delay < 25).length).toBeGreaterThanOrEqual(2);
  });
});

describeEachDetector('the score', (create) => {
  it.each<[string, (after: number) => number]>([
    ['evenly', (after) => 10 * after],
    ['ever faster', (after) => 8 * 2 ** (after / 8)],
  ])('grows with an excursion that grows %s', (_, height) => {
    for (const seed of SEEDS) {
      const rows = noise(
        MINUTES + 50,
        MINUTE,
        seed,
        (index) => 100 + (index >= MINUTES ? height(index - MINUTES) : 0),
      );
      const scores = judgeAlone(create, rows).map(({ score }) => score);
      const every = [5, 10, 20, 30, 40, 49].map((after) => scores[MINUTES + after]!);
      for (let i = 1; i < every.length; i++) expect(every[i]).toBeGreaterThan(every[i - 1]!);
    }
  });
});
