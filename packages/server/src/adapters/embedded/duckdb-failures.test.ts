import { expect, it } from 'vitest';
import { AppError } from '../../errors.js';
import { PassingFailures } from '../../model/passing-failures.js';
import { tellShortage } from './duckdb-failures.js';

it('tells a want of memory as what may succeed later, and other failures as they are', async () => {
  expect(await tellShortage(Promise.resolve(3))).toBe(3);
  const shortage = new Error('Out of Memory Error: failed to allocate data of size 16.0 MiB');
  await expect(tellShortage(Promise.reject(shortage))).rejects.toMatchObject({
    code: 'not_ready',
    cause: shortage,
  });
  const other = new Error('of its own');
  await expect(tellShortage(Promise.reject(other))).rejects.toBe(other);
});

it('keeps quiet for five minutes of tries, and anew after one that succeeded', () => {
  const failures = new PassingFailures(100_000);
  const shortage = new AppError('not_ready', 'no memory');
  const passing = () => [1, 2, 3, 4].map(() => failures.passes(shortage));
  expect(passing()).toEqual([true, true, true, false]);
  failures.noteSuccess();
  expect(passing()).toEqual([true, true, true, false]);
  expect(failures.passes(new Error('of its own'))).toBe(false);
});
