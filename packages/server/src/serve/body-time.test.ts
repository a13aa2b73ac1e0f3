import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import type { Readable } from 'node:stream';
import { type FastifyInstance, fastify } from 'fastify';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { installBodyTime } from './body-time.js';

let app: FastifyInstance;
let port = 0;
/** Bytes of bodies that came. */
let received = 0;
let came: () => void = () => {};

beforeEach(async () => {
  received = 0;
  app = fastify();
  installBodyTime(app);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  const count = async ({ body }: { body: unknown }) => {
    for await (const chunk of body as Readable) {
      received += (chunk as Buffer).length;
      came();
    }
    return { received };
  };
  app.post('/short', count);
  app.post('/long', { config: { longBody: true } }, count);
  app.post(
    '/refused',
    { config: { longBody: true }, onRequest: async () => Promise.reject(new Error('no key')) },
    count,
  );
  await app.listen({ port: 0, host: '127.0.0.1' });
  port = (app.server.address() as AddressInfo).port;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});

afterEach(async () => {
  vi.useRealTimers();
  await app.close();
});

/** A request whose body of 200,000 bytes comes as the test sends it. */
function post(path: string) {
  const socket = connect(port, '127.0.0.1');
  const answer = new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(String(chunk))));
  // Cut off while it sends.
  socket.on('error', () => {});
  const ended = once(socket, 'close');
  socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000\r\n\r\n`);
  return {
    async send(bytes: number) {
      const wanted = received + bytes;
      const there = new Promise<void>((resolve) => {
        came = () => received >= wanted && resolve();
      });
      socket.write(Buffer.alloc(bytes));
      await there;
    },
    answer,
    ended,
    close: () => socket.destroy(),
  };
}

describe('a body', () => {
  it('has 60 s, however much of it comes meanwhile', async () => {
    const slow = post('/short');
    await slow.send(70_000);
    vi.advanceTimersByTime(59_000);
    await slow.send(70_000);
    vi.advanceTimersByTime(1000);
    expect(await slow.answer).toMatch(/^HTTP\/1\.1 408 [\s\S]*request_timeout/);
    await slow.ended;
  });

  it('of a file has as long as bytes keep coming', async () => {
    const upload = post('/long');
    for (const bytes of [65_000, 65_000, 65_000]) {
      await upload.send(bytes);
      vi.advanceTimersByTime(60_000);
    }
    await upload.send(5000);
    expect(await upload.answer).toMatch(/^HTTP\/1\.1 200 [\s\S]*"received":200000/);
    upload.close();
  });

  it('of a file ends where bytes only trickle', async () => {
    const trickle = post('/long');
    await trickle.send(100_000);
    vi.advanceTimersByTime(60_000);
    await trickle.send(100);
    vi.advanceTimersByTime(60_000);
    expect(await trickle.answer).toMatch(/^HTTP\/1\.1 408 /);
    await trickle.ended;
  });

  it('has no more than 60 s where its request was refused', async () => {
    const refused = post('/refused');
    expect(await refused.answer).toMatch(/^HTTP\/1\.1 500 /);
    vi.advanceTimersByTime(60_000);
    await refused.ended;
  });
});
