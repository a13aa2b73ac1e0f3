import { describe, expect, it } from 'vitest';
import { changePointF1 } from '../../benchmarks/forecast/change-point-score.js';

describe('the F1 of change points', () => {
  it('is 1 for what every annotator marked, up to five values off', () => {
    expect(changePointF1([100], [[100], [105], [95]])).toBe(1);
    expect(changePointF1([], [[], []])).toBe(1);
  });

  it('counts the start as found: precision over all annotators, recall the mean of each', () => {
    // Precision 2 of 3; recalls 2/2, 1/2 and 1/1.
    const recall = (1 + 0.5 + 1) / 3;
    const precision = 2 / 3;
    expect(changePointF1([50, 200], [[52], [120], []])).toBeCloseTo(
      (2 * precision * recall) / (precision + recall),
      12,
    );
  });

  it('lets a change found stand for one annotated only', () => {
    expect(changePointF1([50], [[48, 52]])).toBeCloseTo((2 * 1 * (2 / 3)) / (1 + 2 / 3), 12);
  });
});
