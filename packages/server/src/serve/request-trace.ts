import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { runInTrace, type TraceContext } from '../trace-context.js';

/** Lets the log's lines of a request carry the trace that Cloud Run gave it. */
export function installTraces(app: FastifyInstance): void {
  const inTrace = (request: FastifyRequest, _reply: unknown, done: () => void) => {
    const trace = readTrace(request.headers);
    if (trace === undefined) done();
    else runInTrace(trace, done);
  };
  app.addHook('onRequest', inTrace);
  // What comes after the body is called from the socket, outside of what the first hook began.
  app.addHook('preValidation', inTrace);
}

/** W3C's `traceparent`, else Google's older `X-Cloud-Trace-Context`. */
export function readTrace(headers: IncomingHttpHeaders): TraceContext | undefined {
  return readTraceparent(headers.traceparent) ?? readCloudTrace(headers['x-cloud-trace-context']);
}

/** `00-<32 hex>-<16 hex>-<flags>` */
function readTraceparent(header: unknown): TraceContext | undefined {
  const match = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/.exec(textOf(header));
  if (match === null || /^0+$/.test(match[1]!)) return undefined;
  return { traceId: match[1]!, spanId: match[2]!, sampled: (Number.parseInt(match[3]!, 16) & 1) === 1 };
}

/** `<32 hex>/<decimal span>;o=1`, the last two optional; the log wants the span in hex. */
function readCloudTrace(header: unknown): TraceContext | undefined {
  const match = /^([0-9a-f]{32})(?:\/(\d{1,20}))?(?:;o=(\d))?$/i.exec(textOf(header));
  if (match === null || /^0+$/.test(match[1]!)) return undefined;
  const span = match[2] === undefined ? 0n : BigInt.asUintN(64, BigInt(match[2]));
  return {
    traceId: match[1]!.toLowerCase(),
    ...(span === 0n ? {} : { spanId: span.toString(16).padStart(16, '0') }),
    sampled: match[3] === '1',
  };
}

function textOf(header: unknown): string {
  return typeof header === 'string' ? header : '';
}
