import { folderInUse } from './duckdb-database.js';

/** Folders in use by this process: DuckDB's lock on the file guards against other processes only. */
const claimed = new Set<string>();

/** Takes the folder for this process' one user of it; throws `data_folder_in_use` when there is one. */
export function claimFolder(folder: string): void {
  if (claimed.has(folder)) throw folderInUse(folder, 'this same process');
  claimed.add(folder);
}

export function releaseFolder(folder: string): void {
  claimed.delete(folder);
}
