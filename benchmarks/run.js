/**
 * `npm run bench`: lists and runs `benchmarks/*.bench.{js,ts}` one after the other; each prints one table.
 * `npm run bench -- NAME …` runs the one of that NAME, or else those whose file name contains it, with the flags that
 * follow; `--list` only lists.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { runNode, runTypeScript } from '../scripts/set-up/run-typescript.js';
import { ensureReady, SetUpError } from '../scripts/set-up.js';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

const HELP = `Usage: npm run bench -- [names] [flags]

Runs the benchmark of each name, or else those whose file name contains it; without names all. Flags after a name are
those of the benchmark:
npm run bench -- detect --help

  --list   name them all`;

async function main(args) {
  const firstFlag = args.findIndex((arg) => arg.startsWith('-'));
  const names = firstFlag < 0 ? args : args.slice(0, firstFlag);
  const flags = args.slice(names.length);
  const all = readdirSync(FOLDER).filter((file) => /\.bench\.(js|ts)$/.test(file));
  if (names.length === 0 && flags.length > 0) {
    if (flags[0] === '--list') console.log(all.join('\n'));
    else if (flags[0] === '--help' || flags[0] === '-h') console.log(HELP);
    else console.error(`Name a benchmark before ${flags[0]}, one of its flags.\n\n${HELP}`);
    return /^(--list|--help|-h)$/.test(flags[0]) ? 0 : 2;
  }
  const unmatched = names.find((name) => calledFor(name, all).length === 0);
  if (unmatched !== undefined || all.length === 0) {
    console.error(
      `No benchmark is called ${unmatched ?? 'anything yet'}. There are: ${all.join(', ') || 'none'}.`,
    );
    return 2;
  }
  await ensureReady();
  let failed = 0;
  const called = new Set(names.flatMap((name) => calledFor(name, all)));
  for (const file of all.filter((one) => names.length === 0 || called.has(one))) {
    console.log(`\n${file}`);
    const code = await runOne(file, flags);
    if (code !== 0) {
      failed += 1;
      console.error(`${file} ended with ${code}`);
    }
  }
  return failed === 0 ? 0 : 1;
}

/** `detect` is detect.bench.js, and not cloud-detect.bench.js beside it. */
function calledFor(name, all) {
  const exact = all.filter((file) => file.replace(/\.bench\.(js|ts)$/, '') === name);
  return exact.length > 0 ? exact : all.filter((file) => file.includes(name));
}

function runOne(file, flags) {
  const path = join(FOLDER, file);
  return file.endsWith('.js')
    ? runNode(['--expose-gc', path, ...flags])
    : runTypeScript(path, ['--expose-gc'], flags);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof SetUpError ? error.message : error);
  process.exitCode = 1;
}
