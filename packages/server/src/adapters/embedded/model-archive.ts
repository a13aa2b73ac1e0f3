import { linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from './make-folder.js';
import { MODELS_FOLDER } from './model-files.js';
import { SQL_MODELS_FOLDER } from './sql-model-files.js';

/**
 * The fitted models inside a backup: behind the database, where DuckDB does not look. As rows they would go through
 * its memory, and the running database would keep their room.
 *
 * What stands behind the database: a mark; for each model the length of its file's name and the name, the length of
 * the file and the file; a length of zero; the place of the mark in the whole file, and the mark once more. Names are
 * `folder/file`. Lengths and place are numbers of eight bytes, little endian.
 */

const MARK = Buffer.from('SMMODELS');
const NUMBER_BYTES = 8;
const FOOTER_BYTES = NUMBER_BYTES + MARK.length;
const NAME_BYTES_MAX = 1000;
const COPY_BYTES = 1024 * 1024;
const LINKS = 'models-of-backup-';

export const MODEL_FOLDERS = [MODELS_FOLDER, SQL_MODELS_FOLDER] as const;

export interface ModelsAtOnce {
  /** Holds the folders of models. */
  readonly folder: string;
  release(): Promise<void>;
}

/**
 * The models as they are now, in a folder that no training changes: second names for the same files, made in
 * milliseconds. Where the disk knows one name for a file only, it is the data folder itself, and a model that is
 * trained meanwhile is left out.
 */
export function holdModels(dataFolder: string): ModelsAtOnce {
  let held: string | undefined;
  const release = async () => {
    if (held !== undefined) await rm(held, { recursive: true, force: true });
  };
  try {
    held = mkdtempSync(join(dataFolder, LINKS));
    for (const folder of MODEL_FOLDERS) mkdirSync(join(held, folder));
    for (const name of modelNames(dataFolder)) linkUnlessGone(join(dataFolder, name), join(held, name));
    return { folder: held, release };
  } catch {
    return { folder: dataFolder, release };
  }
}

/** Copies for a download (`POST /api/backup`), and what `seismo restore` and `seismo compact` write. */
const UNFINISHED =
  /^(backup-[0-9a-f-]{36}\.duckdb(\.partial)?|seismo\.duckdb\.(partial|compacting(\.wal)?))$/;

/** Removes what a backup, restore or compaction left behind that was cut short: files as large as the database. */
export function sweepUnfinished(dataFolder: string): void {
  for (const name of readdirSync(dataFolder)) {
    if (name.startsWith(LINKS) || UNFINISHED.test(name)) {
      rmSync(join(dataFolder, name), { recursive: true, force: true });
    }
  }
}

/** Writes the models of a folder behind the database in the file. */
export async function appendModels(path: string, folder: string): Promise<void> {
  const names = modelNames(folder);
  if (names.length === 0) return;
  const file = await open(path, 'a');
  try {
    const { size: place } = await file.stat();
    await file.writeFile(MARK);
    for (const name of names) {
      const model = await open(join(folder, name), 'r').catch(unlessGone);
      if (model === undefined) continue;
      try {
        const { size } = await model.stat();
        await file.writeFile(Buffer.concat([numberBytes(name.length), Buffer.from(name), numberBytes(size)]));
        await copyBytes(model, 0, size, file);
      } finally {
        await model.close();
      }
    }
    await file.writeFile(Buffer.concat([numberBytes(0), numberBytes(place), MARK]));
  } finally {
    await file.close();
  }
}

/**
 * Puts the models of a backup into the data folder. Gives how many bytes of the backup are the database; undefined
 * where no models stand behind it, or a program that wrote to the database has damaged them.
 */
export async function takeModels(backup: string, dataFolder: string): Promise<number | undefined> {
  const file = await open(backup, 'r');
  try {
    const { size } = await file.stat();
    const place = await placeOfModels(file, size);
    if (place === undefined) return undefined;
    let at = place + MARK.length;
    for (;;) {
      const nameBytes = await numberAt(file, at);
      if (nameBytes === 0) return place;
      if (nameBytes > NAME_BYTES_MAX) throw damaged();
      const name = (await bytesAt(file, at + NUMBER_BYTES, nameBytes)).toString();
      at += NUMBER_BYTES + nameBytes;
      const modelBytes = await numberAt(file, at);
      at += NUMBER_BYTES;
      if (at + modelBytes > size) throw damaged();
      if (isModelName(name)) await writeOut(file, at, modelBytes, join(dataFolder, name));
      at += modelBytes;
    }
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  } finally {
    await file.close();
  }
}

async function placeOfModels(file: FileHandle, size: number): Promise<number | undefined> {
  if (size < FOOTER_BYTES) return undefined;
  const place = await numberAt(file, size - FOOTER_BYTES);
  const last = await bytesAt(file, size - MARK.length, MARK.length);
  if (!last.equals(MARK) || place > size - FOOTER_BYTES) return undefined;
  return (await bytesAt(file, place, MARK.length)).equals(MARK) ? place : undefined;
}

async function writeOut(from: FileHandle, at: number, bytes: number, path: string): Promise<void> {
  makeFolder(dirname(path));
  const to = await open(path, 'w');
  try {
    await copyBytes(from, at, bytes, to);
  } finally {
    await to.close();
  }
}

async function copyBytes(from: FileHandle, at: number, bytes: number, to: FileHandle): Promise<void> {
  for (let done = 0; done < bytes; done += COPY_BYTES) {
    await to.writeFile(await bytesAt(from, at + done, Math.min(COPY_BYTES, bytes - done)));
  }
}

async function numberAt(file: FileHandle, position: number): Promise<number> {
  return Number((await bytesAt(file, position, NUMBER_BYTES)).readBigUInt64LE());
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  for (let read = 0; read < length; ) {
    const { bytesRead } = await file.read(bytes, read, length - read, position + read);
    if (bytesRead === 0) throw damaged();
    read += bytesRead;
  }
  return bytes;
}

function numberBytes(value: number): Buffer {
  const bytes = Buffer.alloc(NUMBER_BYTES);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

/** `folder/file` of all models that are whole; none where there is no folder. */
function modelNames(dataFolder: string): string[] {
  return MODEL_FOLDERS.flatMap((folder) => {
    try {
      const names = readdirSync(join(dataFolder, folder)).map((file) => `${folder}/${file}`);
      return names.filter(isModelName);
    } catch (error) {
      return unlessGone(error) ?? [];
    }
  });
}

function isModelName(name: string): boolean {
  const folder = MODEL_FOLDERS.find((one) => one === dirname(name));
  return folder !== undefined && /^[\w-]+\.model$/.test(name.slice(folder.length + 1));
}

/** A training that ends just now may take the name away. */
function linkUnlessGone(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    unlessGone(error);
  }
}

function unlessGone(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

function damaged(): RangeError {
  return new RangeError('the models in the backup are damaged');
}
