import { describe, expect, it } from 'vitest';
import { isOutdated } from './corrected-values.js';

const { NEGATIVE_INFINITY, POSITIVE_INFINITY } = Number;

describe('a verdict of a corrected value', () => {
  it.each([
    ['stays on its side of the band', false, 12, 10, 20, false],
    ['ends where it comes in', true, 12, 10, 20, true],
    ['ends where it goes out', false, 21, 10, 20, true],
    ['stays outside', true, 21, 10, 20, false],
    ['has no end of a band to pass below', false, -1e9, NEGATIVE_INFINITY, 20, false],
    ['ends below the only end there is', true, 12, NEGATIVE_INFINITY, 20, true],
    ['ends above the only end there is', false, 21, NEGATIVE_INFINITY, 20, true],
    ['stays above the only end there is', true, 21, NEGATIVE_INFINITY, 20, false],
    ['ends above a lower end alone', true, 12, 10, POSITIVE_INFINITY, true],
    ['stays below a lower end alone', true, 9, 10, POSITIVE_INFINITY, false],
    ['takes rounding for no side', false, 20 + 4e-15, 10, 20, false],
    ['takes rounding for no side of the only end', false, 20 + 4e-15, NEGATIVE_INFINITY, 20, false],
    ['stays where a series that stands still is anomalous at its value', true, 12, 12, 12, false],
    ['stays where there is no band', false, 12, Number.NaN, Number.NaN, false],
  ])('%s', (_, isAnomalous, value, lower, upper, outdated) => {
    expect(isOutdated(isAnomalous, value, lower, upper)).toBe(outdated);
  });
});
