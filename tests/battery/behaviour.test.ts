import { createVerdict } from '@seismo/engine';
import { expect, it } from 'vitest';
import { alarmsByIncident, INCIDENTS, readRecording } from '../support/recordings.js';
import { alarmsIn, describeEachDetector, firstFault, judge, judgeAlone } from './support/run-detector.js';
import {
  CLEAN_NOISE,
  DAY,
  gaussian,
  HOUR,
  MINUTE,
  noise,
  type Sample,
  SECOND,
  START,
  samples,
  seeded,
  WEEK,
} from './support/streams.js';

describeEachDetector('warm-up', (create) => {
  it('counts up to what is needed and raises nothing, whatever comes', () => {
    const random = seeded(1);
    const verdicts = judgeAlone(
      create,
      samples(300, SECOND, () => (random() < 0.2 ? 1e6 : 0)),
    );
    const need = verdicts[0]!.need;
    expect(need).toBeGreaterThan(0);
    expect(verdicts.slice(0, need).map((one) => [one.state, one.have, one.alarm])).toEqual(
      Array.from({ length: need }, (_, have) => ['warming_up', have, false]),
    );
    expect(verdicts[need]!.state).not.toBe('warming_up');
  });

  // The noise of all three moves by 1 from what can be expected.
  it.each([
    ['Gaussian', 14],
    ['a slow autoregression', 16],
    ['a random walk', 20],
  ])('leaves a band that says something five minutes on, at a second: %s', (name, halfWidthMax) => {
    const widths = [21, 22, 23, 24, 25].map((seed) => {
      const valueAt = CLEAN_NOISE[name]!(seeded(seed));
      const { lower, upper } = judgeAlone(
        create,
        samples(300, SECOND, (_, timeMs) => valueAt(timeMs)),
      ).at(-1)!;
      return (upper - lower) / 2;
    });
    expect(widths.reduce((sum, width) => sum + width / widths.length, 0)).toBeLessThan(halfWidthMax);
    expect(Math.min(...widths)).toBeGreaterThan(4);
  });

  it('counts neither missing values nor infinite ones', () => {
    const detector = create();
    const slot = detector.open();
    judge(
      detector,
      slot,
      samples(30, SECOND, (index) => [1, Number.NaN, Number.POSITIVE_INFINITY][index % 3]!),
    );
    expect(detector.describe(slot).have).toBe(10);
  });
});

describeEachDetector('constants', (create) => {
  it.each([0, 42, -3.5, 1e300, -1e300, 1e-300, 123_456_789.25])(
    '%s is ok; its first move is flagged',
    (level) => {
      const rows = samples(500, SECOND, (index) =>
        index < 400 ? level : level + (Math.abs(level) || 1) * 0.01,
      );
      const verdicts = judgeAlone(create, rows);
      expect(firstFault(verdicts, rows)).toBeUndefined();
      expect(verdicts.slice(100, 400).every((one) => one.state === 'ok')).toBe(true);
      expect(verdicts[400]).toMatchObject({ state: 'anomalous', alarm: true });
      expect(alarmsIn(verdicts)).toBe(1);
    },
  );

  it('with rounding noise on them are ok', () => {
    const random = seeded(2);
    const rows = samples(2000, SECOND, () => 0.1 + 0.2 * (1 + (random() - 0.5) * 1e-15));
    expect(judgeAlone(create, rows).filter((one) => one.state === 'anomalous')).toEqual([]);
  });
});

describeEachDetector('series that are mostly still', (create) => {
  it.each([
    [SECOND, DAY],
    [MINUTE, 2 * WEEK],
    [5 * MINUTE, 8 * WEEK],
  ])(
    'zeros with bursts: news at first, then usual; a far larger one is flagged (period %d ms)',
    (periodMs, lengthMs) => {
      const random = seeded(13);
      let left = 0;
      const rows = samples(lengthMs / periodMs, periodMs, (index) => {
        if (index < 300) return 0;
        if (left <= 0 && random() < 1 / 180) left = Math.ceil(4 * random());
        return left-- > 0 ? [86, 898, 2012][Math.floor(3 * random())]! : 0;
      });
      const detector = create();
      const slot = detector.open();
      const verdicts = judge(detector, slot, rows);
      expect(firstFault(verdicts, rows)).toBeUndefined();
      const first = rows.findIndex((row) => row.value > 0);
      expect(verdicts[first]).toMatchObject({ state: 'anomalous', alarm: true });
      expect(alarmsIn(verdicts.slice(0, 3600))).toBeLessThanOrEqual(8);
      expect(alarmsIn(verdicts.slice(3600))).toBeLessThanOrEqual(3);
      const still = verdicts.filter(
        (_, at) => at > 300 && rows.slice(at - 3, at).every((row) => row.value === 0),
      );
      expect(still.filter((one) => one.expected !== 0)).toEqual([]);
      const later = START + lengthMs + periodMs;
      expect(detector.score(slot, later, 1e6, createVerdict()).state).toBe('anomalous');
    },
  );

  it('zeros with a rare 1: the first is flagged, 100 still is', () => {
    const random = seeded(14);
    const detector = create();
    const slot = detector.open();
    const rows = samples(WEEK / SECOND, SECOND, (index) => (index > 60 && random() < 1 / 1800 ? 1 : 0));
    const verdicts = judge(detector, slot, rows);
    expect(verdicts[rows.findIndex((row) => row.value === 1)]).toMatchObject({ alarm: true });
    expect(alarmsIn(verdicts)).toBeLessThanOrEqual(5);
    expect(detector.score(slot, START + WEEK + SECOND, 100, createVerdict()).state).toBe('anomalous');
  });
});

describeEachDetector('rounded values', (create) => {
  it.each([
    ['whole numbers', 1],
    ['tenths', 0.1],
  ])('%s at rest may move by one step; a real move is flagged', (_, step) => {
    const random = seeded(15);
    const rows = samples(20_000, SECOND, (index) => {
      if (index < 60) return (index % 20 === 7 ? 95 : index === 33 ? 99 : 100) * step;
      return (index > 600 && random() < 1 / 2000 ? 99 : 100) * step;
    });
    const detector = create();
    const slot = detector.open();
    const verdicts = judge(detector, slot, rows);
    expect(firstFault(verdicts, rows)).toBeUndefined();
    expect(verdicts.slice(600).filter((one) => one.state !== 'ok')).toEqual([]);
    const later = START + 20_000 * SECOND;
    expect(detector.score(slot, later, 60 * step, createVerdict()).state).toBe('anomalous');
  });
});

describeEachDetector('gaps and odd spacing', (create) => {
  it('raise nothing where the values go on as before', () => {
    const random = seeded(9);
    let timeMs = START;
    const rows = Array.from({ length: 5000 }, (_, index) => {
      timeMs += index % 1000 === 999 ? 3 * DAY : Math.ceil(MINUTE * 2 * random());
      return { timeMs, value: random() < 0.05 ? Number.NaN : 50 + gaussian(random) };
    });
    const verdicts = judgeAlone(create, rows);
    expect(firstFault(verdicts, rows)).toBeUndefined();
    expect(alarmsIn(verdicts)).toBeLessThanOrEqual(1);
  });

  it('leave infinite and huge values without a trace that spoils the series', () => {
    const rows = noise(1500, MINUTE, 10, (index) => {
      if (index === 500) return Number.POSITIVE_INFINITY;
      if (index === 501) return Number.NEGATIVE_INFINITY;
      return index === 700 ? 1.7e308 : index === 702 ? -1.7e308 : 100;
    });
    const verdicts = judgeAlone(create, rows);
    expect(firstFault(verdicts, rows)).toBeUndefined();
    expect(verdicts[700]!.state).toBe('anomalous');
    expect(verdicts.slice(-300).filter((one) => one.state !== 'ok')).toEqual([]);
  });
});

describeEachDetector('false alarms', (create) => {
  // Wide: the rate asked for is one a week; learning and heavy tails cost a few at the start.
  const CASES: [number, number][] = [
    [SECOND, DAY],
    [MINUTE, 2 * WEEK],
    [5 * MINUTE, 4 * WEEK],
    [HOUR, 20 * WEEK],
  ];
  const rows = Object.keys(CLEAN_NOISE).flatMap((name) =>
    CASES.map(([periodMs, lengthMs]) => [name, periodMs, lengthMs] as const),
  );

  it.each(rows)('on %s are few (period %d ms)', (name, periodMs, lengthMs) => {
    const valueAt = CLEAN_NOISE[name]!(seeded(11));
    const verdicts = judgeAlone(
      create,
      samples(lengthMs / periodMs, periodMs, (_, timeMs) => valueAt(timeMs)),
    );
    expect(alarmsIn(verdicts)).toBeLessThanOrEqual(4 + (2 * lengthMs) / WEEK);
  });
});

describeEachDetector('time of day', (create) => {
  it.each(['UTC', 'Asia/Kolkata'])(
    'is learned: the same value is ok by day and not at night (%s)',
    (timeZone) => {
      const random = seeded(12);
      const wave = (timeMs: number) => 100 - 50 * Math.cos((2 * Math.PI * timeMs) / DAY);
      const rows = samples(14 * 288, 5 * MINUTE, (_, timeMs) => wave(timeMs) + 2 * gaussian(random));
      const detector = create({ timeZone });
      const slot = detector.open();
      judge(detector, slot, rows);
      const night = START + 14 * DAY;
      const out = createVerdict();
      expect(detector.score(slot, night, 50, out).state).toBe('ok');
      expect(Math.abs(out.expected - 50)).toBeLessThan(10);
      expect(detector.score(slot, night, 150, out).state).toBe('anomalous');
      judge(
        detector,
        slot,
        rows.slice(0, 144).map((row) => ({ ...row, timeMs: row.timeMs + 14 * DAY })),
      );
      const noon = night + 12 * HOUR;
      expect(detector.score(slot, noon, 150, out).state).toBe('ok');
      expect(detector.score(slot, noon, 50, out).state).toBe('anomalous');
    },
  );

  it('in an unknown zone is refused', () => {
    expect(() => create({ timeZone: 'Mars/Olympus' })).toThrow(RangeError);
  });
});

describeEachDetector('real recordings', (create) => {
  const read = (file: string): Sample[] => {
    let lastMs = 0;
    return readRecording(file).filter(({ timeMs }) => {
      const later = timeMs > lastMs;
      lastMs = Math.max(lastMs, timeMs);
      return later;
    });
  };
  it.each(Object.keys(INCIDENTS))('%s: the failure is flagged, little else', (file) => {
    const rows = read(file);
    expect(rows.length).toBeGreaterThan(4000);
    const verdicts = judgeAlone(create, rows);
    const alarmTimes = rows.filter((_, index) => verdicts[index]!.alarm).map((row) => row.timeMs);
    const { incidents, elsewhere } = alarmsByIncident(file, alarmTimes, rows.at(-1)!.timeMs);
    expect(incidents.at(-1)).toBeGreaterThan(0);
    expect(elsewhere).toBeLessThanOrEqual(3);
  });
});
