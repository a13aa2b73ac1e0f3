import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { hashFiles } from './files.js';

const stampPath = (root) => join(root, 'node_modules', '.seismo-installed');
const recordPath = (root) => join(root, 'node_modules', '.package-lock.json');

/**
 * Names an installation: what was wanted, what npm recorded at the very end of doing it, and the platform, since
 * binaries differ. Undefined when npm did not come to that end.
 */
function installStamp(root) {
  if (!existsSync(recordPath(root))) return undefined;
  const hash = hashFiles(root, [join(root, 'package-lock.json'), recordPath(root)]);
  return `${process.platform}-${process.arch} ${hash}`;
}

export function writeInstallStamp(root) {
  writeFileSync(stampPath(root), installStamp(root) ?? '');
}

/** Before an installation, so that one that is interrupted is not taken for whole. */
export function forgetInstallation(root) {
  rmSync(stampPath(root), { force: true });
  rmSync(recordPath(root), { force: true });
}

/** True when node_modules is what package-lock.json says, installed by set-up or by hand. */
export function installedAlready(root) {
  const stamp = installStamp(root);
  if (stamp === undefined) return false;
  if (existsSync(stampPath(root)) && readFileSync(stampPath(root), 'utf8') === stamp) return true;
  if (!matchesLock(root)) return false;
  writeInstallStamp(root);
  return true;
}

/**
 * Compares the lock file with npm's record of what it installed.
 * Packages for other platforms are optional and may be absent.
 */
function matchesLock(root) {
  let wanted;
  let present;
  try {
    wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
    present = JSON.parse(readFileSync(recordPath(root), 'utf8')).packages;
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
