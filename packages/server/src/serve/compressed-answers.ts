import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Below this, packing costs more than it saves. */
const BYTES_MIN = 1024;
/** Brotli's default is made for files that are packed once and is far too slow here. */
const BROTLI_QUALITY = 4;

const packGzip = promisify(gzip);
const packBrotli = promisify(brotliCompress);

/**
 * Packs the answers of the GET routes that are added after it, where the client takes that. Only whole texts:
 * streams (live events, backups) pass as they are, and what is packed already (the page's files) too.
 */
export function installCompression(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    if (route.method === 'GET') route.onSend = [...[route.onSend ?? []].flat(), packAnswer];
  });
}

async function packAnswer(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  if (request.method !== 'GET' || reply.hasHeader('content-encoding')) return payload;
  if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return payload;
  if (payload.length < BYTES_MIN || !PACKABLE.test(String(reply.getHeader('content-type')))) return payload;
  const vary = reply.getHeader('vary');
  reply.header('vary', vary === undefined ? 'Accept-Encoding' : `${String(vary)}, Accept-Encoding`);
  const encoding = preferredEncoding(request.headers['accept-encoding']);
  if (encoding === undefined) return payload;
  reply.header('content-encoding', encoding).removeHeader('content-length');
  if (encoding === 'gzip') return packGzip(payload);
  return packBrotli(payload, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } });
}

const PACKABLE = /^(text\/(?!event-stream)|application\/(json|javascript)|image\/svg)/;

/** Brotli before gzip where both are taken; `q=0` means not. */
export function preferredEncoding(header: string | undefined): 'br' | 'gzip' | undefined {
  if (header === undefined) return undefined;
  const taken = new Set<string>();
  for (const part of header.toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((one) => one.trim());
    if (!parameters.some((one) => /^q=0(\.0*)?$/.test(one))) taken.add(name);
  }
  if (taken.has('br')) return 'br';
  return taken.has('gzip') || taken.has('*') ? 'gzip' : undefined;
}
