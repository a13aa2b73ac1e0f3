import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startMemoryServer } from './support/memory-services.js';

const SCRIPT = `console.log(${JSON.stringify('x'.repeat(5000))})`;
let folder: string;
let server: Awaited<ReturnType<typeof startMemoryServer>>;
beforeEach(async () => {
  const parent = mkdtempSync(join(tmpdir(), 'seismo-page-'));
  folder = join(parent, 'dist');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(parent, 'secret.txt'), 'secret');
  writeFileSync(join(folder, '.hidden'), 'secret');
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Seismo</title>');
  writeFileSync(join(folder, 'assets', 'index-abc123.js'), SCRIPT);
  server = await startMemoryServer({}, { dashboardFolder: folder });
});
afterEach(async () => {
  await server.close();
  rmSync(join(folder, '..'), { recursive: true });
});

test('the page is served at / with a strict policy and asked for again each time', async () => {
  const answer = await fetch(`${server.url}/`);
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain('<title>Seismo</title>');
  expect(answer.headers.get('content-type')).toContain('text/html');
  expect(answer.headers.get('cache-control')).toBe('no-cache');
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  const policy = answer.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain('unsafe');
});

test.each(['/', '/openapi.json', '/health'])('HEAD %s tells what GET would send', async (path) => {
  const [head, get] = (await Promise.all(
    ['HEAD', 'GET'].map((method) =>
      fetch(server.url + path, { method, headers: { 'accept-encoding': 'identity' } }),
    ),
  )) as [Response, Response];
  expect(head.status).toBe(200);
  expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'));
  expect(Number(head.headers.get('content-length'))).toBe((await get.arrayBuffer()).byteLength);
  expect(await head.text()).toBe('');
});

test('assets are compressed and kept for good', async () => {
  const answer = await fetch(`${server.url}/assets/index-abc123.js`, {
    headers: { 'accept-encoding': 'gzip' },
  });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-encoding')).toBe('gzip');
  expect(answer.headers.get('cache-control')).toContain('immutable');
  expect(await answer.text()).toBe(SCRIPT);
});

test.each([
  '/../secret.txt',
  '/..%2fsecret.txt',
  '/%2e%2e/secret.txt',
  '/assets/..%2f..%2f..%2fsecret.txt',
  '/..%5csecret.txt',
  '/.hidden',
  '/assets/',
])('%s gives nothing away', async (path) => {
  const { hostname, port } = new URL(server.url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: close\r\n\r\n`);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  expect(answer).toMatch(/^HTTP\/1.1 4\d\d/);
  expect(answer).toContain('{"error":{"code":');
  expect(answer).not.toContain('secret\r\n');
});

test('answers of the API are packed for those who take that, others and short ones are not', async () => {
  const read = async (path: string, accept: string) => {
    const answer = await fetch(server.url + path, { headers: { 'accept-encoding': accept } });
    return { encoding: answer.headers.get('content-encoding'), text: await answer.text() };
  };
  const plain = await read('/openapi.json', 'identity');
  expect(plain.encoding).toBeNull();
  expect(await read('/openapi.json', 'gzip')).toEqual({ encoding: 'gzip', text: plain.text });
  expect(await read('/openapi.json', 'gzip, br')).toEqual({ encoding: 'br', text: plain.text });
  expect((await read('/health', 'gzip, br')).encoding).toBeNull();
});

test("the page's files are counted apart from what is not there", async () => {
  for (const path of ['/', '/nope']) await fetch(server.url + path);
  const text = await (await fetch(`${server.url}/metrics`)).text();
  expect(text).toContain('seismo_http_requests_total{method="GET",route="static",status="200"} 1');
  expect(text).toContain('seismo_http_requests_total{method="GET",route="none",status="404"} 1');
});

test('a file that is not there answers 404 in our shape', async () => {
  const answer = await fetch(`${server.url}/assets/gone.js`);
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ error: { code: 'not_found' } });
});

test('without the built page, / says how to build it and the API works', async () => {
  const bare = await startMemoryServer({}, { dashboardFolder: join(folder, 'nowhere') });
  const answer = await fetch(`${bare.url}/`);
  expect(answer.status).toBe(503);
  expect(await answer.text()).toContain('npm run build');
  expect((await fetch(`${bare.url}/api/series`)).status).toBe(200);
  await bare.close();
});
