import type { FastifyInstance } from 'fastify';
import { AppError } from '../../errors.js';
import type { BaseServices } from '../http-services.js';
import { HostCheck } from './host-check.js';

/** For the page: everything from here, nothing inline, in nobody's frame. */
export const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The page of the API's description sets styles on elements that its script writes as text. */
export const DOCS_POLICY = PAGE_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'");

const OPEN_PATHS = new Set(['/health', '/ready']);

/** Checks that hold for every request, before anything else is looked at, and headers of every answer. */
export function installSecurity(app: FastifyInstance, { config }: Pick<BaseServices, 'config'>): void {
  const hosts = new HostCheck(config);
  // Cloud Run's front end sends on what is called by the service's own names only.
  const anyHost = config.onCloudRun;
  const origins = new Set(config.corsOrigins);
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-content-type-options', 'nosniff');
    const { host, origin } = request.headers;
    if (!anyHost && !hosts.accepts(host) && !OPEN_PATHS.has(request.url)) {
      done(hostNotAllowed(host));
      return;
    }
    if (origin === undefined) {
      done();
      return;
    }
    const foreign = !isSameOrigin(origin, host);
    if (foreign && origins.has(origin)) {
      reply.headers({ 'access-control-allow-origin': origin, vary: 'Origin' });
      reply.header('access-control-expose-headers', 'Retry-After');
      if (request.method === 'OPTIONS') {
        reply
          .code(204)
          .headers({
            'access-control-allow-methods': 'GET, HEAD, POST, DELETE',
            'access-control-allow-headers':
              'Content-Type, Content-Encoding, X-API-Key, Authorization, Last-Event-ID',
            'access-control-max-age': '600',
          })
          .send();
        return;
      }
    } else if (foreign && request.method !== 'GET' && request.method !== 'HEAD') {
      done(originNotAllowed(origin));
      return;
    }
    done();
  });
}

/** The scheme is left out: a proxy before us may speak https. */
function isSameOrigin(origin: string, host: string | undefined): boolean {
  return origin.replace(/^https?:\/\//, '').toLowerCase() === host?.toLowerCase();
}

function hostNotAllowed(host: string | undefined): AppError {
  const name = (host ?? '').replace(/[^\x20-\x7e]/g, '?').slice(0, 100);
  return new AppError('host_not_allowed', `This server does not go by the name ${JSON.stringify(name)}.`, {
    field: 'Host',
    hint: 'Start it with --allowed-hosts NAME to be reached by that name.',
  });
}

function originNotAllowed(origin: string): AppError {
  return new AppError(
    'forbidden',
    `Pages of ${origin.replace(/[^\x20-\x7e]/g, '?').slice(0, 100)} may not send here.`,
    {
      field: 'Origin',
      hint: 'Start the server with --cors-origins ORIGIN to allow it.',
    },
  );
}
