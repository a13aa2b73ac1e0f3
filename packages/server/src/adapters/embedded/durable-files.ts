import { constants } from 'node:fs';
import { copyFile, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Copies a file so that `to` exists whole and durable, or not at all. Shares blocks where the disk can. */
export async function copyDurably(from: string, to: string): Promise<void> {
  const partial = `${to}.partial`;
  try {
    await copyFile(from, partial, constants.COPYFILE_FICLONE);
    await moveDurably(partial, to);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** Puts a finished file in its place, replacing what was there. */
export async function moveDurably(from: string, to: string): Promise<void> {
  await makeDurable(from);
  await rename(from, to);
  await makeDurable(dirname(to));
}

async function makeDurable(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
