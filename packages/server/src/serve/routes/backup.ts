import { randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { describeRoute } from '../describe-route.js';
import type { HttpServices } from '../http-services.js';
import { Type } from '../schema-type.js';
import type { Guard } from '../security/guard.js';

/**
 * `POST /api/backup`: a consistent copy of everything, as a download, while the server goes on. It asks for a
 * write key: who has the file has all there is. The copy is made beside the database, so it needs that room.
 */
export function backupRoute(app: FastifyInstance, services: HttpServices, guard: Guard): void {
  app.route({
    method: 'POST',
    url: '/api/backup',
    onRequest: guard.write,
    schema: describeRoute({
      tag: 'server',
      summary: 'A consistent copy of the database, as a DuckDB file',
      produces: ['application/vnd.duckdb'],
      answers: { 200: Type.String({ format: 'binary', description: 'The file.' }) },
      errors: { 503: 'There is no room for the copy, or the server is stopping.' },
    }),
    handler: async (_request, reply) => {
      const path = join(services.config.dataFolder, `backup-${randomUUID()}.duckdb`);
      try {
        await services.store.backup(path);
        const file = await open(path, 'r');
        const { size } = await file.stat();
        reply.header('content-type', 'application/vnd.duckdb').header('content-length', size);
        return reply.send(file.createReadStream());
      } finally {
        // The open file stays readable without its name, and nothing is left behind when the client goes away.
        await rm(path, { force: true });
      }
    },
  });
}
