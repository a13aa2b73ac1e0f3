import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';

/**
 * Runs a TypeScript file to its end: Node 20 reads none, so it is bundled first, into a folder beside it so that
 * imports resolve. Gives the exit code, or the signal that ended it.
 */
export async function runTypeScript(file, nodeFlags, args, onStart = undefined) {
  const folder = mkdtempSync(join(dirname(file), '.built-'));
  try {
    const { build } = await import('vite');
    await build({
      logLevel: 'warn',
      configFile: false,
      ssr: { external: true },
      build: { ssr: file, outDir: folder, emptyOutDir: false, target: 'node20' },
    });
    const [built] = readdirSync(folder).filter((name) => /\.m?js$/.test(name));
    return await runNode([...nodeFlags, join(folder, built), ...args], onStart);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same for arguments of `node` as they are. `onStart` is given the process. */
export function runNode(args, onStart = undefined) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: 'inherit' });
    onStart?.(child);
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
}
