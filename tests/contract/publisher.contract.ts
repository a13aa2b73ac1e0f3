import type { SampleBatch } from '@seismo/server/model/batch';
import type { Publisher } from '@seismo/server/ports/publisher';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { batchOf, lookup } from './store-harness.js';

const T = 1_700_000_000_000;

/** A publisher and what arrives behind it. */
export interface OpenPublisher {
  readonly publisher: Publisher;
  /** Everything that is durable by now, as `key timeMs` → value. */
  received(): Promise<Map<string, number>>;
  /** No more batches are taken. */
  close(): Promise<void>;
  clear(): Promise<void>;
}

export interface PublisherFactory {
  readonly name: string;
  open(): Promise<OpenPublisher>;
}

/** What every Publisher promises: what it acknowledged is there. */
export function describePublisher(factory: PublisherFactory): void {
  describe(`${factory.name} as Publisher`, () => {
    let open: OpenPublisher;
    beforeEach(async () => {
      open = await factory.open();
    });
    afterEach(() => open.clear());

    it('resolves when the samples are durable, values and times exact', async () => {
      const batch = batchOf([1, T, 1 / 3], [12, T + 1, -0.1], [1, T + 250, Number.MAX_VALUE], [2, 0, 1e-300]);
      await open.publisher.publish(batch);
      expect(await open.received()).toEqual(samplesOf(batch));
    });

    it('takes many small batches at once', async () => {
      const batches = Array.from({ length: 300 }, (_, i) => batchOf([i % 20, T + i, i]));
      await Promise.all(batches.map((batch) => open.publisher.publish(batch)));
      expect(await open.received()).toEqual(new Map(batches.flatMap((batch) => [...samplesOf(batch)])));
    });

    it('takes one large batch', async () => {
      const rows = Array.from({ length: 60_000 }, (_, i) => [i % 30, T + i, i / 7] as const);
      const batch = batchOf(...rows);
      await open.publisher.publish(batch);
      expect(await open.received()).toEqual(samplesOf(batch));
    });

    it('lets the last of several values of one sample count', async () => {
      await open.publisher.publish(batchOf([1, T, 1], [2, T, 5], [1, T, 2], [1, T + 1, 3], [1, T, 4]));
      expect(await open.received()).toEqual(samplesOf(batchOf([2, T, 5], [1, T + 1, 3], [1, T, 4])));
    });

    it('publishes what waits when it closes, and refuses afterwards', async () => {
      const waiting = [1, 2, 3].map((i) => open.publisher.publish(batchOf([1, T + i, i])));
      await open.close();
      await Promise.all(waiting);
      expect(await open.received()).toEqual(samplesOf(batchOf([1, T + 1, 1], [1, T + 2, 2], [1, T + 3, 3])));
      await expect(open.publisher.publish(batchOf([1, T, 1]))).rejects.toMatchObject({ code: 'not_ready' });
    });
  });
}

function samplesOf({ seriesIds, timesMs, values }: SampleBatch): Map<string, number> {
  return new Map(
    Array.from(seriesIds, (id, row) => [`${lookup(id).key} ${timesMs[row]!}`, values[row]!] as const),
  );
}
