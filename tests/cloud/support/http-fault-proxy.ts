import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { closeNow, listenLocally } from '../../support/local-server.js';

export interface HttpCall {
  readonly method: string;
  readonly path: string;
  /** Counted from 0. */
  readonly index: number;
}

/**
 * What goes wrong with a call:
 * `status`: answered with it in Google's shape of errors, never forwarded; `slow`: forwarded after a while;
 * `refused`: the connection is cut before anything was forwarded; `unanswered`: forwarded and done, the connection
 * is cut instead of the answer; `half`: forwarded and done, the connection is cut in the middle of the answer.
 */
export type HttpFault =
  | { readonly kind: 'status'; readonly status: number; readonly reason?: string }
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'refused' | 'unanswered' | 'half' };

export interface HttpFaultProxy {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Which fault a call gets; undefined passes it on untouched. Replaced at any time. */
  faultOf: (call: HttpCall) => HttpFault | undefined;
  /** Calls that got a fault, by its kind or status. */
  readonly faults: Map<string, number>;
  readonly calls: number;
  stop(): Promise<void>;
}

/** Stands between a client and an HTTP server, and spoils what the test says. */
export async function startHttpFaultProxy(target: string): Promise<HttpFaultProxy> {
  const faults = new Map<string, number>();
  let calls = 0;
  const server = createServer((incoming, answer) => {
    const call = { method: incoming.method ?? '', path: incoming.url ?? '', index: calls++ };
    const fault = proxy.faultOf(call);
    if (fault !== undefined) count(faults, fault.kind === 'status' ? String(fault.status) : fault.kind);
    serveCall(target, incoming, answer, fault).catch(() => answer.destroy());
  });
  const port = await listenLocally(server);
  const proxy: HttpFaultProxy = {
    url: `http://127.0.0.1:${port}`,
    faultOf: () => undefined,
    faults,
    get calls() {
      return calls;
    },
    stop: () => closeNow(server),
  };
  return proxy;
}

export function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

async function serveCall(
  target: string,
  incoming: IncomingMessage,
  answer: ServerResponse,
  fault: HttpFault | undefined,
): Promise<void> {
  const body = await readAll(incoming);
  if (fault?.kind === 'refused') return void answer.destroy();
  if (fault?.kind === 'status') return answerWithError(answer, fault.status, fault.reason);
  if (fault?.kind === 'slow') await pause(fault.ms);
  const { status, headers, bytes } = await forward(target, incoming, body);
  if (fault?.kind === 'unanswered') return void answer.destroy();
  delete headers['transfer-encoding'];
  answer.writeHead(status, { ...headers, 'content-length': bytes.length });
  if (fault?.kind !== 'half') return void answer.end(bytes);
  answer.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => answer.destroy());
}

function forward(target: string, incoming: IncomingMessage, body: Buffer) {
  return new Promise<{ status: number; headers: IncomingMessage['headers']; bytes: Buffer }>(
    (resolve, reject) => {
      const sent = request(
        new URL(incoming.url ?? '/', target),
        { method: incoming.method, headers: { ...incoming.headers, connection: 'close' } },
        (response) => {
          readAll(response).then(
            (bytes) => resolve({ status: response.statusCode ?? 502, headers: response.headers, bytes }),
            reject,
          );
        },
      );
      sent.on('error', reject);
      sent.end(body);
    },
  );
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

const REASONS: Record<number, string> = {
  403: 'rateLimitExceeded',
  429: 'rateLimitExceeded',
  500: 'internalError',
  503: 'backendError',
};

function answerWithError(answer: ServerResponse, status: number, given?: string): void {
  const reason = given ?? REASONS[status] ?? 'invalid';
  const message = `Made to fail with ${status} (${reason}).`;
  answer.writeHead(status, { 'content-type': 'application/json' });
  answer.end(
    JSON.stringify({ error: { code: status, message, errors: [{ message, domain: 'global', reason }] } }),
  );
}
