import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import type { Config } from '@seismo/server/config';
import type { SessionBody } from '@seismo/server/serve/schemas';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { startMemoryServer } from './support/memory-services.js';

const WRITE_KEY = 'write-key-0123456789';
const READ_KEY = 'read-key-0123456789';
const KEYS: Partial<Config> = {
  apiKeys: [
    { key: WRITE_KEY, access: 'write' },
    { key: READ_KEY, access: 'read' },
  ],
};
const SAMPLE = '{"timestamp": 1743548330, "cpu": 1}';

let server: Awaited<ReturnType<typeof startMemoryServer>>;
afterEach(() => server.close());

async function start(config: Partial<Config> = {}) {
  server = await startMemoryServer(config);
}

function call(path: string, headers: Record<string, string> = {}, body?: string, method?: string) {
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  return fetch(server.url + path, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...json, ...headers },
    ...(body === undefined ? {} : { body }),
  });
}

/** fetch sets Host and Origin by itself; this says them as told. */
async function raw(path: string, headers: Record<string, string>, method = 'GET', body = '') {
  const sent = request(server.url + path, { method, headers });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  return { status: answer.statusCode, headers: answer.headers, text };
}

describe('keys', () => {
  const PROTECTED = ['/get_anomalies', '/api/series', '/api/samples?series=cpu', '/api/live', '/metrics'];

  test.each(PROTECTED)('GET %s needs a key', async (path) => {
    await start(KEYS);
    const without = await call(path);
    expect(without.status).toBe(401);
    expect(without.headers.get('www-authenticate')).toBe('Bearer');
    expect(await without.json()).toMatchObject({ error: { code: 'unauthorized', field: 'X-API-Key' } });
    for (const [field, value] of [
      ['X-API-Key', 'wrong'],
      ['Authorization', 'Bearer wrong'],
    ] as const) {
      const wrong = await call(path, { [field]: value });
      expect(wrong.status).toBe(401);
      expect(await wrong.json()).toMatchObject({ error: { code: 'unauthorized', field } });
    }
  });

  test.each(['/health', '/ready', '/openapi.json', '/docs', '/api/session'])('%s is open', async (path) => {
    await start(KEYS);
    expect((await call(path)).status).toBe(200);
  });

  test('a read key reads and does not write; a write key does both; both headers are understood', async () => {
    await start(KEYS);
    expect((await call('/get_anomalies', { 'x-api-key': READ_KEY })).status).toBe(200);
    expect((await call('/get_anomalies', { authorization: `Bearer ${WRITE_KEY}` })).status).toBe(200);
    const refused = await call('/metrics', { 'x-api-key': READ_KEY }, SAMPLE);
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ error: { code: 'forbidden' } });
    expect((await call('/metrics', { authorization: `bearer ${WRITE_KEY}` }, SAMPLE)).status).toBe(202);
  });

  test('an address with too many wrong keys waits, while a client known there goes on', async () => {
    await start(KEYS);
    expect((await call('/api/series', { 'x-api-key': READ_KEY })).status).toBe(200);
    for (let i = 0; i < 10; i++) {
      expect((await call('/api/series', { 'x-api-key': `guess-${i}` })).status).toBe(401);
    }
    const limited = await call('/api/series', { 'x-api-key': 'guess-11' });
    expect(limited.status).toBe(429);
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await call('/metrics', { 'x-api-key': WRITE_KEY }, SAMPLE)).status).toBe(429);
    expect((await call('/api/series', { 'x-api-key': READ_KEY })).status).toBe(200);
    server.steering.nowMs += 301_000;
    expect((await call('/metrics', { 'x-api-key': WRITE_KEY }, SAMPLE)).status).toBe(202);
  });

  test('no answer repeats a key', async () => {
    await start(KEYS);
    for (const path of ['/get_anomalies', '/nothing', '/metrics']) {
      const answer = await call(path, { 'x-api-key': 'wrong-secret' });
      expect(await answer.text()).not.toContain('wrong-secret');
    }
  });
});

describe('signing in at the page', () => {
  async function signIn(key = WRITE_KEY) {
    const answer = await call('/api/session', {}, JSON.stringify({ key }));
    const cookie = answer.headers.get('set-cookie') ?? '';
    return { answer, cookie, pair: cookie.split(';')[0] ?? '', body: (await answer.json()) as SessionBody };
  }

  test('names the field of the body where its key is not known', async () => {
    await start(KEYS);
    const { answer, body } = await signIn('wrong');
    expect(answer.status).toBe(401);
    expect(body).toMatchObject({ error: { code: 'unauthorized', field: 'key' } });
  });

  test('tells whether a key is needed', async () => {
    await start(KEYS);
    expect(await (await call('/api/session')).json()).toEqual({
      key_required: true,
      signed_in: false,
      access: null,
      csrf_token: null,
      version: '0.0.0-test',
    });
    await server.close();
    await start();
    expect(await (await call('/api/session')).json()).toMatchObject({ key_required: false, access: 'write' });
    expect((await call('/api/session', {}, '{"key": "x"}')).status).toBe(400);
  });

  test('the cookie is for this host only and out of reach of scripts; it reads', async () => {
    await start(KEYS);
    const { answer, cookie, pair, body } = await signIn();
    expect(answer.status).toBe(200);
    expect(cookie).toMatch(
      /^seismo_session_\d+=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect(body).toMatchObject({ signed_in: true, access: 'write' });
    expect((await call('/get_anomalies', { cookie: pair })).status).toBe(200);
    expect(await (await call('/api/session', { cookie: pair })).json()).toEqual(body);
  });

  test('is marked secure where the page came over https', async () => {
    await start({ ...KEYS, allowedHosts: ['seismo.example'] });
    const { headers } = await raw(
      '/api/session',
      { host: 'seismo.example', origin: 'https://seismo.example', 'content-type': 'application/json' },
      'POST',
      JSON.stringify({ key: WRITE_KEY }),
    );
    expect(headers['set-cookie']?.[0]).toContain('; Secure');
  });

  test('what changes something needs the token besides the cookie', async () => {
    await start(KEYS);
    const { pair, body } = await signIn();
    const without = await call('/metrics', { cookie: pair }, SAMPLE);
    expect(without.status).toBe(403);
    expect(await without.json()).toMatchObject({ error: { field: 'X-CSRF-Token' } });
    expect((await call('/metrics', { cookie: pair, 'x-csrf-token': 'x'.repeat(43) }, SAMPLE)).status).toBe(
      403,
    );
    const token = body.csrf_token ?? '';
    expect((await call('/metrics', { cookie: pair, 'x-csrf-token': token }, SAMPLE)).status).toBe(202);
  });

  test('a session of a read key does not write', async () => {
    await start(KEYS);
    const { pair, body } = await signIn(READ_KEY);
    const token = body.csrf_token ?? '';
    expect((await call('/metrics', { cookie: pair, 'x-csrf-token': token }, SAMPLE)).status).toBe(403);
  });

  test('signing out, a made-up id and a week end a session', async () => {
    await start(KEYS);
    const first = await signIn();
    const token = first.body.csrf_token ?? '';
    expect((await call('/api/session', { cookie: first.pair }, undefined, 'DELETE')).status).toBe(403);
    const out = await call(
      '/api/session',
      { cookie: first.pair, 'x-csrf-token': token },
      undefined,
      'DELETE',
    );
    expect(await out.json()).toMatchObject({ signed_in: false });
    expect((await call('/get_anomalies', { cookie: first.pair })).status).toBe(401);
    const name = first.pair.split('=')[0];
    expect((await call('/get_anomalies', { cookie: `${name}=${'a'.repeat(43)}` })).status).toBe(401);
    const second = await signIn();
    server.steering.nowMs += 8 * 86_400_000;
    expect((await call('/get_anomalies', { cookie: second.pair })).status).toBe(401);
  });

  test('a wrong key answers 401, too many 429; a body without key 400', async () => {
    await start(KEYS);
    expect((await call('/api/session', {}, '{}')).status).toBe(400);
    for (let i = 0; i < 10; i++) expect((await signIn(`guess-${i}`)).answer.status).toBe(401);
    expect((await signIn(WRITE_KEY)).answer.status).toBe(429);
  });
});

describe('who is asked for and who asks', () => {
  test.each([
    ['127.0.0.1:9', 200],
    ['localhost', 200],
    ['LOCALHOST:8080', 200],
    ['[::1]:8080', 200],
    ['seismo.example', 200],
    ['seismo.example:99', 200],
    ['other.example:8443', 200],
    ['other.example', 421],
    ['evil.example', 421],
    ['localhost.evil.example', 421],
    ['10.0.0.7', 421],
  ])('Host %s answers %i', async (host, status) => {
    await start({ allowedHosts: ['seismo.example', 'other.example:8443'] });
    const answer = await raw('/api/series', { host });
    expect(answer.status).toBe(status);
    if (status === 421)
      expect(JSON.parse(answer.text)).toMatchObject({ error: { code: 'host_not_allowed' } });
    expect((await raw('/health', { host })).status).toBe(200);
  });

  test('listening everywhere, every address is fine but no foreign name', async () => {
    await start({ host: '0.0.0.0' });
    expect((await raw('/api/series', { host: '10.0.0.7:8080' })).status).toBe(200);
    expect((await raw('/api/series', { host: 'evil.example' })).status).toBe(421);
  });

  test('a foreign page may neither read nor write', async () => {
    await start();
    const json = { 'content-type': 'application/json' };
    const read = await raw('/api/series', { origin: 'http://evil.example' });
    expect(read.headers['access-control-allow-origin']).toBeUndefined();
    const write = await raw('/metrics', { ...json, origin: 'http://evil.example' }, 'POST', SAMPLE);
    expect(write.status).toBe(403);
    expect(server.steering.received).toEqual([]);
    const own = await raw('/metrics', { ...json, origin: server.url }, 'POST', SAMPLE);
    expect(own.status).toBe(202);
  });

  test('a configured page may read and write, after asking', async () => {
    const origin = 'https://charts.example';
    await start({ corsOrigins: [origin] });
    const asked = await raw(
      '/metrics',
      { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
      'OPTIONS',
    );
    expect(asked.status).toBe(204);
    expect(asked.headers['access-control-allow-origin']).toBe(origin);
    expect(asked.headers['access-control-allow-headers']).toContain('X-API-Key');
    expect(asked.headers['access-control-allow-credentials']).toBeUndefined();
    const answer = await raw('/api/series', { origin });
    expect(answer.headers['access-control-allow-origin']).toBe(origin);
    expect(answer.headers.vary).toContain('Origin');
  });
});

describe('limits', () => {
  async function exchange(text: string): Promise<string> {
    const { hostname, port } = new URL(server.url);
    const socket = connect({ host: hostname, port: Number(port) });
    socket.write(text);
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    return answer;
  }

  test('headers over 144 KiB answer 431 in our shape', async () => {
    await start();
    const answer = await exchange(
      `GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'x'.repeat(150_000)}\r\n\r\n`,
    );
    expect(answer).toContain('HTTP/1.1 431');
    expect(answer).toContain('"code":"headers_too_large"');
  });

  test('what is not HTTP answers 400 in our shape', async () => {
    await start();
    const answer = await exchange('hello\r\n\r\n');
    expect(answer).toContain('HTTP/1.1 400');
    expect(answer).toContain('"code":"bad_request"');
  });

  test('slow headers and bodies have a limit', async () => {
    await start();
    const http = server.app.server;
    expect(http.headersTimeout).toBe(10_000);
    expect(http.maxConnections).toBeGreaterThan(256);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const began = once(http, 'request');
      const head = ['POST /metrics HTTP/1.1', 'Host: localhost', 'Content-Type: application/json'];
      const answer = exchange([...head, 'Content-Length: 100', '', '{'].join('\r\n'));
      await began;
      vi.advanceTimersByTime(60_000);
      expect(await answer).toMatch(/^HTTP\/1\.1 408 [\s\S]*request_timeout/);
    } finally {
      vi.useRealTimers();
    }
  });

  test('a malformed address answers 400 in our shape', async () => {
    await start();
    const answer = await raw('/%zz', {});
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toEqual({
      error: {
        code: 'bad_request',
        message: 'The path of the address is not URL-encoded.',
        hint: expect.stringContaining('Write % as %25'),
      },
    });
  });
});
