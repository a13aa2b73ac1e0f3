import { AppError } from '../../errors.js';
import type { MetricMessage } from '../../model/metric-message.js';
import { fromGrpcError } from './google-errors.js';

/** Pub/Sub's limits for one request are 10 MB and 1,000 messages; what gRPC adds to a message is less than this. */
const REQUEST_BYTES_MAX = 9_500_000;
const REQUEST_MESSAGES_MAX = 1000;
const MESSAGE_OVERHEAD_BYTES = 200;

/** Longest that one call may take with its retries; whoever waits for it is a client with a time limit of its own. */
const PUBLISH_MS_MAX = 10_000;

/** UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE: a second try may go well. */
const RETRY_CODES = [2, 4, 8, 10, 13, 14];

export interface TopicOptions {
  readonly project: string;
  readonly topic: string;
  /** `host:port` of an emulator, called without TLS and credentials. */
  readonly emulatorHost?: string | undefined;
}

/** Publishes to one topic; the client is loaded when first used, or by `warmUp`. */
export class TopicPublisher {
  readonly #options: TopicOptions;
  #client: Promise<PublisherClient> | undefined;

  constructor(options: TopicOptions) {
    this.#options = options;
  }

  /** Loads the client and opens its connection in the background. */
  warmUp(): void {
    this.#load().catch(() => {
      // The first publish fails the same way and says so.
    });
  }

  /**
   * Resolves once Pub/Sub has acknowledged every message. Rejects with an AppError; some messages may have been
   * published all the same.
   */
  async publish(messages: readonly MetricMessage[]): Promise<void> {
    const client = await this.#load();
    const topic = `projects/${this.#options.project}/topics/${this.#options.topic}`;
    const sent = await Promise.allSettled(
      packRequests(messages).map((packed) => client.publish({ topic, messages: [...packed] }, CALL_OPTIONS)),
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
    const client = await this.#client?.catch(() => undefined);
    await client?.close();
  }

  #load(): Promise<PublisherClient> {
    this.#client ??= openClient(this.#options).catch((error: unknown) => {
      this.#client = undefined;
      const message = error instanceof Error ? error.message : String(error);
      throw new AppError('not_ready', `The client of Pub/Sub cannot be used: ${message}`, { cause: error });
    });
    return this.#client;
  }
}

type PublisherClient = InstanceType<typeof import('@google-cloud/pubsub').v1.PublisherClient>;

const CALL_OPTIONS = {
  retry: {
    retryCodes: RETRY_CODES,
    backoffSettings: {
      initialRetryDelayMillis: 100,
      retryDelayMultiplier: 2,
      maxRetryDelayMillis: 2000,
      initialRpcTimeoutMillis: PUBLISH_MS_MAX / 2,
      rpcTimeoutMultiplier: 1,
      maxRpcTimeoutMillis: PUBLISH_MS_MAX / 2,
      totalTimeoutMillis: PUBLISH_MS_MAX,
    },
  },
};

async function openClient({ project, emulatorHost }: TopicOptions): Promise<PublisherClient> {
  const [{ v1 }, { credentials }] = await Promise.all([
    import('@google-cloud/pubsub'),
    import('@grpc/grpc-js'),
  ]);
  if (emulatorHost === undefined) {
    const client = new v1.PublisherClient({ projectId: project });
    await client.initialize();
    return client;
  }
  const at = emulatorHost.lastIndexOf(':');
  return new v1.PublisherClient({
    projectId: project,
    apiEndpoint: emulatorHost.slice(0, at),
    port: Number(emulatorHost.slice(at + 1)),
    sslCreds: credentials.createInsecure(),
  });
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
