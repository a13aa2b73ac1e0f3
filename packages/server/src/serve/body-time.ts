import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { answerBrokenRequest } from './http-errors.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The body may take as long as its bytes keep coming; without it, 60 s in all. */
    longBody?: boolean;
  }
}

const BODY_MS_MAX = 60_000;
/** What has to come of a long body in each such time: less than any line carries, more than who only holds a place sends. */
const LONG_BODY_BYTES_LEAST = 60_000;

/**
 * Ends requests whose body does not come: node:http has one limit for all requests of a server, which would end the
 * upload of a large file over a slow line. Counted until the body is there whole, also where it was answered before.
 */
export function installBodyTime(app: FastifyInstance): void {
  const timers = new WeakMap<IncomingMessage, NodeJS.Timeout>();
  // Before the handler, which may run to its end at once.
  app.server.prependListener('request', (request: IncomingMessage) => {
    if (request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined)
      return;
    timers.set(request, setTimeout(endRequest, BODY_MS_MAX, request).unref());
    request.once('close', () => clearTimeout(timers.get(request)));
  });
  // After the hooks that ask for a key: who has none gets no more time.
  app.addHook('preParsing', (request, _reply, _payload, done) => {
    if (request.routeOptions.config.longBody === true) watchBytes(request.raw, timers);
    done();
  });
}

function watchBytes(request: IncomingMessage, timers: WeakMap<IncomingMessage, NodeJS.Timeout>): void {
  if (!timers.has(request) || request.complete) return;
  clearTimeout(timers.get(request));
  // What came together with the headers counts.
  let seen = 0;
  const timer = setInterval(() => {
    const now = request.socket.bytesRead;
    if (now - seen < LONG_BODY_BYTES_LEAST) endRequest(request);
    seen = now;
  }, BODY_MS_MAX);
  timers.set(request, timer.unref());
}

function endRequest(request: IncomingMessage): void {
  const { socket } = request;
  if (request.complete) return;
  answerBrokenRequest(Object.assign(new Error(), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket);
  socket.destroySoon();
}
