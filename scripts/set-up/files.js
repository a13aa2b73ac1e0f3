import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Every file below `folder`, sorted; none when it does not exist. `except` names folders to leave out. */
export function listFiles(folder, except = []) {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
  return entries
    .filter((entry) => !except.includes(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? listFiles(path, except) : [path];
    });
}

/** One hash over names (relative to `root`) and contents; a file that is missing counts as such. */
export function hashFiles(root, paths) {
  const hash = createHash('sha1');
  for (const path of paths) {
    let content;
    try {
      content = readFileSync(path);
    } catch {
      content = undefined;
    }
    hash.update(`${relative(root, path).split(sep).join('/')}\0${content?.length ?? 'missing'}\0`);
    if (content) hash.update(content);
  }
  return hash.digest('hex');
}
