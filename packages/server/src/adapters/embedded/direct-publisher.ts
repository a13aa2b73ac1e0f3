import type { SampleBatch } from '../../model/batch.js';
import type { Publisher } from '../../ports/publisher.js';
import type { SampleWriter } from '../../ports/sample-store.js';

/** Hands each batch straight to the store of the same process. */
export function createDirectPublisher(store: SampleWriter): Publisher {
  return {
    async publish(batch: SampleBatch): Promise<void> {
      await store.append(batch);
    },
  };
}
