import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMultiViewDetector, VERDICT_STATES } from '@seismo/engine';
import { openDuckDbStore } from '@seismo/server/adapters/embedded/duckdb-sample-store';
import { Judge } from '@seismo/server/detect/judge';
import { ActiveSeries } from '@seismo/server/model/active-series';
import type { Series } from '@seismo/server/model/series';
import type { Anomaly } from '@seismo/server/model/verdict';
import type { SampleStore } from '@seismo/server/ports/sample-store';
import { expect, it } from 'vitest';
import { pause, type RunningServer, startServer } from '../blackbox/support/start-server.js';
import { FULL_LENGTH } from '../support/test-length.js';
import { seededRandom } from './support/scenario-pipeline.js';

const ROUNDS = FULL_LENGTH ? 20 : 4;
const CONNECTIONS = 32;
const SEED = Number(process.env.SEISMO_TEST_SEED ?? Math.floor(Math.random() * 1e9));
const BASE_S = Math.floor(Date.now() / 1000) - 500_000;
/** Below what one compaction step takes, so that the order of commits can be read back at the end. */
const SAMPLES_MAX = 300_000;

/** One connection's samples: what was acknowledged, by second. */
class Client {
  readonly name: string;
  readonly acknowledged = new Map<number, number>();
  #acknowledgedThisRound: number[] = [];
  #unanswered: object[] | undefined;
  #second = BASE_S;
  readonly #random: () => number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(index: number) {
    this.name = `client${index}`;
    this.#random = seededRandom(SEED + index);
  }

  /** Posts one batch after the other until the server is gone. */
  async postUntilKilled(url: string): Promise<void> {
    this.#acknowledgedThisRound = [];
    for (;;) {
      // What had no answer is sent again half the time: as a client does that wants its samples stored.
      const again = this.#unanswered !== undefined && this.#random() < 0.5;
      const items = again ? this.#unanswered! : this.#nextItems();
      this.#unanswered = items;
      const status = await post(`${url}/metrics`, items, this.#agent);
      if (status === undefined) return;
      if (status !== 202) throw new Error(`${this.name}: status ${status}`);
      this.#unanswered = undefined;
      for (const item of items as { timestamp: number; [name: string]: number }[]) {
        this.acknowledged.set(item.timestamp, item[this.name]!);
        this.#acknowledgedThisRound.push(item.timestamp);
      }
    }
  }

  /** Seconds acknowledged in the last round that the server does not have, or has otherwise. */
  async lost(url: string): Promise<number[]> {
    const round = this.#acknowledgedThisRound;
    if (round.length === 0) return [];
    const query = new URLSearchParams({
      series: this.name,
      from: String(round.reduce((a, b) => Math.min(a, b))),
      to: String(round.reduce((a, b) => Math.max(a, b))),
      points: '100000',
    });
    const body = (await (await fetch(`${url}/api/samples?${query}`)).json()) as {
      time: number[];
      value: number[];
    };
    const stored = new Map(body.time.map((time, i) => [time, body.value[i]]));
    return round.filter((second) => stored.get(second) !== this.acknowledged.get(second));
  }

  end(): void {
    this.#agent.destroy();
  }

  #nextItems(): object[] {
    const items = [];
    for (let count = 1 + Math.floor(this.#random() * 20); count > 0; count--) {
      const value = this.#random() < 0.002 ? 1000 : Math.round(this.#random() * 1000) / 100;
      items.push({ timestamp: this.#second++, [this.name]: value });
    }
    // A sample that comes late and a value replaced, now and then.
    if (this.#random() < 0.05) items.push({ timestamp: BASE_S - 1 - items.length, [this.name]: 5 });
    return items;
  }
}

/** The status, or undefined when the connection broke before the whole answer was there. */
function post(url: string, items: object[], agent: Agent): Promise<number | undefined> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json' };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      response.on('error', () => resolve(undefined));
      response.on('end', () => resolve(response.complete ? response.statusCode : undefined));
      response.resume();
    });
    sent.on('error', () => resolve(undefined));
    sent.end(JSON.stringify(items));
  });
}

type VerdictRow = [state: string, ...numbers: number[]];

/** What an uninterrupted run over the same commits says: verdicts by series and time, and the anomalies. */
async function judgeStraight(store: SampleStore) {
  const judge = new Judge(createMultiViewDetector(), new ActiveSeries(1000));
  const verdicts = new Map<string, VerdictRow>();
  const anomalies: Anomaly[] = [];
  for (let seq = 0; ; ) {
    const commits = await store.readCommittedAfter(seq, 100_000);
    if (commits.length === 0) return { verdicts, anomalies };
    for (const commit of commits) {
      const judged = Judge.prepare(commit);
      judge.judge(judged, 0, judged.scored.length, 1);
      anomalies.push(...judged.anomalies);
      const { seriesIds, timesMs, states, expected, lower, upper, probability, alarms } = judged.verdicts;
      for (const [row, scored] of judged.scored.entries()) {
        if (scored === 0) continue;
        const numbers = [expected, lower, upper, probability, alarms].map((column) => column[row]!);
        verdicts.set(`${seriesIds[row]} ${timesMs[row]}`, [VERDICT_STATES[states[row]!]!, ...numbers]);
      }
      seq = commit.seq;
    }
  }
}

/** The same as it is stored. */
async function storedVerdicts(
  store: SampleStore,
  series: readonly Series[],
): Promise<Map<string, VerdictRow>> {
  const verdicts = new Map<string, VerdictRow>();
  for (const { id } of series) {
    const query = { seriesId: id, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, points: 2_000_000 };
    const columns = await store.querySamples(query);
    const { timesMs, states, expected, lower, upper, probability, alarms } = columns;
    for (const [row, timeMs] of timesMs.entries()) {
      const state = VERDICT_STATES[states[row]!]!;
      if (state === 'unknown') continue;
      const numbers = [expected, lower, upper, probability, alarms].map((column) => column[row]!);
      verdicts.set(`${id} ${timeMs}`, [state, ...numbers]);
    }
  }
  return verdicts;
}

function differences<T>(one: ReadonlyMap<string, T>, other: ReadonlyMap<string, T>): string[] {
  const keys = new Set([...one.keys(), ...other.keys()]);
  const text = (row: T | undefined) => (row === undefined ? 'none' : String(row));
  return [...keys]
    .filter((key) => text(one.get(key)) !== text(other.get(key)))
    .map((key) => `${key}: ${text(one.get(key))} | ${text(other.get(key))}`);
}

async function untilCaughtUp(server: RunningServer): Promise<void> {
  for (;;) {
    const body = (await (await fetch(`${server.url}/api/series`)).json()) as {
      detector: { caught_up: boolean };
    };
    if (body.detector.caught_up) return;
    await pause(50);
  }
}

it(`loses no acknowledged sample and no verdict to kill -9, ${ROUNDS} times`, async () => {
  console.log(`seed ${SEED}; SEISMO_TEST_SEED=${SEED} sends the same samples`);
  const random = seededRandom(SEED);
  const folder = mkdtempSync(join(tmpdir(), 'seismo-kill-'));
  const start = () => startServer({ args: ['--data', folder] });
  const clients = Array.from({ length: CONNECTIONS }, (_, index) => new Client(index));
  const total = () => clients.reduce((sum, client) => sum + client.acknowledged.size, 0);
  let server = await start();
  try {
    for (let round = 1; round <= ROUNDS; round++) {
      const posting = Promise.all(clients.map((client) => client.postUntilKilled(server.url)));
      const first = total() + 200;
      while (total() < first) await pause(5);
      await pause(total() < SAMPLES_MAX ? random() * 300 : 0);
      await server.kill();
      await posting;
      server = await start();
      const lost = await Promise.all(clients.map((client) => client.lost(server.url)));
      expect([round, lost.flat()]).toEqual([round, []]);
    }
    await untilCaughtUp(server);
    expect(await server.stop()).toMatchObject({ code: 0 });
    await compareWithStraightRun(folder, clients);
  } finally {
    for (const client of clients) client.end();
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
});

async function compareWithStraightRun(folder: string, clients: readonly Client[]): Promise<void> {
  const clock = { nowMs: () => Date.now() };
  const { samples } = await openDuckDbStore({
    dataFolder: folder,
    lookup: () => undefined,
    diskReserveBytes: 0,
    clock,
  });
  try {
    const series = await samples.readSeries();
    expect(series.map((one) => one.key).sort()).toEqual(clients.map((client) => client.name).sort());
    const straight = await judgeStraight(samples);

    expect(straight.verdicts.size).toBeGreaterThan(100 * ROUNDS);
    expect(differences(await storedVerdicts(samples, series), straight.verdicts).slice(0, 5)).toEqual([]);
    const stored = await samples.queryAnomalies({ limit: 1_000_000 });
    const byKey = (anomalies: readonly Anomaly[]) =>
      new Map(anomalies.map((one) => [`${one.seriesId} ${one.timeMs}`, JSON.stringify(one)]));
    expect(stored).toHaveLength(straight.anomalies.length);
    expect(differences(byKey(stored), byKey(straight.anomalies)).slice(0, 5)).toEqual([]);
    for (const client of clients) await expectAll(samples, series, client);
  } finally {
    await samples.close();
  }
}

async function expectAll(store: SampleStore, series: readonly Series[], client: Client): Promise<void> {
  const seriesId = series.find((one) => one.key === client.name)!.id;
  const query = { seriesId, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, points: 2_000_000 };
  const { timesMs, values } = await store.querySamples(query);
  const stored = new Map(Array.from(timesMs, (timeMs, row) => [timeMs / 1000, values[row]!]));
  const lost = [...client.acknowledged].filter(([second, value]) => stored.get(second) !== value);
  expect([client.name, lost]).toEqual([client.name, []]);
}
