import { statfsSync } from 'node:fs';

/** Free space on the disk of a folder, as this user may fill it. */
export function systemFreeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
