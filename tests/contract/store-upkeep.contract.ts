import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allOf, batchOf, NO_VERDICTS, StoreBench, type StoreFactory } from './store-harness.js';

/** What a SampleStore of our own running does besides: compaction, retention, limits, closing. */
export function describeStoreUpkeep(factory: StoreFactory): void {
  describe(`${factory.name} as StoreUpkeep`, () => {
    let bench: StoreBench;
    beforeEach(() => {
      bench = new StoreBench(factory);
    });
    afterEach(() => bench.clear());

    describeReopening(() => bench);
    describeCompaction(() => bench);
    describeRetention(() => bench);
    describeLimits(() => bench);
  });
}

const T = 1_700_000_000_000;

function describeReopening(bench: () => StoreBench): void {
  it('stores each series once, with name and labels, and gives it back after reopening', async () => {
    const { samples } = await bench().open();
    await Promise.all([
      samples.append(batchOf([1, T, 1])),
      samples.append(batchOf([12, T, 1], [1, T + 1, 1])),
    ]);
    await samples.append(batchOf([12, T + 2, 1]));
    const expected = [
      { id: 1, key: 'metric_1', name: 'metric_1', labels: {} },
      { id: 12, key: 'requests{host="h12"}', name: 'requests', labels: { host: 'h12' } },
    ];
    expect(await samples.readSeries()).toEqual(expected);
    await samples.close();
    const reopened = await bench().open();
    expect(await reopened.samples.readSeries()).toEqual(expected);
  });

  it('gives the newest sample of each series', async () => {
    const { samples } = await bench().open({ compactionRows: 1 });
    const seq = await samples.append(batchOf([1, T, 1], [2, T + 9, 2], [1, T + 5, 3]));
    samples.keepCommitsAfter(seq);
    await samples.compact();
    await samples.append(batchOf([1, T + 5, 4], [2, T + 1, 5], [3, T, 6]));
    expect(await samples.readLatest()).toEqual([
      { seriesId: 1, timeMs: T + 5, value: 4 },
      { seriesId: 2, timeMs: T + 9, value: 2 },
      { seriesId: 3, timeMs: T, value: 6 },
    ]);
  });
}

function describeCompaction(bench: () => StoreBench): void {
  it('never takes commits after the kept one, and changes nothing that can be read', async () => {
    const { samples } = await bench().open({ compactionRows: 10 });
    const seqs: number[] = [];
    for (let i = 0; i < 40; i++) {
      seqs.push(await samples.append(batchOf([i % 3, T + ((i * 7) % 20), i], [5, T + i, i])));
    }
    const before = [await allOf(samples, 0), await allOf(samples, 1), await allOf(samples, 5)];
    const replay = await samples.readCommittedAfter(seqs[24]!, 1000);
    samples.keepCommitsAfter(seqs[24]!);
    await samples.compact();
    expect((await samples.statistics()).uncompactedSamples).toBe(30);
    expect(await samples.readCommittedAfter(seqs[24]!, 1000)).toEqual(replay);
    expect([await allOf(samples, 0), await allOf(samples, 1), await allOf(samples, 5)]).toEqual(before);
  });

  it('lets a late write win over what is compacted already, before and after its own compaction', async () => {
    const { samples } = await bench().open({ compactionRows: 2 });
    const first = await samples.append(batchOf([1, T, 1], [1, T + 10, 2], [2, T, 3], [2, T + 10, 4]));
    samples.keepCommitsAfter(first);
    await samples.compact();
    const late = await samples.append(batchOf([1, T, 100], [2, T + 5, 101]));
    const expected = [
      [T, 100],
      [T + 10, 2],
    ];
    expect(await allOf(samples, 1)).toEqual(expected);
    samples.keepCommitsAfter(late);
    await samples.compact();
    expect((await samples.statistics()).uncompactedSamples).toBe(0);
    expect(await allOf(samples, 1)).toEqual(expected);
    expect((await samples.statistics()).samples).toBe(5);
    expect((await allOf(samples, 2)).map(([timeMs]) => timeMs)).toEqual([T, T + 5, T + 10]);
  });

  it('takes samples while it compacts and loses none', async () => {
    const { samples } = await bench().open({ compactionRows: 500, runRows: 1500 });
    let newest = 0;
    let compacting = true;
    const compaction = (async () => {
      for (let i = 0; i < 10; i++) {
        samples.keepCommitsAfter(newest);
        await samples.compact();
      }
      compacting = false;
    })();
    const written = new Map<number, number>();
    for (let i = 0; compacting || i < 100; i++) {
      const rows = Array.from({ length: 50 }, (_, k) => [1, T + ((i * 37 + k) % 4000), i] as const);
      for (const [, timeMs, value] of rows) written.set(timeMs, value);
      newest = await samples.append(batchOf(...rows));
    }
    await compaction;
    const expected = [...written].sort(([a], [b]) => a - b);
    expect(await allOf(samples, 1)).toEqual(expected);
    samples.keepCommitsAfter(newest);
    await samples.compact();
    expect(await allOf(samples, 1)).toEqual(expected);
  });
}

function describeRetention(bench: () => StoreBench): void {
  it('deletes what is older and names the series that are gone', async () => {
    const { samples } = await bench().open({ compactionRows: 3 });
    const seq = await samples.append(batchOf([1, T, 1], [2, T, 2], [2, T + 100, 3]));
    samples.keepCommitsAfter(seq);
    await samples.compact();
    await samples.append(batchOf([3, T + 1, 4], [4, T + 101, 5]));
    expect(await samples.enforceRetention({ samplesMs: T + 50, verdictsMs: T + 50 })).toEqual([1, 3]);
    expect(await allOf(samples, 1)).toEqual([]);
    expect(await allOf(samples, 2)).toEqual([[T + 100, 3]]);
    expect((await samples.readSeries()).map((series) => series.id)).toEqual([2, 4]);
    expect(await samples.enforceRetention({ samplesMs: T + 50, verdictsMs: T + 50 })).toEqual([]);
  });

  it('keeps a series for which samples wait', async () => {
    const { samples } = await bench().open();
    await samples.append(batchOf([1, T, 1]));
    const retention = samples.enforceRetention({ samplesMs: T + 50, verdictsMs: T + 50 });
    const writes = [];
    for (let i = 0; i < 20; i++) {
      writes.push(samples.append(batchOf([1, T + 100 + i, i])));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const gone = await retention;
    await Promise.all(writes);
    expect(gone).toEqual([]);
    expect((await samples.readSeries()).map((series) => series.id)).toEqual([1]);
    expect(await allOf(samples, 1)).toHaveLength(20);
  });
}

function describeLimits(bench: () => StoreBench): void {
  it('refuses with queue_full while too much waits and takes samples again afterwards', async () => {
    const { samples } = await bench().open({ queueRowsMax: 10 });
    const rows = Array.from({ length: 6 }, (_, i) => [1, T + i, i] as const);
    const first = samples.append(batchOf(...rows));
    await expect(samples.append(batchOf(...rows))).rejects.toMatchObject({ code: 'queue_full' });
    await first;
    await samples.append(batchOf(...rows));
    expect((await samples.statistics()).queuedSamples).toBe(0);
  });

  it('refuses with storage_full below the reserve, goes on reading, and takes samples again by itself', async () => {
    let free = 1e12;
    const { samples } = await bench().open({ diskReserveBytes: 1e9, freeBytes: () => free });
    await samples.append(batchOf([1, T, 1]));
    free = 1e6;
    await expect
      .poll(() =>
        samples.append(batchOf([1, T + 1, 2])).then(
          () => 'taken',
          (error) => error.code,
        ),
      )
      .toBe('storage_full');
    expect((await samples.statistics()).full).toBe(true);
    expect((await allOf(samples, 1)).length).toBeGreaterThan(0);
    free = 1e12;
    await expect
      .poll(() =>
        samples.append(batchOf([1, T + 2, 3])).then(
          () => 'taken',
          (error) => error.code,
        ),
      )
      .toBe('taken');
    expect((await samples.statistics()).full).toBe(false);
  });

  it('gives up compaction and retention when its upkeep is stopped, and does them once it is opened again', async () => {
    const { samples } = await bench().open({ compactionRows: 100, runRows: 100 });
    const rows = Array.from({ length: 20_000 }, (_, i) => [i % 7, T + Math.floor(i / 7), i] as const);
    samples.keepCommitsAfter(await samples.append(batchOf(...rows)));
    const before = await allOf(samples, 3);
    const compacting = samples.compact();
    const expiring = samples.enforceRetention({ samplesMs: T + 1000, verdictsMs: T });
    await samples.stopUpkeep();
    await Promise.all([compacting, expiring]);
    const { uncompactedSamples } = await samples.statistics();
    await samples.compact();
    expect(await samples.enforceRetention({ samplesMs: T + 1e6, verdictsMs: T })).toEqual([]);
    expect((await samples.statistics()).uncompactedSamples).toBe(uncompactedSamples);
    // Of the expired rows some may have gone.
    const kept = before.filter(([timeMs]) => timeMs >= T + 1000);
    expect((await allOf(samples, 3)).slice(-kept.length)).toEqual(kept);
    const seq = await samples.append(batchOf([3, T + 9e6, 1]));
    await samples.close();

    const { samples: again } = await bench().open({ compactionRows: 100, runRows: 100 });
    again.keepCommitsAfter(seq);
    await again.compact();
    expect((await again.statistics()).uncompactedSamples).toBeLessThan(100);
    expect((await allOf(again, 3)).slice(-kept.length - 1)).toEqual([...kept, [T + 9e6, 1]]);
  });

  it('commits what waits when it closes, and refuses afterwards', async () => {
    const { samples } = await bench().open();
    const waiting = [samples.append(batchOf([1, T, 1])), samples.append(batchOf([1, T + 1, 2]))];
    const closed = samples.close();
    await expect(samples.append(batchOf([1, T + 2, 3]))).rejects.toMatchObject({ code: 'not_ready' });
    await closed;
    await Promise.all(waiting);
    await expect(samples.append(batchOf([1, T + 2, 3]))).rejects.toMatchObject({ code: 'not_ready' });
    await expect(samples.appendFindings(NO_VERDICTS, [])).rejects.toMatchObject({ code: 'not_ready' });
    await expect(samples.readSeries()).rejects.toMatchObject({ code: 'not_ready' });
    await samples.close();
    const { samples: again } = await bench().open();
    expect(await allOf(again, 1)).toEqual([
      [T, 1],
      [T + 1, 2],
    ]);
  });
}
