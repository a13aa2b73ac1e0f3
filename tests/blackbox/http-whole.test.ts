import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { REJECT_CODES } from '@seismo/server/ports/ingest';
import type { AnomaliesBody, SamplesBody, SeriesBody } from '@seismo/server/serve/schemas';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLive } from './support/live-reader.js';
import { startWholeServer } from './support/whole-server.js';

const NOW_MS = 1_743_552_000_000;
const document = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
let server: Awaited<ReturnType<typeof startWholeServer>>;
beforeAll(async () => {
  server = await startWholeServer({}, () => NOW_MS);
});
afterAll(() => server.stop());

async function post(items: unknown) {
  return fetch(`${server.url}/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(items),
  });
}

async function get<T>(path: string): Promise<T> {
  const answer = await fetch(server.url + path);
  expect(answer.status, path).toBe(200);
  return (await answer.json()) as T;
}

/** Shell commands of the document, each with the JSON that stands below it. */
function examples(): { command: string; answer: unknown }[] {
  const pairs = document.matchAll(/```sh\n([\s\S]*?)```\s*```json\n([\s\S]*?)```/g);
  return [...pairs].map(([, command = '', answer = '']) => ({
    command,
    answer: JSON.parse(answer) as unknown,
  }));
}

test('every example of docs/api.md runs in a shell and gives what stands there', async () => {
  expect(examples().length).toBe([...document.matchAll(/```sh/g)].length);
  for (const { command, answer } of examples()) {
    const { stdout } = await promisify(execFile)('sh', ['-c', command.replace(/^curl/, 'curl -s')], {
      env: { ...process.env, URL: server.url },
    });
    expect(JSON.parse(stdout), command).toMatchObject(answer as object);
  }
});

test('docs/api.md names every reason for which an item is rejected, and every route', async () => {
  expect(REJECT_CODES.filter((code) => !document.includes(`\`${code}\``))).toEqual([]);
  const { paths } = await get<{ paths: Record<string, unknown> }>('/openapi.json');
  expect(Object.keys(paths).filter((path) => !document.includes(path))).toEqual([]);
});

test('a series of the longest name that is taken is read by that name', async () => {
  const labels = Object.fromEntries(
    Array.from({ length: 30 }, (_, i) => [`l${i}`.padEnd(100, '.'), '時'.repeat(500)]),
  );
  const answer = await post({ timestamp: NOW_MS / 1000, ['m'.repeat(200)]: 1, labels });
  expect(await answer.json()).toEqual({ accepted: 1 });
  const { series } = await get<SeriesBody>('/api/series?search=mmm');
  const name = encodeURIComponent(series[0]!.series);
  expect(await get(`/api/samples?series=${name}`)).toMatchObject({ value: [1] });
});

test('posted samples come back as series, samples, live events and anomalies', async () => {
  const live = await openLive(server.url, '?series=load');
  await live.until(({ events }) => events.length > 0);
  const startS = NOW_MS / 1000 - 900;
  const calm = Array.from({ length: 890 }, (_, i) => ({
    timestamp: startS + i,
    load: 50 + Math.sin(i * 1.7) + Math.cos(i * 2.9),
    labels: { host: 'a' },
  }));
  expect(await (await post(calm)).json()).toEqual({ accepted: 890 });
  expect((await post({ timestamp: startS + 890, load: 500, labels: { host: 'a' } })).status).toBe(202);
  await live.until((reader) => reader.samples().some((sample) => sample.is_anomaly && sample.value === 500));
  // At once, before its verdict can be in the store.
  const load = encodeURIComponent('load{host="a"}');
  const fresh = await get<SamplesBody>(`/api/samples?series=${load}&from=${startS + 890}&to=${startS + 900}`);
  expect(fresh.state).toEqual(['anomalous']);
  expect(fresh.upper_bound[0]).toBeLessThan(500);
  expect(live.samples()).toHaveLength(891);
  live.close();

  const { series } = await get<SeriesBody>('/api/series?label.host=a');
  expect(series).toMatchObject([{ series: 'load{host="a"}', state: 'anomalous', last: { value: 500 } }]);
  await expect
    .poll(async () => (await get<AnomaliesBody>('/get_anomalies?series=load')).anomalies[0])
    .toMatchObject({ timestamp: startS + 890, value: 500, alarm: true, is_anomaly: true });
  const path = `/api/samples?series=${encodeURIComponent('load{host="a"}')}&from=${startS}&to=${startS + 900}`;
  const samples = await get<SamplesBody>(path);
  expect(samples.total).toBe(891);
  expect(samples.state.at(-1)).toBe('anomalous');
  const thin = await get<SamplesBody>(`${path}&points=50`);
  expect(thin.downsampled).toBe(true);
  expect(thin.value).toContain(500);
});

test('the first sample of a series counts: 1 of 60', async () => {
  const live = await openLive(server.url, '?series=first');
  await post({ timestamp: NOW_MS / 1000, first: 1 });
  await live.until((reader) => reader.samples().length > 0);
  live.close();
  expect(live.samples()[0]).toMatchObject({ state: 'warming_up', have: 1, need: 60 });
  const { series } = await get<SeriesBody>('/api/series?series=first');
  expect(series).toMatchObject([{ have: 1, need: 60 }]);
});

test('a late sample leaves a series that is learning as it is, and is stored', async () => {
  const startS = NOW_MS / 1000 - 50;
  await post(Array.from({ length: 50 }, (_, i) => ({ timestamp: startS + i, tardy: i })));
  await post({ timestamp: startS - 3600, tardy: 1000 });
  // Judged in the order of arrival: once the next one is, the late one was looked at.
  await post({ timestamp: startS + 50, tardy: 50 });
  await expect
    .poll(async () => (await get<SeriesBody>('/api/series?series=tardy')).series)
    .toMatchObject([{ state: 'warming_up', have: 51, need: 60, last: { time: startS + 50, value: 50 } }]);
  const samples = await get<SamplesBody>(`/api/samples?series=tardy&from=${startS - 3600}&to=${startS + 51}`);
  expect([samples.total, samples.value[0]]).toEqual([52, 1000]);
});

test("the server's own metrics count what went in", async () => {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const value = (name: string) => Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1]);
  expect(value('seismo_samples_accepted_total')).toBeGreaterThanOrEqual(891);
  expect(value('seismo_series')).toBeGreaterThanOrEqual(1);
  expect(value('seismo_detector_state_bytes')).toBeGreaterThan(0);
  expect(value('seismo_store_bytes')).toBeGreaterThan(0);
  expect(text).toContain('seismo_http_requests_total{method="POST",route="/metrics",status="202"}');
  expect(text).not.toMatch(/method="[A-Z]+,/);
  expect(text).toContain('seismo_items_rejected_total{code="too_many_labels"} 0');
  expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
});

test('a hundred clients at once, each answer a sample on disk', async () => {
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, i) => post({ timestamp: NOW_MS / 1000 - i, crowd: i })),
  );
  expect(answers.map((answer) => answer.status)).toEqual(Array(100).fill(202));
  const samples = await get<SamplesBody>(`/api/samples?series=crowd&from=${NOW_MS / 1000 - 200}`);
  expect(samples.total).toBe(100);
});

test('a corrected value is shown as it is now, an anomaly as it was seen', async () => {
  const startS = NOW_MS / 1000 - 600;
  const calm = Array.from({ length: 300 }, (_, i) => ({ timestamp: startS + i, mended: 50 + (i % 7) }));
  await post(calm);
  await post({ timestamp: startS + 300, mended: 9999 });
  await post({ timestamp: startS + 301, mended: 52 });
  const last = async () => (await get<SeriesBody>('/api/series?series=mended')).series[0];
  await expect.poll(async () => (await last())?.last?.time).toBe(startS + 301);
  const rows = async () => {
    const path = `/api/samples?series=mended&from=${startS + 299}&to=${startS + 301}`;
    const { value, state, alarm, upper_bound, anomaly_probability } = await get<SamplesBody>(path);
    return value.map((one, i) => [
      one,
      state[i],
      alarm[i],
      upper_bound[i]! > 56,
      anomaly_probability[i] !== null,
    ]);
  };
  const before = [
    [50 + (299 % 7), 'ok', false, true, true],
    [9999, 'anomalous', true, true, true],
    [52, 'ok', false, true, true],
  ];
  expect(await rows()).toEqual(before);

  await post([...calm.slice(-1), { timestamp: startS + 300, mended: 9999 }]);
  expect(await rows()).toEqual(before);
  await post({ timestamp: startS + 300, mended: 8888 });
  expect((await rows())[1]).toEqual([8888, 'anomalous', true, true, true]);
  await post([
    { timestamp: startS + 299, mended: 7777 },
    { timestamp: startS + 300, mended: 53 },
    { timestamp: startS + 301, mended: 6666 },
  ]);
  const after = [7777, 53, 6666].map((value) => [value, 'unknown', false, true, false]);
  expect(await rows()).toEqual(after);
  const now = { value: 6666, state: 'unknown', is_anomaly: false, anomaly_probability: null };
  await expect.poll(last).toMatchObject({ last: now });
  await expect
    .poll(async () => (await get<AnomaliesBody>('/get_anomalies?series=mended')).anomalies)
    .toMatchObject([{ timestamp: startS + 300, value: 9999 }]);
  // Once the verdicts are in the store and no longer among the latest commits, it is the same.
  expect(await rows()).toEqual(after);
});

test('a time without its zone is refused with what to add', async () => {
  const answer = await post([
    { timestamp: '2025-04-01T22:58:50', unzoned: 1 },
    { timestamp: '2025-04-02T00:58:50+02:00', unzoned: 1 },
  ]);
  expect(answer.status).toBe(202);
  const message =
    'timestamp "2025-04-01T22:58:50" has no time zone; add Z for UTC, or an offset such as +02:00';
  const rejected = { index: 0, field: 'timestamp', code: 'timestamp_not_finite', message };
  expect(await answer.json()).toEqual({ accepted: 1, rejected: [rejected], rejected_count: 1 });
  const { series } = await get<SeriesBody>('/api/series?series=unzoned');
  expect(series).toMatchObject([{ last: { time: 1_743_548_330 } }]);
  const alone = await post({ timestamp: '2025-04-01T22:58:50', unzoned: 1 });
  expect(alone.status).toBe(400);
  expect(await alone.json()).toMatchObject({ error: { field: 'timestamp', message } });
});
