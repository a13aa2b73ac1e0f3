/**
 * `npm test`: sets up, runs every check whatever fails before it, and ends with `N passed, N failed`.
 * With arguments it sets up and hands them to vitest: `npm test -- tests/contract`, `npm test -- -t 'late sample'`.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { nativeCompiler } from './set-up/compiler.js';
import { ensureReady, ROOT } from './set-up.js';
import { countVitest } from './test/count-vitest.js';

const STATIC_CHECKS = [
  { name: 'types of tests and benchmarks', project: 'tsconfig.json' },
  { name: 'types of the page', project: 'packages/dashboard' },
  {
    name: 'format and lint (Biome)',
    command: ['@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'],
  },
  { name: 'unused code (knip)', command: ['knip/bin/knip.js', '--no-progress'] },
  { name: 'layers (dependency-cruiser)', script: 'scripts/test/check-layers.js' },
];

const totals = { passed: 0, failed: 0, skipped: 0 };
const children = new Set();

async function main(filters) {
  const started = performance.now();
  await check('set-up and build', async () => {
    try {
      await ensureReady({ out: process.stdout });
      return { ok: true, output: '' };
    } catch (error) {
      return { ok: false, output: error.message };
    }
  });
  // Nothing below can say anything useful about sources that do not build.
  if (totals.failed === 0) {
    if (filters.length === 0) await runStaticChecks();
    await runVitest(filters);
  }
  console.log(`\n${seconds(started)} under Node ${process.versions.node}`);
  const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
  console.log(`${totals.passed} passed, ${totals.failed} failed${skipped}`);
  return totals.failed === 0 ? 0 : 1;
}

async function runStaticChecks() {
  const waiting = [...STATIC_CHECKS];
  const workers = Array.from({ length: Math.min(3, availableParallelism()) }, async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      await check(one.name, async () => {
        const [program, ...args] = await commandOf(one);
        const { code, output } = await run(program, args, true);
        return { ok: code === 0, output };
      });
    }
  });
  await Promise.all(workers);
}

async function commandOf({ command, project, script }) {
  if (project) return [await nativeCompiler(ROOT), '-p', project];
  if (script) return [process.execPath, script];
  return [process.execPath, join(ROOT, 'node_modules', command[0]), ...command.slice(1)];
}

/** One line with result and time; what failed is printed in full. */
async function check(name, body) {
  const started = performance.now();
  const { ok, output } = await body();
  totals[ok ? 'passed' : 'failed'] += 1;
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${seconds(started)})`);
  if (!ok) console.log(output.trimEnd().replace(/^/gm, '       '));
}

async function runVitest(filters) {
  const started = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'seismo-test-'));
  const report = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
    const { code } = await run(process.execPath, [vitest, 'run', ...reporters, ...filters], false);
    const counts = countVitest(readReport(report), code, { maySkip: process.env.CI !== 'true' });
    for (const key of Object.keys(totals)) totals[key] += counts[key];
    console.log(`${counts.failed === 0 ? 'ok    ' : 'FAILED'} tests (${seconds(started)})`);
    for (const problem of counts.problems) console.log(`       ${problem}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function run(program, args, capture) {
  return new Promise((resolve) => {
    const stdio = capture ? ['ignore', 'pipe', 'pipe'] : 'inherit';
    // Some tools colour their output under CI=true whether or not a person sees it.
    const env = process.stdout.isTTY
      ? process.env
      : { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined };
    const child = spawn(program, args, { cwd: ROOT, env, stdio });
    children.add(child);
    let output = '';
    const keep = (chunk) => {
      output += chunk;
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.once('close', (code) => {
      children.delete(child);
      resolve({ code: code ?? 1, output });
    });
  });
}

function seconds(started) {
  return `${((performance.now() - started) / 1000).toFixed(1)} s`;
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const child of children) child.kill(signal);
    process.exit(signal === 'SIGINT' ? 130 : 143);
  });
}

process.exitCode = await main(process.argv.slice(2));
