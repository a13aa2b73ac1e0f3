import { expect, test } from 'vitest';
import { isAhead, isSilent } from './silence.js';

test.each([
  ['each second, 14 s ago', 1000, 14_000, false],
  ['each second, 16 s ago', 1000, 16_000, true],
  ['each five minutes, 20 minutes ago', 300_000, 1_200_000, false],
  ['each five minutes, 26 minutes ago', 300_000, 1_560_000, true],
  ['one sample only, 4 minutes ago', Number.NaN, 240_000, false],
  ['one sample only, 6 minutes ago', Number.NaN, 360_000, true],
])('%s', (_what, periodMs, agoMs, silent) => {
  const nowMs = 1_743_548_330_000;
  expect(isSilent(nowMs - agoMs, periodMs, nowMs)).toBe(silent);
});

test('a newest sample that no clock of now would have taken is ahead', () => {
  expect([3_600_000, 3_600_001].map((ms) => isAhead(ms, 0))).toEqual([false, true]);
});
