import type { PublisherClient } from '@google-cloud/pubsub/build/src/v1/publisher_client.js';
import type { Logger } from '../../logger.js';
import type { MetricMessage } from '../../model/metric-message.js';
import { fromGrpcError } from './google-errors.js';
import { LazyClient } from './lazy-client.js';

/** Pub/Sub's limits for one request are 10 MB and 1,000 messages; what gRPC adds to a message is less than this. */
const REQUEST_BYTES_MAX = 9_500_000;
const REQUEST_MESSAGES_MAX = 1000;
const MESSAGE_OVERHEAD_BYTES = 200;

/** Whoever waits for it is a client with a time limit of its own. */
const PUBLISH_MS_MAX = 10_000;

/** UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE: a second try may go well. */
const RETRY_CODES = [2, 4, 8, 10, 13, 14];

export interface TopicOptions {
  readonly project: string;
  readonly topic: string;
  /** `host:port` of an emulator, called without TLS and credentials. */
  readonly emulatorHost?: string | undefined;
  /** Longest that one call may take with its retries. Default 10 s. */
  readonly publishMsMax?: number;
  readonly log: Logger;
}

/** Publishes to one topic; the client is loaded when first used, or by `warmUp`. */
export class TopicPublisher {
  readonly #options: TopicOptions;
  readonly #client: LazyClient<PublisherClient>;

  constructor(options: TopicOptions) {
    this.#options = options;
    this.#client = new LazyClient('Pub/Sub', () => openClient(options));
  }

  /** Loads the client and opens its connection in the background. */
  warmUp(): void {
    this.#client.warmUp();
  }

  /**
   * Resolves once Pub/Sub has acknowledged every message. Rejects with an AppError; some messages may have been
   * published all the same.
   */
  async publish(messages: readonly MetricMessage[]): Promise<void> {
    const client = await this.#client.get();
    const topic = `projects/${this.#options.project}/topics/${this.#options.topic}`;
    const options = callOptions(this.#options.publishMsMax ?? PUBLISH_MS_MAX);
    const sent = await Promise.allSettled(
      packRequests(messages).map((packed) => client.publish({ topic, messages: packed }, options)),
    );
    const failed = sent.find((one) => one.status === 'rejected');
    if (failed !== undefined) {
      throw fromGrpcError(failed.reason, {
        service: 'Pub/Sub',
        resource: `the topic ${this.#options.topic}`,
      });
    }
  }

  async close(): Promise<void> {
    const client = await this.#client.opened();
    await client?.close();
  }
}

function callOptions(totalMs: number) {
  const backoffSettings = {
    initialRetryDelayMillis: 100,
    retryDelayMultiplier: 2,
    maxRetryDelayMillis: 2000,
    initialRpcTimeoutMillis: totalMs / 2,
    rpcTimeoutMultiplier: 1,
    maxRpcTimeoutMillis: totalMs / 2,
    totalTimeoutMillis: totalMs,
  };
  return { retry: { retryCodes: RETRY_CODES, backoffSettings } };
}

async function openClient({ project, emulatorHost, log }: TopicOptions): Promise<PublisherClient> {
  // The package's own entry loads every client it has; a service starts faster with the one it needs.
  const { PublisherClient } = await import('@google-cloud/pubsub/build/src/v1/publisher_client.js');
  (await import('./grpc-log.js')).writeGrpcLogTo(log);
  const emulator =
    emulatorHost === undefined ? {} : (await import('./emulator.js')).emulatorOptions(emulatorHost);
  const client = new PublisherClient({ projectId: project, ...emulator });
  await client.initialize();
  return client;
}

/** In order, as few requests as the limits allow. */
export function packRequests(messages: readonly MetricMessage[]): MetricMessage[][] {
  const requests: MetricMessage[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const message of messages) {
    const size = message.data.length + MESSAGE_OVERHEAD_BYTES;
    if (bytes + size > REQUEST_BYTES_MAX || requests.at(-1)!.length >= REQUEST_MESSAGES_MAX) {
      requests.push([]);
      bytes = 0;
    }
    requests.at(-1)!.push(message);
    bytes += size;
  }
  return requests;
}
