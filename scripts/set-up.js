/**
 * Makes a clone ready to run: installs what package-lock.json names and builds what is missing or stale.
 * Plain JavaScript without dependencies, since it runs before there are any. Costs a fraction of a second when
 * nothing is to be done: it compares content hashes with the stamps of the last time.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { nativeCompiler } from './set-up/compiler.js';
import { hashFiles, listFiles } from './set-up/files.js';
import { forgetInstallation, installedAlready, writeInstallStamp } from './set-up/installed.js';
import { acquireLock } from './set-up/lock.js';

export const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');

/** What set-up could not do, in words for a person. */
export class SetUpError extends Error {}

/**
 * @param {{ forceBuild?: boolean, root?: string, out?: NodeJS.WritableStream }} [options]
 * @returns {Promise<void>} rejects with a SetUpError whose message can be printed as it is
 */
export async function ensureReady({ forceBuild = false, root = ROOT, out = process.stderr } = {}) {
  checkNodeVersion(process.versions.node);
  if (!forceBuild && installedAlready(root) && staleTargets(root, false).length === 0) return;
  const lock = await acquireLock(join(root, '.set-up.lock'), () =>
    out.write('Another process is setting up this folder; waiting for it.\n'),
  );
  const interrupt = async (signal) => {
    // An npm that is still tidying up must not meet the next one.
    await lock.stopChildren();
    lock.release();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    if (!installedAlready(root)) await install(root, lock, out);
    const targets = staleTargets(root, forceBuild);
    if (targets.length > 0) await build(root, targets, lock, out);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    lock.release();
  }
}

/** Vite, which builds the page, sets the minor version. */
function checkNodeVersion(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new SetUpError(
    `Seismo needs Node.js 20.19 or newer; this is ${version}. Get one at https://nodejs.org.`,
  );
}

async function install(root, lock, out) {
  forgetInstallation(root);
  const done = announce(out, 'Installing dependencies');
  // Dev dependencies hold the compiler, so they are wanted under NODE_ENV=production too.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
  const result = await run('npm', args, root, lock, { shell: process.platform === 'win32' });
  if (result.code !== 0) {
    done('failed');
    throw new SetUpError(failure('npm ci', result, installHint(result.output, root)));
  }
  writeInstallStamp(root);
  done();
}

/** Each target: what it is made of, where it comes out, and the command. The page is made of the built engine. */
function buildTargets(root) {
  const inPackage = (name) => join(root, 'packages', name);
  const isSource = (path) => !/\.test\.tsx?$/.test(path);
  const packageInputs = (name) => [
    join(inPackage(name), 'package.json'),
    join(inPackage(name), 'tsconfig.json'),
    ...listFiles(join(inPackage(name), 'src')).filter(isSource),
  ];
  const shared = [join(root, 'tsconfig.base.json'), join(root, 'package-lock.json')];
  const targets = [
    {
      name: 'engine and server',
      inputs: [...shared, ...packageInputs('engine'), ...packageInputs('server')],
      outputs: [join(inPackage('engine'), 'dist'), join(inPackage('server'), 'dist')],
      // --force: tsc's own check goes by file times, which git and cp do not keep.
      command: async () => [
        await nativeCompiler(root),
        '-b',
        '--force',
        'packages/engine',
        'packages/server',
      ],
      cwd: root,
      prune: true,
    },
  ];
  const page = inPackage('dashboard');
  if (['ts', 'js', 'mts', 'mjs'].some((extension) => existsSync(join(page, `vite.config.${extension}`)))) {
    targets.push({
      name: 'page',
      // The backtest runs the engine in the browser.
      inputs: [
        ...shared,
        ...packageInputs('engine'),
        ...listFiles(page, ['dist', 'node_modules']).filter(isSource),
      ],
      outputs: [join(page, 'dist')],
      command: async () => [
        process.execPath,
        join(root, 'node_modules/vite/bin/vite.js'),
        ...['build', '--logLevel', 'warn'],
      ],
      cwd: page,
      prune: false,
    });
  }
  return targets;
}

function staleTargets(root, all) {
  return buildTargets(root).filter((target) => {
    target.inputsHash = hashFiles(root, target.inputs);
    if (all) return true;
    const stamp = readStamp(target);
    return stamp?.inputs !== target.inputsHash || stamp.outputs !== outputsHash(root, target);
  });
}

/** One after the other, in their order. */
async function build(root, targets, lock, out) {
  const done = announce(out, `Building ${targets.map((target) => target.name).join(', ')}`);
  for (const target of targets) {
    rmSync(stampPath(target), { force: true });
    const [program, ...args] = await target.command();
    const result = await run(program, args, target.cwd, lock);
    if (result.code !== 0) {
      done('failed');
      const hint = 'Mend what is named above, or compare with the committed state: git status.';
      throw new SetUpError(failure(`building ${target.name}`, result, hint));
    }
    if (target.prune) pruneOrphans(target);
    const stamp = { inputs: target.inputsHash, outputs: outputsHash(root, target) };
    writeFileSync(stampPath(target), JSON.stringify(stamp));
  }
  done();
}

/** Removes what was compiled from sources that are gone, so that nothing imports it by mistake. */
function pruneOrphans(target) {
  for (const dist of target.outputs) {
    for (const path of listFiles(dist)) {
      const name = relative(dist, path).replace(/(\.d\.ts|\.js)(\.map)?$/, '');
      if (name === relative(dist, path)) continue;
      const source = join(dist, '..', 'src', name);
      if (!['.ts', '.tsx', '.mts'].some((extension) => existsSync(source + extension))) rmSync(path);
    }
  }
}

function stampPath(target) {
  return join(target.outputs[target.outputs.length - 1], '.build');
}

function readStamp(target) {
  try {
    return JSON.parse(readFileSync(stampPath(target), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Outputs count too: somebody may have built another state of the sources over them, or removed some. */
function outputsHash(root, target) {
  const files = target.outputs.flatMap((dist) => listFiles(dist));
  return hashFiles(
    root,
    files.filter((path) => !/[\\/](\.build|\.tsbuildinfo)$|\.map$/.test(path)),
  );
}

/** Runs a command quietly, keeping what it says; the lock knows the child, so that nobody starts beside it. */
function run(command, args, cwd, lock, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      ...options,
      cwd,
      env: childEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    lock.addChild(child);
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-64_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', (error) => resolve({ code: 127, output: error.message }));
    child.once('close', (code, signal) => {
      // Interrupted: nobody waits for a result, the process is about to exit.
      if (!lock.stopping) resolve({ code: code ?? signal, output });
    });
  });
}

/** Without the settings that an outer npm hands down for its own command, such as `npx --package`. */
function childEnvironment() {
  const outer =
    /^npm_(lifecycle_|package_|command$|config_(workspace|workspaces|call|package|global|omit|include|prefix|dry_run|ignore_scripts)$)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !outer.test(name)));
}

function announce(out, what) {
  const started = performance.now();
  out.write(`${what} … `);
  return (word = '') =>
    out.write(`${word}${word && ' after '}${((performance.now() - started) / 1000).toFixed(1)} s\n`);
}

function failure(what, { code, output }, hint) {
  // npm puts a page of usage below a disagreement of the two files.
  const tail = output
    .replace(/^npm error Clean install a project[\s\S]*/m, '')
    .trim()
    .split('\n')
    .slice(-25)
    .map((line) => `  ${line}`)
    .join('\n');
  return `Set-up failed: ${what} ended with ${code}.\n${tail}\nHint: ${hint}`;
}

/**
 * What to do about an installation that failed.
 * @param {string} output what npm printed
 * @param {string} root the repository's folder
 */
export function installHint(output, root) {
  if (/spawn npm ENOENT/.test(output)) return 'npm was not found; it comes with Node.js. Put it on the PATH.';
  if (/ENOSPC|no space left/i.test(output)) return 'The disk is full; Seismo needs about 600 MB to install.';
  if (/EACCES|EPERM|EROFS/.test(output)) {
    const path = /(?:EACCES|EPERM|EROFS)[^\n]*'([^'\n]+)'/.exec(output)?.[1];
    if (path === undefined || path.startsWith(root))
      return 'This folder cannot be written; check who owns it.';
    return `npm cannot write ${path}; name another folder for its cache: npm_config_cache=/tmp/npm-cache npm start`;
  }
  if (/can only install packages when|EUSAGE/.test(output)) {
    return 'package.json and package-lock.json disagree: run `npm install` and commit the lock file.';
  }
  if (/EBADENGINE/.test(output)) return 'This Node.js is too old for a dependency; install a newer one.';
  return 'Check that the npm registry can be reached (`npm ping`), then run the same command again.';
}

if (process.argv[1] && fileURLToPath(import.meta.url) === process.argv[1]) {
  const unknown = process.argv.slice(2).filter((argument) => argument !== '--force-build');
  if (unknown.length > 0) {
    console.error(`Unknown argument ${unknown[0]}.\nUsage: node scripts/set-up.js [--force-build]`);
    process.exit(2);
  }
  ensureReady({ forceBuild: process.argv.includes('--force-build') }).catch((error) => {
    console.error(error instanceof SetUpError ? error.message : error);
    process.exit(1);
  });
}
