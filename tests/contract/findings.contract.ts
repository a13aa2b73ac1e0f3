import type { Anomaly } from '@seismo/server/model/verdict';
import type { SampleStore } from '@seismo/server/ports/sample-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  anomalyOf,
  batchOf,
  NO_VERDICTS,
  StoreBench,
  type StoreFactory,
  verdictsOf,
} from './store-harness.js';

const T = 1_700_000_000_000;
const UNKNOWN = 3;
const ANOMALOUS = 2;

/** What every FindingsStore does with verdicts and anomalies. */
export function describeFindings(factory: StoreFactory): void {
  describe(`${factory.name} as FindingsStore`, () => {
    let bench: StoreBench;
    beforeEach(() => {
      bench = new StoreBench(factory);
    });
    afterEach(() => bench.clear());

    describeVerdicts(() => bench);
    describeAnomalies(() => bench);
  });
}

function describeVerdicts(bench: () => StoreBench): void {
  it('gives samples with the verdict each was given, and none where none was given', async () => {
    const { samples } = await bench().open();
    await samples.append(batchOf([1, T, 10], [1, T + 1, 99], [1, T + 2, 12]));
    await samples.appendFindings(
      verdictsOf([
        { seriesId: 1, timeMs: T, expected: 11 },
        { seriesId: 1, timeMs: T + 1, expected: 12, anomalous: true },
      ]),
      [],
    );
    const found = await samples.querySamples({ seriesId: 1, fromMs: T, toMs: T + 2, points: 100 });
    expect([...found.states]).toEqual([1, ANOMALOUS, UNKNOWN]);
    expect([...found.expected]).toEqual([11, 12, Number.NaN]);
    expect([...found.lower]).toEqual([10, 11, Number.NaN]);
    expect([...found.upper]).toEqual([12, 13, Number.NaN]);
    expect([...found.probability]).toEqual([0.5, 0.999, Number.NaN]);
    expect([...found.alarms]).toEqual([0, 1, 0]);
    expect(found).toMatchObject({ total: 3, downsampled: false });
  });

  it('keeps verdicts through compaction and lets a later verdict replace an earlier one', async () => {
    const { samples } = await bench().open({ compactionRows: 2 });
    const seq = await samples.append(batchOf([1, T, 10], [1, T + 1, 11]));
    await samples.appendFindings(verdictsOf([{ seriesId: 1, timeMs: T, expected: 5 }]), []);
    const next = await samples.append(batchOf([1, T + 2, 12], [1, T + 3, 13]));
    samples.keepCommitsAfter(next);
    await samples.compact();
    await samples.appendFindings(verdictsOf([{ seriesId: 1, timeMs: T, expected: 6 }]), []);
    const expectedOf = async (): Promise<number[]> => [
      ...(await samples.querySamples({ seriesId: 1, fromMs: T, toMs: T + 9, points: 100 })).expected,
    ];
    expect(await expectedOf()).toEqual([6, Number.NaN, Number.NaN, Number.NaN]);
    const last = await samples.append(batchOf([1, T + 4, 14], [1, T + 5, 15]));
    samples.keepCommitsAfter(last);
    await samples.compact();
    expect((await expectedOf())[0]).toBe(6);
    expect(seq).toBeLessThan(next);
  });

  it('deletes verdicts by their own retention; an anomalous sample stays recognisable', async () => {
    const { samples } = await bench().open();
    await samples.append(batchOf([1, T, 10], [1, T + 1, 100], [1, T + 50, 12]));
    const judged = [T, T + 1, T + 50].map((timeMs) => ({
      seriesId: 1,
      timeMs,
      expected: 10,
      anomalous: timeMs === T + 1,
    }));
    await samples.appendFindings(verdictsOf(judged), [anomalyOf(1, T + 1, { alarm: true })]);
    expect(await samples.enforceRetention({ samplesMs: T, verdictsMs: T + 10 })).toEqual([]);
    const found = await samples.querySamples({ seriesId: 1, fromMs: T, toMs: T + 99, points: 100 });
    expect([...found.states]).toEqual([UNKNOWN, ANOMALOUS, 1]);
    expect([...found.expected]).toEqual([Number.NaN, 10, 10]);
  });
}

function describeAnomalies(bench: () => StoreBench): void {
  const given: Anomaly[] = [
    anomalyOf(1, T, { probability: 0.99, component: 'level' }),
    anomalyOf(2, T + 5, { alarm: true, component: 'variance' }),
    anomalyOf(1, T + 5, { alarm: true, probability: 0.97 }),
    anomalyOf(1, T + 5, { detector: 'arima_plus', expected: Number.NaN }),
    anomalyOf(3, T + 9, { value: -4, score: 20 }),
  ];
  const newestFirst = [4, 3, 2, 1, 0].map((i) => given[i]!);

  async function stored(): Promise<SampleStore> {
    const { samples } = await bench().open();
    await samples.append(batchOf([1, T, 1], [2, T, 2], [3, T, 3]));
    await samples.appendFindings(NO_VERDICTS, given);
    return samples;
  }

  it('replaces an anomaly that is written again', async () => {
    const samples = await stored();
    await samples.appendFindings(NO_VERDICTS, given);
    await samples.appendFindings(NO_VERDICTS, [anomalyOf(1, T, { probability: 0.5 })]);
    expect(await samples.queryAnomalies({ limit: 100 })).toEqual([
      ...newestFirst.slice(0, 4),
      anomalyOf(1, T, { probability: 0.5 }),
    ]);
    expect((await samples.statistics()).anomalies).toBe(given.length);
  });

  it('deletes anomalies with the samples', async () => {
    const samples = await stored();
    await samples.append(batchOf([1, T + 100, 1], [2, T + 100, 1], [3, T + 100, 1]));
    await samples.enforceRetention({ samplesMs: T + 6, verdictsMs: T + 6 });
    expect(await samples.queryAnomalies({ limit: 100 })).toEqual([given[4]]);
  });

  it('finds what it was given just before, though that is not durable yet', async () => {
    const samples = await stored();
    const waiting = samples.appendFindings(NO_VERDICTS, [anomalyOf(3, T + 77)]);
    expect(await samples.queryAnomalies({ limit: 1 })).toEqual([anomalyOf(3, T + 77)]);
    await waiting;
    await samples.appendFindings(NO_VERDICTS, [anomalyOf(3, T + 78)]);
    expect(await samples.queryAnomalies({ limit: 1 })).toEqual([anomalyOf(3, T + 78)]);
  });

  it('keeps findings that wait when it closes', async () => {
    const samples = await stored();
    const waiting = samples.appendFindings(NO_VERDICTS, [anomalyOf(3, T + 77)]);
    await samples.close();
    await waiting;
    const { samples: again } = await bench().open();
    expect((await again.queryAnomalies({ limit: 1 }))[0]).toEqual(anomalyOf(3, T + 77));
  });
}
