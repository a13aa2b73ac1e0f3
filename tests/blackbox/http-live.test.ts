import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LiveReader, openLive } from './support/live-reader.js';
import { startMemoryServer } from './support/memory-services.js';

let server: Awaited<ReturnType<typeof startMemoryServer>>;
const readers: LiveReader[] = [];
beforeEach(async () => {
  server = await startMemoryServer();
  server.idOf('cpu');
  server.idOf('latency', { service: 'checkout' });
});
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.close();
  await server.close();
});

const CHECKOUT = 'latency{service="checkout"}';

async function open(query = '', headers: Record<string, string> = {}): Promise<LiveReader> {
  const reader = await openLive(server.url, query, headers);
  readers.push(reader);
  await reader.until(({ events }) => events.length > 0);
  return reader;
}

function judge(series: string, value: number) {
  return server.judge([{ series, timeMs: 1_000_000 + value * 1000, value, state: 'ok' }]).commit.seq;
}

test('a posted sample arrives with its verdict, and the number of its commit as id', async () => {
  const reader = await open();
  await fetch(`${server.url}/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"timestamp": 1743548330.25, "cpu": 42}',
  });
  await reader.until(() => reader.samples().length === 1);
  expect(reader.samples()[0]).toEqual({
    series: 'cpu',
    time: 1743548330.25,
    value: 42,
    state: 'warming_up',
    expected: null,
    lower_bound: null,
    upper_bound: null,
    anomaly_probability: null,
    score: null,
    is_anomaly: false,
    alarm: false,
    component: null,
    have: 3,
    need: 60,
  });
  expect(reader.events.at(-1)?.id).toBe(String(server.steering.seq));
});

test('opens with a heartbeat that tells the time', async () => {
  const reader = await open();
  expect(reader.events[0]?.event).toBe('heartbeat');
  expect(JSON.parse(reader.events[0]!.data)).toEqual({ time: server.steering.nowMs / 1000 });
});

test('several readers each get what they asked for, by key, name or label', async () => {
  const all = await open();
  const byKey = await open(`?series=${encodeURIComponent(CHECKOUT)}`);
  const byName = await open('?series=latency&series=cpu');
  const byLabel = await open('?label.service=checkout');
  judge('cpu', 1);
  judge(CHECKOUT, 2);
  for (const reader of [all, byKey, byName, byLabel]) {
    await reader.until(() => reader.samples().some((sample) => sample.series === CHECKOUT));
  }
  expect(all.samples().map((sample) => sample.series)).toEqual(['cpu', CHECKOUT]);
  expect(byName.samples()).toHaveLength(2);
  expect(byKey.samples()).toHaveLength(1);
  expect(byLabel.samples()).toHaveLength(1);
});

test('a reader sees series that did not exist when it came', async () => {
  const reader = await open('?series=disk');
  server.idOf('disk', { name: 'sda' });
  judge('disk{name="sda"}', 5);
  await reader.until(() => reader.samples().length === 1);
});

test.each(['header', 'parameter'])('a reader that was away goes on after the last id (%s)', async (how) => {
  const lastSeq = judge('cpu', 1);
  judge('cpu', 2);
  judge('cpu', 3);
  const reader =
    how === 'header'
      ? await open('', { 'last-event-id': String(lastSeq) })
      : await open(`?last_event_id=${lastSeq}`);
  await reader.until(() => reader.samples().length === 2);
  expect(reader.samples().map((sample) => sample.value)).toEqual([2, 3]);
  expect(reader.events.some((event) => event.event === 'reset')).toBe(false);
});

test.each(['999999', 'nonsense', '-5'])(
  'last id %s: reset, then the newest sample of each series',
  async (id) => {
    judge('cpu', 1);
    judge('cpu', 2);
    const reader = await open('', { 'last-event-id': id });
    expect(reader.events[0]).toMatchObject({ event: 'reset', data: '{"reason":"resume_too_old"}' });
    await reader.until(() => reader.samples().length > 0);
    expect(reader.samples()).toMatchObject([{ series: 'cpu', value: 2 }]);
  },
);

test('a last id older than what is kept: reset', async () => {
  const first = judge('cpu', 1);
  const rows = Array.from({ length: 5000 }, (_, i) => ({ series: 'cpu', timeMs: i, value: i }));
  for (let i = 0; i < 50; i++) server.judge(rows);
  const reader = await open('', { 'last-event-id': String(first) });
  expect(reader.events[0]?.event).toBe('reset');
});

test('too much at once: anomalous samples and the newest of each series stay, the rest is counted', async () => {
  const reader = await open();
  const rows = Array.from({ length: 10_000 }, (_, i) => ({
    series: i % 2 === 0 ? 'cpu' : CHECKOUT,
    timeMs: i * 1000,
    value: i,
    state: i % 1000 === 7 ? ('anomalous' as const) : ('ok' as const),
  }));
  server.judge(rows);
  await reader.until(() => reader.samples().length > 0);
  expect(reader.samples().filter((sample) => sample.is_anomaly)).toHaveLength(10);
  expect(
    reader
      .samples()
      .slice(-2)
      .map((sample) => sample.value),
  ).toEqual([9998, 9999]);
  const last = reader.events.filter((event) => event.event === 'samples').at(-1);
  expect(JSON.parse(last!.data)).toMatchObject({ skipped: 10_000 - 12 });
});

test('a reader that does not read costs no memory and slows nobody; it is set to the newest state', async () => {
  const { hostname, port } = new URL(server.url);
  const slow = connect({ host: hostname, port: Number(port) });
  slow.write(`GET /api/live HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`);
  await once(slow, 'data');
  slow.pause();
  const quick = await open('?series=latency');
  const rows = Array.from({ length: 2000 }, (_, i) => ({
    series: 'cpu',
    timeMs: i,
    value: i,
    state: 'anomalous' as const,
  }));
  // More than the buffers of the two sockets take, and more than the server keeps for those who come back.
  for (let round = 0; round < 150; round++) {
    server.judge(rows);
    const seq = judge(CHECKOUT, round);
    await quick.until(() => quick.events.some((event) => event.id === String(seq)));
  }
  expect(quick.samples().map((sample) => sample.value)).toEqual(Array.from({ length: 150 }, (_, i) => i));
  // After the reset comes the newest sample of each series, in one piece.
  await readUntil(slow, /slow_reader[\s\S]*"value":149/);
  slow.destroy();
});

test('stopping ends the streams', async () => {
  const reader = await open();
  await server.close();
  await expect.poll(() => reader.ended).toBe(true);
  server = await startMemoryServer();
});

test('an unknown parameter answers 400', async () => {
  const answer = await fetch(`${server.url}/api/live?serie=cpu`);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error: { field: 'serie', hint: 'Did you mean series?' } });
});

async function readUntil(socket: ReturnType<typeof connect>, wanted: RegExp): Promise<void> {
  let text = '';
  socket.on('data', (chunk) => {
    text = (text + chunk.toString('utf8')).slice(-2_000_000);
  });
  socket.resume();
  while (!wanted.test(text)) await new Promise((resolve) => setTimeout(resolve, 10));
}
