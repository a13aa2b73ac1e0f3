import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allOf, batchOf, gather, rowsOf, StoreBench, type StoreFactory } from './store-harness.js';

const T = 1_700_000_000_000;

/** What every CommitLog promises of the commits of its store. */
export function describeCommitLog(factory: StoreFactory): void {
  describe(`${factory.name} as CommitLog`, () => {
    let bench: StoreBench;
    beforeEach(() => {
      bench = new StoreBench(factory);
    });
    afterEach(() => bench.clear());

    it('numbers concurrent batches in the order of the calls and tells listeners in that order', async () => {
      const { samples } = await bench.open();
      const heard: number[] = [];
      samples.onCommitted((commits) => heard.push(...commits.map((commit) => commit.seq)));
      const calls = Array.from({ length: 50 }, (_, i) => samples.append(batchOf([i % 5, T + i, i])));
      const seqs = await Promise.all(calls);
      expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
      expect(new Set(seqs).size).toBe(50);
      expect(heard).toEqual(seqs);
    });

    it('gives listeners the batches as they were when append was called', async () => {
      const { samples } = await bench.open();
      const heard: unknown[] = [];
      samples.onCommitted((commits) => heard.push(...commits.flatMap((commit) => rowsOf(commit.batch))));
      const batch = batchOf([1, T, 1], [2, T, 2]);
      const done = samples.append(batch);
      batch.values.fill(-1);
      await done;
      expect(heard).toEqual([
        [1, T, 1],
        [2, T, 2],
      ]);
      expect(await allOf(samples, 2)).toEqual([[T, 2]]);
    });

    it('reads committed batches whole and in order, about as many samples as asked, always at least one', async () => {
      const { samples } = await bench.open();
      const first = await samples.append(batchOf([1, T, 1], [2, T, 2], [1, T, 3]));
      const second = await samples.append(batchOf([1, T - 5, 4]));
      const third = await samples.append(batchOf([4, T, 5], [3, T, 6]));
      const one = await samples.readCommittedAfter(0, 1);
      expect(one.map((commit) => [commit.seq, rowsOf(commit.batch)])).toEqual([
        [
          first,
          [
            [1, T, 1],
            [2, T, 2],
            [1, T, 3],
          ],
        ],
      ]);
      const rest = await samples.readCommittedAfter(first, 100);
      expect(rest.map((commit) => [commit.seq, rowsOf(commit.batch)])).toEqual([
        [second, [[1, T - 5, 4]]],
        [
          third,
          [
            [4, T, 5],
            [3, T, 6],
          ],
        ],
      ]);
      expect(await samples.readCommittedAfter(third, 100)).toEqual([]);
    });

    it('goes on with larger numbers after reopening, also when everything was compacted', async () => {
      const settings = { compactionRows: 1 };
      const { samples } = await bench.open(settings);
      const before = await samples.append(batchOf([1, T, 1]));
      samples.keepCommitsAfter(before);
      await samples.compact();
      await samples.close();
      const { samples: again } = await bench.open(settings);
      expect((await again.statistics()).committedSeq).toBe(before);
      expect(await again.append(batchOf([1, T + 1, 1]))).toBeGreaterThan(before);
      expect(await allOf(again, 1)).toEqual([
        [T, 1],
        [T + 1, 1],
      ]);
    });

    it('reads all samples by series with ascending times, as of a commit, whatever was compacted', async () => {
      const { samples } = await bench.open({ compactionRows: 4 });
      const seq = await samples.append(batchOf([2, T + 1, 1], [1, T, 2], [2, T, 3], [1, T + 7, 4]));
      samples.keepCommitsAfter(seq);
      await samples.compact();
      const through = await samples.append(batchOf([2, T, 30], [3, T, 5]));
      await samples.append(batchOf([1, T, 99], [4, T, 99]));
      const expected = [
        [1, T, 2],
        [1, T + 7, 4],
        [2, T, 30],
        [2, T + 1, 1],
        [3, T, 5],
      ];
      for (const maxSamples of [1, 2, 3, 1000]) {
        expect(await gather(samples.readAll(through, maxSamples))).toEqual(expected);
      }
    });
  });
}
