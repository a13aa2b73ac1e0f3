import { AppError } from '../errors.js';

/** Sizes and the shortage of space in the words that people read, the same wherever they are said. */

/** As people set it: `500 GiB`, `512 MiB`, `1.5 GiB`. */
export function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${Number((bytes / 1024 ** step).toFixed(1))} ${units[step]}`;
}

export function shortageText(reserveBytes: number): string {
  if (reserveBytes === 0) return 'there is no free space left';
  return `free space is below the reserve of ${sizeText(reserveBytes)} (--disk-reserve)`;
}

export const SHORTAGE_HINT =
  'Make room on the disk of the data folder: samples are then taken again by themselves, without a restart.';

/** Whether a write failed for want of space, or of what this user may take of it. */
export function isNoSpace(error: unknown): boolean {
  return /no space left|disk full|file too large|quota exceeded|ENOSPC|EDQUOT/i.test(String(error));
}

/** Something outside of ingestion could not be written; `path` is the file or folder that found no room. */
export function diskFull(path: string, cause: unknown): AppError {
  return new AppError('storage_full', `The disk of ${path} is full.`, {
    hint: 'Make room there, or name a place on another disk.',
    cause,
  });
}
