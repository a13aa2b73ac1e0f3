import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { precisionRecallArea } from './precision-recall-area.js';
import { seededGaussian, seededRandom } from './random-numbers.js';
import { slidingWindowLength } from './sliding-window-length.js';
import { volumeUnderSurface } from './volume-under-surface.js';

const numbers = (...values: number[]) => Float64Array.from(values);

describe('the area under the precision-recall curve', () => {
  it('adds precision at each step of recall', () => {
    // Ranks: hit (1/1), miss, hit (2/3).
    expect(precisionRecallArea([0, 1, 1, 0], numbers(0.1, 0.9, 0.2, 0.8))).toBeCloseTo(
      0.5 + 0.5 * (2 / 3),
      12,
    );
    expect(precisionRecallArea([1, 1, 0, 0], numbers(4, 3, 2, 1))).toBe(1);
    expect(precisionRecallArea([0, 0, 1], numbers(3, 2, 1))).toBeCloseTo(1 / 3, 12);
  });

  it('takes equal scores at once, and rows without a score last', () => {
    expect(precisionRecallArea([1, 0, 0, 1], numbers(7, 7, 7, 7))).toBe(0.5);
    expect(precisionRecallArea([1, 0, 1, 0], numbers(2, Number.NaN, Number.NaN, 1))).toBeCloseTo(
      0.5 + 0.5 * 0.5,
    );
    expect(precisionRecallArea([0, 0], numbers(1, 2))).toBeNaN();
    expect(() => precisionRecallArea([1], numbers(1, 2))).toThrow(RangeError);
  });
});

describe('VUS-PR', () => {
  it('without a buffer is the area under the curve, times the share of windows seen', () => {
    expect(volumeUnderSurface([0, 1, 1, 0], numbers(0.1, 0.9, 0.2, 0.8), 0)).toBeCloseTo(5 / 6, 12);
    // One of two windows from the first rank on: recall 1/2 · 1/2; the other at the last: 1, with precision 2/4.
    expect(volumeUnderSurface([1, 0, 0, 1], numbers(4, 3, 2, 1), 0)).toBeCloseTo(0.25 + 0.75 * 0.5, 12);
  });

  it('gives a row beside a window the label √(1 − d / w)', () => {
    const labels = [0, 0, 1, 0, 0];
    const scores = numbers(1, 5, 4, 3, 2);
    // Widths 0 and 1 reach no row: the label comes second, precision 1/2.
    expect(volumeUnderSurface(labels, scores, 1)).toBeCloseTo(0.5, 12);
    // Width 2: neighbours have b = √½. First rank: recall b / (1 + b/2), precision b; second: recall 1, (1 + b) / 2.
    const b = Math.SQRT1_2;
    const first = b / (1 + b / 2);
    const area = first * b + (1 - first) * ((1 + b) / 2);
    expect(volumeUnderSurface(labels, scores, 2)).toBeCloseTo((0.5 + 0.5 + area) / 3, 12);
  });

  it('counts windows whose buffers meet as one', () => {
    // Width 2: rows 1 and 3 share row 2, so that the first rank sees all there is: recall 1 / (2 + …), share 1.
    const labels = [0, 1, 0, 1, 0];
    const scores = numbers(1, 5, 2, 4, 3);
    const b = Math.SQRT1_2;
    // Ranks: row 1 (A 1), row 3 (A 2), row 4 (b), row 2 (min(1, 2 b) = 1), row 0 (b).
    const recalls = [1 / 2, 1];
    const wide = recalls[0]! * 1 + (recalls[1]! - recalls[0]!) * 1;
    const narrow = 0.25 * 1 + 0.75 * 1;
    expect(b + 2).toBeGreaterThan(2 + b / 2);
    expect(volumeUnderSurface(labels, scores, 2)).toBeCloseTo((narrow + narrow + wide) / 3, 12);
  });

  it('agrees with the published implementation', () => {
    // What the loops of TSB-AD, run in Python, make of these numbers, which are the same in both languages.
    const { labels, scores } = madeCase();
    expect(volumeUnderSurface(labels, scores, 0)).toBeCloseTo(PUBLISHED[0]!, 10);
    expect(volumeUnderSurface(labels, scores, 40)).toBeCloseTo(PUBLISHED[1]!, 10);
    expect(volumeUnderSurface(labels, scores, 125)).toBeCloseTo(PUBLISHED[2]!, 10);
  });

  it('does not change with the unit of the scores, and lies between 0 and 1 for any ranking', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 9 })), { minLength: 2, maxLength: 60 }),
        fc.integer({ min: 0, max: 12 }),
        (rows, width) => {
          const labels = rows.map(([label]) => Number(label));
          fc.pre(labels.includes(1));
          const scores = Float64Array.from(rows, ([, score]) => score);
          const volume = volumeUnderSurface(labels, scores, width);
          expect(volume).toBeGreaterThan(0);
          expect(volume).toBeLessThanOrEqual(1 + 1e-9);
          expect(volumeUnderSurface(labels, scores.map(Math.exp), width)).toBe(volume);
        },
      ),
    );
  });

  it('refuses what does not pair, and has nothing to say without a label', () => {
    expect(volumeUnderSurface([0, 0], numbers(1, 2), 3)).toBeNaN();
    expect(() => volumeUnderSurface([1], numbers(1, 2), 3)).toThrow(RangeError);
    expect(() => volumeUnderSurface([1], numbers(1), 0.5)).toThrow(RangeError);
  });
});

describe('the length of the sliding window', () => {
  const wave = (period: number, noise = 0) => {
    const gaussian = seededGaussian(seededRandom(1));
    return Float64Array.from(
      { length: 3000 },
      (_, row) => Math.sin((2 * Math.PI * row) / period) + noise * gaussian(),
    );
  };

  it('is the turn of a wave', () => {
    expect(slidingWindowLength(wave(48))).toBe(48);
    expect(slidingWindowLength(wave(7, 0.1))).toBe(7);
    expect(Math.abs(slidingWindowLength(wave(288, 0.01)) - 288)).toBeLessThan(12);
  });

  it('is 125 where nothing comes back', () => {
    expect(slidingWindowLength(new Float64Array(1000).fill(5))).toBe(125);
    expect(slidingWindowLength(Float64Array.from({ length: 1000 }, (_, row) => row))).toBe(125);
    expect(slidingWindowLength(wave(390))).toBe(125);
    expect(slidingWindowLength(numbers(1))).toBe(125);
    expect(slidingWindowLength(numbers())).toBe(125);
  });
});

/** 600 rows, three windows, one at the end; scores with ties, from a congruence. */
function madeCase(): { labels: number[]; scores: Float64Array } {
  const labels = Array.from({ length: 600 }, (_, row) =>
    Number((row >= 100 && row < 130) || (row >= 170 && row < 180) || row >= 590),
  );
  let state = 12_345;
  const scores = Float64Array.from(labels, (label) => {
    state = (state * 16_807) % 2_147_483_647;
    return (state % 97) + 40 * label;
  });
  return { labels, scores };
}

const PUBLISHED: readonly number[] = [0.6391485714042662, 0.6893819524041898, 0.7678384456203103];
