import type { SampleBatch } from '../model/batch.js';

/**
 * Hands accepted samples on towards the store.
 *
 * `publish` resolves only after the samples are durable (embedded: committed in the store; a queue: the queue
 * has acknowledged them) and rejects with an AppError otherwise: `queue_full`, `storage_full`, `not_ready`,
 * `unreachable`.
 * A rejected batch may or may not have been stored; publishing it again changes nothing.
 */
export interface Publisher {
  publish(batch: SampleBatch): Promise<void>;
}
