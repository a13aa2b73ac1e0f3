import { createVerdict, DETECTORS } from '@seismo/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bitsOf,
  describeEachDetector,
  digestOf,
  EXPORTED_CREATORS,
  firstFault,
  judge,
  judgeAlone,
} from './support/run-detector.js';
import { gaussian, HOUR, MINUTE, type Sample, SECOND, START, samples, seeded } from './support/streams.js';

describe('the battery', () => {
  it('finds every detector that the engine exports', () => {
    expect(DETECTORS.length).toBeGreaterThan(0);
    expect(EXPORTED_CREATORS.map(([, create]) => create).sort()).toEqual([...DETECTORS].sort());
  });
});

const PIECE_BYTES_MAX = 4 * 1024 * 1024;

/** A wave with noise, gaps, missing values, spikes and a shift: something of everything. */
function eventful(seed: number, count = 1500, periodMs = 5 * MINUTE): Sample[] {
  const random = seeded(seed);
  let timeMs = START;
  return Array.from({ length: count }, (_, index) => {
    timeMs += periodMs * (random() < 0.01 ? Math.ceil(40 * random()) : 1) + Math.floor(random() * SECOND);
    const kind = random();
    if (kind < 0.01) return { timeMs, value: Number.NaN };
    const spike = kind < 0.02 ? 200 * random() : 0;
    const shift = index > count * 0.7 ? 60 : 0;
    const wave = 20 * Math.sin((2 * Math.PI * timeMs) / (24 * HOUR));
    return { timeMs, value: 100 + wave + 3 * gaussian(random) + spike + shift };
  });
}

const value = fc.oneof(
  { weight: 5, arbitrary: fc.double({ min: -100, max: 100, noNaN: true }) },
  { weight: 2, arbitrary: fc.constantFrom(0, 1, -0, 7, 1e9) },
  { weight: 1, arbitrary: fc.double() },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Infinity, -Infinity, 1e300, -1.7e308, 5e-324) },
);
const gapMs = fc.oneof(
  fc.constant(1000),
  fc.integer({ min: 1, max: 5_000 }),
  fc.integer({ min: 1, max: 1e9 }),
);
const stream = fc
  .array(fc.record({ gapMs, value }), { minLength: 1, maxLength: 300, size: 'max' })
  .map((steps) => {
    let timeMs = START;
    return steps.map((step) => {
      timeMs += step.gapMs;
      return { timeMs, value: step.value };
    });
  });

describeEachDetector('answers', (create) => {
  it('are well formed on any stream, and the state can always be saved and loaded', () => {
    fc.assert(
      fc.property(stream, fc.nat(), (rows, cut) => {
        const at = cut % rows.length;
        const detector = create();
        const slot = detector.open();
        const before = judge(detector, slot, rows.slice(0, at));
        const reloaded = create();
        reloaded.load(detector.save());
        const after = judge(detector, slot, rows.slice(at));
        expect(firstFault([...before, ...after], rows)).toBeUndefined();
        expect(bitsOf(judge(reloaded, slot, rows.slice(at)))).toEqual(bitsOf(after));
      }),
      { numRuns: 150 },
    );
  });

  it('are well formed on an eventful series', () => {
    const rows = eventful(1);
    const verdicts = judgeAlone(create, rows);
    expect(firstFault(verdicts, rows)).toBeUndefined();
    expect(new Set(verdicts.map((verdict) => verdict.state))).toEqual(
      new Set(['warming_up', 'ok', 'anomalous', 'unknown']),
    );
  });

  it('fill and return the verdict that was passed in', () => {
    const detector = create();
    const out = createVerdict();
    expect(detector.score(detector.open(), START, 1, out)).toBe(out);
  });

  it('are the same for the same samples', () => {
    expect(bitsOf(judgeAlone(create, eventful(2)))).toEqual(bitsOf(judgeAlone(create, eventful(2))));
  });

  it('do not change with later data', () => {
    const rows = eventful(3);
    const verdicts = judgeAlone(create, rows);
    for (const cut of [1, 59, 60, 61, 500, 1049, 1050, 1100, 1499]) {
      const alone = judgeAlone(create, rows.slice(0, cut));
      expect(bitsOf(alone), `cut at ${cut}`).toEqual(bitsOf(verdicts.slice(0, cut)));
    }
  });

  it('do not change by scoring: not by the same sample, nor by others', () => {
    const rows = eventful(4);
    const detector = create();
    const slot = detector.open();
    const out = createVerdict();
    const verdicts = rows.map(({ timeMs, value }) => {
      detector.score(slot, timeMs + 1, value + 1000, out);
      detector.score(slot, timeMs + 1e9, Number.NaN, out);
      detector.score(slot, timeMs, -value, out);
      const verdict = { ...detector.score(slot, timeMs, value, out) };
      detector.score(slot, timeMs + 7, value * 2, out);
      detector.learn(slot, timeMs, value);
      return verdict;
    });
    expect(bitsOf(verdicts)).toEqual(bitsOf(judgeAlone(create, rows)));
  });

  it('do not depend on whether earlier samples were scored at all', () => {
    const rows = eventful(5);
    const detector = create();
    const slot = detector.open();
    for (const { timeMs, value } of rows.slice(0, 1200)) detector.learn(slot, timeMs, value);
    expect(bitsOf(judge(detector, slot, rows.slice(1200)))).toEqual(
      bitsOf(judgeAlone(create, rows).slice(1200)),
    );
  });

  it('to a sample that is not later than the last learned are unknown; learning it is refused', () => {
    const rows = eventful(6, 200);
    const detector = create();
    const slot = detector.open();
    judge(detector, slot, rows);
    const saved = digestOf(detector.save());
    const lastMs = detector.lastTimeMs(slot);
    const finite = rows.filter((row) => Number.isFinite(row.value));
    expect([detector.firstTimeMs(slot), lastMs]).toEqual([finite[0]!.timeMs, finite.at(-1)!.timeMs]);
    for (const timeMs of [lastMs, lastMs - 1, 0]) {
      expect(detector.score(slot, timeMs, 1, createVerdict()).state).toBe('unknown');
      expect(() => detector.learn(slot, timeMs, 1)).toThrow(RangeError);
    }
    expect(digestOf(detector.save())).toBe(saved);
  });
});

describeEachDetector('slots', (create) => {
  it('are independent of each other', () => {
    const series = Array.from({ length: 5 }, (_, index) => eventful(10 + index, 400, (index + 1) * SECOND));
    const detector = create();
    const slots = series.map(() => detector.open());
    const out = createVerdict();
    const verdicts = series.map(() => [] as ReturnType<typeof createVerdict>[]);
    for (let index = 0; index < 400; index++) {
      for (const [which, rows] of series.entries()) {
        const { timeMs, value } = rows[index]!;
        verdicts[which]!.push({ ...detector.score(slots[which]!, timeMs, value, out) });
        detector.learn(slots[which]!, timeMs, value);
      }
    }
    for (const [which, rows] of series.entries()) {
      expect(bitsOf(verdicts[which]!)).toEqual(bitsOf(judgeAlone(create, rows)));
    }
  });

  it('given up are used again, fresh', () => {
    const detector = create();
    const slots = [detector.open(), detector.open(), detector.open()];
    judge(detector, slots[1]!, eventful(20));
    detector.close(slots[1]!);
    expect(detector.openCount).toBe(2);
    const again = detector.open();
    expect(again).toBe(slots[1]);
    expect(detector.openCount).toBe(3);
    expect(detector.lastTimeMs(again)).toBe(Number.NEGATIVE_INFINITY);
    expect(detector.firstTimeMs(again)).toBe(Number.POSITIVE_INFINITY);
    expect(detector.describe(again)).toMatchObject({ state: 'warming_up', have: 0, periodMs: Number.NaN });
    expect(bitsOf(judge(detector, again, eventful(21)))).toEqual(bitsOf(judgeAlone(create, eventful(21))));
  });

  it('that are not open are refused', () => {
    const detector = create();
    const slot = detector.open();
    detector.close(slot);
    for (const bad of [slot, 1, -1, 5000, 0.5, Number.NaN]) {
      expect(() => detector.close(bad), String(bad)).toThrow(RangeError);
      expect(() => detector.score(bad, START, 1, createVerdict()), String(bad)).toThrow(RangeError);
      expect(() => detector.learn(bad, START, 1), String(bad)).toThrow(RangeError);
      expect(() => detector.firstTimeMs(bad), String(bad)).toThrow(RangeError);
    }
  });
});

describeEachDetector('saved state', (create) => {
  it('goes on bit for bit in another detector, whatever was open and closed', () => {
    const detector = create();
    const slots = Array.from({ length: 3000 }, () => detector.open());
    for (const slot of slots) if (slot % 3 === 0) detector.close(slot);
    const live = slots.filter((slot) => slot % 3 === 1).slice(0, 20);
    for (const slot of live) judge(detector, slot, eventful(slot, 300));
    const pieces = [...detector.save()];
    for (const piece of pieces) expect(piece.byteLength).toBeLessThanOrEqual(PIECE_BYTES_MAX);

    const other = create();
    other.load(pieces.map((piece) => Buffer.concat([Buffer.from([1]), piece]).subarray(1)));
    expect(other.openCount).toBe(detector.openCount);
    expect(other.stateBytes).toBe(detector.stateBytes);
    const reopened = [detector.open(), detector.open(), detector.open()];
    expect([other.open(), other.open(), other.open()]).toEqual(reopened);
    for (const slot of live) expect(other.firstTimeMs(slot)).toBe(detector.firstTimeMs(slot));
    for (const slot of [...live, ...reopened]) {
      const later = eventful(slot, 300).map((row) => ({ ...row, timeMs: row.timeMs + 1e10 }));
      expect(bitsOf(judge(other, slot, later))).toEqual(bitsOf(judge(detector, slot, later)));
    }
    expect(digestOf(other.save())).toBe(digestOf(detector.save()));
  });

  it('is a copy: neither detector nor caller can reach into the other', () => {
    const detector = create();
    const slot = detector.open();
    judge(detector, slot, eventful(30, 300));
    const pieces = [...detector.save()];
    const kept = digestOf(pieces);
    judge(
      detector,
      slot,
      samples(100, MINUTE, () => 5, START + 1e10),
    );
    expect(digestOf(pieces)).toBe(kept);
    const other = create();
    other.load(pieces);
    for (const piece of pieces) piece.fill(255);
    expect(digestOf(other.save())).toBe(kept);
  });

  it('is the same in pieces that share a buffer', () => {
    const detector = create();
    for (let slot = 0; slot < 2500; slot++) judge(detector, detector.open(), eventful(32, 3));
    expect(digestOf(detector.save(true))).toBe(digestOf(detector.save()));
    const buffers = Array.from(detector.save(true), ({ buffer }) => buffer);
    expect(buffers.length).toBeGreaterThan(3);
    expect(new Set(buffers).size).toBe(2);
  });

  it('that is cut, foreign or of another time zone is refused, and nothing changes', () => {
    const detector = create();
    judge(detector, detector.open(), eventful(31, 300));
    const pieces = [...detector.save()];
    const elsewhere = create({ timeZone: 'Asia/Kolkata' });
    elsewhere.open();
    const bad = [
      [],
      pieces.slice(0, -1),
      pieces.slice(1),
      [...pieces, pieces.at(-1)!],
      pieces.map((piece) => piece.subarray(0, -1)),
      pieces.map((piece) => piece.subarray(0, -8)),
      [new TextEncoder().encode('{"not":"this"}')],
      [...elsewhere.save()],
    ];
    for (const [index, one] of bad.entries()) {
      expect(() => detector.load(one), `bad state ${index}`).toThrow(RangeError);
      expect(digestOf(detector.save())).toBe(digestOf(pieces));
    }
  });
});
