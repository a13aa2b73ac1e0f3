import type { Verdict } from '@seismo/engine';
import { expect, it } from 'vitest';
import { alarmsIn, describeEachDetector, firstFault, judge, judgeAlone } from './support/run-detector.js';
import { DAY, gaussian, HOUR, MINUTE, type Sample, SECOND, samples, seeded } from './support/streams.js';

const SEEDS = [1, 2, 3];
const MONDAY = Date.UTC(2025, 2, 3);
const SIZE = 30;

interface Job {
  readonly periodMs: number;
  readonly everyMs: number;
  readonly lasts: number;
}

/** Noise of deviation 1, and a job of about SIZE that lasts for some samples; `change` may leave it out or add to it. */
function jobs(
  { periodMs, everyMs, lasts }: Job,
  times: number,
  seed: number,
  change: (time: number, sample: number) => { job?: boolean; add?: number } = () => ({}),
): Sample[] {
  const random = seeded(seed);
  let size = 0;
  return samples(
    (times * everyMs) / periodMs,
    periodMs,
    (_, timeMs) => {
      const sample = Math.floor((timeMs % everyMs) / periodMs);
      if (sample === 0) size = SIZE * (1 + 0.05 * gaussian(random));
      const { job = true, add = 0 } = change(Math.floor((timeMs - MONDAY) / everyMs), sample);
      return 100 + (job && sample < lasts ? size : 0) + add + gaussian(random);
    },
    MONDAY,
  );
}

const halfBand = ({ lower, upper }: Verdict) => (upper - lower) / 2;

describeEachDetector('a job that comes back', (create) => {
  const KINDS: [string, Job][] = [
    ['each hour, at a minute', { periodMs: MINUTE, everyMs: HOUR, lasts: 1 }],
    ['each hour for four minutes', { periodMs: MINUTE, everyMs: HOUR, lasts: 4 }],
    ['each quarter of an hour, at ten seconds', { periodMs: 10 * SECOND, everyMs: 15 * MINUTE, lasts: 3 }],
    ['each five minutes, at a second', { periodMs: SECOND, everyMs: 5 * MINUTE, lasts: 5 }],
    ['each six hours, at five minutes', { periodMs: 5 * MINUTE, everyMs: 6 * HOUR, lasts: 2 }],
    ['twice a day, at an hour', { periodMs: HOUR, everyMs: 12 * HOUR, lasts: 1 }],
  ];

  it.each(KINDS)('%s is usual after some times, and hides nothing', (_, kind) => {
    let told = 0;
    for (const seed of SEEDS) {
      const perTime = kind.everyMs / kind.periodMs;
      const wrong = Math.floor(0.6 * perTime);
      const rows = jobs(kind, 40, seed, (time, sample) => ({
        add: time === 38 && sample === wrong ? SIZE : 0,
      }));
      const detector = create();
      const slot = detector.open();
      const verdicts = judge(detector, slot, rows);
      expect(firstFault(verdicts, rows)).toBeUndefined();
      expect(detector.describe(slot).components.jobMinutes).toBe(kind.everyMs / MINUTE);
      expect(alarmsIn(verdicts.slice(12 * perTime, 38 * perTime))).toBeLessThanOrEqual(1);
      // What is expected is the job: at its beginning, and not before.
      const at = verdicts[36 * perTime]!;
      expect(Math.abs(at.expected - (100 + SIZE))).toBeLessThan(6);
      expect(Math.abs(verdicts[36 * perTime - 2]!.expected - 100)).toBeLessThan(6);
      expect(halfBand(verdicts[37 * perTime + wrong]!)).toBeLessThan(SIZE);
      if (verdicts[38 * perTime + wrong]!.state === 'anomalous') told++;
    }
    expect(told).toBeGreaterThanOrEqual(2);
  });

  it('that is left out may be told, and is no incident each time', () => {
    const kind = KINDS[0]![1];
    let told = 0;
    for (const seed of SEEDS) {
      const verdicts = judgeAlone(
        create,
        jobs(kind, 40, seed, (time) => ({ job: time !== 36 })),
      );
      if (verdicts[36 * 60]!.state === 'anomalous') told++;
      expect(verdicts[36 * 60]!.expected).toBeGreaterThan(110);
      expect(alarmsIn(verdicts.slice(12 * 60))).toBeLessThanOrEqual(2);
    }
    expect(told).toBeGreaterThanOrEqual(1);
  });

  // Of one night; the length of each differs from it by so much, as a share.
  const NIGHTLY: [string, Job, number][] = [
    ['for 40 minutes, at a minute', { periodMs: MINUTE, everyMs: DAY, lasts: 40 }, 0],
    ['for about 40 minutes, at a minute', { periodMs: MINUTE, everyMs: DAY, lasts: 40 }, 0.1],
    ['for one sample, at a minute', { periodMs: MINUTE, everyMs: DAY, lasts: 1 }, 0],
    ['for two hours, at five minutes', { periodMs: 5 * MINUTE, everyMs: DAY, lasts: 24 }, 0.05],
  ];

  it.each(NIGHTLY)(
    'each night %s is usual after some nights, and missed when it stays away where all are alike',
    (_, job, differs) => {
      const perNight = DAY / job.periodMs;
      let missed = 0;
      for (const seed of SEEDS) {
        const random = seeded(seed + 100);
        const lengths = Array.from({ length: 34 }, () => job.lasts * (1 + differs * gaussian(random)));
        const rows = jobs({ ...job, lasts: 2 * job.lasts }, 34, seed, (night, sample) => ({
          job: night !== 30 && sample < lengths[night]!,
        }));
        const verdicts = judgeAlone(create, rows);
        const around = (night: number) =>
          verdicts.slice(night * perNight, night * perNight + 2 * job.lasts + 2);
        const told = Array.from({ length: 34 }, (_, night) => alarmsIn(around(night)) > 0);
        expect(told.slice(8, 30).filter(Boolean).length).toBeLessThanOrEqual(differs === 0 ? 2 : 6);
        if (differs > 0 || around(30).some(({ state }) => state === 'anomalous')) missed++;
      }
      expect(missed).toBeGreaterThanOrEqual(1);
    },
  );

  it.each(SEEDS)('and has ended is given up (seed %d)', (seed) => {
    const detector = create();
    const slot = detector.open();
    const rows = jobs(KINDS[0]![1], 48, seed, (time) => ({ job: time < 24 }));
    const verdicts = judge(detector, slot, rows);
    expect(detector.describe(slot).components.jobMinutes).toBe(0);
    expect(alarmsIn(verdicts.slice(24 * 60))).toBeLessThanOrEqual(4);
    const last = verdicts.slice(-2 * 60).filter(({ expected }) => Math.abs(expected - 100) > 5);
    expect(last).toEqual([]);
  });

  it.each(SEEDS)('is known beside the day and the days of the week (seed %d)', (seed) => {
    const random = seeded(seed);
    const value = (_: number, timeMs: number) => {
      const weekday = new Date(timeMs).getUTCDay();
      const share = weekday === 0 || weekday === 6 ? 0.3 : 1;
      const wave = share * 20 * (1 - Math.cos((2 * Math.PI * timeMs) / DAY));
      return 100 + wave + (timeMs % HOUR === 0 ? SIZE : 0) + gaussian(random);
    };
    const detector = create();
    const slot = detector.open();
    const verdicts = judge(detector, slot, samples((28 * DAY) / MINUTE, MINUTE, value, MONDAY));
    expect(detector.describe(slot).components).toMatchObject({ jobMinutes: 60, weekKnown: 1 });
    const fourth = (21 * DAY) / MINUTE;
    expect(alarmsIn(verdicts.slice(fourth))).toBeLessThanOrEqual(3);
    for (const hours of [12, 5 * 24 + 12, 6 * 24 + 12]) {
      const timeMs = MONDAY + 21 * DAY + hours * HOUR;
      const wave = (hours === 12 ? 1 : 0.3) * 40;
      const expected = verdicts[fourth + (hours * HOUR) / MINUTE]!.expected;
      expect(Math.abs(expected - (100 + wave + SIZE)), new Date(timeMs).toISOString()).toBeLessThan(10);
    }
  });
});

describeEachDetector('no job', (create) => {
  const KINDS: Readonly<Record<string, (random: () => number) => () => number>> = {
    noise: (random) => () => gaussian(random),
    'spikes at any time': (random) => () => gaussian(random) + (random() < 0.01 ? SIZE : 0),
    'a random walk': (random) => {
      let place = 0;
      return () => {
        place += gaussian(random);
        return place;
      };
    },
  };

  it.each(Object.keys(KINDS))('is known in %s', (name) => {
    let known = 0;
    let asked = 0;
    for (const seed of SEEDS) {
      const valueAt = KINDS[name]!(seeded(seed));
      const detector = create();
      const slot = detector.open();
      for (let hour = 0; hour < 7 * 24; hour++) {
        judge(
          detector,
          slot,
          samples(60, MINUTE, () => valueAt(), MONDAY + hour * HOUR),
        );
        asked++;
        if (detector.describe(slot).components.jobMinutes! > 0) known++;
      }
    }
    expect(known / asked).toBeLessThan(0.02);
  });
});
