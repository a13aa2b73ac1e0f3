import { createVerdict } from '@seismo/engine';
import { expect, it } from 'vitest';
import { alarmsIn, describeEachDetector, firstFault, judge, judgeAlone } from './support/run-detector.js';
import { gaussian, HOUR, MINUTE, noise, SECOND, START, samples, seeded } from './support/streams.js';

const PERIODS = [SECOND, 10 * SECOND, MINUTE, 5 * MINUTE, HOUR];
/**
 * Noise alone may give one false alarm a week, and 1,400 samples an hour apart are eight weeks. Here it is the excursions
 * that are counted, to the last one; false alarms at the default are counted on noise without any.
 */
const FEW_FALSE_ALARMS = { falseAlarmsPerWeek: 0.05 };

describeEachDetector('excursions', (create) => {
  it.each(PERIODS)('raise one alarm each, the next after recovery (period %d ms)', (periodMs) => {
    const out = (index: number) => (index >= 1000 && index < 1010) || (index >= 1200 && index < 1203);
    const verdicts = judgeAlone(
      () => create(FEW_FALSE_ALARMS),
      noise(1400, periodMs, 3, (index) => (out(index) ? 160 : 100)),
    );
    const alarms = verdicts.flatMap((one, index) => (one.alarm ? [index] : []));
    expect(alarms).toEqual([1000, 1200]);
    expect(verdicts.filter((one) => one.state === 'anomalous').length).toBeGreaterThanOrEqual(10);
  });

  it('that flicker are one', () => {
    const verdicts = judgeAlone(
      create,
      noise(1200, MINUTE, 4, (index) => (index >= 1000 && index < 1020 && index % 3 === 0 ? 200 : 100)),
    );
    expect(alarmsIn(verdicts)).toBe(1);
  });

  it.each(PERIODS)('that last are absorbed: a shifted level becomes ok (period %d ms)', (periodMs) => {
    const count = Math.max(1500, 1000 + (2 * HOUR) / periodMs);
    const verdicts = judgeAlone(
      () => create(FEW_FALSE_ALARMS),
      noise(count, periodMs, 5, (index) => (index < 1000 ? 100 : 140)),
    );
    expect(verdicts[1000]).toMatchObject({ state: 'anomalous', alarm: true });
    expect(alarmsIn(verdicts)).toBe(1);
    expect(verdicts.slice(-200).filter((one) => one.state !== 'ok')).toEqual([]);
    expect(verdicts.at(-1)!.expected).toBeGreaterThan(135);
    expect(verdicts.at(-1)!.expected).toBeLessThan(145);
  });

  it('are found again after a shift was absorbed', () => {
    const level = (index: number) => (index < 1000 ? 100 : index === 4000 ? 200 : 140);
    const verdicts = judgeAlone(create, noise(4100, MINUTE, 6, level));
    expect(verdicts[4000]).toMatchObject({ state: 'anomalous', alarm: true });
  });

  it.each([
    { outage: '60 samples', samples: 60 },
    { outage: '20 samples', samples: 20 },
    { outage: '600 samples', samples: 600 },
  ])('are found half a day after an outage of $outage as before it', ({ samples: length }) => {
    const [day, start] = [1440, 4000];
    const next = start + length + day / 2;
    const isOut = (index: number) => index >= start && index < start + length;
    const level = (index: number) =>
      isOut(index) ? 25 : 90 - 7 * Number(index >= next && index < next + 10);
    const found = Array.from({ length: 10 }, (_, run) => {
      const verdicts = judgeAlone(create, noise(next + 12, MINUTE, 60 + run, level));
      return verdicts.slice(next).some((one) => one.alarm);
    });
    expect(found.filter(Boolean).length).toBeGreaterThanOrEqual(9);
  });

  it('that were absorbed leave no band as wide as the way there', () => {
    // Down over three samples, bursts on the new level, and back.
    const level = (index: number) => {
      if (index < 3000 || index >= 3400) return 90;
      return index < 3002 ? 58 : index % 12 < 2 ? 36 : 25;
    };
    const verdicts = judgeAlone(create, noise(5000, 5 * MINUTE, 61, level));
    const { lower, upper } = verdicts.at(-1)!;
    expect(upper - lower).toBeLessThan(100);
  });

  it('of one wild sample do not move the expectation', () => {
    const verdicts = judgeAlone(
      create,
      noise(1100, MINUTE, 7, (index) => (index === 1000 ? 1e12 : 100)),
    );
    expect(verdicts[1000]!.state).toBe('anomalous');
    expect(verdicts.slice(1001).filter((one) => one.state !== 'ok')).toEqual([]);
    expect(Math.abs(verdicts[1001]!.expected - 100)).toBeLessThan(5);
  });

  it('rank higher the larger they are', () => {
    const detector = create();
    const slot = detector.open();
    judge(
      detector,
      slot,
      noise(1000, MINUTE, 8, () => 100),
    );
    const timeMs = START + 1000 * MINUTE;
    const scores = [100, 103, 106, 120, 200, 1e4, 1e8].map(
      (value) => detector.score(slot, timeMs, value, createVerdict()).score,
    );
    for (let i = 1; i < scores.length; i++) expect(scores[i]).toBeGreaterThan(scores[i - 1]!);
  });
});

describeEachDetector('outages', (create) => {
  const inAny = (outages: readonly [number, number][], index: number) =>
    outages.some(([from, to]) => index >= from && index < to);

  // Spacing, value at rest, value in an outage, outages as [from, to) in samples.
  const STILL: [number, number, number, [number, number][]][] = [
    [
      SECOND,
      1,
      9999,
      [
        [300, 400],
        [2000, 2020],
        [5000, 5020],
      ],
    ],
    [
      MINUTE,
      7,
      0,
      [
        [300, 330],
        [1000, 1030],
        [3000, 3030],
      ],
    ],
    [
      SECOND,
      0,
      40,
      [
        [300, 400],
        [2000, 2020],
        [5000, 5020],
      ],
    ],
    [
      SECOND,
      100,
      0,
      [
        [300, 421],
        [2000, 2121],
      ],
    ],
  ];
  it.each(STILL)(
    'of a still series are flagged throughout, with one alarm each (%d ms, %d to %d)',
    (periodMs, rest, out, outages) => {
      const verdicts = judgeAlone(
        create,
        samples(6000, periodMs, (index) => (inAny(outages, index) ? out : rest)),
      );
      const flagged = verdicts.flatMap((one, index) => (one.state === 'anomalous' ? [index] : []));
      const expected = verdicts.flatMap((_, index) => (inAny(outages, index) ? [index] : []));
      expect(flagged).toEqual(expected);
      expect(verdicts.flatMap((one, index) => (one.alarm ? [index] : []))).toEqual(
        outages.map(([from]) => from),
      );
      // Until it is usual, an outage leaves the band narrower than itself.
      for (const { upper, expected: level } of verdicts.slice(outages[0]![1] + 100, outages[1]![0])) {
        expect(upper - level).toBeLessThan(0.5 * Math.abs(out - rest));
      }
    },
  );

  it('of one sample of a still series are news four times, and no wider band in the calm between', () => {
    const verdicts = judgeAlone(
      create,
      samples(2400, SECOND, (index) => (index >= 300 && index % 500 === 300 ? 9999 : 1)),
    );
    const alarms = verdicts.flatMap((one, index) => (one.alarm ? [index] : []));
    expect(alarms.slice(0, 4)).toEqual([300, 800, 1300, 1800]);
    expect(verdicts[799]!.upper).toBeLessThanOrEqual(verdicts[400]!.upper);
  });

  it('hide in no idle link: bytes of a few packets are seldom told in its first hour, a download is', () => {
    const seeds = [41, 42, 43, 44, 45, 46, 47, 48];
    const told = seeds.map((seed) => {
      const random = seeded(seed);
      const packets = () => (random() < 0.05 ? Math.round(100 * Math.exp(1.2 * gaussian(random))) : 0);
      const verdicts = judgeAlone(
        create,
        samples(3000, SECOND, (index) => packets() + (index === 2400 ? 1e6 : 0)),
      );
      expect(verdicts[2400]).toMatchObject({ state: 'anomalous', alarm: true });
      return alarmsIn(verdicts.slice(0, 2400));
    });
    expect(told.reduce((sum, alarms) => sum + alarms, 0)).toBeLessThanOrEqual(seeds.length);
  });

  it('that last are flagged until they are absorbed', () => {
    const verdicts = judgeAlone(
      create,
      samples(3000, SECOND, (index) => (index < 600 ? 1 : 9999)),
    );
    expect(verdicts.slice(600, 1500).filter((one) => one.state !== 'anomalous')).toEqual([]);
    expect(alarmsIn(verdicts)).toBe(1);
    expect(verdicts.slice(1510).filter((one) => one.state !== 'ok')).toEqual([]);
  });

  it.each([31, 32, 33, 34, 35])('of a noisy latency are flagged throughout (seed %d)', (seed) => {
    const random = seeded(seed);
    const outages: [number, number][] = [
      [1000, 1100],
      [3000, 3100],
    ];
    const verdicts = judgeAlone(
      create,
      samples(5000, SECOND, (index) => (inAny(outages, index) ? 55 : 2.7) * Math.exp(0.3 * gaussian(random))),
    );
    for (const [from, to] of outages) {
      expect(verdicts[from]!.alarm).toBe(true);
      const flagged = verdicts.slice(from, to).filter((one) => one.state === 'anomalous').length;
      expect(flagged).toBeGreaterThanOrEqual(0.95 * (to - from));
    }
    expect(verdicts[2999]!.upper).toBeLessThan(2 * verdicts[999]!.upper);
  });

  it.each([1, 1e-300])('of sizes hundreds of decades apart leave a finite band (around %s)', (rest) => {
    const rows = samples(3000, SECOND, (index) =>
      index > 60 && index % 70 === 0 ? (index % 140 === 0 ? 1e300 : rest * 1.01) : rest,
    );
    expect(firstFault(judgeAlone(create, rows), rows)).toBeUndefined();
  });

  it('leave zeros a band of exactly zero', () => {
    const { expected, lower, upper } = judgeAlone(
      create,
      samples(200, SECOND, () => 0),
    ).at(-1)!;
    expect([expected, lower, upper]).toEqual([0, 0, 0]);
  });
});
