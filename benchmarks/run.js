/**
 * `npm run bench`: lists and runs `benchmarks/*.bench.{js,ts}` one after the other; each prints one table.
 * `npm run bench -- NAME …` runs those whose file name contains a NAME; `--list` only lists.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { ensureReady, SetUpError } from '../scripts/set-up.js';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

async function main(names) {
  const all = readdirSync(FOLDER).filter((file) => /\.bench\.(js|ts)$/.test(file));
  if (names.includes('--list')) {
    console.log(all.join('\n'));
    return 0;
  }
  const unmatched = names.find((name) => !all.some((file) => file.includes(name)));
  if (unmatched !== undefined || all.length === 0) {
    console.error(
      `No benchmark is called ${unmatched ?? 'anything yet'}. There are: ${all.join(', ') || 'none'}.`,
    );
    return 2;
  }
  await ensureReady();
  let failed = 0;
  for (const file of all.filter((one) => names.length === 0 || names.some((name) => one.includes(name)))) {
    console.log(`\n${file}`);
    const code = await runOne(file);
    if (code !== 0) {
      failed += 1;
      console.error(`${file} ended with ${code}`);
    }
  }
  return failed === 0 ? 0 : 1;
}

/** Node 20 reads no TypeScript: such a benchmark is bundled first, beside the others so that imports resolve. */
async function runOne(file) {
  if (file.endsWith('.js')) return run([join(FOLDER, file)]);
  const folder = mkdtempSync(join(FOLDER, '.built-'));
  try {
    const { build } = await import('vite');
    await build({
      logLevel: 'warn',
      configFile: false,
      ssr: { external: true },
      build: { ssr: join(FOLDER, file), outDir: folder, emptyOutDir: false, target: 'node20' },
    });
    const [built] = readdirSync(folder).filter((name) => /\.m?js$/.test(name));
    return await run([join(folder, built)]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--expose-gc', ...args], { stdio: 'inherit' });
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof SetUpError ? error.message : error);
  process.exitCode = 1;
}
