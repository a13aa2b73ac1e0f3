import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository; looked for upwards, since a benchmark is bundled into a folder of its own. */
export const REPOSITORY = rootAbove(dirname(fileURLToPath(import.meta.url)));
export const SUPPORT = join(REPOSITORY, 'tests/cloud/support');

function rootAbove(folder: string): string {
  if (existsSync(join(folder, 'bin/seismo.js'))) return folder;
  if (dirname(folder) === folder) throw new Error('This file lies outside the repository.');
  return rootAbove(dirname(folder));
}
