/**
 * `node scripts/run-cloud-chain.js [FOLDER]`: the services of Google Cloud on this machine, with Google's Pub/Sub emulator
 * between them and a server of this program as BigQuery, whose data lie in the folder (default ./seismo-data/cloud-chain).
 */
import { join, resolve } from 'node:path';
import process from 'node:process';
import { runTypeScript } from './set-up/run-typescript.js';
import { ensureReady, ROOT, SetUpError } from './set-up.js';

const HELP = 'Usage: node scripts/run-cloud-chain.js [folder of the data]';

async function main([folder = join(ROOT, 'seismo-data', 'cloud-chain'), ...more]) {
  if (more.length > 0 || folder.startsWith('-')) {
    console[/^(--help|-h)$/.test(folder) ? 'log' : 'error'](HELP);
    return /^(--help|-h)$/.test(folder) ? 0 : 2;
  }
  await ensureReady();
  return runTypeScript(join(ROOT, 'tests/cloud/support/run-chain.ts'), [], [resolve(folder)], (chain) => {
    // It ends by itself, with all that it started; an interrupt at the terminal reaches it too.
    process.on('SIGINT', () => undefined);
    process.on('SIGTERM', () => chain.kill('SIGTERM'));
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof SetUpError ? error.message : error);
  process.exitCode = 1;
}
