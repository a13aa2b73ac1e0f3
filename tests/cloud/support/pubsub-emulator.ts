import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listenLocally } from '../../support/local-server.js';
import { startGuarded } from './guarded-process.js';

const START_TRIES = 3;

export interface PubSubMessage {
  readonly data: Buffer;
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageId: string;
}

export interface PushSubscription {
  readonly topic: string;
  /** Where messages are pushed; a pull subscription without. */
  readonly pushEndpoint?: string;
  readonly deadLetterTopic?: string;
  readonly deadLetterAttempts?: number;
  readonly minBackoffS?: number;
  readonly maxBackoffS?: number;
  readonly ackDeadlineS?: number;
}

export interface PubSubEmulator {
  readonly project: string;
  /** For PUBSUB_EMULATOR_HOST. */
  readonly host: string;
  createTopic(name: string): Promise<void>;
  createSubscription(name: string, options: PushSubscription): Promise<void>;
  /** Sends pushes elsewhere; undefined holds them back, as a pull subscription does. */
  changePushEndpoint(subscription: string, pushEndpoint: string | undefined): Promise<void>;
  /** Gives the ids of the messages. */
  publish(topic: string, messages: readonly OutgoingMessage[]): Promise<string[]>;
  /** Takes what waits in a pull subscription, acknowledged. */
  pull(subscription: string, max?: number): Promise<PubSubMessage[]>;
  stop(): Promise<void>;
}

export interface OutgoingMessage {
  readonly data: string | Buffer;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Google's emulator of Pub/Sub, as a process of its own with an own port. It holds everything in memory. */
export async function startPubSubEmulator(project = 'seismo-test'): Promise<PubSubEmulator> {
  const folder = mkdtempSync(join(tmpdir(), 'seismo-pubsub-'));
  for (let tries = 1; ; tries++) {
    const host = `127.0.0.1:${await freePort()}`;
    const emulator = startGuarded(
      'gcloud',
      [
        'beta',
        'emulators',
        'pubsub',
        'start',
        `--host-port=${host}`,
        `--data-dir=${folder}`,
        `--project=${project}`,
        '--quiet',
      ],
      {
        ...process.env,
        // Neither settings of the user nor a look for updates.
        CLOUDSDK_CONFIG: folder,
        CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: '1',
        CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: '1',
      },
    );
    try {
      await emulator.until(() => answers(`http://${host}/`));
      return {
        ...pubSubClient(host, project),
        async stop() {
          // Nothing in it is to be kept.
          await emulator.kill();
          rmSync(folder, { recursive: true, force: true });
        },
      };
    } catch (error) {
      await emulator.kill();
      // Another process may have taken the port meanwhile.
      if (tries === START_TRIES) throw error;
    }
  }
}

function pubSubClient(host: string, project: string): Omit<PubSubEmulator, 'stop'> {
  const name = (kind: string, id: string) => `projects/${project}/${kind}/${id}`;
  const call = (method: string, path: string, body: object = {}) =>
    callJson(`http://${host}/v1/${path}`, method, body);
  return {
    project,
    host,
    async createTopic(topic) {
      await call('PUT', name('topics', topic));
    },
    async createSubscription(subscription, options) {
      const { deadLetterTopic, pushEndpoint } = options;
      await call('PUT', name('subscriptions', subscription), {
        topic: name('topics', options.topic),
        ackDeadlineSeconds: options.ackDeadlineS ?? 30,
        ...(pushEndpoint === undefined ? {} : { pushConfig: { pushEndpoint } }),
        ...(deadLetterTopic === undefined
          ? {}
          : {
              deadLetterPolicy: {
                deadLetterTopic: name('topics', deadLetterTopic),
                maxDeliveryAttempts: options.deadLetterAttempts ?? 5,
              },
            }),
        retryPolicy: {
          minimumBackoff: `${options.minBackoffS ?? 0.1}s`,
          maximumBackoff: `${options.maxBackoffS ?? 1}s`,
        },
      });
    },
    async changePushEndpoint(subscription, pushEndpoint) {
      await call('POST', `${name('subscriptions', subscription)}:modifyPushConfig`, {
        pushConfig: pushEndpoint === undefined ? {} : { pushEndpoint },
      });
    },
    async publish(topic, messages) {
      const body = messages.map(({ data, attributes = {} }) => ({
        data: Buffer.from(data).toString('base64'),
        attributes,
      }));
      const answer = await call('POST', `${name('topics', topic)}:publish`, { messages: body });
      return answer.messageIds as string[];
    },
    async pull(subscription, max = 1000) {
      const path = name('subscriptions', subscription);
      const answer = await call('POST', `${path}:pull`, { maxMessages: max, returnImmediately: true });
      const received = (answer.receivedMessages ?? []) as ReceivedMessage[];
      if (received.length > 0) {
        await call('POST', `${path}:acknowledge`, { ackIds: received.map(({ ackId }) => ackId) });
      }
      return received.map(({ message }) => ({
        data: Buffer.from(message.data ?? '', 'base64'),
        attributes: message.attributes ?? {},
        messageId: message.messageId,
      }));
    },
  };
}

interface ReceivedMessage {
  readonly ackId: string;
  readonly message: { data?: string; attributes?: Record<string, string>; messageId: string };
}

export async function callJson(
  url: string,
  method: string,
  body?: unknown,
): Promise<Record<string, unknown>> {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${url} answered ${answer.status}: ${text}`);
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

/** True, or undefined while nobody answers. */
async function answers(url: string): Promise<true | undefined> {
  const answer = await fetch(url).catch(() => undefined);
  await answer?.arrayBuffer();
  return answer?.ok ? true : undefined;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenLocally(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
