import { closeSync, existsSync, openSync, readdirSync, readSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint } from '../../ports/state-store.js';
import { moveDurably } from './durable-files.js';

/**
 * A checkpoint is a file of its own beside the database: as rows it would go through log and file of DuckDB
 * again and again, and take several times its size of memory there.
 *
 * The file: parts, each a length of four bytes (little endian) and the bytes; the first is the header as JSON,
 * the others are the pieces. The length 2³²−1 stands for the end.
 */

const SUFFIX = '.checkpoint';
const END = 0xffff_ffff;
const LENGTH_BYTES = 4;

type CheckpointHeader = Pick<Checkpoint, 'detector' | 'version' | 'seq'>;

/**
 * Writes one piece after the other; the file is there whole and durable, or as it was before. Those of other detectors
 * go: what was committed since them may be compacted from now on, and they would fill disk and backups.
 */
export async function writeCheckpoint(folder: string, checkpoint: Checkpoint): Promise<void> {
  const { detector, version, seq, pieces } = checkpoint;
  const path = pathOf(folder, detector);
  const partial = `${path}.partial`;
  try {
    const handle = await open(partial, 'w');
    try {
      const header: CheckpointHeader = { detector, version, seq };
      await writePart(handle, new TextEncoder().encode(JSON.stringify(header)));
      for (const piece of pieces) await writePart(handle, piece);
      await handle.writeFile(lengthBytes(END));
    } finally {
      await handle.close();
    }
    await moveDurably(partial, path);
    for (const other of checkpointedDetectors(folder)) {
      if (other !== detector) await rm(pathOf(folder, other), { force: true });
    }
  } catch (error) {
    // On a full disk the half that was written would keep room from everybody else.
    await rm(partial, { force: true });
    throw error;
  }
}

/**
 * The checkpoint of a detector; undefined when there is none. The pieces are read as they are asked for, once,
 * and throw RangeError where the file is not whole.
 */
export function readCheckpoint(folder: string, detector: string): Checkpoint | undefined {
  const path = pathOf(folder, detector);
  if (!existsSync(path)) return undefined;
  const parts = readParts(path);
  const first = parts.next();
  if (first.done === true) throw new RangeError(`${path} holds no checkpoint`);
  const header = JSON.parse(new TextDecoder().decode(first.value)) as CheckpointHeader;
  return { ...header, pieces: parts };
}

/** Detectors that have a checkpoint in the folder. */
export function checkpointedDetectors(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => decodeURIComponent(name.slice(0, -SUFFIX.length)));
}

export async function removeCheckpoints(folder: string): Promise<void> {
  for (const detector of checkpointedDetectors(folder)) await rm(pathOf(folder, detector), { force: true });
}

function pathOf(folder: string, detector: string): string {
  return join(folder, `${encodeURIComponent(detector)}${SUFFIX}`);
}

async function writePart(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  await handle.writeFile(lengthBytes(bytes.length));
  await handle.writeFile(bytes);
}

function lengthBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(LENGTH_BYTES);
  new DataView(bytes.buffer).setUint32(0, length, true);
  return bytes;
}

function* readParts(path: string): Generator<Uint8Array, void> {
  const descriptor = openSync(path, 'r');
  try {
    for (;;) {
      const length = new DataView(readBytes(descriptor, LENGTH_BYTES).buffer).getUint32(0, true);
      if (length === END) return;
      yield readBytes(descriptor, length);
    }
  } finally {
    closeSync(descriptor);
  }
}

function readBytes(descriptor: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const count = readSync(descriptor, bytes, at, length - at, null);
    if (count === 0) throw new RangeError('the file of the checkpoint ends early');
    at += count;
  }
  return bytes;
}
