import { isUtf8 } from 'node:buffer';
import { gunzip } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../errors.js';
import { BODY_BYTES_MAX, bodyTooLarge } from './http-errors.js';

/** JSON is the one body understood, packed with gzip or not; the limit holds for both sizes. */
export function installBodyParser(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const encoding = request.headers['content-encoding'];
    if (encoding === undefined || encoding === 'identity') {
      parse(body, done);
      return;
    }
    if (encoding !== 'gzip' && encoding !== 'x-gzip') {
      done(
        new AppError('unsupported_media_type', 'The body is packed in a way that is not understood.', {
          field: 'Content-Encoding',
          hint: 'Use gzip, or send the body as it is.',
        }),
      );
      return;
    }
    // Stops at the limit, so that a small packed body cannot fill the memory.
    gunzip(body, { maxOutputLength: BODY_BYTES_MAX }, (error, unpacked) => {
      if (error === null) parse(unpacked, done);
      else done(unpackingError(error));
    });
  });
}

function unpackingError(error: NodeJS.ErrnoException): AppError {
  if (error.code === 'ERR_BUFFER_TOO_LARGE') return bodyTooLarge();
  return new AppError('bad_request', 'The body cannot be unpacked.', {
    field: 'Content-Encoding',
    hint: 'The header says gzip, the body must be gzip too.',
  });
}

function parse(body: Buffer, done: (error: Error | null, body?: unknown) => void): void {
  let value: unknown;
  try {
    value = parseJson(body);
  } catch (error) {
    done(error as Error);
    return;
  }
  done(null, value);
}

function parseJson(body: Buffer): unknown {
  if (body.length === 0) throw notJson('The body is empty.');
  if (!isUtf8(body)) throw notJson('The body is not UTF-8.');
  const start = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0;
  try {
    return JSON.parse(body.toString('utf8', start));
  } catch (error) {
    throw notJson(`The body is not JSON: ${(error as Error).message.slice(0, 200)}.`);
  }
}

export function notJson(message: string): AppError {
  return new AppError('not_json', message);
}
