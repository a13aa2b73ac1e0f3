import { expect, test } from 'vitest';
import { withLearned } from './learned-steps.js';

const MINUTE_MS = 60_000;
const step = (minute: number, size: number) => ({ timeMs: minute * MINUTE_MS, size });

test('a first training learns its steps without their being new', () => {
  expect(withLearned([step(100, 5)], undefined, 999)).toEqual([step(100, 5)]);
});

test('a step is learned by the first training that knows it, and stays so when the next finds it nearby', () => {
  const first = withLearned([step(100, 5)], [], 1000);
  expect(first).toEqual([{ ...step(100, 5), learnedMs: 1000 }]);
  const second = withLearned([step(103, 5.5), step(400, -9)], first, 2000);
  expect(second).toEqual([
    { ...step(103, 5.5), learnedMs: 1000 },
    { ...step(400, -9), learnedMs: 2000 },
  ]);
});

test('a step of the first training stays without a time, one back the other way at the same place is new', () => {
  const first = withLearned([step(100, 5)], undefined, 1000);
  expect(withLearned([step(100, 5), step(105, -5)], first, 2000)).toEqual([
    step(100, 5),
    { ...step(105, -5), learnedMs: 2000 },
  ]);
});
