import type { Verdict } from '@seismo/engine';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { alarmsIn, describeEachDetector, judgeAlone } from './support/run-detector.js';
import { gaussian, MINUTE, type Random, type Sample, SECOND, samples, seeded } from './support/streams.js';

/** Half a band may be so many times the range of the values before it; no series needs more to be judged. */
const RANGES_MAX = 5;
/** Share of the largest magnitude that may be taken for rounding. */
const ROUNDING = 1e-9;

/** First band that is wider than the values before it can justify, or nothing. */
function tooWide(verdicts: readonly Verdict[], rows: readonly Sample[]): string | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const [index, { value }] of rows.entries()) {
    const { expected, lower, upper } = verdicts[index]!;
    const most = RANGES_MAX * (high - low) + ROUNDING * Math.max(Math.abs(low), Math.abs(high));
    // The other side may end at 0.
    if (Math.max(upper - expected, expected - lower) > most)
      return `sample ${index}: ${lower} to ${upper} after ${low} to ${high}`;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return undefined;
}

/** At rest, and with the probability of the phase at one of the places it moves to. */
function mixture(
  random: Random,
  rest: number,
  places: readonly number[],
  phases: readonly [number, number][],
): Sample[] {
  const shares = phases.flatMap(([count, share]) => Array<number>(count).fill(share));
  return samples(shares.length, SECOND, (index) =>
    random() < shares[index]! ? places[Math.floor(random() * places.length)]! : rest,
  );
}

const phase = fc.tuple(fc.integer({ min: 30, max: 1500 }), fc.constantFrom(0, 0.002, 0.02, 0.1, 0.3, 0.6, 1));
const place = fc.oneof(
  fc.integer({ min: -10, max: 110 }),
  fc.double({ min: -1e3, max: 1e3, noNaN: true }),
  fc.integer({ min: 0, max: 9 }).map((exponent) => 10 ** exponent),
);
const mixed = fc
  .record({
    seed: fc.nat(),
    rest: fc.oneof(fc.constantFrom(0, 1, 100), place),
    places: fc.array(place, { minLength: 1, maxLength: 8 }),
    phases: fc.array(phase, { minLength: 1, maxLength: 4 }),
  })
  .map(({ seed, rest, places, phases }) => mixture(seeded(seed), rest, places, phases));

const heavy = fc
  .record({
    seed: fc.nat(),
    sigma: fc.double({ min: 0.1, max: 3, noNaN: true }),
    step: fc.constantFrom(0, 1, 5),
  })
  .map(({ seed, sigma, step }) => {
    const random = seeded(seed);
    return samples(3000, SECOND, () => {
      const value = Math.exp(sigma * gaussian(random));
      return step > 0 ? step * Math.round(value / step) : value;
    });
  });

describeEachDetector('the band', (create) => {
  it.each([
    ['still and moving by turns', mixed],
    ['heavy-tailed, in steps or not', heavy],
  ])('is no wider than five times the range so far: %s', (_, streams) => {
    fc.assert(
      fc.property(streams, (rows) => {
        expect(tooWide(judgeAlone(create, rows), rows)).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  const KINDS: [string, number, number[], number][] = [
    ['a saturated percentage', 100, [99, 99, 98, 97, 96, 95, 90], 10],
    ['a count of errors', 0, [1, 1, 2, 3, 5, 10], 1000],
  ];
  const PHASES: [number, number][][] = [
    [
      [600, 0.05],
      [600, 0.5],
    ],
    [
      [600, 0.01],
      [3000, 0.3],
    ],
    [
      [600, 0.05],
      [5300, 0.1],
    ],
    [
      [3000, 0],
      [3000, 0.5],
    ],
    [
      [20_000, 0.02],
      [20_000, 0.5],
    ],
  ];
  const cases = KINDS.flatMap(([name, rest, places, outage]) =>
    PHASES.flatMap((phases) => [1, 2, 3].map((seed) => ({ name, rest, places, outage, phases, seed }))),
  );
  it.each(cases)('leaves an outage outside: $name, moving in $phases, seed $seed', (one) => {
    const { rest, places, outage, phases, seed } = one;
    const calm = mixture(seeded(seed), rest, places, phases);
    const rows = [...calm, ...samples(50, SECOND, () => outage, calm.at(-1)!.timeMs + SECOND)];
    const verdicts = judgeAlone(create, rows);
    expect(verdicts.slice(calm.length).filter((verdict) => verdict.state !== 'anomalous')).toEqual([]);
    expect(tooWide(verdicts, rows)).toBeUndefined();
    // Moves are news at first, and again where a series begins to move more often; in 11 hours of the longest too.
    expect(alarmsIn(verdicts.slice(0, calm.length))).toBeLessThanOrEqual(10);
  });
});

describeEachDetector('the band of a series of one sign', (create) => {
  const SIGNS = [
    ['never below 0', 1],
    ['never above 0', -1],
  ] as const;
  /** Small for its noise, with a burst now and then, so that half the band is larger than what is expected. */
  const peaky = (seed: number, sign: number) => {
    const random = seeded(seed);
    return samples(1500, SECOND, () => sign * (Math.abs(gaussian(random)) + (random() < 0.01 ? 30 : 0)));
  };

  it.each(SIGNS)('ends at 0: %s', (_, sign) => {
    for (const seed of [91, 92, 93]) {
      const judged = judgeAlone(create, peaky(seed, sign)).filter(({ state }) => state !== 'warming_up');
      const ends = judged.map(({ lower, upper }) => (sign > 0 ? lower : 0 - upper));
      expect(Math.min(...ends)).toBe(0);
      for (const { lower, expected, upper } of judged) {
        expect(lower).toBeLessThanOrEqual(expected);
        expect(upper).toBeGreaterThanOrEqual(expected);
      }
    }
  });

  it.each(SIGNS)(
    'takes in a value beyond 0 that is not anomalous, and leaves one out that is: %s',
    (_, sign) => {
      const calm = peaky(94, sign);
      const nextMs = calm.at(-1)!.timeMs + SECOND;
      for (const value of [-0.5, -1000]) {
        const rows = [...calm, { timeMs: nextMs, value: sign * value }];
        const { state, lower, upper } = judgeAlone(create, rows).at(-1)!;
        expect(state).toBe(value < -1 ? 'anomalous' : 'ok');
        expect(sign * value >= lower && sign * value <= upper).toBe(state === 'ok');
      }
    },
  );

  it('reaches over 0 once values did', () => {
    const calm = peaky(95, 1);
    const later = samples(5, SECOND, () => 1, calm.at(-1)!.timeMs + 2 * SECOND);
    const beyond = { timeMs: calm.at(-1)!.timeMs + SECOND, value: -0.5 };
    expect(judgeAlone(create, [...calm, ...later]).at(-1)!.lower).toBe(0);
    expect(judgeAlone(create, [...calm, beyond, ...later]).at(-1)!.lower).toBeLessThan(-0.5);
  });
});

describeEachDetector('the band of a percentage', (create) => {
  /** Mostly low, with bursts now and then that end at the largest value. */
  const busy = (seed: number, largest: number) => {
    const random = seeded(seed);
    return samples(2000, SECOND, () =>
      Math.min(largest, random() < 0.02 ? 200 * random() : 40 + 5 * gaussian(random)),
    );
  };
  const lastUppers = (rows: Sample[]) =>
    judgeAlone(create, rows)
      .slice(-500)
      .map(({ upper }) => upper);

  it.each([100, 99.4])('ends at 100 once the series came to %d', (largest) => {
    expect(Math.max(...lastUppers(busy(96, largest)))).toBe(100);
  });

  it.each([97, 130])('does not where the largest value is %d', (largest) => {
    expect(Math.min(...lastUppers(busy(96, largest)))).toBeGreaterThan(101);
  });

  it('does not where values were below 0', () => {
    const rows = busy(96, 100);
    expect(
      Math.min(...lastUppers([{ timeMs: rows[0]!.timeMs - SECOND, value: -1 }, ...rows])),
    ).toBeGreaterThan(101);
  });

  it('makes no larger value anomalous, and takes it in', () => {
    const calm = busy(96, 100);
    const beyond = { timeMs: calm.at(-1)!.timeMs + SECOND, value: 104 };
    const later = samples(5, SECOND, () => 40, beyond.timeMs + SECOND);
    const [told, ...others] = judgeAlone(create, [...calm, beyond, ...later]).slice(-6);
    expect(told).toMatchObject({ state: 'ok', upper: 104 });
    expect(Math.min(...others.map(({ upper }) => upper))).toBeGreaterThan(104);
  });
});

describeEachDetector('the band of an anomaly', (create) => {
  it('is about as wide as the noise where everything is out of the ordinary, and never reaches the value', () => {
    const random = seeded(31);
    const rows = samples(
      3000,
      MINUTE,
      (index) => 50 + gaussian(random) + (index >= 2000 && index < 2010 ? 6 : 0),
    );
    const verdicts = judgeAlone(create, rows);
    const out = rows.flatMap(({ value }, index) => {
      const { state, expected, lower, upper } = verdicts[index]!;
      return state === 'anomalous' ? [{ value, lower, upper, error: Math.abs(value - expected) }] : [];
    });
    expect(out.length).toBeGreaterThan(5);
    for (const { value, lower, upper, error } of out) {
      expect(value < lower || value > upper).toBe(true);
      expect((upper - lower) / 2).toBeGreaterThan(Math.min(0.5, 0.99 * error));
    }
  });
});
