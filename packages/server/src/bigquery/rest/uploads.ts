import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rm, writeFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isNoSpace } from '../../model/free-space.js';
import { contentRange, type Piece } from './content-range.js';
import type { Endpoint } from './endpoint.js';
import { jobResource } from './job.js';
import { EMAIL, newJobOf } from './jobs.js';
import { runLoadJob } from './load-job.js';
import type { FilePart } from './load-records.js';
import { readLoadSettings } from './load-settings.js';
import { type Fields, fieldsOf, object, type RestAnswer, type RestRequest } from './request.js';
import { RestError } from './rest-error.js';

/** An upload that waits for the rest of its file is given up after this long. */
const WAITING_MS_MAX = 24 * 3_600_000;
/** One that is done still answers a client that lost its answer. */
const DONE_MS_MAX = 600_000;
/** The description of a job before its file. */
const DESCRIPTION_BYTES_MAX = 1_000_000;

interface Upload {
  readonly path: string;
  readonly job: Fields;
  /** When it began, or was done. */
  sinceMs: number;
  received: number;
  /** The piece that is being written now. */
  writing?: { readonly body: Readable; readonly ended: Promise<unknown> };
  /** What the request with the last piece was answered: a client that did not get it asks again. */
  done?: RestAnswer;
}

const uploads = new Map<string, Upload>();

/** `jobs.insert` with a file: the whole at once, or piece by piece after its description. */
export async function upload(endpoint: Endpoint, request: RestRequest): Promise<RestAnswer> {
  request.requireWrite();
  const id = request.query.get('upload_id');
  if (id !== null) return takePiece(endpoint, request, id);
  const kind = request.query.get('uploadType');
  if (kind === 'resumable') return beginUpload(endpoint, request);
  if (kind === 'multipart') return takeWhole(endpoint, request);
  throw new RestError(
    'invalid',
    `Invalid value for uploadType: ${kind ?? 'nothing'} is neither multipart nor resumable.`,
    'uploadType',
  );
}

async function beginUpload(endpoint: Endpoint, request: RestRequest): Promise<RestAnswer> {
  const job = parseDescription(await readAll(streamOf(request)));
  // What is wrong is said before the file is sent.
  settingsOf(job);
  const id = randomUUID();
  const path = await endpoint.files.uploadPath(id);
  await writeFile(path, '');
  await forgetOld(endpoint.clock.nowMs());
  uploads.set(id, { path, job, sinceMs: endpoint.clock.nowMs(), received: 0 });
  const target = new URL(request.url, request.origin);
  target.search = new URLSearchParams({ uploadType: 'resumable', upload_id: id }).toString();
  return { body: {}, headers: { location: target.href, 'x-guploader-uploadid': id } };
}

async function takePiece(endpoint: Endpoint, request: RestRequest, id: string): Promise<RestAnswer> {
  const upload = uploads.get(id);
  if (upload === undefined)
    throw new RestError('notFound', 'Not found: this upload is not known, or its time is over.');
  const range = contentRange(request.headers);
  // Whoever asks anew has given up the request before, whose connection may hang for long.
  while (upload.done === undefined && upload.writing !== undefined) {
    upload.writing.body.destroy();
    await upload.writing.ended;
  }
  if (upload.done !== undefined) return upload.done;
  if (range.piece !== undefined) {
    const body = streamOf(request);
    const written = writePiece(upload, range.piece, body);
    const ended = written.catch(() => {}).then(() => delete upload.writing);
    upload.writing = { body, ended };
    await written;
  }
  if (range.isLast || upload.received === range.total) {
    const { path, received: end, job } = upload;
    upload.done = startLoad(endpoint, request, job, { path, start: 0, end });
    upload.sinceMs = endpoint.clock.nowMs();
    return upload.done;
  }
  return {
    status: 308,
    headers: upload.received === 0 ? {} : { range: `bytes=0-${upload.received - 1}` },
  };
}

/** What came of a piece stays, also where its connection breaks: the client asks how much, and goes on from there. */
async function writePiece(upload: Upload, { from, length }: Piece, body: Readable): Promise<void> {
  if (from > upload.received) {
    throw new RestError(
      'invalid',
      `Invalid Content-Range: it begins at byte ${from}, and ${upload.received} bytes were received so far.`,
      'Content-Range',
    );
  }
  const file = await open(upload.path, 'a');
  try {
    await file.truncate(from);
    upload.received = from;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      await file.appendFile(chunk);
      upload.received = Math.min(upload.received + chunk.length, from + (length ?? Number.POSITIVE_INFINITY));
    }
  } catch (error) {
    throw writingError(error);
  } finally {
    await file.close();
  }
}

async function takeWhole(endpoint: Endpoint, request: RestRequest): Promise<RestAnswer> {
  const boundary = /boundary="?([^";]+)"?/i.exec(request.headers['content-type'] ?? '')?.[1];
  if (boundary === undefined)
    throw new RestError(
      'invalid',
      'The Content-Type of a multipart upload must be multipart/related with a boundary.',
      'Content-Type',
    );
  const path = await endpoint.files.uploadPath(randomUUID());
  try {
    const bytes = await writeWhole(path, streamOf(request));
    const { job, part } = await takeApart(path, bytes, boundary);
    return await startLoad(endpoint, request, job, part);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/** Where the second part of a multipart body begins and ends; the first is the description. */
async function takeApart(
  path: string,
  bytes: number,
  boundary: string,
): Promise<{ job: Fields; part: FilePart }> {
  const file = await open(path, 'r');
  try {
    const head = Buffer.alloc(Math.min(bytes, DESCRIPTION_BYTES_MAX));
    await file.read(head, 0, head.length, 0);
    const mark = `--${boundary}`;
    const first = head.indexOf(mark);
    const second = first === -1 ? -1 : head.indexOf(`\n${mark}`, first + mark.length);
    if (second === -1) throw new RestError('invalid', 'The multipart body has no two parts.');
    const job = parseDescription(head.subarray(afterHeaders(head, first), second));
    const start = afterHeaders(head, second + 1);
    const tail = Buffer.alloc(Math.min(bytes, 4096));
    await file.read(tail, 0, tail.length, bytes - tail.length);
    const closing = tail.lastIndexOf(`${mark}--`);
    if (closing === -1) throw new RestError('invalid', 'The multipart body does not end with its boundary.');
    const lineEnd = tail[closing - 2] === 0x0d ? 2 : 1;
    return { job, part: { path, start, end: Math.max(start, bytes - tail.length + closing - lineEnd) } };
  } finally {
    await file.close();
  }
}

/** Headers of a part end with an empty line. */
function afterHeaders(head: Buffer, from: number): number {
  const [crlf, lf] = [head.indexOf('\r\n\r\n', from), head.indexOf('\n\n', from)];
  if (crlf === -1 && lf === -1)
    throw new RestError('invalid', 'A part of the multipart body has no end of its headers.');
  return lf === -1 || (crlf !== -1 && crlf < lf) ? crlf + 4 : lf + 2;
}

function startLoad(endpoint: Endpoint, request: RestRequest, described: Fields, part: FilePart): RestAnswer {
  const { configuration, settings } = settingsOf(described);
  const job = endpoint.jobs.start(
    newJobOf(request.path.projectId!, described, 'LOAD', configuration),
    async (started) => {
      try {
        await runLoadJob(started, settings, part, endpoint);
      } finally {
        await rm(part.path, { force: true });
      }
    },
  );
  return { body: jobResource(job.record, EMAIL) };
}

function settingsOf(described: Fields) {
  const configuration = object(described.configuration, 'configuration') ?? {};
  const load = object(configuration.load, 'configuration.load');
  if (load === undefined)
    throw new RestError('invalid', 'A file can only be sent with a load job.', 'configuration.load');
  return { configuration, settings: readLoadSettings(load) };
}

function parseDescription(text: Buffer): Fields {
  try {
    return fieldsOf(JSON.parse(text.toString('utf8')));
  } catch (error) {
    if (error instanceof RestError) throw error;
    throw new RestError('invalid', `The description of the job is not JSON: ${(error as Error).message}`);
  }
}

function streamOf({ body }: RestRequest): Readable {
  if (body === undefined || body === null) throw new RestError('invalid', 'The request has no body.');
  return body as Readable;
}

async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += (chunk as Buffer).length;
    if (bytes > DESCRIPTION_BYTES_MAX)
      throw new RestError('invalid', 'The description of the job is too long.');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

/** Gives how many bytes came. */
async function writeWhole(path: string, stream: Readable): Promise<number> {
  const target = createWriteStream(path);
  try {
    await pipeline(stream, target);
  } catch (error) {
    throw writingError(error);
  }
  return target.bytesWritten;
}

const BROKEN_OFF = ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE'];

/** Who broke off hears nothing any more; whoever sends more than there is room for does. */
function writingError(error: unknown): RestError {
  if (isNoSpace(error)) {
    return new RestError('backendError', 'The file could not be stored: the disk of the server is full.');
  }
  const { code = '' } = error as NodeJS.ErrnoException;
  if (BROKEN_OFF.includes(code)) return new RestError('invalid', 'The request ended before its body did.');
  throw error;
}

async function forgetOld(nowMs: number): Promise<void> {
  for (const [id, { path, sinceMs, done }] of uploads) {
    if (nowMs - sinceMs < (done === undefined ? WAITING_MS_MAX : DONE_MS_MAX)) continue;
    uploads.delete(id);
    if (done === undefined) await rm(path, { force: true });
  }
}
