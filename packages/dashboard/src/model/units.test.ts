import { describe, expect, it } from 'vitest';
import { shortNumber, signedNumber } from './format.js';
import { withUnit } from './units.js';

describe('a unit', () => {
  it('stands behind the number, with its thousands before it', () => {
    expect(withUnit('12.3 G', 'B')).toBe('12.3 GB');
    expect(withUnit('−41', '%')).toBe('−41 %');
    expect(withUnit('8.1 M', 'B/s')).toBe('8.1 MB/s');
    expect(withUnit('312', '')).toBe('312');
    expect(withUnit('–', 'B')).toBe('–');
    expect([shortNumber(8.1e9, 'B'), signedNumber(-9, 'ms'), signedNumber(41)]).toEqual([
      '8.1 GB',
      '−9 ms',
      '+41',
    ]);
  });
});
