import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../scenario/support/scenario-pipeline.js';
import { FULL_LENGTH } from '../support/test-length.js';
import { API_KEY, type Cloud, startCloud } from './support/cloud.js';
import { GRPC_STATUS, type GrpcFault } from './support/grpc-fault-proxy.js';
import type { HttpFault } from './support/http-fault-proxy.js';
import { Load, settledFaults } from './support/load.js';
import { lacksPeer } from './support/peers.js';
import { badMessages } from './support/poison.js';

const BACKLOG_SAMPLES = FULL_LENGTH ? 1_000_000 : 20_000;
const SAMPLES_A_MESSAGE = 1_000;
const FAULTY_MS = FULL_LENGTH ? 20_000 : 1_500;
const CLIENTS = 8;
/** Far above what it needs for one backlog, far below what the backlog itself would take. */
const MEMORY_MIB_MAX = 400;

const WRITE_FAULTS: Record<string, GrpcFault> = {
  'too many requests (429)': { kind: 'status', status: GRPC_STATUS.resourceExhausted },
  'no permission (403)': { kind: 'status', status: GRPC_STATUS.permissionDenied },
  'half answers': { kind: 'half' },
  'no answer although it wrote': { kind: 'unanswered' },
  ...(FULL_LENGTH
    ? {
        'internal errors (500)': { kind: 'status', status: GRPC_STATUS.internal },
        'being unavailable (503)': { kind: 'status', status: GRPC_STATUS.unavailable },
        'slow answers': { kind: 'slow', ms: 500 },
        'a connection that breaks': { kind: 'refused' },
      }
    : {}),
};

/** With the statuses that say so; where trying again may help, the answer takes as long as that is tried. */
const READ_FAULTS: Record<string, { fault: HttpFault; statuses: number[] }> = {
  'its quota used up (403)': {
    fault: { kind: 'status', status: 403, reason: 'quotaExceeded' },
    statuses: [503],
  },
  'no permission (403)': {
    fault: { kind: 'status', status: 403, reason: 'accessDenied' },
    statuses: [503],
  },
  'half answers': { fault: { kind: 'half' }, statuses: [502, 503, 504] },
  ...(FULL_LENGTH
    ? {
        'internal errors (500)': { fault: { kind: 'status', status: 500 }, statuses: [502, 503, 504] },
        'too many requests (429)': { fault: { kind: 'status', status: 429 }, statuses: [502, 503, 504] },
        'a connection that breaks': { fault: { kind: 'refused' }, statuses: [502, 503, 504] },
      }
    : {}),
};

// Without the emulators there is no cloud on this machine; `lacksPeer` says what to install.
describe.skipIf(lacksPeer('pubsub', 'bigquery'))('the services in trouble', () => {
  let cloud: Cloud;
  const random = seededRandom(20_260_101);
  let firstSecond = Math.floor(Date.now() / 1000) - 20_000_000;

  beforeAll(async () => {
    cloud = await startCloud();
  });
  afterAll(() => cloud?.stop());
  afterEach(() => {
    cloud.write.faultOf = () => undefined;
    cloud.rest.faultOf = () => undefined;
  });

  const newLoad = () => {
    firstSecond += 1_000_000;
    return new Load(cloud, random, firstSecond);
  };

  it.each(Object.entries(WRITE_FAULTS))(
    'BigQuery with %s loses nothing and buries nothing',
    async (_name, fault) => {
      const load = newLoad();
      const before = sum(cloud.write.faults);
      cloud.write.faultOf = () => (random() < 0.5 ? fault : undefined);
      load.start(CLIENTS);
      await pause(FAULTY_MS / 6);
      await expect.poll(() => sum(cloud.write.faults)).toBeGreaterThan(before);
      await load.stop();
      // Every one of them for a moment, so that trying again at once does not help.
      cloud.write.faultOf = () => fault;
      await pause(FAULTY_MS / 6);
      cloud.write.faultOf = () => undefined;
      expect(await settledFaults(cloud, load)).toEqual({ lost: [], twice: [] });
      expect(await cloud.deadLetters()).toEqual([]);
      expect([...load.statuses.keys()]).toEqual([202]);
    },
  );

  it.each(Object.entries(READ_FAULTS))(
    'BigQuery with %s is never taken for “no anomalies”',
    async (_name, { fault, statuses }) => {
      const ask = async () => {
        const answer = await fetch(`${cloud.getAnomalies.url}/get_anomalies`, {
          headers: { 'x-api-key': API_KEY },
        }).catch((error: unknown) => {
          throw new Error(cloud.getAnomalies.output().slice(-4000), { cause: error });
        });
        return { status: answer.status, body: (await answer.json()) as object };
      };
      cloud.rest.faultOf = () => fault;
      const { status, body } = await ask();
      expect(statuses).toContain(status);
      expect(body).toMatchObject({ error: { code: expect.any(String), message: expect.any(String) } });
      expect(JSON.stringify(body)).not.toMatch(/node_modules|at .*\.js:\d/);
      cloud.rest.faultOf = () => undefined;
      expect(await ask()).toEqual({ status: 200, body: { anomalies: [], next_cursor: null } });
    },
  );

  it('BigQuery with slow answers is waited for', async () => {
    const before = sum(cloud.rest.faults);
    cloud.rest.faultOf = () => ({ kind: 'slow', ms: 700 });
    const answer = await fetch(`${cloud.getAnomalies.url}/get_anomalies`, {
      headers: { 'x-api-key': API_KEY },
    });
    expect(await answer.json()).toEqual({ anomalies: [], next_cursor: null });
    expect(sum(cloud.rest.faults)).toBeGreaterThan(before);
  });

  it('messages that can never be stored go to the dead letters at once, whole and with their reason', async () => {
    const timestamp = Math.floor(Date.now() / 1000) - 1000;
    const kinds = badMessages(timestamp);
    expect(kinds.length).toBeGreaterThanOrEqual(10);
    const ids = await cloud.pubsub.publish('metrics', kinds);
    await cloud.pubsub.publish('metrics', [{ data: JSON.stringify([{ timestamp, latency: 1 }]) }]);
    const stored = async () =>
      (await cloud.metricsTable()).filter((row) => row.timestamp === timestamp).length;
    await expect.poll(stored).toBe(1);
    const letters = new Map<string, { reason: string; data: string; attributes: Record<string, string> }>();
    await expect
      .poll(async () => {
        for (const { data, attributes } of await cloud.deadLetters()) {
          const { reason = '', original_message_id = '', ...rest } = attributes;
          expect(letters.has(original_message_id)).toBe(false);
          letters.set(original_message_id, { reason, data: data.toString('latin1'), attributes: rest });
        }
        return letters.size;
      })
      .toBe(kinds.length);
    for (const [index, { data, attributes = {}, reason, code = '' }] of kinds.entries()) {
      const letter = letters.get(ids[index]!)!;
      expect([index, letter.reason]).toEqual([index, reason]);
      expect(letter.data).toBe(Buffer.from(data).toString('latin1'));
      expect(letter.attributes).toMatchObject(attributes);
      expect(letter.attributes.error).toMatch(/\w+ \w+/);
      expect(letter.attributes.error).toContain(code);
      expect(Date.parse(letter.attributes.original_publish_time!)).not.toBeNaN();
    }
    // None of them comes again.
    const delivered = sum(cloud.relay.answers);
    await pause(1500);
    expect(sum(cloud.relay.answers)).toBe(delivered);
  });

  it('messages that are bad in part are stored in part; the rest is a dead letter with the reasons', async () => {
    const timestamp = Math.floor(Date.now() / 1000) - 900;
    const items = [
      { timestamp, latency: 5 },
      { timestamp, latency: 'slow' },
      { timestamp, cpu: 6 },
      { timestamp: 'soon', cpu: 6 },
    ];
    await cloud.pubsub.publish('metrics', [{ data: JSON.stringify(items) }]);
    const stored = async () => (await cloud.metricsTable()).filter((row) => row.timestamp === timestamp);
    await expect.poll(stored).toEqual([{ timestamp, latency: 5, cpu: 6 }]);
    let letters = await cloud.deadLetters();
    await expect
      .poll(async () => {
        if (letters.length === 0) letters = await cloud.deadLetters();
        return letters.length;
      })
      .toBe(1);
    expect(letters[0]!.data.toString()).toContain('slow');
    expect(letters[0]!.data.toString()).toContain('soon');
  });

  it(`messages of a backlog of ${BACKLOG_SAMPLES.toLocaleString('en')} samples are worked off in bounded memory`, async () => {
    await cloud.processMetrics.stop();
    const firstSecond = Math.floor(Date.now() / 1000) - 5_000_000;
    const messages = BACKLOG_SAMPLES / SAMPLES_A_MESSAGE;
    for (let message = 0; message < messages; message++) {
      const items = Array.from({ length: SAMPLES_A_MESSAGE }, (_, i) => ({
        timestamp: firstSecond + message * SAMPLES_A_MESSAGE + i,
        latency: i,
      }));
      await cloud.pubsub.publish('metrics', [{ data: JSON.stringify(items) }]);
    }
    await cloud.processMetrics.start();
    const started = performance.now();
    let memoryMiB = 0;
    const stored = async () => {
      memoryMiB = Math.max(memoryMiB, cloud.processMetrics.memoryMiB());
      const [row] = await cloud.bigquery.query(
        `SELECT COUNT(*) AS rows_seen FROM \`metrics_dataset.metrics_table\` WHERE timestamp >= ${firstSecond} AND timestamp < ${firstSecond + BACKLOG_SAMPLES}`,
      );
      return Number(row!.rows_seen);
    };
    await expect.poll(stored, { timeout: 600_000, interval: 500 }).toBe(BACKLOG_SAMPLES);
    const seconds = (performance.now() - started) / 1000;
    console.log(
      `${BACKLOG_SAMPLES} samples in ${seconds.toFixed(1)} s (${Math.round(BACKLOG_SAMPLES / seconds)}/s), at most ${Math.round(memoryMiB)} MiB`,
    );
    expect(memoryMiB).toBeLessThan(MEMORY_MIB_MAX);
  }, 900_000);
});

function sum(counts: ReadonlyMap<unknown, number>): number {
  return [...counts.values()].reduce((all, one) => all + one, 0);
}
