import { constants, read } from 'node:fs';
import { copyFile, link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const readAt = promisify(read);
const COPY_BYTES = 1024 * 1024;

/** What is done to a copy before it stands under its name. */
type Finish = (copy: string) => Promise<void>;

/** Copies a file so that `to` exists whole and durable, or not at all. Shares blocks where the disk can. */
export async function copyDurably(from: string, to: string, finish?: Finish): Promise<void> {
  const partial = `${to}.partial`;
  try {
    await copyFile(from, partial, constants.COPYFILE_FICLONE);
    await finish?.(partial);
    await moveDurably(partial, to);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** As copyDurably, from the beginning of a file that is open already and stays so. */
export async function copyOpenDurably(descriptor: number, to: string, finish: Finish): Promise<void> {
  const partial = `${to}.partial`;
  try {
    const target = await open(partial, 'w');
    try {
      const buffer = Buffer.allocUnsafe(COPY_BYTES);
      for (let position = 0; ; ) {
        const { bytesRead } = await readAt(descriptor, buffer, 0, COPY_BYTES, position);
        if (bytesRead === 0) break;
        await target.writeFile(buffer.subarray(0, bytesRead));
        position += bytesRead;
      }
    } finally {
      await target.close();
    }
    await finish(partial);
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

/** Gives a finished file a second name, unless a file has that name: then the finished one is left as it is. */
export async function nameDurably(from: string, to: string): Promise<void> {
  await makeDurable(from);
  try {
    await link(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    // Some file systems know one name for a file only.
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS' && code !== 'EOPNOTSUPP') throw error;
    await rename(from, to);
  }
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
