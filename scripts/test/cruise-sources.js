import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { cruise } from 'dependency-cruiser';
import rules from '../../.dependency-cruiser.js';
import { listFiles } from '../set-up/files.js';

const SOURCE_FOLDERS = [
  'packages/engine/src',
  'packages/server/src',
  'packages/dashboard/src',
  'scripts',
  'bin',
  'tests',
  'benchmarks',
];

/**
 * @param {string} root folder laid out like this repository
 * @returns {Promise<{ violations: string[], seen: number, missed: string[] }>} `missed`: source files on disk
 *   that the tool did not look at
 */
export async function cruiseSources(root) {
  const folders = SOURCE_FOLDERS.filter((folder) => existsSync(join(root, folder)));
  const { output } = await cruise(
    folders,
    {
      ...rules.options,
      ruleSet: { forbidden: rules.forbidden },
      validate: true,
      baseDir: root,
    },
    rules.resolveOptions,
  );
  const seen = new Set(
    output.modules
      .filter((module) => module.followable !== undefined || !module.coreModule)
      .map((module) => module.source),
  );
  const onDisk = folders
    .flatMap((folder) => listFiles(join(root, folder), ['node_modules', 'dist']))
    .map((path) => relative(root, path))
    .filter((path) => /\.(ts|tsx|js)$/.test(path) && !path.endsWith('.d.ts'));
  return {
    violations: output.summary.violations.map(describe),
    seen: onDisk.filter((path) => seen.has(path)).length,
    missed: onDisk.filter((path) => !seen.has(path)),
  };
}

function describe({ rule, from, to, cycle }) {
  const path = cycle ? [from, ...cycle.map((step) => step.name ?? step)].join(' → ') : `${from} → ${to}`;
  return `${rule.name}: ${path}`;
}
