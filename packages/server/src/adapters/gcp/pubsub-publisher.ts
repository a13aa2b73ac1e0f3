import { AppError } from '../../errors.js';
import type { SampleBatch } from '../../model/batch.js';
import { type EncodeOptions, encodeMessages, type MetricMessage } from '../../model/metric-message.js';
import type { Publisher } from '../../ports/publisher.js';
import { GroupQueue } from './group-queue.js';
import { joinBatches } from './join-batches.js';

/** A tenth of what Pub/Sub takes: a delivery, and its repetition, stay a fraction of a second's work. */
const DATA_BYTES_MAX = 1_000_000;
const QUEUE_ROWS_MAX = 500_000;
const GROUP_ROWS_MAX = 50_000;
const GROUPS_MAX = 8;

export interface PubSubPublisherOptions extends Pick<EncodeOptions, 'lookup' | 'shards'> {
  readonly topic: {
    publish(messages: readonly MetricMessage[]): Promise<void>;
    close(): Promise<void>;
  };
  /** Samples that may wait to be published. Default 500,000. */
  readonly queueRowsMax?: number;
}

export interface PubSubPublisher extends Publisher {
  /** Publishes what waits; later calls are refused with `not_ready`. */
  close(): Promise<void>;
}

/**
 * Publishes samples to a topic. What concurrent requests bring is published together: each message is one delivery
 * to whoever stores them, so that few large ones are cheaper for both sides than many small ones.
 */
export function createPubSubPublisher(options: PubSubPublisherOptions): PubSubPublisher {
  const { topic, lookup, shards } = options;
  const queue = new GroupQueue<SampleBatch>({
    rowsOf: (batch) => batch.values.length,
    rowsMax: options.queueRowsMax ?? QUEUE_ROWS_MAX,
    groupRowsMax: GROUP_ROWS_MAX,
    groupsMax: GROUPS_MAX,
    async write(batches) {
      const encoding = { lookup, shards, dataBytesMax: DATA_BYTES_MAX };
      try {
        await topic.publish(encodeMessages(joinBatches(batches), encoding));
      } catch (error) {
        // Samples were accepted already: that Pub/Sub calls a message of ours bad is no fault of the client.
        if (!(error instanceof AppError) || error.code !== 'bad_request') throw error;
        throw new AppError('internal', error.message, { cause: error });
      }
      return new Map();
    },
  });
  return {
    publish: (batch) => queue.add(batch),
    async close() {
      await queue.close();
      await topic.close();
    },
  };
}
