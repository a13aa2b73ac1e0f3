import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import { AppError } from '../../errors.js';
import { type Access, type ApiKeys, type KnownKey, keyOfRequest, type SentKey } from './api-keys.js';
import type { FailedSignIns } from './failed-sign-ins.js';
import { sessionIdOf } from './session-cookie.js';
import { isTokenOf, type Session, type Sessions } from './sessions.js';

type Hook = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => void;

/** Hooks for routes: only who may read, only who may write. */
export interface Guard {
  readonly read: Hook;
  readonly write: Hook;
}

export interface GuardParts {
  readonly keys: ApiKeys;
  /** Absent where there is no page to sign in at: only keys count. */
  readonly sessions?: Sessions;
  readonly failedSignIns: FailedSignIns;
}

export function createGuard(parts: GuardParts): Guard {
  if (!parts.keys.required) {
    const open: Hook = (_request, _reply, done) => done();
    return { read: open, write: open };
  }
  const hook =
    (needed: Access): Hook =>
    (request, reply, done) => {
      try {
        const access = accessOf(request, reply, parts);
        if (needed === 'write' && access === 'read') throw readOnly(keyOfRequest(request.headers)?.field);
        done();
      } catch (error) {
        done(error as Error);
      }
    };
  return { read: hook('read'), write: hook('write') };
}

function accessOf(request: FastifyRequest, reply: FastifyReply, parts: GuardParts): Access {
  const sent = keyOfRequest(request.headers);
  if (sent !== undefined) return checkKey(sent, request, reply, parts).access;
  const session = parts.sessions === undefined ? undefined : sessionOf(request, parts.sessions);
  if (session === undefined) {
    reply.header('www-authenticate', 'Bearer');
    throw new AppError('unauthorized', 'This needs a key.', {
      field: 'X-API-Key',
      hint: 'Send one of the keys that the server was started with in the header X-API-Key.',
    });
  }
  checkToken(request, session);
  return session.access;
}

function sessionOf(request: FastifyRequest, sessions: Sessions): Session | undefined {
  const id = sessionIdOf(request);
  return id === undefined ? undefined : sessions.find(id);
}

/** Gives what the key allows, or says 401; 429 to an address that has tried too many wrong ones. */
export function checkKey(
  { key, field }: SentKey,
  request: FastifyRequest,
  reply: FastifyReply,
  { keys, failedSignIns }: GuardParts,
): KnownKey {
  const address = request.ip;
  const known = keys.find(key);
  const waitSeconds = failedSignIns.waitSeconds(address);
  if (waitSeconds > 0 && (known === undefined || !failedSignIns.isTrusted(address, known.index))) {
    reply.header('retry-after', waitSeconds);
    throw new AppError('too_many_requests', 'Too many wrong keys came from this address.', {
      hint: `Try again in ${waitSeconds} s.`,
    });
  }
  if (known !== undefined) {
    failedSignIns.succeeded(address, known.index);
    return known;
  }
  failedSignIns.failed(address);
  reply.header('www-authenticate', 'Bearer');
  throw new AppError('unauthorized', 'The key is not known.', {
    field,
    hint: 'Keys are set with --api-key or SEISMO_API_KEYS when the server starts.',
  });
}

/** A browser sends the cookie by itself, also for a foreign page: what changes something proves it is our page. */
export function checkToken(request: FastifyRequest, session: Session): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  if (isTokenOf(session, request.headers['x-csrf-token'])) return;
  throw new AppError('forbidden', 'A request with the cookie needs its token besides.', {
    field: 'X-CSRF-Token',
    hint: 'GET /api/session gives csrf_token; send it in this header, or use a key instead of the cookie.',
  });
}

/** @param field where the key was sent; a session has none */
function readOnly(field = 'X-API-Key'): AppError {
  return new AppError('forbidden', 'This key may only read.', {
    field,
    hint: 'Use a key that was given as write:KEY.',
  });
}
