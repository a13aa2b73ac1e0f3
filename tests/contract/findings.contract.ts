import type { Anomaly } from '@seismo/server/model/verdict';
import type { AnomalyQuery, SampleStore } from '@seismo/server/ports/sample-store';
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

/** What every SampleStore does with verdicts and anomalies, and how it thins samples out. */
export function describeFindings(factory: StoreFactory): void {
  describe(`${factory.name} as SampleStore, findings`, () => {
    let bench: StoreBench;
    beforeEach(() => {
      bench = new StoreBench(factory);
    });
    afterEach(() => bench.clear());

    describeVerdicts(() => bench);
    describeThinning(() => bench);
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

  it('keeps to the range, both ends included', async () => {
    const { samples } = await bench().open();
    await samples.append(batchOf([1, T, 1], [1, T + 1, 2], [1, T + 2, 3], [1, T + 3, 4], [2, T + 1, 9]));
    const found = await samples.querySamples({ seriesId: 1, fromMs: T + 1, toMs: T + 2, points: 100 });
    expect([...found.values]).toEqual([2, 3]);
    const none = await samples.querySamples({ seriesId: 7, fromMs: T, toMs: T + 9, points: 100 });
    expect(none).toMatchObject({ total: 0, downsampled: false });
    expect(none.timesMs).toHaveLength(0);
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

function describeThinning(bench: () => StoreBench): void {
  it('keeps the smallest and largest of each span and every anomalous sample', async () => {
    const { samples } = await bench().open();
    const count = 10_000;
    const valueAt = (i: number): number =>
      Math.sin(i / 50) * 10 + (i === 7777 ? 500 : 0) - (i === 1234 ? 500 : 0);
    await samples.append(
      batchOf(...Array.from({ length: count }, (_, i) => [1, T + i, valueAt(i)] as const)),
    );
    const anomalous = [5, 6, 4321, 9000];
    await samples.appendFindings(
      verdictsOf(anomalous.map((i) => ({ seriesId: 1, timeMs: T + i, expected: 0, anomalous: true }))),
      [],
    );
    const found = await samples.querySamples({ seriesId: 1, fromMs: T, toMs: T + count, points: 200 });
    expect(found).toMatchObject({ total: count, downsampled: true });
    expect(found.timesMs.length).toBeLessThanOrEqual(200 + anomalous.length);
    const kept = new Set(found.timesMs);
    for (const i of [1234, 7777, ...anomalous]) expect(kept).toContain(T + i);
    for (let span = 0; span < 100; span++) {
      const inSpan = Array.from({ length: 100 }, (_, k) => valueAt(span * 100 + k));
      const keptValues = found.values.filter((_, i) => Math.floor((found.timesMs[i]! - T) / 100) === span);
      expect(Math.min(...keptValues)).toBe(Math.min(...inSpan));
      expect(Math.max(...keptValues)).toBe(Math.max(...inSpan));
    }
    expect([...found.timesMs]).toEqual([...found.timesMs].sort((a, b) => a - b));
    const raw = await samples.querySamples({ seriesId: 1, fromMs: T, toMs: T + count, points: count });
    expect(raw).toMatchObject({ total: count, downsampled: false });
    expect(raw.timesMs).toHaveLength(count);
  });
}

function describeAnomalies(bench: () => StoreBench): void {
  const given: Anomaly[] = [
    anomalyOf(1, T, { probability: 0.99 }),
    anomalyOf(2, T + 5, { alarm: true }),
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

  it('gives anomalies newest first, then by series, then by detector', async () => {
    const samples = await stored();
    expect(await samples.queryAnomalies({ limit: 100 })).toEqual(newestFirst);
  });

  it('pages through them without a gap or a repeat', async () => {
    const samples = await stored();
    const seen: Anomaly[] = [];
    let after: AnomalyQuery['after'];
    for (;;) {
      const page = await samples.queryAnomalies({ limit: 2, ...(after === undefined ? {} : { after }) });
      if (page.length === 0) break;
      expect(page.length).toBeLessThanOrEqual(2);
      seen.push(...page);
      after = page.at(-1)!;
    }
    expect(seen).toEqual(newestFirst);
  });

  it('filters by series, time, probability and alarm', async () => {
    const samples = await stored();
    const ask = async (query: Partial<AnomalyQuery>): Promise<Anomaly[]> =>
      samples.queryAnomalies({ limit: 100, ...query });
    expect(await ask({ seriesIds: [2, 3] })).toEqual([given[4], given[1]]);
    expect(await ask({ seriesIds: [] })).toEqual([]);
    expect(await ask({ fromMs: T + 5, toMs: T + 5 })).toEqual([given[3], given[2], given[1]]);
    expect(await ask({ minProbability: 0.99 })).toEqual(newestFirst.filter((one) => one !== given[2]));
    expect(await ask({ alarmsOnly: true })).toEqual([given[2], given[1]]);
    expect(await ask({ alarmsOnly: true, seriesIds: [1], fromMs: T })).toEqual([given[2]]);
  });

  it('replaces an anomaly that is written again', async () => {
    const samples = await stored();
    await samples.appendFindings(NO_VERDICTS, given);
    await samples.appendFindings(NO_VERDICTS, [anomalyOf(1, T, { probability: 0.5 })]);
    expect(await samples.queryAnomalies({ limit: 100 })).toEqual([
      ...newestFirst.slice(0, 4),
      { ...given[0]!, probability: 0.5 },
    ]);
    expect((await samples.statistics()).anomalies).toBe(given.length);
  });

  it('deletes anomalies with the samples', async () => {
    const samples = await stored();
    await samples.append(batchOf([1, T + 100, 1], [2, T + 100, 1], [3, T + 100, 1]));
    await samples.enforceRetention({ samplesMs: T + 6, verdictsMs: T + 6 });
    expect(await samples.queryAnomalies({ limit: 100 })).toEqual([given[4]]);
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
