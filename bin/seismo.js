#!/usr/bin/env -S MALLOC_ARENA_MAX=2 node --max-semi-space-size=4 --heap-growing-percent=10
import { existsSync } from 'node:fs';
import process from 'node:process';
import { setFlagsFromString } from 'node:v8';

// What judges a sample is many small functions, and V8 compiles no more than 920 bytes of them into one: see docs/detection.md.
setFlagsFromString('--max-inlined-bytecode-size-cumulative=3200');

/** A clone has sources and keeps its build fresh; an image or package has only what was built. */
async function prepare() {
  if (!existsSync(new URL('../packages/server/src', import.meta.url))) return true;
  const { ensureReady, SetUpError } = await import('../scripts/set-up.js');
  try {
    // Standard error: `seismo detect --format csv > file` must stay clean.
    await ensureReady({ out: process.stderr });
    return true;
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    console.error(error.message);
    return false;
  }
}

if (await prepare()) {
  const { main } = await import('../packages/server/dist/main.js');
  // A handle left open somewhere must not keep a finished command alive.
  process.exit(await main(process.argv.slice(2)));
} else {
  process.exitCode = 1;
}
