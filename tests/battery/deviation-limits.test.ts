import { createVerdict, type DetectorOptions, type Verdict } from '@seismo/engine';
import { expect, it } from 'vitest';
import {
  bitsOf,
  type CreateDetector,
  describeEachDetector,
  digestOf,
  judge,
  judgeAlone,
} from './support/run-detector.js';
import { gaussian, MINUTE, noise, type Sample, SECOND, START, samples, seeded } from './support/streams.js';

const rowsOf = (verdicts: readonly Verdict[], is: (verdict: Verdict) => boolean) =>
  verdicts.flatMap((verdict, index) => (is(verdict) ? [index] : []));
const alarmsOf = (verdicts: readonly Verdict[]) => rowsOf(verdicts, ({ alarm }) => alarm);
const anomaliesOf = (verdicts: readonly Verdict[]) => rowsOf(verdicts, ({ state }) => state === 'anomalous');
const withLimits =
  (create: CreateDetector, limits: DetectorOptions): CreateDetector =>
  () =>
    create(limits);

/** Noise around 100: 60 below from 1000 on, 60 above from 1200 on, ten samples each. */
const BOTH_WAYS = noise(1400, MINUTE, 51, (index) =>
  index >= 1000 && index < 1010 ? 40 : index >= 1200 && index < 1210 ? 160 : 100,
);

describeEachDetector('the direction', (create) => {
  it.each([
    ['up', [1200]],
    ['down', [1000]],
    ['both', [1000, 1200]],
  ] as const)('%s tells that way alone', (direction, alarms) => {
    const verdicts = judgeAlone(withLimits(create, { direction }), BOTH_WAYS);
    expect(alarmsOf(verdicts).filter((index) => index >= 1000)).toEqual(alarms);
    const told = anomaliesOf(verdicts).filter((index) => index >= 1000);
    for (const from of alarms) expect(told).toEqual(expect.arrayContaining([from, from + 5, from + 9]));
    for (const index of told) {
      const { value } = BOTH_WAYS[index]!;
      if (direction !== 'both') expect(value > verdicts[index]!.expected).toBe(direction === 'up');
    }
  });

  it('leaves the band without an end on the other side', () => {
    const up = judgeAlone(withLimits(create, { direction: 'up' }), BOTH_WAYS);
    const down = judgeAlone(withLimits(create, { direction: 'down' }), BOTH_WAYS);
    const both = judgeAlone(create, BOTH_WAYS);
    for (const index of [500, 1000, 1005, 1200, 1399]) {
      const { lower, upper } = both[index]!;
      expect([up[index]!.lower, up[index]!.upper]).toEqual([Number.NEGATIVE_INFINITY, upper]);
      expect([down[index]!.lower, down[index]!.upper]).toEqual([lower, Number.POSITIVE_INFINITY]);
      expect(up[index]!.score).toBe(both[index]!.score);
    }
  });
});

describeEachDetector('the least deviation', (create) => {
  // A constant: its first moves are unusual however small.
  const steps = samples(900, MINUTE, (index) =>
    index >= 300 && index < 310 ? 205 : index >= 600 && index < 610 ? 230 : 200,
  );

  it.each<[DetectorOptions, number[]]>([
    [{ leastDeviation: 4 }, [300, 600]],
    [{ leastDeviation: 5 }, [300, 600]],
    [{ leastDeviation: 20 }, [600]],
    [{ leastDeviation: 31 }, []],
    [{ leastRelativeDeviation: 0.02 }, [300, 600]],
    [{ leastRelativeDeviation: 0.1 }, [600]],
    [{ leastRelativeDeviation: 0.2 }, []],
    [{ leastDeviation: 4, leastRelativeDeviation: 0.1 }, [600]],
    [{ leastDeviation: 20, leastRelativeDeviation: 0.02 }, [600]],
  ])('%o leaves out what is off by less', (limits, alarms) => {
    const verdicts = judgeAlone(withLimits(create, limits), steps);
    expect(alarmsOf(verdicts)).toEqual(alarms);
    for (const [index, { state, expected, lower, upper }] of verdicts.entries()) {
      if (state !== 'ok' && state !== 'anomalous') continue;
      const { value } = steps[index]!;
      const least = Math.max(
        limits.leastDeviation ?? 0,
        (limits.leastRelativeDeviation ?? 0) * Math.abs(expected),
      );
      expect(upper).toBeGreaterThanOrEqual(expected + least);
      expect(lower).toBeLessThanOrEqual(expected - least);
      if (state === 'anomalous') expect(Math.abs(value - expected)).toBeGreaterThanOrEqual(least);
    }
  });

  it('of an expectation of zero is passed by every share of it', () => {
    const rows = samples(400, SECOND, (index) => (index === 300 ? 0.001 : 0));
    expect(alarmsOf(judgeAlone(withLimits(create, { leastRelativeDeviation: 3 }), rows))).toEqual([300]);
  });
});

describeEachDetector('an excursion that is told in part', (create) => {
  it('has its alarm at the first sample that is told, once', () => {
    // Down by 60 and then, without a recovery, up by 60: only the second is told.
    const rows = noise(1300, MINUTE, 52, (index) =>
      index >= 1000 && index < 1010 ? 40 : index >= 1010 && index < 1030 ? 160 : 100,
    );
    const verdicts = judgeAlone(withLimits(create, { direction: 'up' }), rows);
    expect(alarmsOf(verdicts).filter((index) => index >= 1000)).toEqual([1010]);
    expect(anomaliesOf(verdicts).filter((index) => index >= 1000)).toEqual(
      expect.arrayContaining([1010, 1020, 1029]),
    );
  });

  it('that grows past the least deviation is told there', () => {
    const rows = noise(
      1300,
      MINUTE,
      53,
      (index) => 100 + Math.min(120, Math.max(0, 10 * (index - 999))) * Number(index < 1020),
    );
    const verdicts = judgeAlone(withLimits(create, { leastDeviation: 80 }), rows);
    const [alarm, ...others] = alarmsOf(verdicts).filter((index) => index >= 1000);
    expect(alarm).toBeGreaterThanOrEqual(1007);
    expect(alarm).toBeLessThanOrEqual(1011);
    expect(others).toEqual([]);
  });

  it('that flickers around the least deviation has one alarm', () => {
    const random = seeded(54);
    const rows = samples(1200, MINUTE, (index) =>
      index >= 1000 && index < 1040 ? 1050 + 6 * gaussian(random) : 1000 + gaussian(random),
    );
    const verdicts = judgeAlone(withLimits(create, { leastDeviation: 50 }), rows);
    expect(alarmsOf(verdicts).filter((index) => index >= 1000)).toHaveLength(1);
    const told = anomaliesOf(verdicts).filter((index) => index >= 1000).length;
    expect(told).toBeGreaterThan(5);
    expect(told).toBeLessThan(38);
  });

  it('has its next alarm after a recovery from what is told, however long the rest goes on', () => {
    // Long down, with two spikes up: an hour and more lies between those.
    const spike = (index: number) => index === 1005 || index === 1195;
    const rows = noise(1300, MINUTE, 55, (index) =>
      spike(index) ? 300 : index >= 1000 && index < 1200 ? 40 + 15 * (index % 2) : 100,
    );
    const alarms = alarmsOf(judgeAlone(withLimits(create, { direction: 'up' }), rows)).filter(
      (index) => index >= 1000 && index < 1200,
    );
    expect(alarms).toEqual([1005, 1195]);
  });
});

describeEachDetector('limits of what is told', (create) => {
  const limits: DetectorOptions = { direction: 'up', leastDeviation: 3, leastRelativeDeviation: 0.01 };
  const random = seeded(56);
  const eventful: Sample[] = samples(1600, MINUTE, (index) => {
    const out = index % 200 >= 180 ? 40 * (random() - 0.4) : 0;
    return 100 + gaussian(random) + out;
  });

  it('change nothing of what is learned: the state serves with others, and without', () => {
    const plain = create();
    const narrowed = create(limits);
    judge(plain, plain.open(), eventful);
    judge(narrowed, narrowed.open(), eventful);
    const rest = eventful.map(({ timeMs, value }) => ({ timeMs: timeMs + 1600 * MINUTE, value }));
    const other = create(limits);
    other.load(plain.save());
    const back = create();
    back.load(narrowed.save());
    const expected = judge(plain, 0, rest);
    expect(bitsOf(judge(back, 0, rest))).toBe(bitsOf(expected));
    expect(alarmsOf(judge(other, 0, rest)).slice(-2)).toEqual(alarmsOf(judge(narrowed, 0, rest)).slice(-2));
    expect(digestOf(back.save())).toBe(digestOf(plain.save()));
  });

  it('hold on over a saved state bit for bit, wherever it was saved', () => {
    const whole = bitsOf(judgeAlone(withLimits(create, limits), eventful));
    for (const cut of [100, 1185, 1190, 1199, 1230]) {
      const first = create(limits);
      const before = judge(first, first.open(), eventful.slice(0, cut));
      const second = create(limits);
      second.load(first.save());
      expect(bitsOf([...before, ...judge(second, 0, eventful.slice(cut))])).toBe(whole);
    }
  });

  it('of a slot that was given up do not go on in the next one', () => {
    const detector = create({ direction: 'up' });
    const slot = detector.open();
    judge(
      detector,
      slot,
      samples(100, SECOND, (index) => (index < 99 ? 1 : 9)),
    );
    detector.close(slot);
    const again = detector.open();
    judge(
      detector,
      again,
      samples(80, SECOND, () => 1),
    );
    expect(detector.score(again, START + 80 * SECOND, 9, createVerdict())).toMatchObject({ alarm: true });
  });

  it.each([
    [{ direction: 'sideways' as 'up' }, 'direction must be both, up, down'],
    [{ leastDeviation: -1 }, 'leastDeviation must be a number of 0 or more'],
    [{ leastDeviation: Number.NaN }, 'leastDeviation must be a number of 0 or more'],
    [{ leastRelativeDeviation: Number.POSITIVE_INFINITY }, 'leastRelativeDeviation must be'],
  ])('%o are refused', (wrong, message) => {
    expect(() => create(wrong)).toThrow(message);
    expect(() => create(wrong)).toThrow(RangeError);
  });
});
