import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.js';
import { silentLogger } from '../logger.js';
import { ActiveSeries } from '../model/active-series.js';
import type { SampleBatch } from '../model/batch.js';
import { SeriesRegistry } from '../model/series-registry.js';
import type { DeadLetter } from '../ports/dead-letters.js';
import type { BatchOrigin } from '../ports/sample-store.js';
import { createSelfMetrics } from '../self-metrics.js';
import { createMessageIntake } from './message-intake.js';

const SENT_MS = 1_743_548_330_000;
const DAY_MS = 86_400_000;
const ATTRIBUTES = { schema_version: '1', content_type: 'application/json', shard: '3' };

function setUp(fail?: () => Error | undefined) {
  const registry = new SeriesRegistry();
  const appended: { samples: string[]; origin: BatchOrigin | undefined }[] = [];
  const letters: DeadLetter[] = [];
  const fails = { letters: undefined as Error | undefined };
  let stored = 0;
  const intake = createMessageIntake({
    registry,
    active: new ActiveSeries(1000),
    // Long after the message was sent.
    clock: { nowMs: () => SENT_MS + 3 * DAY_MS },
    retentionMs: DAY_MS,
    writer: {
      async append({ seriesIds, timesMs, values }: SampleBatch, origin) {
        const error = fail?.();
        if (error !== undefined) throw error;
        const samples = Array.from(
          values,
          (value, row) => `${registry.byId(seriesIds[row]!)?.key} ${timesMs[row]} ${value}`,
        );
        appended.push({ samples, origin });
        return undefined;
      },
    },
    deadLetters: {
      async keep(letter) {
        if (fails.letters !== undefined) throw fails.letters;
        letters.push(letter);
      },
    },
    metrics: createSelfMetrics(),
    log: silentLogger,
    onStored: (samples) => {
      stored += samples;
    },
  });
  const take = (data: unknown, attributes: Record<string, string> = ATTRIBUTES) =>
    intake.take({
      id: '42',
      publishedMs: SENT_MS,
      attributes,
      data: Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)),
    });
  return { take, appended, letters, fails, stored: () => stored };
}

const text = (letter: DeadLetter | undefined) => Buffer.from(letter?.data ?? []).toString();

describe('a message', () => {
  it('is stored with its id and its time, whatever time has passed since', async () => {
    const { take, appended, letters, stored } = setUp();
    await take([{ timestamp: SENT_MS / 1000, latency: 312, cpu: 100 }]);
    expect(appended).toEqual([
      {
        samples: [`latency ${SENT_MS} 312`, `cpu ${SENT_MS} 100`],
        origin: { messageId: '42', publishedMs: SENT_MS },
      },
    ]);
    expect([letters.length, stored()]).toEqual([0, 2]);
  });

  it('without attributes is a body of POST /metrics, one object too', async () => {
    const { take, appended } = setUp();
    await take({ timestamp: SENT_MS / 1000, latency: 1, labels: { service: 'a' } }, {});
    expect(appended[0]?.samples).toEqual([`latency{service="a"} ${SENT_MS} 1`]);
  });

  it.each([
    ['not json', ATTRIBUTES, 'not_json', 'JSON'],
    ['', ATTRIBUTES, 'empty', 'no data'],
    ['[]', { ...ATTRIBUTES, schema_version: '2' }, 'schema_version_unknown', '"2"'],
    ['[]', { ...ATTRIBUTES, content_type: 'text/csv' }, 'content_type_unknown', 'text/csv'],
    ['[]', ATTRIBUTES, 'items_rejected', 'no_values: 1'],
    ['7', ATTRIBUTES, 'items_rejected', 'not_an_object: 1'],
  ])('%j with %j is a dead letter at once: %s', async (data, attributes, reason, words) => {
    const { take, appended, letters } = setUp();
    await take(data, attributes);
    expect(appended).toEqual([]);
    expect(letters).toEqual([
      {
        data: expect.anything() as Uint8Array,
        attributes,
        reason,
        error: expect.stringContaining(words) as string,
        originalMessageId: '42',
        originalPublishTime: '2025-04-01T22:58:50.000Z',
      },
    ]);
    expect(text(letters[0])).toBe(data);
  });

  it('good in part is stored in part, and each bad item is kept once', async () => {
    const { take, appended, letters } = setUp();
    const bad = { timestamp: SENT_MS / 1000, cpu: 'high', latency: null };
    await take([{ timestamp: SENT_MS / 1000, latency: 1 }, bad, { latency: 2 }]);
    expect(appended[0]?.samples).toEqual([`latency ${SENT_MS} 1`]);
    expect(JSON.parse(text(letters[0]))).toEqual([bad, { latency: 2 }]);
    expect(letters[0]).toMatchObject({
      reason: 'items_rejected',
      error: expect.stringMatching(
        /^value_not_finite: 2, timestamp_missing: 1; the first: cpu is "high"/,
      ) as string,
    });
  });

  it('keeps every bad item, beyond the number that an answer lists', async () => {
    const { take, letters } = setUp();
    const items = Array.from({ length: 3000 }, () => ({ latency: 2 }));
    await take([...items, { timestamp: SENT_MS / 1000, latency: 1 }]);
    expect(JSON.parse(text(letters[0]))).toHaveLength(3000);
  });

  it.each(['queue_full', 'not_ready', 'unreachable', 'internal'] as const)(
    'that cannot be stored now (%s) is refused, and nothing is given up',
    async (code) => {
      const { take, letters } = setUp(() => new AppError(code, 'Later.'));
      await expect(take([{ timestamp: SENT_MS / 1000, latency: 1 }])).rejects.toMatchObject({ code });
      expect(letters).toEqual([]);
    },
  );

  it('is refused when something unforeseen goes wrong', async () => {
    const { take, letters } = setUp(() => new TypeError('a fault of ours'));
    await expect(take([{ timestamp: SENT_MS / 1000, latency: 1 }])).rejects.toThrow('a fault of ours');
    expect(letters).toEqual([]);
  });

  it('that the store will never take is a dead letter as a whole', async () => {
    const { take, letters } = setUp(() => new AppError('bad_request', 'BigQuery says no.'));
    const items = [{ timestamp: SENT_MS / 1000, latency: 1 }, { latency: 2 }];
    await take(items);
    expect(letters).toHaveLength(1);
    expect(letters[0]).toMatchObject({ reason: 'refused_by_store', error: 'BigQuery says no.' });
    expect(JSON.parse(text(letters[0]))).toEqual(items);
  });

  it('comes again when its dead letter cannot be kept', async () => {
    const { take, fails } = setUp();
    fails.letters = new AppError('unreachable', 'No topic.');
    await expect(take('not json')).rejects.toMatchObject({ code: 'unreachable' });
  });
});
