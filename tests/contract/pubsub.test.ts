import { gunzipSync } from 'node:zlib';
import { createPubSubDeadLetters } from '@seismo/server/adapters/gcp/pubsub-dead-letters';
import { createPubSubPublisher } from '@seismo/server/adapters/gcp/pubsub-publisher';
import { TopicPublisher } from '@seismo/server/adapters/gcp/topic-publisher';
import { silentLogger } from '@seismo/server/logger';
import { decodeMessage } from '@seismo/server/model/metric-message';
import { seriesKey } from '@seismo/server/model/series';
import type { DeadLetter } from '@seismo/server/ports/dead-letters';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lacksPeer } from '../cloud/support/peers.js';
import { type PubSubEmulator, startPubSubEmulator } from '../cloud/support/pubsub-emulator.js';
import { startTcpProxy } from '../cloud/support/tcp-proxy.js';
import { describePublisher, type OpenPublisher } from './publisher.contract.js';
import { batchOf, lookup } from './store-harness.js';

// Without the emulator there is nothing to look at; `lacksPeer` says what to install.
describe.skipIf(lacksPeer('pubsub'))('on the Pub/Sub emulator', () => {
  let pubsub: PubSubEmulator;
  let topics = 0;
  beforeAll(async () => {
    pubsub = await startPubSubEmulator();
  });
  afterAll(() => pubsub?.stop());

  async function openTopic(): Promise<{ name: string; topic: TopicPublisher }> {
    const name = `topic-${++topics}`;
    await pubsub.createTopic(name);
    await pubsub.createSubscription(name, { topic: name });
    const { project, host: emulatorHost } = pubsub;
    return { name, topic: new TopicPublisher({ project, topic: name, emulatorHost, log: silentLogger }) };
  }

  async function openPublisher(): Promise<OpenPublisher> {
    const { name, topic } = await openTopic();
    const publisher = createPubSubPublisher({ topic, lookup, shards: 4 });
    return {
      publisher,
      received: async () => samplesIn(await pullAll(name)),
      close: () => publisher.close(),
      clear: () => publisher.close(),
    };
  }

  async function pullAll(subscription: string) {
    const messages = [];
    for (;;) {
      const pulled = await pubsub.pull(subscription);
      if (pulled.length === 0) return messages;
      messages.push(...pulled);
    }
  }

  describePublisher({ name: 'Pub/Sub', open: openPublisher });

  it('sends few messages, each with its shard, version and type', async () => {
    const { name, topic } = await openTopic();
    const publisher = createPubSubPublisher({ topic, lookup, shards: 4 });
    await Promise.all(Array.from({ length: 500 }, (_, i) => publisher.publish(batchOf([i % 10, i, i]))));
    const messages = await pullAll(name);
    expect(messages.length).toBeLessThanOrEqual(8);
    for (const { attributes } of messages) {
      expect(attributes).toMatchObject({ schema_version: '1', content_type: 'application/json' });
      expect(Number(attributes.shard)).toBeLessThan(4);
    }
    await publisher.close();
  });

  it('says that the topic is missing, and that it may be there later', async () => {
    const topic = new TopicPublisher({
      project: pubsub.project,
      topic: 'gone',
      emulatorHost: pubsub.host,
      log: silentLogger,
    });
    const publisher = createPubSubPublisher({ topic, lookup, shards: 4 });
    await expect(publisher.publish(batchOf([1, 1, 1]))).rejects.toMatchObject({
      code: 'not_ready',
      message: expect.stringContaining('the topic gone'),
    });
    await publisher.close();
  });

  it('fails while Pub/Sub is gone, and publishes again by itself when it is back', async () => {
    const name = 'comes-and-goes';
    await pubsub.createTopic(name);
    await pubsub.createSubscription(name, { topic: name });
    const proxy = await startTcpProxy(pubsub.host);
    const { project } = pubsub;
    const emulatorHost = proxy.host;
    const topic = new TopicPublisher({
      project,
      topic: name,
      emulatorHost,
      publishMsMax: 4000,
      log: silentLogger,
    });
    const publisher = createPubSubPublisher({ topic, lookup, shards: 4 });
    // The first one loads Google's client too, which on a busy machine takes longer than it may.
    const published = (row: number) =>
      expect
        .poll(() => publisher.publish(batchOf([1, row, row])).then(() => 'published', String))
        .toBe('published');
    await published(1);
    await proxy.goAway();
    await expect(publisher.publish(batchOf([1, 2, 2]))).rejects.toMatchObject({ code: 'unreachable' });
    await proxy.comeBack();
    await published(3);
    const received = samplesIn(await pullAll(name));
    expect([received.get('metric_1 1'), received.get('metric_1 3')]).toEqual([1, 3]);
    await publisher.close();
    await proxy.stop();
  });

  it('keeps dead letters with everything that came and why', async () => {
    const { name, topic } = await openTopic();
    const letters = createPubSubDeadLetters(topic);
    await letters.keep({ ...LETTER, attributes: { schema_version: '9', googclient_x: 'y' } });
    expect(await pullAll(name)).toMatchObject([
      {
        data: LETTER.data,
        attributes: {
          schema_version: '9',
          reason: 'schema_version_unknown',
          error: 'what is wrong',
          original_message_id: '17',
          original_publish_time: '2026-11-22T10:00:00.000Z',
        },
      },
    ]);
    await topic.close();
  });

  it('keeps dead letters of any size, with any number of attributes and any text', async () => {
    const { name, topic } = await openTopic();
    const letters = createPubSubDeadLetters(topic);
    const attributes = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`a${i}`, 'x']));
    await letters.keep({ ...LETTER, attributes, error: '‰'.repeat(2000) });
    const data = Buffer.from(JSON.stringify(Array.from({ length: 1_400_000 }, (_, i) => i)));
    await letters.keep({ ...LETTER, data });
    const [wordy, large] = await pullAll(name);
    expect(Buffer.byteLength(wordy!.attributes.error!)).toBeLessThanOrEqual(1024);
    expect(wordy!.attributes.error).toMatch(/^‰+…$/);
    expect(Object.keys(wordy!.attributes)).toHaveLength(100);
    expect(large!.attributes.content_encoding).toBe('gzip');
    expect(gunzipSync(large!.data).equals(data)).toBe(true);
    await topic.close();
  });
});

it('a publisher without a Pub/Sub to reach says so within its time', async () => {
  const topic = new TopicPublisher({
    project: 'nowhere',
    topic: 'metrics',
    emulatorHost: '127.0.0.1:9',
    publishMsMax: 1000,
    log: silentLogger,
  });
  const publisher = createPubSubPublisher({ topic, lookup, shards: 4 });
  await expect(publisher.publish(batchOf([1, 1, 1]))).rejects.toMatchObject({ code: 'unreachable' });
  await publisher.close();
});

const LETTER: DeadLetter = {
  data: Buffer.from('[{"timestamp": 1'),
  attributes: {},
  reason: 'schema_version_unknown',
  error: 'what is wrong',
  originalMessageId: '17',
  originalPublishTime: '2026-11-22T10:00:00.000Z',
};

function samplesIn(messages: Parameters<typeof decodeMessage>[0][]): Map<string, number> {
  const samples = new Map<string, number>();
  for (const message of messages) {
    const decoded = decodeMessage(message);
    if (!decoded.ok) throw new Error(decoded.error);
    for (const { timestamp, labels = {}, ...values } of decoded.items as Record<string, never>[]) {
      for (const [name, value] of Object.entries(values)) {
        samples.set(`${seriesKey(name, labels)} ${Math.round(timestamp! * 1000)}`, value);
      }
    }
  }
  return samples;
}
