import type { Anomaly } from '@seismo/server/model/verdict';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LiveReader, openLive } from './support/live-reader.js';
import { type MemoryModels, memoryModels } from './support/memory-models.js';
import { startMemoryServer } from './support/memory-services.js';

/** Whole minutes that models found, at `/api/live`. */

const MINUTE_MS = Date.parse('2026-03-23T09:30:00Z');
const CHECKOUT = 'latency{service="checkout"}';
let models: MemoryModels;
let server: Awaited<ReturnType<typeof startMemoryServer>>;
const readers: LiveReader[] = [];
beforeEach(async () => {
  models = memoryModels([]);
  server = await startMemoryServer({}, { models });
});
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.close();
  await server.close();
});

async function open(query = '', headers: Record<string, string> = {}): Promise<LiveReader> {
  const reader = await openLive(server.url, query, headers);
  readers.push(reader);
  await reader.until(({ events }) => events.some(({ event }) => event === 'heartbeat'));
  return reader;
}

function found(name: string, value: number, more: Partial<Anomaly> = {}): Anomaly {
  const labels: Record<string, string> = name === CHECKOUT ? { service: 'checkout' } : {};
  return {
    seriesId: server.idOf(name === CHECKOUT ? 'latency' : name, labels),
    timeMs: MINUTE_MS,
    value,
    expected: 212,
    lower: 190,
    upper: Number.NaN,
    probability: 0.99999,
    score: 5,
    alarm: true,
    detector: 'arima_plus',
    ...more,
  };
}

function judge(value: number): string {
  const { commit } = server.judge([{ series: 'cpu', timeMs: value * 1000, value, state: 'ok' }]);
  return String(commit.seq);
}

test('arrive as /get_anomalies lists them, with what was confirmed and taken back', async () => {
  const reader = await open();
  const seq = judge(1);
  await reader.until(() => reader.samples().length === 1);
  models.find([found(CHECKOUT, 300), found('cpu', 70, { alarm: false, review: 'withdrawn' })]);
  await reader.until(() => reader.anomalies().length === 2);
  expect(reader.anomalies()[0]).toEqual({
    timestamp: MINUTE_MS / 1000,
    time: '2026-03-23T09:30:00.000Z',
    series: CHECKOUT,
    name: 'latency',
    labels: { service: 'checkout' },
    value: 300,
    expected: 212,
    lower_bound: 190,
    upper_bound: null,
    anomaly_probability: 0.99999,
    is_anomaly: true,
    alarm: true,
    detector: 'arima_plus',
    component: null,
    review: null,
  });
  expect(reader.anomalies()[1]).toMatchObject({ is_anomaly: false, review: 'withdrawn' });
  const event = reader.events.findLast((one) => one.event === 'anomalies');
  // The place in the stream of samples, where a reader who comes back goes on.
  expect(event?.id).toBe(seq);
});

test('come to those who asked for their series, and once', async () => {
  const all = await open();
  const one = await open(`?series=${encodeURIComponent(CHECKOUT)}`);
  models.find([found('cpu', 1)]);
  models.find([found(CHECKOUT, 2)]);
  await one.until(() => one.anomalies().length > 0);
  await all.until(() => all.anomalies().length > 1);
  judge(1);
  await all.until(() => all.samples().length > 0);
  expect(one.anomalies().map(({ value }) => value)).toEqual([2]);
  expect(all.anomalies().map(({ value }) => value)).toEqual([1, 2]);
});

test('are told to a reader who was away, from where it was; a new one begins with what comes', async () => {
  judge(1);
  models.find([found('cpu', 1)]);
  const seen = judge(2);
  judge(3);
  models.find([found('cpu', 2)]);
  judge(4);
  const back = await open('', { 'last-event-id': seen });
  await back.until(() => back.samples().length === 2 && back.anomalies().length > 0);
  expect(back.anomalies().map(({ value }) => value)).toEqual([2]);
  const fresh = await open();
  models.find([found('cpu', 3)]);
  await fresh.until(() => fresh.anomalies().length > 0);
  expect(fresh.anomalies().map(({ value }) => value)).toEqual([3]);
});

test('too many at once: alarms first, the rest is counted', async () => {
  const reader = await open();
  const many = Array.from({ length: 2500 }, (_, i) =>
    found('cpu', i, { timeMs: MINUTE_MS + i * 60_000, alarm: i >= 2400 }),
  );
  models.find(many);
  await reader.until(() => reader.anomalies().length > 0);
  expect(reader.anomalies().filter(({ alarm }) => alarm)).toHaveLength(100);
  const event = reader.events.findLast((one) => one.event === 'anomalies');
  expect(JSON.parse(event!.data)).toMatchObject({ skipped: 500 });
});

test('count as the last anomaly of their series, unless they are taken back', async () => {
  judge(1);
  const last = async () => {
    const answer = await fetch(`${server.url}/api/series?series=cpu`);
    const { series } = (await answer.json()) as { series: { last_anomaly: number | null }[] };
    return series[0]?.last_anomaly;
  };
  expect(await last()).toBeNull();
  models.find([found('cpu', 70, { review: 'withdrawn' })]);
  expect(await last()).toBeNull();
  models.find([found('cpu', 70)]);
  expect(await last()).toBe(MINUTE_MS / 1000);
});
