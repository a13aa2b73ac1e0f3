import { type FileHandle, open } from 'node:fs/promises';
import { AppError } from '../../errors.js';
import type { ArimaFacts } from '../../model/arima-facts.js';
import type { OpenSqlModel, SqlModelHeader, SqlModelId, SqlModelSeries } from '../../ports/sql-models.js';

/**
 * One model of many series in one file: 15 bytes of `SEISMO-SQLMODEL` and one of the version (1); of each series its
 * model twice, as the engine saves it: without history, then whole; the rows of the series as JSON; the header as
 * JSON; and at the end the bytes before the rows, of the rows and of the header (64 bits each, floating point).
 */
const MAGIC = Buffer.from('SEISMO-SQLMODEL\u0001', 'latin1');
const FOOTER_BYTES = 24;
const WRITE_BYTES = 1 << 20;
/** Bytes that are read although nobody asked for them, rather than reading twice. */
const SKIP_BYTES_MAX = 32 * 1024;

interface StoredSeries {
  readonly ids: readonly SqlModelId[];
  /** Bytes of the two parts; absent where there is no model. */
  readonly bytes?: readonly [ahead: number, whole: number];
  readonly facts?: ArimaFacts;
  readonly error?: string;
}

export class SqlModelFileWriter {
  readonly #file: FileHandle;
  readonly #series: StoredSeries[] = [];
  #pending: Uint8Array[] = [MAGIC];
  #pendingBytes = MAGIC.length;
  #writtenBytes = 0;
  #isClosed = false;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async add(
    { ids, facts, errorMessage }: SqlModelSeries,
    saved: { ahead: Uint8Array; whole: Uint8Array } | undefined,
  ): Promise<void> {
    this.#series.push({
      ids,
      ...(saved === undefined ? {} : { bytes: [saved.ahead.length, saved.whole.length] }),
      ...(facts === undefined ? {} : { facts }),
      ...(errorMessage === '' ? {} : { error: errorMessage }),
    });
    if (saved !== undefined) await this.#write([saved.ahead, saved.whole]);
  }

  async finish(header: SqlModelHeader): Promise<void> {
    const modelBytes = this.#writtenBytes + this.#pendingBytes;
    const rows = Buffer.from(JSON.stringify(this.#series));
    const head = Buffer.from(JSON.stringify(header));
    const footer = Buffer.alloc(FOOTER_BYTES);
    for (const [at, bytes] of [modelBytes, rows.length, head.length].entries())
      footer.writeDoubleLE(bytes, 8 * at);
    await this.#write([rows, head, footer]);
    await this.#flush();
    await this.close();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#file.close();
  }

  async #write(parts: readonly Uint8Array[]): Promise<void> {
    this.#pending.push(...parts);
    for (const part of parts) this.#pendingBytes += part.length;
    if (this.#pendingBytes >= WRITE_BYTES) await this.#flush();
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#pending, this.#pendingBytes);
    this.#pending = [];
    this.#writtenBytes += bytes.length;
    this.#pendingBytes = 0;
    await this.#file.writeFile(bytes);
  }
}

/** Rejects with `not_ready` on a file that is none of models. */
export async function readSqlModelHeader(path: string): Promise<SqlModelHeader> {
  const file = await open(path, 'r');
  try {
    const { headAt, headBytes } = await sectionsOf(file, path);
    return JSON.parse((await read(file, headAt, headBytes)).toString()) as SqlModelHeader;
  } finally {
    await file.close();
  }
}

/** The model as it is now: whatever comes in its place changes nothing of what was opened. */
export async function openSqlModelFile(path: string): Promise<OpenSqlModel> {
  const file = await open(path, 'r');
  try {
    const { rowsAt, rowsBytes, headAt, headBytes } = await sectionsOf(file, path);
    const both = await read(file, rowsAt, rowsBytes + headBytes);
    const header = JSON.parse(both.subarray(headAt - rowsAt).toString()) as SqlModelHeader;
    const stored = JSON.parse(both.subarray(0, rowsBytes).toString()) as StoredSeries[];
    const places = placesOf(stored);
    return {
      header,
      series: stored.map(({ ids, facts, error = '' }) => ({ ids, facts, errorMessage: error })),
      models: (numbers, part) =>
        modelsOf(
          file,
          numbers.map((number) => places[number]![part]),
        ),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

interface Place {
  readonly at: number;
  readonly bytes: number;
}

function placesOf(stored: readonly StoredSeries[]): Record<'ahead' | 'whole', Place | undefined>[] {
  let at = MAGIC.length;
  return stored.map(({ bytes }) => {
    if (bytes === undefined) return { ahead: undefined, whole: undefined };
    const [ahead, whole] = bytes;
    const start = at;
    at += ahead + whole;
    return { ahead: { at: start, bytes: ahead }, whole: { at: start + ahead, bytes: whole } };
  });
}

/** Neighbours are read at once. */
async function modelsOf(
  file: FileHandle,
  places: readonly (Place | undefined)[],
): Promise<(Uint8Array | undefined)[]> {
  const found: (Uint8Array | undefined)[] = places.map(() => undefined);
  for (let from = 0, to = 0; from < places.length; from = to) {
    const first = places[from];
    to = from + 1;
    if (first === undefined) continue;
    let end = first.at + first.bytes;
    for (; to < places.length; to++) {
      const next = places[to];
      if (next === undefined) continue;
      if (next.at - end > SKIP_BYTES_MAX) break;
      end = next.at + next.bytes;
    }
    const bytes = await read(file, first.at, end - first.at);
    for (let number = from; number < to; number++) {
      const place = places[number];
      if (place !== undefined) found[number] = bytes.subarray(place.at - first.at).subarray(0, place.bytes);
    }
  }
  return found;
}

async function sectionsOf(file: FileHandle, path: string) {
  const { size } = await file.stat();
  if (size < MAGIC.length + FOOTER_BYTES) throw unreadable(path, 'it is cut off');
  const magic = await read(file, 0, MAGIC.length);
  if (!magic.subarray(0, -1).equals(MAGIC.subarray(0, -1))) throw unreadable(path, 'it begins otherwise');
  if (!magic.equals(MAGIC)) throw unreadable(path, `it is of version ${magic.at(-1)}`);
  const footer = await read(file, size - FOOTER_BYTES, FOOTER_BYTES);
  const [rowsAt, rowsBytes, headBytes] = [0, 8, 16].map((at) => footer.readDoubleLE(at)) as [
    number,
    number,
    number,
  ];
  if (rowsAt + rowsBytes + headBytes + FOOTER_BYTES !== size) throw unreadable(path, 'it is cut off');
  return { rowsAt, rowsBytes, headAt: rowsAt + rowsBytes, headBytes };
}

/** Into a buffer of its own, which can be moved to a thread. */
async function read(file: FileHandle, at: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.from(new ArrayBuffer(bytes));
  for (let done = 0; done < bytes; ) {
    const { bytesRead } = await file.read(buffer, done, bytes - done, at + done);
    if (bytesRead === 0) throw new Error('The file ends early.');
    done += bytesRead;
  }
  return buffer;
}

function unreadable(path: string, why: string): AppError {
  return new AppError('not_ready', `The model's file ${path} cannot be read: ${why}.`, {
    hint: 'Make the model anew with CREATE OR REPLACE MODEL.',
  });
}
