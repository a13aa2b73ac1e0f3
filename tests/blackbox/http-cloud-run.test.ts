import { request } from 'node:http';
import type { Config } from '@seismo/server/config';
import { AppError } from '@seismo/server/errors';
import { currentTrace } from '@seismo/server/trace-context';
import { afterEach, describe, expect, it } from 'vitest';
import { baseServer } from './support/base-server.js';

const KEY = '0123456789abcdef';
const TRACE = '105445aa7843bc8bf206b12000100000';
const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

/** What all services have in common, and a route that says which trace it works in. */
async function startBase(config: Partial<Config>) {
  const { app, guard } = baseServer({ role: 'metrics-api', ...config });
  app.post('/trace', async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return currentTrace() ?? {};
  });
  app.get('/guarded', { onRequest: guard.read }, () => ({}));
  app.get('/broken', () => {
    throw new AppError('unreachable', 'Somebody does not answer.', { cause: new Error('why') });
  });
  const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  open.push(() => app.close());
  return (path: string, headers: Record<string, string> = {}, body?: string) =>
    call(url, path, headers, body);
}

/** Not `fetch`, which lets nobody choose the Host header. */
function call(url: URL, path: string, headers: Record<string, string>, body: string | undefined) {
  return new Promise<{ status: number; body: unknown; retryAfter: string | undefined }>((resolve, reject) => {
    const sent = request(
      { host: url.hostname, port: url.port, path, headers, method: body === undefined ? 'GET' : 'POST' },
      (answer) => {
        let text = '';
        answer.on('data', (chunk) => {
          text += String(chunk);
        });
        answer.on('end', () => {
          const retryAfter = answer.headers['retry-after'];
          resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text), retryAfter });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('behind Cloud Run', () => {
  it('a service answers to whatever name it was given there', async () => {
    const get = await startBase({ auth: 'iam' });
    expect((await get('/guarded', { host: 'metrics-api-123456.us-central1.run.app' })).status).toBe(200);
  });

  it('wrong keys of one client do not lock another out, whatever address it claims', async () => {
    const get = await startBase({ apiKeys: [{ key: KEY, access: 'read' }] });
    const from = (address: string, key: string) =>
      get('/guarded', { 'x-api-key': key, 'x-forwarded-for': `8.8.8.8, ${address}` });
    let last = await from('203.0.113.1', 'wrong-key-wrong-key');
    while (last.status === 401) last = await from('203.0.113.1', 'wrong-key-wrong-key');
    expect(last.status).toBe(429);
    expect((await from('203.0.113.1', KEY)).status).toBe(429);
    expect((await from('203.0.113.2', KEY)).status).toBe(200);
  });

  it('the work of a request belongs to its trace, with a body and without', async () => {
    const post = await startBase({ auth: 'iam' });
    const headers = { 'content-type': 'application/json', 'x-cloud-trace-context': `${TRACE}/255;o=1` };
    const trace = { traceId: TRACE, spanId: '00000000000000ff', sampled: true };
    expect((await post('/trace', headers, `[${'1,'.repeat(200_000)}1]`)).body).toEqual(trace);
    expect((await post('/trace', { 'content-type': 'application/json' }, '{}')).body).toEqual({});
  });

  it('who depends on what does not answer is told when to come again', async () => {
    const get = await startBase({ auth: 'iam' });
    expect(await get('/broken')).toMatchObject({
      status: 503,
      retryAfter: '5',
      body: { error: { code: 'unreachable', message: 'Somebody does not answer.' } },
    });
  });
});
