import { createServer } from 'node:http';
import { connect, constants, createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import type { Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { closeNow, listenLocally } from '../support/local-server.js';
import { GRPC_STATUS, type GrpcFault, startGrpcFaultProxy } from './support/grpc-fault-proxy.js';
import { type HttpFault, startHttpFaultProxy } from './support/http-fault-proxy.js';
import { startTcpProxy } from './support/tcp-proxy.js';

const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

describe('the proxy before BigQuery’s REST', () => {
  const TEXT = 'an answer of some length';

  async function start() {
    const received: string[] = [];
    const server = createServer((request, response) => {
      request.on('data', (part) => received.push(String(part))).on('end', () => response.end(TEXT));
    });
    const port = await listenLocally(server);
    closing.push(() => closeNow(server));
    const proxy = await startHttpFaultProxy(`http://127.0.0.1:${port}`);
    closing.push(() => proxy.stop());
    const post = async (fault?: HttpFault) => {
      proxy.faultOf = () => fault;
      const answer = await fetch(`${proxy.url}/path`, { method: 'POST', body: 'sent' }).catch(
        () => undefined,
      );
      if (answer === undefined) return 'no answer';
      return [answer.status, await answer.text().catch(() => 'broken')];
    };
    return { received, proxy, post };
  }

  it('passes on what it shall not spoil', async () => {
    const { post, received, proxy } = await start();
    expect(await post()).toEqual([200, TEXT]);
    expect(await post({ kind: 'slow', ms: 20 })).toEqual([200, TEXT]);
    expect([received, proxy.calls, [...proxy.faults]]).toEqual([['sent', 'sent'], 2, [['slow', 1]]]);
  });

  it('answers with an error in place of the server', async () => {
    const { post, received } = await start();
    for (const status of [500, 429, 403]) {
      const [answered, text] = await post({ kind: 'status', status });
      expect([answered, JSON.parse(String(text))]).toMatchObject([status, { error: { code: status } }]);
    }
    expect(received).toEqual([]);
  });

  it('cuts before, after and in the middle', async () => {
    const { post, received } = await start();
    expect(await post({ kind: 'refused' })).toBe('no answer');
    expect(received).toEqual([]);
    expect(await post({ kind: 'unanswered' })).toBe('no answer');
    expect(received).toEqual(['sent']);
    expect(await post({ kind: 'half' })).toEqual([200, 'broken']);
    expect(received).toEqual(['sent', 'sent']);
  });
});

describe('the proxy before Storage Write', () => {
  /** Echoes each message of a streaming call. */
  async function start() {
    const received: string[] = [];
    const server = createHttp2Server();
    server.on('stream', (stream: ServerHttp2Stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.on('data', (part: Buffer) => {
        received.push(part.subarray(5).toString());
        stream.write(part);
      });
      stream.on('end', () => stream.end());
      stream.on('error', () => undefined);
    });
    const port = await listenLocally(server as unknown as Server);
    closing.push(() => server.close());
    const proxy = await startGrpcFaultProxy(`127.0.0.1:${port}`);
    closing.push(() => proxy.stop());
    return { received, proxy, call: (fault?: GrpcFault) => sendTwo(proxy, fault) };
  }

  /** Sends two messages over one stream, the second with a fault; gives what came back, and how it ended. */
  async function sendTwo(proxy: Awaited<ReturnType<typeof startGrpcFaultProxy>>, fault?: GrpcFault) {
    const first = proxy.messages;
    proxy.faultOf = ({ index }) => (index === first + 1 ? fault : undefined);
    const session = connect(`http://${proxy.endpoint}`);
    session.on('error', () => undefined);
    const stream = session.request({ ':method': 'POST', ':path': '/service/Method', te: 'trailers' });
    let back = '';
    let status: string | undefined;
    stream.on('data', (part: Buffer) => {
      if (back === '') stream.end(message('two'));
      back += part.toString();
    });
    stream.on('trailers', (trailers) => {
      status = trailers['grpc-status'] as string;
    });
    stream.on('error', () => undefined);
    stream.write(message('one'));
    await new Promise((resolve) => stream.once('close', resolve));
    const broken = stream.rstCode !== constants.NGHTTP2_NO_ERROR || status === undefined;
    session.destroy();
    return { back, ended: broken ? 'cut' : status };
  }

  function message(text: string): Buffer {
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(text.length, 1);
    return Buffer.concat([prefix, Buffer.from(text)]);
  }
  const ECHO = message('one').toString() + message('two').toString();

  it('passes on what it shall not spoil', async () => {
    const { call, received } = await start();
    expect(await call()).toEqual({ back: ECHO, ended: '0' });
    expect(await call({ kind: 'slow', ms: 20 })).toEqual({ back: ECHO, ended: '0' });
    expect(received).toEqual(['one', 'two', 'one', 'two']);
  });

  it('ends the stream with a status in place of the server', async () => {
    const { call, received } = await start();
    const { unavailable } = GRPC_STATUS;
    expect(await call({ kind: 'status', status: unavailable })).toEqual({
      back: message('one').toString(),
      ended: String(unavailable),
    });
    expect(received).toEqual(['one']);
  });

  it('cuts before, after and in the middle', async () => {
    const { call, received } = await start();
    expect(await call({ kind: 'refused' })).toEqual({ back: message('one').toString(), ended: 'cut' });
    expect(received.splice(0)).toEqual(['one']);
    for (const kind of ['unanswered', 'half'] as const) {
      expect((await call({ kind })).ended).toBe('cut');
      expect(received.splice(0)).toEqual(['one', 'two']);
    }
  });
});

describe('the proxy before a server that goes away', () => {
  it('refuses while it is gone and passes on again when it is back', async () => {
    const server = createServer((_request, response) => response.end('here'));
    const port = await listenLocally(server);
    closing.push(() => closeNow(server));
    const proxy = await startTcpProxy(`127.0.0.1:${port}`);
    closing.push(() => proxy.stop());
    const get = () =>
      fetch(`http://${proxy.host}/`).then(
        (answer) => answer.text(),
        (error: Error) => (error.cause as NodeJS.ErrnoException).code,
      );
    expect(await get()).toBe('here');
    await proxy.goAway();
    expect(await get()).toBe('ECONNREFUSED');
    await proxy.comeBack();
    expect(await get()).toBe('here');
  });
});
