import { AppError } from '../../errors.js';

/**
 * Folders in use by this process: DuckDB's lock on the file guards against other processes only. This file is
 * loaded by the main thread, so it must not load DuckDB.
 */
const claimed = new Set<string>();

/** Takes the folder for this process' one user of it; throws `data_folder_in_use` when there is one. */
export function claimFolder(folder: string): void {
  if (claimed.has(folder)) throw folderInUse(folder, 'this same process');
  claimed.add(folder);
}

export function releaseFolder(folder: string): void {
  claimed.delete(folder);
}

export function folderInUse(dataFolder: string, holder: string): AppError {
  return new AppError('data_folder_in_use', `The data folder ${dataFolder} is in use by ${holder}.`, {
    hint: 'Stop that process, or name another folder with --data.',
  });
}
