import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import type { IdentityTokens } from './identity-tokens.js';

/** A hook for routes that only one service account may call. */
export type IdentityGuard = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/** Strangers can send anything: one line a reason in this time is enough to find a wrong setting. */
const LOG_INTERVAL_MS = 10_000;

/** What it refuses is logged: whoever set up the subscription or the job sees no answers. */
export function identityGuard(tokens: IdentityTokens, account: string, log: Logger): IdentityGuard {
  const loggedMs = new Map<string, number>();
  return async (request, reply) => {
    try {
      await tokens.check(
        { authorization: request.headers.authorization, calledUrl: calledUrl(request) },
        account,
      );
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const nowMs = performance.now();
      if (nowMs - (loggedMs.get(error.message) ?? Number.NEGATIVE_INFINITY) > LOG_INTERVAL_MS) {
        loggedMs.set(error.message, nowMs);
        const path = request.routeOptions.url;
        log.warn({ event: 'token_refused', path, account, hint: error.hint }, error.message);
      }
      if (error.code === 'unauthorized') reply.header('www-authenticate', 'Bearer');
      throw error;
    }
  };
}

function calledUrl(request: FastifyRequest): string {
  const path = request.url.split('?', 1)[0] ?? '';
  return `${request.protocol}://${request.headers.host ?? ''}${path}`;
}
