import type { AnomaliesBody } from '@seismo/server/serve/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_KEY, type Cloud, startCloud } from './support/cloud.js';
import { lacksPeer } from './support/peers.js';

const MINUTE_S = 60;
const HISTORY_MINUTES = 300;

interface Round {
  readonly started: readonly unknown[];
  readonly collected: readonly unknown[];
}

// Without the emulators there is no cloud on this machine; `lacksPeer` says what to install.
describe.skipIf(lacksPeer('pubsub', 'bigquery'))('the chain with models', () => {
  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await startCloud();
  });
  afterAll(() => cloud?.stop());

  async function call(job: string): Promise<Round> {
    const { status, body } = await cloud.callJob(`/jobs/${job}`);
    expect([job, status, JSON.stringify(body)]).toEqual([job, 200, expect.any(String)]);
    return body as Round;
  }

  /** As the scheduler does: again and again, until what was started was collected. */
  async function run(job: string): Promise<void> {
    let collected = 0;
    await expect
      .poll(
        async () => {
          collected += (await call(job)).collected.length;
          return collected;
        },
        { timeout: 60_000, interval: 500 },
      )
      .toBeGreaterThan(0);
  }

  async function post(items: unknown): Promise<void> {
    expect((await cloud.post(items)).status).toBe(202);
  }

  it('trains, judges a new minute and answers for its anomaly (BigQuery ML from recorded shapes)', async () => {
    const nowMinute = Math.floor(Date.now() / 1000 / MINUTE_S) * MINUTE_S;
    const oddMinute = nowMinute - 5 * MINUTE_S;
    const history = Array.from({ length: HISTORY_MINUTES }, (_, i) => ({
      timestamp: oddMinute - (HISTORY_MINUTES - i) * MINUTE_S,
      latency: 100 + (i % 7),
    }));
    await post(history);
    await expect
      .poll(async () => (await cloud.metricsTable()).length, { timeout: 30_000 })
      .toBe(HISTORY_MINUTES);
    await run('detect');
    await run('train');
    await post([{ timestamp: oddMinute + 1, latency: 9000 }]);
    await expect
      .poll(async () => (await cloud.metricsTable()).length, { timeout: 30_000 })
      .toBe(HISTORY_MINUTES + 1);
    const found = async () => {
      await call('detect');
      const from = new Date(oddMinute * 1000).toISOString();
      const answer = await fetch(`${cloud.getAnomalies.url}/get_anomalies?from=${from}`, {
        headers: { 'x-api-key': API_KEY },
      });
      return ((await answer.json()) as AnomaliesBody).anomalies;
    };
    await expect
      .poll(async () => (await found()).length, { timeout: 60_000, interval: 500 })
      .toBeGreaterThan(0);
    const [anomaly] = await found();
    expect(anomaly).toMatchObject({ timestamp: oddMinute, series: 'latency', value: 9000, is_anomaly: true });
    expect(await found()).toHaveLength(1);
    expect(cloud.processMetrics.events('anomaly')).toHaveLength(1);
  });
});
