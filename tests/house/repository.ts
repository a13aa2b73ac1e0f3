import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listFiles } from '../../scripts/set-up/files.js';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Where git is missing (a container, an archive) everything counts but what .gitignore names. */
const IGNORED = ['.git', 'node_modules', 'dist', 'seismo-data', 'coverage', 'scratch'];
const BINARY = /\.(png|jpe?g|gif|ico|woff2?|gz|snappy|bin|duckdb|parquet)$/;

export interface RepositoryFile {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** Every text file that is part of the project, new ones that are not committed yet included. */
export const FILES: readonly RepositoryFile[] = paths()
  .filter((path) => !BINARY.test(path))
  .flatMap((path) => {
    try {
      return [{ path, text: readFileSync(join(ROOT, path), 'utf8') }];
    } catch {
      return []; // Removed but not committed yet.
    }
  });

export const SOURCES = FILES.filter(
  ({ path }) => /\.(ts|tsx|js|css)$/.test(path) && /^(packages|tests|scripts|bin|benchmarks)\//.test(path),
);

/** A contract is a suite that several tests run. */
export const isTest = (path: string) => /\.(test|contract)\.tsx?$/.test(path);

function paths(): string[] {
  try {
    const output = execFileSync('git', ['ls-files', '-z', '-c', '-o', '--exclude-standard'], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return [...new Set(output.split('\0').filter((path) => path !== ''))];
  } catch {
    return listFiles(ROOT, IGNORED).map((path: string) => relative(ROOT, path).replaceAll('\\', '/'));
  }
}
