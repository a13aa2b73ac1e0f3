import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../scenario/support/scenario-pipeline.js';
import { FULL_LENGTH } from '../support/test-length.js';
import { API_KEY, type Cloud, startCloud } from './support/cloud.js';
import { Load, settledFaults } from './support/load.js';
import { lacksPeer } from './support/peers.js';
import { twiceAndShuffled } from './support/push-relay.js';

/** In full it crashes more often and stays away as long as real outages do. */
const ROUNDS = FULL_LENGTH ? 10 : 2;
const GONE_MS = FULL_LENGTH ? 60_000 : 2_000;
const CLIENTS = 8;
const SEED = Number(process.env.SEISMO_TEST_SEED ?? Math.floor(Math.random() * 1e9));
const FAULTLESS = { lost: [], twice: [] };
/** Longer than the emulator of Pub/Sub leaves a subscription alone whose pushes were refused. */
const OUTWAITING = { timeout: 400_000 };

// Without the emulators there is no cloud on this machine; `lacksPeer` says what to install.
describe.skipIf(lacksPeer('pubsub', 'bigquery'))('the services on Google Cloud', () => {
  let cloud: Cloud;
  const random = seededRandom(SEED);
  let firstSecond = Math.floor(Date.now() / 1000) - 10_000_000;
  const newLoad = () => {
    firstSecond += 1_000_000;
    return new Load(cloud, random, firstSecond);
  };

  beforeAll(async () => {
    console.log(`seed ${SEED}; SEISMO_TEST_SEED=${SEED} sends the same samples`);
    cloud = await startCloud();
  });
  afterAll(() => cloud?.stop());

  it(`lose nothing and keep nothing twice when each is killed with -9 under load, ${ROUNDS} times`, async () => {
    const load = newLoad();
    load.start(CLIENTS);
    for (let round = 0; round < ROUNDS; round++) {
      for (const service of [cloud.processMetrics, cloud.metricsApi]) {
        await pause(50 + random() * 500);
        await service.kill();
        await pause(random() * 200);
        await service.start();
      }
    }
    await load.stop();
    expect(load.acknowledged.size).toBeGreaterThan(100);
    expect(await settledFaults(cloud, load)).toEqual(FAULTLESS);
  });

  it('answer for anomalies again after get-anomalies was killed with -9 while it was asked', async () => {
    const ask = () =>
      fetch(`${cloud.getAnomalies.url}/get_anomalies`, { headers: { 'x-api-key': API_KEY } }).then(
        async (answer) => [answer.status, await answer.json()],
        () => 'no answer',
      );
    const asked = Array.from({ length: 5 }, ask);
    await cloud.getAnomalies.kill();
    await Promise.all(asked);
    await cloud.getAnomalies.start();
    expect(await ask()).toEqual([200, { anomalies: [], next_cursor: null }]);
  });

  it(
    'change nothing when everything is delivered twice, shuffled, with crashes in between',
    OUTWAITING,
    async () => {
      const load = newLoad();
      cloud.relay.onDelivery = twiceAndShuffled(random);
      load.start(CLIENTS);
      for (let round = 0; round < ROUNDS; round++) {
        await pause(200 + random() * 500);
        await cloud.processMetrics.kill();
        await pause(random() * 100);
        await cloud.processMetrics.start();
      }
      await load.stop();
      expect(await settledFaults(cloud, load)).toEqual(FAULTLESS);
      cloud.relay.onDelivery = (deliver) => deliver();
      const [counts] = await cloud.bigquery.query(
        'SELECT SUM(deliveries) AS stored, COUNT(*) AS known FROM (SELECT COUNT(*) AS deliveries FROM `metrics_dataset.samples` GROUP BY time, series)',
      );
      // The repeats did arrive; only the view does not show them.
      expect(Number(counts!.stored)).toBeGreaterThan(Number(counts!.known));
    },
  );

  it(`acknowledge nothing while Pub/Sub is gone for ${GONE_MS / 1000} s, and lose nothing`, async () => {
    const load = newLoad();
    load.start(CLIENTS);
    await pause(500);
    await cloud.publishing.goAway();
    // What Pub/Sub had acknowledged before is still on its way to the clients.
    let before = -1;
    while (load.acknowledged.size !== before) {
      before = load.acknowledged.size;
      await pause(1000);
    }
    await pause(GONE_MS);
    expect(load.acknowledged.size).toBe(before);
    // Still alive: Cloud Run must not restart it because another service is away.
    expect((await fetch(`${cloud.metricsApi.url}/health`)).status).toBe(200);
    await cloud.publishing.comeBack();
    await expect.poll(() => load.acknowledged.size).toBeGreaterThan(before);
    await load.stop();
    expect([...load.statuses.keys()].filter((status) => ![202, 503, 0].includes(status))).toEqual([]);
    expect(await settledFaults(cloud, load)).toEqual(FAULTLESS);
  });

  it('end with SIGTERM after what they were doing, within ten seconds', async () => {
    const load = newLoad();
    load.start(CLIENTS);
    await pause(300);
    const ended = await Promise.all(
      [cloud.metricsApi, cloud.processMetrics, cloud.getAnomalies].map((one) => one.stop()),
    );
    expect(ended).toEqual([0, 0, 0]);
    await Promise.all([cloud.metricsApi, cloud.processMetrics, cloud.getAnomalies].map((one) => one.start()));
    await load.stop();
    expect(await settledFaults(cloud, load)).toEqual(FAULTLESS);
    expect(await cloud.deadLetters()).toEqual([]);
  });
});
