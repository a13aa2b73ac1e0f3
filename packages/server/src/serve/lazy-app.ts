import type { IncomingHttpHeaders } from 'node:http';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { installCompilers, NO_COMPILERS } from './request-validation.js';

/**
 * A part of the server that is loaded when somebody first asks for it, so that it does not delay the first
 * sample: an app of its own, reached through `forward` and never listening.
 */
export interface LazyApp {
  /** Its answer to a GET or HEAD; undefined where it has none. */
  forward(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined>;
}

export function lazyApp(build: (app: FastifyInstance) => Promise<void>): LazyApp {
  let built: Promise<FastifyInstance> | undefined;
  async function buildOnce(): Promise<FastifyInstance> {
    const app: FastifyInstance = fastify({
      logger: false,
      schemaController: { compilersFactory: NO_COMPILERS },
    });
    installCompilers(app);
    await build(app);
    await app.ready();
    return app;
  }
  return {
    async forward(request, reply) {
      built ??= buildOnce().catch((error: unknown) => {
        // The next request tries again: files may have been out of reach for a moment.
        built = undefined;
        throw error;
      });
      const answer = await (await built).inject({
        // Of a HEAD too: its answer tells the length of the body, which is left out in front.
        method: 'GET',
        url: request.url,
        headers: plainHeaders(request.headers),
      });
      if (answer.statusCode >= 500) throw new Error(`${request.url} answered ${answer.statusCode}`);
      if (answer.statusCode >= 400) return undefined;
      for (const [name, value] of Object.entries(answer.headers)) {
        if (value !== undefined && !HOP_BY_HOP.has(name)) reply.header(name, value);
      }
      return reply.code(answer.statusCode).send(answer.rawPayload);
    },
  };
}

const HOP_BY_HOP = new Set(['connection', 'date', 'keep-alive', 'transfer-encoding']);

function plainHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { connection: _connection, ...rest } = headers;
  return rest;
}
