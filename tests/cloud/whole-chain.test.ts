import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnomaliesBody, AnomalyItem } from '@seismo/server/serve/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRecording } from '../support/recordings.js';
import { API_KEY, type Cloud, type MetricsRow, startCloud } from './support/cloud.js';
import { type EmbeddedTwin, startEmbeddedTwin } from './support/embedded-twin.js';
import { lacksPeer } from './support/peers.js';
import { runEntry } from './support/role-process.js';

/** The two weeks of the recording pass in about six seconds. */
const SPEED = '200000';
const RECORDINGS = [
  { file: 'ec2_request_latency_system_failure.csv', series: 'latency' },
  { file: 'ec2_cpu_utilization_825cc2.csv', series: 'cpu' },
];

interface Recorded {
  readonly timestamp: number;
  readonly value: number;
}

/** A recording moved in time, by whole days, so that it ends yesterday at the latest. */
function movedRecording(file: string): Recorded[] {
  const rows = readRecording(file).map(({ timeMs, value }) => ({ timestamp: timeMs / 1000, value }));
  const days = Math.floor((Date.now() / 1000 - 3600 - rows.at(-1)!.timestamp) / 86_400);
  return rows.map(({ timestamp, value }) => ({ timestamp: timestamp + days * 86_400, value }));
}

function expectedTable(recordings: ReadonlyMap<string, readonly Recorded[]>): MetricsRow[] {
  const rows = new Map<number, { timestamp: number; latency: number | null; cpu: number | null }>();
  for (const [series, recorded] of recordings) {
    for (const { timestamp, value } of recorded) {
      const row = rows.get(timestamp) ?? { timestamp, latency: null, cpu: null };
      rows.set(timestamp, { ...row, [series]: series === 'cpu' ? Math.round(value) : value });
    }
  }
  return [...rows.values()].sort((a, b) => a.timestamp - b.timestamp);
}

// Without the emulators there is no cloud on this machine; `lacksPeer` says what to install.
describe.skipIf(lacksPeer('pubsub', 'bigquery'))('the whole chain on Google Cloud’s emulators', () => {
  let cloud: Cloud;
  let twin: EmbeddedTwin;
  const folder = mkdtempSync(join(tmpdir(), 'seismo-chain-'));
  const recordings = new Map(RECORDINGS.map(({ file, series }) => [series, movedRecording(file)]));

  beforeAll(async () => {
    [cloud, twin] = await Promise.all([startCloud(), startEmbeddedTwin()]);
  });
  afterAll(async () => {
    await Promise.all([cloud?.stop(), twin?.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  it('keeps every sample of a recording once, in the same rows as one machine', async () => {
    for (const [series, rows] of recordings) {
      const lines = rows.map(({ timestamp, value }) => `${timestamp},${value}`);
      writeFileSync(join(folder, `${series}.csv`), `timestamp,value\n${lines.join('\n')}\n`);
    }
    const replay = (series: string, url: string) =>
      runEntry(
        [
          'replay',
          join(folder, `${series}.csv`),
          '--as',
          series,
          '--speed',
          SPEED,
          '--url',
          url,
          '--restart',
        ],
        {
          SEISMO_API_KEY: API_KEY,
          XDG_CACHE_HOME: join(folder, 'state'),
        },
      );
    await Promise.all(
      [cloud.metricsApi.url, twin.server.url].flatMap((url) =>
        RECORDINGS.map(({ series }) => replay(series, url)),
      ),
    );
    const expected = expectedTable(recordings);
    await expect
      .poll(async () => (await cloud.metricsTable()).length, { interval: 300 })
      .toBe(expected.length);
    expect(await cloud.metricsTable()).toEqual(expected);
    expect(await twin.metricsTable()).toEqual(expected);
    expect(await cloud.deadLetters()).toEqual([]);
  });

  it('keeps the last write of a sample that is sent again, as one machine does', async () => {
    const timestamp = recordings.get('latency')![0]!.timestamp - 1000;
    for (let value = 1; value <= 12; value++) {
      const items = [
        { timestamp, latency: value, cpu: value * 2, labels: {} },
        { timestamp, latency: value + 0.5 },
      ];
      const answer = await cloud.post(items);
      expect(answer).toMatchObject({ status: 202, body: { accepted: 3 } });
      await postTo(twin.server.url, items);
    }
    const rowOf = async (rows: Promise<MetricsRow[]>) =>
      (await rows).filter((row) => row.timestamp === timestamp);
    const last = [{ timestamp, latency: 12.5, cpu: 24 }];
    expect(await rowOf(twin.metricsTable())).toEqual(last);
    await expect.poll(() => rowOf(cloud.metricsTable())).toEqual(last);
  });

  it('keeps labelled series apart, and refuses what one machine refuses', async () => {
    const timestamp = Math.floor(Date.now() / 1000) - 5000;
    const items = [
      { timestamp, requests: 7, labels: { host: 'ünï "quoted"', zone: 'b' } },
      { timestamp: timestamp + 0.25, requests: -1.5e-7, labels: { zone: 'b', host: 'ünï "quoted"' } },
      { timestamp: 'yesterday', requests: 7 },
      { timestamp: timestamp * 1000, requests: 7 },
      { timestamp, 'bad name': 7 },
    ];
    const [here, there] = [await postTo(twin.server.url, items), await cloud.post(items)];
    expect(there).toEqual(here);
    const stored = () =>
      cloud.bigquery.query(
        "SELECT series, name, TO_JSON_STRING(labels) AS labels, value, UNIX_MILLIS(time) AS ms FROM `metrics_dataset.samples` WHERE name = 'requests' ORDER BY time",
      );
    await expect.poll(async () => (await stored()).length).toBe(2);
    const series = 'requests{host="ünï \\"quoted\\"",zone="b"}';
    const rows = await stored();
    expect(rows.map(({ labels, ...row }) => [row, JSON.parse(labels!) as unknown])).toEqual([
      [{ series, name: 'requests', value: '7.0', ms: String(timestamp * 1000) }, items[0]!.labels],
      [{ series, name: 'requests', value: '-1.5e-07', ms: String(timestamp * 1000 + 250) }, items[0]!.labels],
    ]);
  });

  it('takes a plain message without attributes, as `gcloud pubsub topics publish` sends it', async () => {
    const timestamp = Math.floor(Date.now() / 1000) - 100;
    await cloud.pubsub.publish('metrics', [
      { data: `{"timestamp": ${timestamp}, "latency": 42.5, "cpu": 7}` },
    ]);
    const newest = async () => (await cloud.metricsTable()).at(-1);
    await expect.poll(newest).toEqual({ timestamp, latency: 42.5, cpu: 7 });
  });

  it('answers for anomalies as one machine does: fields, filters, order and pages', async () => {
    const { anomalies } = (await getJson(`${twin.server.url}/get_anomalies?limit=1000`)) as AnomaliesBody;
    expect(anomalies.length).toBeGreaterThan(5);
    await insertAnomalies(cloud, anomalies);
    const from = anomalies.at(-3)!.time;
    const queries = [
      'limit=1000',
      `limit=${Math.ceil(anomalies.length / 3)}`,
      'series=latency&limit=50',
      'series=nothing',
      'alarms_only=true',
      'min_probability=0.99999',
      `from=${encodeURIComponent(from)}`,
      `to=${encodeURIComponent(from)}&limit=1`,
    ];
    for (const url of [cloud.getAnomalies.url, cloud.processMetrics.url]) {
      for (const query of url === cloud.getAnomalies.url ? queries : queries.slice(0, 1)) {
        const [here, there] = await Promise.all([
          pagesOf(`${twin.server.url}/get_anomalies?${query}`).then(withoutComponents),
          pagesOf(`${url}/get_anomalies?${query}`),
        ]);
        expect([url, query, there]).toEqual([url, query, here]);
      }
    }
  });
});

async function postTo(url: string, items: unknown): Promise<{ status: number; body: unknown }> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/metrics`, { method: 'POST', headers, body: JSON.stringify(items) });
  return { status: answer.status, body: await answer.json() };
}

async function getJson(url: string): Promise<unknown> {
  const answer = await fetch(url, { headers: { 'x-api-key': API_KEY } });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

/** Page after page, by the cursor. */
async function pagesOf(url: string): Promise<AnomalyItem[][]> {
  const pages: AnomalyItem[][] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const body = (await getJson(cursor === '' ? url : `${url}&cursor=${cursor}`)) as AnomaliesBody;
    pages.push([...body.anomalies]);
    cursor = body.next_cursor;
  }
  return pages;
}

/** A verdict on a minute, all that the cloud has, names no component. */
function withoutComponents(pages: AnomalyItem[][]): AnomalyItem[][] {
  return pages.map((page) => page.map((one) => ({ ...one, component: null })));
}

async function insertAnomalies(cloud: Cloud, anomalies: readonly AnomalyItem[]): Promise<void> {
  const number = (value: number | null) => (value === null ? 'NULL' : `CAST(${value} AS FLOAT64)`);
  const rows = anomalies.map((one) => {
    const labels = JSON.stringify(one.labels);
    const numbers = [one.value, one.expected, one.lower_bound, one.upper_bound, one.anomaly_probability].map(
      number,
    );
    return `(TIMESTAMP '${one.time}', '${one.series}', '${one.name}', JSON '${labels}', ${numbers.join(', ')}, 1.0, ${one.alarm}, '${one.detector}', 'test', CURRENT_TIMESTAMP())`;
  });
  const columns =
    'time, series, name, labels, value, expected, lower_bound, upper_bound, anomaly_probability, score, alarm, detector, model, found';
  await cloud.bigquery.query(
    `INSERT INTO \`metrics_dataset.anomalies\` (${columns}) VALUES ${rows.join(',\n')}`,
  );
}
