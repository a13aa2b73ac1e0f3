import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { fastify } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../logger.js';
import { installBodyRoom } from './body-room.js';
import { installErrorHandling } from './http-errors.js';

const ROOM = 1000;

describe('the room for bodies', () => {
  const app = () => fastify({ forceCloseConnections: true });
  let server: ReturnType<typeof app>;
  let waiting: (() => void)[];
  beforeEach(async () => {
    waiting = [];
    server = app();
    installErrorHandling(server, silentLogger);
    installBodyRoom(server, ROOM);
    server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => done(null));
    server.get('/', async () => 'here');
    server.post('/', () => new Promise((resolve) => waiting.push(() => resolve('taken'))));
    await server.listen({ port: 0, host: '127.0.0.1' });
  });
  afterEach(() => server.close());

  const address = () => `http://127.0.0.1:${(server.server.address() as AddressInfo).port}/`;
  const send = (body: Buffer | string, headers: Record<string, string> = {}) =>
    fetch(address(), { method: 'POST', body, headers: { 'content-type': 'x/y', ...headers } });
  const underWay = (count: number) => expect.poll(() => waiting.length).toBe(count);
  const end = () => {
    for (const one of waiting.splice(0)) one();
  };

  it('takes what fits, refuses what does not until there is room again, and answers other requests', async () => {
    const [first, second] = [send('a'.repeat(600)), send('b'.repeat(400))];
    await underWay(2);
    const refused = await send('c');
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.json()).toMatchObject({ error: { code: 'queue_full' } });
    expect((await fetch(address())).status).toBe(200);
    end();
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
    await expect.poll(async () => trial('d')).toBe(200);
  });

  it('takes a body larger than the room when it is the only one', async () => {
    const large = send('a'.repeat(5 * ROOM));
    await underWay(1);
    end();
    expect((await large).status).toBe(200);
  });

  it('counts a packed body as the larger one that it becomes', async () => {
    const packed = gzipSync(Buffer.alloc(10_000, 'a'));
    const first = send(packed, { 'content-encoding': 'gzip' });
    await underWay(1);
    expect((await send('a'.repeat(ROOM - 5 * packed.length))).status).toBe(429);
    end();
    expect((await first).status).toBe(200);
  });

  it('gets the room back of who went away', async () => {
    const gone = request(address(), { method: 'POST', headers: { 'content-length': ROOM } });
    gone.on('error', () => {});
    gone.write('a');
    await expect.poll(async () => (await send('b')).status).toBe(429);
    gone.destroy();
    await expect.poll(async () => trial('c')).toBe(200);
  });

  /** Sends, and ends what was taken. */
  async function trial(body: string): Promise<number> {
    const answer = send(body);
    await Promise.race([answer, expect.poll(() => waiting.length).toBeGreaterThan(0)]);
    end();
    return (await answer).status;
  }
});
