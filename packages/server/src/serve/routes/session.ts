import type { FastifyInstance } from 'fastify';
import { AppError } from '../../errors.js';
import { describeRoute } from '../describe-route.js';
import type { HttpServices } from '../http-services.js';
import { SessionBody, SignInBody } from '../schemas.js';
import { checkKey, checkToken, type GuardParts } from '../security/guard.js';
import { clearSessionCookie, sessionIdOf, setSessionCookie } from '../security/session-cookie.js';
import type { Session } from '../security/sessions.js';

const SCHEMAS = {
  get: describeRoute({
    tag: 'session',
    summary: 'Whether a key is needed, and the token of the session',
    open: true,
    answers: { 200: SessionBody },
  }),
  post: describeRoute({
    tag: 'session',
    summary: 'Sign in with a key; sets a cookie',
    open: true,
    body: SignInBody,
    answers: { 200: SessionBody },
    errors: {
      400: 'The server runs without keys, or the body is wrong.',
      401: 'The key is not known.',
      429: 'Too many wrong keys came from this address. See Retry-After.',
    },
  }),
  delete: describeRoute({
    tag: 'session',
    summary: 'Sign out',
    open: true,
    answers: { 200: SessionBody },
    errors: { 403: 'The header X-CSRF-Token is missing or wrong.' },
  }),
};

/** `/api/session`: the page shows a key once and holds a cookie from then on. */
export function sessionRoutes(
  app: FastifyInstance,
  { version }: HttpServices,
  parts: Required<GuardParts>,
): void {
  const { keys, sessions } = parts;
  const body = (session: Session | undefined): SessionBody => ({
    key_required: keys.required,
    signed_in: session !== undefined,
    access: keys.required ? (session?.access ?? null) : 'write',
    csrf_token: session?.csrfToken ?? null,
    version,
  });

  app.get('/api/session', { schema: SCHEMAS.get }, async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const id = sessionIdOf(request);
    return body(id === undefined ? undefined : sessions.find(id));
  });

  app.route<{ Body: SignInBody }>({
    method: 'POST',
    url: '/api/session',
    bodyLimit: 10_000,
    schema: SCHEMAS.post,
    handler: async (request, reply) => {
      reply.header('cache-control', 'no-store');
      if (!keys.required) {
        throw new AppError('bad_request', 'This server runs without keys: there is nothing to sign in to.');
      }
      const { access } = checkKey({ key: request.body.key, field: 'key' }, request, reply, parts);
      const before = sessionIdOf(request);
      if (before !== undefined) sessions.close(before);
      const { id, session } = sessions.open(access);
      setSessionCookie(request, reply, id);
      return body(session);
    },
  });

  app.delete('/api/session', { schema: SCHEMAS.delete }, async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const id = sessionIdOf(request);
    const session = id === undefined ? undefined : sessions.find(id);
    if (id !== undefined && session !== undefined) {
      checkToken(request, session);
      sessions.close(id);
    }
    clearSessionCookie(request, reply);
    return body(undefined);
  });
}
