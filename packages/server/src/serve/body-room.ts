import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import { BODY_BYTES_MAX } from './http-errors.js';

/** A service has 512 MiB: a third of what its requests at once could bring, and far above what they usually do. */
const ROOM_BYTES = 96 * 1024 * 1024;
/** JSON of samples packs to about a tenth. */
const UNPACKED_TIMES = 10;
/** Of a body that comes in pieces nobody knows the length beforehand. */
const UNKNOWN_BYTES = 1024 * 1024;

/**
 * Refuses bodies with `queue_full` while those under way take up the room already, so that many large ones at once
 * cannot fill the memory; one alone is always taken. Before the body is read, after the hooks that ask for a key.
 */
export function installBodyRoom(app: FastifyInstance, roomBytes = ROOM_BYTES): void {
  let taken = 0;
  app.addHook('preParsing', (request, reply, _payload, done) => {
    const bytes = bytesOf(request);
    if (bytes === 0) return done();
    if (taken > 0 && taken + bytes > roomBytes) {
      done(
        new AppError('queue_full', 'Too many large bodies are on their way at once.', {
          hint: 'Send again a little later, or in smaller batches.',
        }),
      );
      return;
    }
    taken += bytes;
    reply.raw.once('close', () => {
      taken -= bytes;
    });
    done();
  });
}

/** What the body takes up when it is there, as far as its headers tell. */
function bytesOf({ headers }: FastifyRequest): number {
  if (headers['transfer-encoding'] !== undefined) return UNKNOWN_BYTES;
  const length = Number(headers['content-length'] ?? 0);
  const packed = headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity';
  return Math.min(BODY_BYTES_MAX, packed ? UNPACKED_TIMES * length : length);
}
