import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { lazyApp } from '../lazy-app.js';
import { PAGE_POLICY } from '../security/security-headers.js';

const NOT_BUILT = 'The page is not built yet. Run `npm run build` and start the server again.\n';
const YEAR_SECONDS = 31_536_000;

/** The page at `/`: open to everybody, since it holds nothing but itself. */
export function dashboardRoutes(app: FastifyInstance, folder: string | undefined): void {
  if (folder === undefined || !existsSync(join(folder, 'index.html'))) {
    app.get('/', (_request, reply) => reply.code(503).type('text/plain; charset=utf-8').send(NOT_BUILT));
    return;
  }
  const files = lazyApp((inner) => serveFolder(inner, folder));
  app.get('/*', async (request, reply) => (await files.forward(request, reply)) ?? reply.callNotFound());
}

async function serveFolder(app: FastifyInstance, folder: string): Promise<void> {
  const [{ default: compress }, { default: serveFiles }] = await Promise.all([
    import('@fastify/compress'),
    import('@fastify/static'),
  ]);
  await app.register(compress, { encodings: ['br', 'gzip'], threshold: 1024 });
  const assets = join(folder, 'assets') + sep;
  await app.register(serveFiles, {
    root: folder,
    cacheControl: false,
    dotfiles: 'ignore',
    index: 'index.html',
    setHeaders: (response, path) => {
      // Names of assets carry a hash of what is in them: another content has another name.
      const lasting = path.startsWith(assets);
      response.header('cache-control', lasting ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache');
      response.header('content-security-policy', PAGE_POLICY);
      response.header('referrer-policy', 'same-origin');
      response.header('x-frame-options', 'DENY');
      response.header('cross-origin-opener-policy', 'same-origin');
    },
  });
}
