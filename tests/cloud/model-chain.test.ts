import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readStatement } from '@seismo/server/adapters/gcp/sql-files';
import type { AnomaliesBody, AnomalyItem } from '@seismo/server/serve/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRecording } from '../support/recordings.js';
import { type ClockedTwin, startClockedTwin } from './support/clocked-twin.js';
import { API_KEY, type Cloud, startCloud } from './support/cloud.js';
import { lacksPeer } from './support/peers.js';
import { runEntry } from './support/role-process.js';
import { startSeismoBigQuery } from './support/seismo-bigquery.js';

const MINUTE_S = 60;
/** Of the recording five minutes are one: two weeks in 67 hours, and those at once. */
const COMPRESSION = 5;
/**
 * Judged by the models that learned the others: by half an hour, which no start takes, less than the two hours that a
 * round of detection looks back.
 */
const JUDGED_MINUTES = 90;
/** Rounds are a minute apart. */
const ROUND_MS_MAX = 300_000;
const DATASET = 'chain';

interface Sample {
  readonly timestamp: number;
  readonly value: number;
}

interface Round {
  readonly collected: readonly {
    readonly kind: string;
    readonly model: string;
    readonly state: string;
    readonly reason: string | null;
  }[];
}

/** A recording in its minutes, the last of which has passed. */
function compressed(file: string, lastS: number): Sample[] {
  const rows = readRecording(file);
  const lastMs = rows.at(-1)!.timeMs;
  return rows.map(({ timeMs, value }) => ({
    timestamp: lastS - (lastMs - timeMs) / 1000 / COMPRESSION,
    value,
  }));
}

/** As recorded, but that it falls from far above to far below while three minutes have no data. */
function fallingUnseen(samples: readonly Sample[], beforeS: number): Sample[] {
  const minutesOff = ({ timestamp }: Sample) => Math.floor((timestamp - beforeS) / MINUTE_S);
  return samples
    .filter((sample) => ![1, 2, 3].includes(minutesOff(sample)))
    .map((sample) => {
      const off = minutesOff(sample);
      return off === 0 || off === 4 ? { ...sample, value: off === 0 ? 900 : -900 } : sample;
    });
}

// Without the emulator there is no Pub/Sub on this machine; `lacksPeer` says what to install.
describe.skipIf(lacksPeer('pubsub'))('the whole chain with models, on one machine', () => {
  let cloud: Cloud;
  let twin: ClockedTwin;
  const folder = mkdtempSync(join(tmpdir(), 'seismo-model-chain-'));
  const lastS = Math.floor(Date.now() / 1000 / MINUTE_S) * MINUTE_S - 3 * MINUTE_S;
  const learnedToS = lastS - JUDGED_MINUTES * MINUTE_S;
  const beforeGapS = learnedToS + 30 * MINUTE_S;
  const recordings = new Map([
    ['latency', fallingUnseen(compressed('ec2_request_latency_system_failure.csv', lastS), beforeGapS)],
    ['cpu', compressed('ec2_cpu_utilization_825cc2.csv', lastS)],
  ]);

  beforeAll(async () => {
    [cloud, twin] = await Promise.all([
      startCloud({ startBigQuery: startSeismoBigQuery, dataset: DATASET }),
      startClockedTwin((learnedToS + 2 * MINUTE_S) * 1000),
    ]);
  });
  afterAll(async () => {
    await Promise.all([cloud?.stop(), twin?.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const rowsOf = (sql: string) => cloud.bigquery.query(sql.replaceAll('metrics_dataset', DATASET));

  async function call(job: string): Promise<Round> {
    const { status, body } = await cloud.callJob(`/jobs/${job}`);
    expect([job, status, JSON.stringify(body)]).toEqual([job, 200, expect.any(String)]);
    return body as Round;
  }

  /** Of all calls so far: one may collect what another was made for. */
  const collected: Round['collected'][number][] = [];

  /** As the scheduler does, again and again, until all of this work was collected. */
  async function run(job: string, ...works: readonly string[]): Promise<void> {
    const lacking = async () => {
      collected.push(...(await call(job)).collected);
      const done = new Set(collected.map(({ kind, model }) => `${kind} ${model}`));
      return works.filter((work) => !done.has(work));
    };
    await expect.poll(lacking, { timeout: ROUND_MS_MAX, interval: 500 }).toEqual([]);
    expect(collected.filter(({ state }) => state !== 'done')).toEqual([]);
  }

  /** Replays the part of each recording that `part` takes, at metrics-api, and sends the same to the other server. */
  async function send(part: (sample: Sample) => boolean): Promise<void> {
    for (const [series, samples] of recordings) {
      const rows = samples.filter(part);
      const file = join(folder, `${series}.csv`);
      writeFileSync(
        file,
        `timestamp,value\n${rows.map((row) => `${row.timestamp},${row.value}`).join('\n')}\n`,
      );
      await runEntry(
        ['replay', file, '--as', series, '--speed', 'max', '--url', cloud.metricsApi.url, '--restart'],
        { SEISMO_API_KEY: API_KEY, XDG_CACHE_HOME: join(folder, 'state') },
      );
    }
    const all = [...recordings].flatMap(([series, samples]) =>
      samples.filter(part).map(({ timestamp, value }) => ({ timestamp, [series]: value })),
    );
    // Only now: of what lies ahead of its clock a server takes nothing.
    twin.nowMs = Math.max(...all.map(({ timestamp }) => timestamp)) * 1000 + 2 * MINUTE_S * 1000;
    await twin.post(all);
  }

  const isHistory = ({ timestamp }: Sample) => timestamp <= learnedToS;

  /** Of each time and series the last value, as the files have them; cpu as the view gives it. */
  function expectedSamples(part: (sample: Sample) => boolean): string[] {
    const last = new Map<string, number>();
    for (const [series, samples] of recordings) {
      for (const { timestamp, value } of samples.filter((sample) => part(sample)))
        last.set(`${timestamp} ${series}`, series === 'cpu' ? Math.round(value) : value);
    }
    return [...last].map(([key, value]) => `${key} ${value}`).sort();
  }

  /** Waits until the view has so many rows, and looks at each. */
  async function storedOf(part: (sample: Sample) => boolean): Promise<void> {
    const stored = async () =>
      (await cloud.metricsTable())
        .flatMap(({ timestamp, latency, cpu }) => [
          ...(latency === null ? [] : [`${timestamp} latency ${latency}`]),
          ...(cpu === null ? [] : [`${timestamp} cpu ${cpu}`]),
        ])
        .sort();
    const expected = expectedSamples(part);
    await expect.poll(async () => (await stored()).length, { interval: 300 }).toBe(expected.length);
    expect(await stored()).toEqual(expected);
  }

  async function anomalies(): Promise<readonly AnomalyItem[]> {
    const answer = await fetch(`${cloud.getAnomalies.url}/get_anomalies?limit=1000`, {
      headers: { 'x-api-key': API_KEY },
    });
    return ((await answer.json()) as AnomaliesBody).anomalies;
  }

  it('keeps every sample once', async () => {
    await send(isHistory);
    await storedOf(isHistory);
    expect(await cloud.deadLetters()).toEqual([]);
  });

  it('learns in both the same minutes', async () => {
    await run('detect', 'detect none');
    await run('train', 'train series_anomalies', 'train latency_anomalies');
    const learned = await rowsOf(
      'SELECT series, UNIX_SECONDS(first_minute) AS first, UNIX_SECONDS(last_minute) AS last FROM `metrics_dataset.model_series` ORDER BY series',
    );
    const spans = learned.map(({ series, first, last }) => ({
      series,
      first: Number(first),
      last: Number(last),
    }));
    expect(spans).toEqual(await twin.train(['cpu', 'latency']));
    expect(spans.map(({ last }) => last)).toEqual([learnedToS, learnedToS]);
  });

  it('finds the same anomalies as one machine, row by row', async () => {
    await send((sample) => !isHistory(sample));
    await storedOf(() => true);
    await twin.judgedAll();
    await run('detect', 'detect series_anomalies');
    const [here, there] = [await twin.anomalies(), await anomalies()];
    expect(here.length).toBeGreaterThan(2);
    const aroundGap = here.filter(
      ({ series, timestamp }) =>
        series === 'latency' && [0, 4].includes(Math.floor((timestamp - beforeGapS) / MINUTE_S)),
    );
    expect(aroundGap.map(({ value, alarm }) => [value, alarm])).toEqual([
      [-900, true],
      [900, true],
    ]);
    expect(there).toEqual(here.map((one) => ({ ...closeTo(one), detector: 'bigquery-ml-arima-plus' })));
    expect(await rowsOf('SELECT * FROM `metrics_dataset.unjudged`')).toEqual([]);
    expect(cloud.processMetrics.events('anomaly')).toHaveLength(there.length);
  });

  it('says the same of every other minute', async () => {
    for (const series of recordings.keys()) {
      const rows = await rowsOf(`
        SELECT UNIX_MILLIS(minute) AS time, value, is_anomaly, (lower_bound + upper_bound) / 2 AS expected,
          (upper_bound - lower_bound) / 2 AS half
        FROM ML.DETECT_ANOMALIES(MODEL \`metrics_dataset.series_anomalies\`, STRUCT(0.9999 AS anomaly_prob_threshold),
          (SELECT * FROM \`metrics_dataset.samples_per_minute\`
           WHERE series = '${series}' AND minute > TIMESTAMP_SECONDS(${learnedToS})))
        ORDER BY minute`);
      const there = rows.map(({ time, value, is_anomaly, expected, half }) => ({
        timeMs: Number(time),
        value: Number(value),
        isAnomaly: is_anomaly === 'true',
        expected: Number(expected),
        half: Number(half),
      }));
      const here = await twin.verdicts(series, (learnedToS + MINUTE_S) * 1000, lastS * 1000);
      expect(here.length).toBeGreaterThan(JUDGED_MINUTES - 10);
      expect(there).toEqual(here.map(closeTo));
    }
  });

  it('runs the documented statements', async () => {
    const evaluated = await rowsOf(await readStatement('evaluate-latency-anomalies'));
    expect(Number(evaluated[0]!.mean_absolute_error)).toBeGreaterThan(0);
    const detected = await rowsOf(await readStatement('detect-latency-anomalies'));
    expect(detected).toHaveLength(100);
    // What the model was trained on has no verdict, and a minute without a latency none either.
    expect(detected.map(({ is_anomaly }) => is_anomaly === null)).toEqual(
      detected.map(({ timestamp, latency }) => Number(timestamp) <= learnedToS || latency === null),
    );
  });
});

/** The same but for rounding: sums were added up in another order. */
function closeTo<Row extends object>(row: Row): Row {
  const entries = Object.entries(row).map(([name, value]) => [
    name,
    typeof value === 'number' && !Number.isInteger(value) ? expect.closeTo(value, 9) : value,
  ]);
  return Object.fromEntries(entries) as Row;
}
