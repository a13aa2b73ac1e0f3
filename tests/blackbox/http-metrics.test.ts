import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startMemoryServer } from './support/memory-services.js';

let server: Awaited<ReturnType<typeof startMemoryServer>>;
beforeEach(async () => {
  server = await startMemoryServer();
});
afterEach(() => server.close());

const SAMPLE = { timestamp: 1743548330, latency: 312.0, cpu: 100 };

function post(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
  return fetch(`${server.url}/metrics`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

test('one sample with two values answers 202 and counts both', async () => {
  const answer = await post(JSON.stringify(SAMPLE));
  expect(answer.status).toBe(202);
  expect(await answer.json()).toEqual({ accepted: 2 });
});

test('the answer waits until the samples are durable', async () => {
  let release = () => {};
  server.steering.holdUntil = new Promise((resolve) => {
    release = resolve;
  });
  let answered = false;
  const answer = post(JSON.stringify(SAMPLE)).then((response) => {
    answered = true;
    return response;
  });
  while (server.steering.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(answered).toBe(false);
  release();
  expect((await answer).status).toBe(202);
});

test('a partly bad batch stores the good part and lists the bad one', async () => {
  const answer = await post(JSON.stringify([SAMPLE, { latency: 1 }]));
  expect(answer.status).toBe(202);
  expect(await answer.json()).toEqual({
    accepted: 2,
    rejected: [{ index: 1, field: 'timestamp', code: 'timestamp_missing', message: 'timestamp is missing.' }],
    rejected_count: 1,
  });
});

test('nothing good answers 400 with the same list and an error that says the first reason', async () => {
  const answer = await post(JSON.stringify({ latency: 1 }));
  expect(answer.status).toBe(400);
  expect(await answer.json()).toEqual({
    error: { code: 'timestamp_missing', message: 'timestamp is missing.', field: 'timestamp' },
    accepted: 0,
    rejected: [{ index: 0, field: 'timestamp', code: 'timestamp_missing', message: 'timestamp is missing.' }],
    rejected_count: 1,
  });
});

test.each([
  ['cut off', '{"timestamp": 17435'],
  ['empty', ''],
  ['not UTF-8', Uint8Array.from([0x22, 0xff, 0xfe, 0x22])],
])('a body that is %s answers 400 not_json and is counted', async (_what, body) => {
  const answer = await post(body);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({
    error: { code: 'not_json' },
    rejected: [{ index: 0, code: 'not_json' }],
  });
  const counted = await server.services.metrics.itemsRejected.get();
  expect(counted.values).toContainEqual({ labels: { code: 'not_json' }, value: 1 });
});

test('a byte order mark before the JSON does no harm', async () => {
  expect((await post(`\uFEFF${JSON.stringify(SAMPLE)}`)).status).toBe(202);
});

test('other content types answer 415 and say which is right', async () => {
  const answer = await post(JSON.stringify(SAMPLE), { 'content-type': 'application/x-www-form-urlencoded' });
  expect(answer.status).toBe(415);
  const { error } = (await answer.json()) as { error: { code: string; hint: string } };
  expect(error.code).toBe('unsupported_media_type');
  expect(error.hint).toContain('application/json');
});

test('a body over 16 MiB answers 413', async () => {
  const answer = await post(new Uint8Array(16 * 1024 * 1024 + 1).fill(0x20));
  expect(answer.status).toBe(413);
  expect(await answer.json()).toMatchObject({ error: { code: 'too_large' } });
});

test('a gzip body is understood', async () => {
  const answer = await post(Uint8Array.from(gzipSync(JSON.stringify(SAMPLE))), {
    'content-encoding': 'gzip',
  });
  expect(answer.status).toBe(202);
  expect(server.steering.received).toEqual([SAMPLE]);
});

test('a small gzip body that unpacks to a giant answers 413', async () => {
  const bomb = Uint8Array.from(gzipSync(Buffer.alloc(200 * 1024 * 1024, 0x20)));
  expect(bomb.length).toBeLessThan(1024 * 1024);
  const answer = await post(bomb, { 'content-encoding': 'gzip' });
  expect(answer.status).toBe(413);
  expect(server.steering.received).toEqual([]);
});

test('a body that claims to be gzip and is not answers 400, an unknown packing 415', async () => {
  expect((await post(JSON.stringify(SAMPLE), { 'content-encoding': 'gzip' })).status).toBe(400);
  const answer = await post(JSON.stringify(SAMPLE), { 'content-encoding': 'br' });
  expect(answer.status).toBe(415);
  expect(await answer.json()).toMatchObject({ error: { field: 'Content-Encoding' } });
});

test.each([
  ['queue_full', 429],
  ['series_limit', 429],
  ['storage_full', 503],
  ['not_ready', 503],
] as const)('%s answers %i with Retry-After', async (code, status) => {
  server.steering.failWith = code;
  const answer = await post(JSON.stringify(SAMPLE));
  expect(answer.status).toBe(status);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await answer.json()).toMatchObject({ error: { code } });
});

test('a fault inside answers 500 and tells nothing of it', async () => {
  server.steering.failWith = 'internal';
  server.services.ingest.ingest = async () => {
    throw new TypeError('secret path /srv/x');
  };
  const answer = await post(JSON.stringify(SAMPLE));
  expect(answer.status).toBe(500);
  const text = await answer.text();
  expect(text).not.toContain('secret');
  expect(JSON.parse(text)).toMatchObject({ error: { code: 'internal' } });
});

test('a hundred clients at once are all answered', async () => {
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, i) => post(JSON.stringify({ timestamp: 1743548330 + i, latency: i }))),
  );
  expect(answers.map((answer) => answer.status)).toEqual(Array(100).fill(202));
  expect(server.steering.received).toHaveLength(100);
});

test('stopping lets a running request end', async () => {
  let release = () => {};
  server.steering.holdUntil = new Promise((resolve) => {
    release = resolve;
  });
  const answer = post(JSON.stringify(SAMPLE));
  while (server.steering.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const closed = server.close();
  release();
  expect((await answer).status).toBe(202);
  await closed;
});
