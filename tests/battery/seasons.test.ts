import { createVerdict, type StreamingDetector, type Verdict } from '@seismo/engine';
import { expect, it } from 'vitest';
import { alarmsIn, describeEachDetector, firstFault, judge, judgeAlone } from './support/run-detector.js';
import { DAY, gaussian, HOUR, MINUTE, type Sample, samples, seeded, WEEK } from './support/streams.js';

const SEEDS = [1, 2, 3];
/** A Monday. */
const MONDAY = Date.UTC(2025, 2, 3);
const isWeekend = (timeMs: number) => [0, 6].includes(new Date(timeMs).getUTCDay());

/** A service of people at work: much on weekdays from eight to six, a sixth of it at the weekend. Local time. */
function office(localMs: number): number {
  const hour = (localMs % DAY) / HOUR;
  const busy = Math.max(0, Math.min(1, (hour - 8) / 1.5, (18 - hour) / 1.5));
  return 50 + (isWeekend(localMs) ? 0.15 : 1) * 100 * busy;
}

function weeks(
  from: number,
  to: number,
  seed: number,
  valueAt: (timeMs: number) => number,
  periodMs = 5 * MINUTE,
): Sample[] {
  const random = seeded(seed);
  const value = (_: number, timeMs: number) => valueAt(timeMs) + 4 * gaussian(random);
  return samples(((to - from) * WEEK) / periodMs, periodMs, value, MONDAY + from * WEEK);
}

function expectedAt(detector: StreamingDetector, slot: number, timeMs: number): number {
  return detector.score(slot, timeMs, 0, createVerdict()).expected;
}
const isWeekKnown = (detector: StreamingDetector, slot: number) =>
  detector.describe(slot).components.weekKnown === 1;

describeEachDetector('a daily wave at five minutes', (create) => {
  it.each([0, 9])('hides no bump from the fourth day on (first sample at %d:00)', (hour) => {
    let told = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const random = seeded(seed);
      const from = 3 * 288 + Math.floor(random() * 270);
      const value = (index: number, timeMs: number) =>
        50 +
        5 * Math.sin((2 * Math.PI * timeMs) / DAY) +
        (index >= from && index < from + 10 ? 5 : 0) +
        gaussian(random);
      const rows = samples(4 * 288, 5 * MINUTE, value, MONDAY + hour * HOUR);
      const verdicts = judgeAlone(create, rows);
      expect(firstFault(verdicts, rows)).toBeUndefined();
      if (verdicts.slice(from, from + 20).some(({ alarm }) => alarm)) told++;
      expect(alarmsIn(verdicts.slice(0, from))).toBeLessThanOrEqual(1);
    }
    expect(told).toBeGreaterThanOrEqual(12);
  });
});

describeEachDetector('weekdays and weekends', (create) => {
  it.each([
    [MINUTE, 1],
    [5 * MINUTE, 2],
    [HOUR, 3],
  ])('are told apart from the fourth week on (period %d ms)', (periodMs, seed) => {
    const detector = create();
    const slot = detector.open();
    // An hour apart, the first samples take days.
    const rows = weeks(periodMs === HOUR ? -1 : 0, 3, seed, office, periodMs);
    expect(firstFault(judge(detector, slot, rows), rows)).toBeUndefined();
    expect(isWeekKnown(detector, slot)).toBe(true);
    const fourth = judge(detector, slot, weeks(3, 4, seed + 10, office, periodMs));
    expect(alarmsIn(fourth)).toBeLessThanOrEqual(1);
    // Before noon of the Saturday, and of the Monday after, it is expected as it will be.
    const later = judge(detector, slot, weeks(4, 6, seed + 20, office, periodMs));
    for (const day of [5, 7, 12]) {
      const timeMs = MONDAY + 4 * WEEK + day * DAY + 12 * HOUR;
      const verdict = later[(timeMs - MONDAY - 4 * WEEK) / periodMs]!;
      expect(Math.abs(verdict.expected - office(timeMs))).toBeLessThan(12);
    }
  });

  it.each(SEEDS)('of a level alone raise less once they are known (seed %d)', (seed) => {
    const level = (timeMs: number) => (isWeekend(timeMs) ? 60 : 100);
    const verdicts = judgeAlone(create, weeks(0, 8, seed, level));
    const inWeeks = (from: number, to: number) =>
      alarmsIn(verdicts.slice((from * WEEK) / (5 * MINUTE), (to * WEEK) / (5 * MINUTE)));
    expect(inWeeks(0, 2)).toBeGreaterThanOrEqual(2);
    expect(inWeeks(3, 8)).toBeLessThanOrEqual(2);
  });

  it.each(SEEDS)('tell a Tuesday that is like a Saturday, by its day of the week (seed %d)', (seed) => {
    const tuesday = MONDAY + 5 * WEEK + DAY;
    const value = (timeMs: number) => office(timeMs + (timeMs >= tuesday ? 4 * DAY : 0));
    const rows = weeks(0, 6, seed, value).filter(({ timeMs }) => timeMs < tuesday + 14 * HOUR);
    const verdicts = judgeAlone(create, rows);
    const onTuesday = verdicts.slice(rows.findIndex(({ timeMs }) => timeMs === tuesday));
    expect(alarmsIn(onTuesday)).toBeGreaterThanOrEqual(1);
    const days = onTuesday.filter(({ component }) => component === 'day_of_week').length;
    const anomalous = onTuesday.filter(({ state }) => state === 'anomalous').length;
    expect(days).toBeGreaterThan(0.5 * anomalous);
  });

  it.each(SEEDS)('are known after a week that is missing (seed %d)', (seed) => {
    const detector = create();
    const slot = detector.open();
    judge(detector, slot, weeks(0, 4, seed, office));
    const after = judge(detector, slot, weeks(5.5, 8, seed + 10, office));
    expect(isWeekKnown(detector, slot)).toBe(true);
    expect(alarmsIn(after)).toBeLessThanOrEqual(2);
  });

  // In Berlin from UTC+1 to UTC+2; in Auckland, half a day and more ahead of UTC, from UTC+13 to UTC+12.
  it.each([
    ['Europe/Berlin', Date.UTC(2025, 2, 30, 1), 1, 2],
    ['Pacific/Auckland', Date.UTC(2025, 3, 5, 14), 13, 12],
  ])('move with the clocks of %s', (timeZone, change, before, after) => {
    for (const seed of SEEDS) {
      const local = (timeMs: number) => office(timeMs + (timeMs < change ? before : after) * HOUR);
      const detector = create({ timeZone });
      const slot = detector.open();
      judge(detector, slot, weeks(-2, 3, seed, local));
      expect(isWeekKnown(detector, slot)).toBe(true);
      expect(alarmsIn(judge(detector, slot, weeks(3, 6, seed + 10, local)))).toBeLessThanOrEqual(2);
      expect(isWeekKnown(detector, slot)).toBe(true);
    }
  });

  it.each(SEEDS)('may change: what they were is unlearned (seed %d)', (seed) => {
    const until = MONDAY + 5 * WEEK;
    // The day off is Wednesday from then on.
    const shifted = (timeMs: number) => (timeMs < until ? office(timeMs) : office(timeMs + 3 * DAY));
    const verdicts = judgeAlone(create, weeks(0, 14, seed, shifted));
    expect(alarmsIn(verdicts.slice(-(3 * WEEK) / (5 * MINUTE)))).toBeLessThanOrEqual(3);
  });
});

describeEachDetector('no days of the week', (create) => {
  const walk = (random: () => number, keep: number) => {
    let place = 0;
    return () => {
      place = keep * place + gaussian(random);
      return place;
    };
  };
  const KINDS: Readonly<Record<string, (random: () => number) => (timeMs: number) => number>> = {
    noise: (random) => () => gaussian(random),
    'an autoregression': (random) => walk(random, 0.95),
    'a random walk': (random) => walk(random, 1),
    'a daily wave': (random) => (timeMs) => 20 * Math.sin((2 * Math.PI * timeMs) / DAY) + gaussian(random),
  };

  it.each(Object.keys(KINDS))('are found in %s', (name) => {
    let known = 0;
    let asked = 0;
    for (const seed of SEEDS) {
      const valueAt = KINDS[name]!(seeded(seed));
      const detector = create();
      const slot = detector.open();
      for (let week = 0; week < 8; week++) {
        const rows = samples(WEEK / (10 * MINUTE), 10 * MINUTE, (_, t) => valueAt(t), MONDAY + week * WEEK);
        judge(detector, slot, rows);
        asked++;
        if (isWeekKnown(detector, slot)) known++;
      }
    }
    expect(asked).toBe(24);
    expect(known).toBeLessThanOrEqual(1);
  });

  it('count before two weeks were seen', () => {
    const detector = create();
    const slot = detector.open();
    const verdicts: Verdict[] = judge(detector, slot, weeks(0, 2, 4, office));
    expect(verdicts.length).toBe(4032);
    expect(isWeekKnown(detector, slot)).toBe(false);
    expect(expectedAt(detector, slot, MONDAY + 2 * WEEK)).toBeGreaterThan(30);
  });
});
