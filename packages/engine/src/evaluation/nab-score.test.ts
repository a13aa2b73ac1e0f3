import { describe, expect, it } from 'vitest';
import {
  addNab,
  countNab,
  NAB_PROFILES,
  type NabProfile,
  nabProbationRows,
  nabScore,
  nabSigmoid,
} from './nab-score.js';

const { standard, rewardLowFalsePositives, rewardLowFalseNegatives } = NAB_PROFILES;
const ROWS = 2000;
/** Rows 800 to 899: 100 of them. */
const WINDOW = { first: 800, last: 899 };

function detectionsAt(...rows: number[]): Uint8Array {
  const detections = new Uint8Array(ROWS);
  for (const row of rows) detections[row] = 1;
  return detections;
}

const scoreOf = (detections: Uint8Array, profile: NabProfile = standard) =>
  nabScore(countNab(detections, [WINDOW], profile), profile);

describe('the NAB score', () => {
  it('is 0 for a detector that never says anything, in each profile', () => {
    for (const profile of Object.values(NAB_PROFILES)) expect(scoreOf(detectionsAt(), profile)).toBe(0);
  });

  it('is 100 for one that says the first row of each window and nothing else', () => {
    for (const profile of Object.values(NAB_PROFILES)) expect(scoreOf(detectionsAt(800), profile)).toBe(100);
    const windows = [{ first: 400, last: 480 }, WINDOW, { first: 1500, last: 1500 }];
    expect(nabScore(countNab(detectionsAt(400, 800, 1500), windows, standard), standard)).toBe(100);
  });

  it('falls within the window as the sigmoid does', () => {
    // Middle: σ(−0.5) = 2 / (1 + e^−2.5) − 1 = 0.848284; of σ(−1) = 0.986614 that is 0.859793.
    expect(countNab(detectionsAt(850), [WINDOW], standard).raw).toBeCloseTo(0.859793, 6);
    expect(scoreOf(detectionsAt(850))).toBeCloseTo(92.98963, 4);
    // Last row, one of a hundred before the end: σ(−0.01) = 0.0249948, over 0.986614 is 0.0253339.
    expect(countNab(detectionsAt(899), [WINDOW], standard).raw).toBeCloseTo(0.0253339, 6);
    expect(scoreOf(detectionsAt(899))).toBeCloseTo(51.2667, 4);
  });

  it('counts the first detection of a window and no other', () => {
    expect(scoreOf(detectionsAt(850, 851, 899))).toBe(scoreOf(detectionsAt(850)));
  });

  it('charges a false alarm by how far it follows a window', () => {
    // Row 900 lies 1/99 of a window behind it: σ = 2 / (1 + e^(5/99)) − 1 = −0.0252472.
    expect(countNab(detectionsAt(900), [WINDOW], standard).raw).toBeCloseTo(-1 - 0.11 * 0.0252472, 7);
    // One window length behind: −0.986614. Three and more, or before any window: −1.
    expect(countNab(detectionsAt(998), [WINDOW], standard).raw).toBeCloseTo(-1 - 0.11 * 0.986614, 6);
    for (const row of [899 + 3 * 99, 1999, 700]) {
      expect(countNab(detectionsAt(row), [WINDOW], standard).raw).toBeCloseTo(-1.11, 12);
      expect(countNab(detectionsAt(row), [WINDOW], rewardLowFalsePositives).raw).toBeCloseTo(-1.22, 12);
    }
    expect(countNab(detectionsAt(), [WINDOW], rewardLowFalseNegatives).raw).toBe(-2);
  });

  it('leaves the probationary period out, at the most 750 rows', () => {
    expect(nabProbationRows(2000)).toBe(300);
    expect(nabProbationRows(9)).toBe(1);
    expect(nabProbationRows(100_000)).toBe(750);
    expect(countNab(detectionsAt(0, 299), [WINDOW], standard)).toEqual({
      raw: -1,
      windows: 1,
      hits: 0,
      falseAlarms: 0,
    });
    expect(countNab(detectionsAt(120), [{ first: 100, last: 200 }], standard).windows).toBe(0);
    // A window that begins in it is hit by what comes after it only.
    const across = [{ first: 200, last: 399 }];
    expect(countNab(detectionsAt(250), across, standard).hits).toBe(0);
    expect(countNab(detectionsAt(250, 300), across, standard)).toMatchObject({ hits: 1, windows: 1 });
  });

  it('adds series up before it sets them between nothing and perfection', () => {
    const hit = countNab(detectionsAt(800, 1999), [WINDOW], standard);
    const miss = countNab(detectionsAt(), [WINDOW], standard);
    const quiet = countNab(detectionsAt(1000), [], standard);
    const sum = addNab([hit, miss, quiet]);
    expect(sum).toMatchObject({ windows: 2, hits: 1, falseAlarms: 2 });
    // (1 − 0.11 − 1 − 0.11 + 2) of 4.
    expect(nabScore(sum, standard)).toBeCloseTo((100 * 1.78) / 4, 10);
    expect(nabScore(quiet, standard)).toBeNaN();
  });

  it('has a sigmoid that goes through 0 at the end of the window', () => {
    expect(nabSigmoid(0)).toBe(0);
    expect(nabSigmoid(-1)).toBeCloseTo(0.9866143, 7);
    expect(nabSigmoid(2.9)).toBeGreaterThan(-1);
    expect(nabSigmoid(Number.POSITIVE_INFINITY)).toBe(-1);
  });
});
