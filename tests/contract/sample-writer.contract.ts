import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { batchOf, type OpenParts, type PartsFactory } from './store-harness.js';

const T = 1_700_000_000_000;

/** What every SampleWriter promises, on one machine and in the cloud. */
export function describeSampleWriter(factory: PartsFactory): void {
  describe(`${factory.name} as SampleWriter`, () => {
    let parts: OpenParts;
    beforeEach(async () => {
      parts = await factory.open();
    });
    afterEach(() => parts.clear());

    it('keeps times of whole milliseconds exactly, before 1970 too', async () => {
      const { writer, samplesOf } = parts;
      const times = [-1, -4_294_967_297, 0, 1, 4_294_967_295, 4_294_967_296, 253_402_300_799_999];
      await writer.append(batchOf(...times.map((timeMs) => [3, timeMs, timeMs] as const)));
      const sorted = [...times].sort((a, b) => a - b);
      expect(await samplesOf(3)).toEqual(sorted.map((timeMs) => [timeMs, timeMs]));
    });

    it('keeps values exactly, from the smallest to the largest', async () => {
      const { writer, samplesOf } = parts;
      const values = [0, -0.1, 1 / 3, Number.MIN_VALUE, Number.MAX_VALUE, -Number.MAX_VALUE, 2 ** 53 - 1];
      await writer.append(batchOf(...values.map((value, i) => [1, T + i, value] as const)));
      expect((await samplesOf(1)).map(([, value]) => value)).toEqual(values);
    });

    it('lets the last write of a sample win and changes nothing on a repeat', async () => {
      const { writer, samplesOf, nextOrigin } = parts;
      await writer.append(batchOf([1, T, 1], [1, T + 1, 5]), nextOrigin());
      await writer.append(batchOf([1, T, 2]), nextOrigin());
      const origin = nextOrigin();
      await writer.append(batchOf([1, T, 2], [1, T, 3]), origin);
      await writer.append(batchOf([1, T, 2], [1, T, 3]), origin);
      expect(await samplesOf(1)).toEqual([
        [T, 3],
        [T + 1, 5],
      ]);
    });

    it('stores what it was given when append was called', async () => {
      const { writer, samplesOf } = parts;
      const batch = batchOf([1, T, 1], [2, T, 2]);
      const done = writer.append(batch);
      batch.values.fill(-1);
      batch.timesMs.fill(0);
      await done;
      expect(await samplesOf(1)).toEqual([[T, 1]]);
      expect(await samplesOf(2)).toEqual([[T, 2]]);
    });

    it('takes many batches at once, each sample once', async () => {
      const { writer, samplesOf } = parts;
      const calls = Array.from({ length: 60 }, (_, i) => writer.append(batchOf([i % 3, T + i, i])));
      await Promise.all(calls);
      for (const id of [0, 1, 2]) {
        const expected = Array.from({ length: 20 }, (_, i) => [T + i * 3 + id, i * 3 + id]);
        expect(await samplesOf(id)).toEqual(expected);
      }
    });
  });
}
