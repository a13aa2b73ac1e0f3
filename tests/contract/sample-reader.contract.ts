import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anomalyOf, batchOf, lookup, type OpenWithReader, type PartsFactory } from './store-harness.js';

const T = 1_700_000_000_000;
const ANOMALOUS = 2;
const UNKNOWN = 3;

/** What every SampleReader promises over what was written and found. */
export function describeSampleReader(factory: PartsFactory<OpenWithReader>): void {
  describe(`${factory.name} as SampleReader`, () => {
    let parts: OpenWithReader;
    beforeEach(async () => {
      parts = await factory.open();
    });
    afterEach(() => parts.clear());

    describeReading(() => parts);
    describeThinning(() => parts);
  });
}

function describeReading(parts: () => OpenWithReader): void {
  it('keeps to the range, both ends included', async () => {
    const { writer, reader } = parts();
    await writer.append(batchOf([1, T, 1], [1, T + 1, 2], [1, T + 2, 3], [1, T + 3, 4], [2, T + 1, 9]));
    const found = await reader.querySamples({ seriesId: 1, fromMs: T + 1, toMs: T + 2, points: 100 });
    expect([...found.values]).toEqual([2, 3]);
    expect([...found.states]).toEqual([UNKNOWN, UNKNOWN]);
    expect([...found.expected]).toEqual([Number.NaN, Number.NaN]);
    const none = await reader.querySamples({ seriesId: 7, fromMs: T, toMs: T + 9, points: 100 });
    expect(none).toMatchObject({ total: 0, downsampled: false });
    expect(none.timesMs).toHaveLength(0);
  });

  it('gives each series once, with name and labels', async () => {
    const { writer, reader } = parts();
    await Promise.all([writer.append(batchOf([1, T, 1])), writer.append(batchOf([12, T, 1], [1, T + 1, 1]))]);
    await writer.append(batchOf([12, T + 2, 1]));
    expect(await reader.readSeries()).toEqual([lookup(1), lookup(12)]);
  });

  it('gives the newest sample of each series', async () => {
    const { writer, reader, nextOrigin } = parts();
    await writer.append(batchOf([1, T, 1], [2, T + 9, 2], [1, T + 5, 3]), nextOrigin());
    await writer.append(batchOf([1, T + 5, 4], [2, T + 1, 5], [3, T, 6]), nextOrigin());
    expect(await reader.readLatest()).toEqual([
      { seriesId: 1, timeMs: T + 5, value: 4 },
      { seriesId: 2, timeMs: T + 9, value: 2 },
      { seriesId: 3, timeMs: T, value: 6 },
    ]);
  });

  it('shows an anomaly that was found at its sample', async () => {
    const { writer, reader, keepAnomalies } = parts();
    await writer.append(batchOf([1, T, 10], [1, T + 1, 99], [1, T + 2, 12]));
    await keepAnomalies([anomalyOf(1, T + 1, { alarm: true })]);
    const found = await reader.querySamples({ seriesId: 1, fromMs: T, toMs: T + 2, points: 100 });
    expect([...found.states]).toEqual([UNKNOWN, ANOMALOUS, UNKNOWN]);
    expect([...found.expected]).toEqual([Number.NaN, 10, Number.NaN]);
    expect([...found.lower]).toEqual([Number.NaN, 9, Number.NaN]);
    expect([...found.upper]).toEqual([Number.NaN, 11, Number.NaN]);
    expect([...found.probability]).toEqual([Number.NaN, 0.999, Number.NaN]);
    expect([...found.alarms]).toEqual([0, 1, 0]);
    expect(found).toMatchObject({ total: 3, downsampled: false });
  });
}

function describeThinning(parts: () => OpenWithReader): void {
  it('keeps the smallest and largest of each span and every anomalous sample', async () => {
    const { writer, reader, keepAnomalies } = parts();
    const count = 10_000;
    const valueAt = (i: number): number =>
      Math.sin(i / 50) * 10 + (i === 7777 ? 500 : 0) - (i === 1234 ? 500 : 0);
    await writer.append(batchOf(...Array.from({ length: count }, (_, i) => [1, T + i, valueAt(i)] as const)));
    const anomalous = [5, 6, 4321, 9000];
    await keepAnomalies(anomalous.map((i) => anomalyOf(1, T + i, { value: valueAt(i) })));
    const found = await reader.querySamples({ seriesId: 1, fromMs: T, toMs: T + count, points: 200 });
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
    const raw = await reader.querySamples({ seriesId: 1, fromMs: T, toMs: T + count, points: count });
    expect(raw).toMatchObject({ total: count, downsampled: false });
    expect(raw.timesMs).toHaveLength(count);
  });
}
