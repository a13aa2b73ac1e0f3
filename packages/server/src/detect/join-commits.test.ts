import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CommittedBatch } from '../model/batch.js';
import { joinSmall } from './join-commits.js';

const row = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 1e13 }), fc.double());
const commits = fc
  .array(fc.array(row, { maxLength: 12 }))
  .map((batches) => batches.map((rows, i): CommittedBatch => ({ seq: 3 * i + 1, batch: toBatch(rows) })));

function toBatch(rows: readonly (readonly [number, number, number])[]) {
  return {
    seriesIds: Uint32Array.from(rows, ([id]) => id),
    timesMs: Float64Array.from(rows, ([, timeMs]) => timeMs),
    values: Float64Array.from(rows, ([, , value]) => value),
  };
}

function rowsOf(commits: readonly CommittedBatch[]) {
  return commits.flatMap(({ batch }) =>
    Array.from(batch.seriesIds, (id, i) => [id, batch.timesMs[i], batch.values[i]]),
  );
}

it('keeps every row in order, and numbers of commits that were there', () => {
  fc.assert(
    fc.property(commits, fc.integer({ min: 1, max: 30 }), (given, rowsMax) => {
      const joined = joinSmall(given, rowsMax);
      expect(rowsOf(joined)).toEqual(rowsOf(given));
      expect(joined.at(-1)?.seq).toBe(given.at(-1)?.seq);
      const numbers = new Set(given.map(({ seq }) => seq));
      expect(joined.every(({ seq }) => numbers.has(seq))).toBe(true);
      // What an interruption behind a joined commit leaves to be judged is just what it does not hold.
      for (const { seq } of joined) {
        const upTo = (list: readonly CommittedBatch[]) => rowsOf(list.filter((one) => one.seq <= seq));
        expect(upTo(joined)).toEqual(upTo(given));
      }
    }),
  );
});

it('joins small neighbours, and hands large commits on as they are', () => {
  const commit = (seq: number, rows: number) => ({
    seq,
    batch: toBatch(Array.from({ length: rows }, (_, i) => [seq, i, i] as const)),
  });
  const given = [commit(1, 1), commit(2, 1), commit(3, 5), commit(4, 2), commit(5, 1), commit(6, 2)];
  const joined = joinSmall(given, 4);
  expect(joined.map(({ seq, batch }) => [seq, batch.values.length])).toEqual([
    [2, 2],
    [3, 5],
    [5, 3],
    [6, 2],
  ]);
  expect(joined[1]).toBe(given[2]);
});
