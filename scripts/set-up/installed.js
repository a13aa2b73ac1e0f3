import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { hashFiles } from './files.js';

const stampPath = (root) => join(root, 'node_modules', '.seismo-installed');

/** Names what an installation for this lock file on this platform is; binaries differ by platform. */
export function installStamp(root) {
  const lock = hashFiles(root, [join(root, 'package-lock.json')]);
  return `${process.platform}-${process.arch} ${lock}`;
}

export function writeInstallStamp(root, stamp) {
  writeFileSync(stampPath(root), stamp);
}

/** True when node_modules is what package-lock.json says, installed by set-up or by hand. */
export function installedAlready(root) {
  const stamp = installStamp(root);
  try {
    if (readFileSync(stampPath(root), 'utf8') === stamp) return true;
  } catch {
    // No stamp: never installed, interrupted, or installed by npm itself.
  }
  if (!matchesLock(root)) return false;
  writeInstallStamp(root, stamp);
  return true;
}

/**
 * Compares the lock file with the one that npm writes into node_modules at the very end of an installation.
 * Packages for other platforms are optional and may be absent.
 */
function matchesLock(root) {
  let wanted;
  let present;
  try {
    wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
    present = JSON.parse(readFileSync(join(root, 'node_modules', '.package-lock.json'), 'utf8')).packages;
  } catch {
    return false;
  }
  const isPackage = ([path]) => path.includes('node_modules/');
  for (const [path, { version, integrity, optional, link }] of Object.entries(wanted).filter(isPackage)) {
    const have = present[path];
    if (have === undefined) {
      if (optional) continue;
      return false;
    }
    if (have.version !== version || have.integrity !== integrity || have.link !== link) return false;
    if (!existsSync(join(root, path))) return false;
  }
  return Object.entries(present).every((entry) => !isPackage(entry) || entry[0] in wanted);
}
