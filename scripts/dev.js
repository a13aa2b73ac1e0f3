/**
 * `npm run dev`: compiles on every change, rebuilds the page, and starts the server anew after each good build.
 * Arguments go to `seismo serve`: `npm run dev -- --port 9000`.
 */
import { spawn } from 'node:child_process';
import { existsSync, watch } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { nativeCompiler } from './set-up/compiler.js';
import { ensureReady, ROOT, SetUpError } from './set-up.js';

const QUIET_MS = 300;
const children = new Set();
let server;
let restartTimer;
let stopping = false;

async function main(serverArguments) {
  await ensureReady();
  const bin = (path) => join(ROOT, 'node_modules', path);
  start(
    ['-b', '--watch', '--preserveWatchOutput', 'packages/engine', 'packages/server'],
    ROOT,
    await nativeCompiler(ROOT),
  );
  const page = join(ROOT, 'packages', 'dashboard');
  if (existsSync(join(page, 'vite.config.ts'))) {
    start([bin('vite/bin/vite.js'), 'build', '--watch', '--logLevel', 'warn'], page);
  }
  restart(serverArguments);
  for (const name of ['engine', 'server']) {
    watch(join(ROOT, 'packages', name, 'dist'), { recursive: true }, (_event, file) => {
      if (!file?.endsWith('.js')) return;
      clearTimeout(restartTimer);
      restartTimer = setTimeout(() => restart(serverArguments), QUIET_MS);
    });
  }
}

function start(args, cwd = ROOT, program = process.execPath) {
  const child = spawn(program, args, { cwd, stdio: 'inherit' });
  children.add(child);
  child.once('close', () => children.delete(child));
  return child;
}

/** Starts from the compiled code itself: bin/seismo.js would build over the watching compiler. */
function restart(serverArguments) {
  const next = () => {
    if (stopping) return;
    const code = `import('${new URL('../packages/server/dist/main.js', import.meta.url)}')
      .then(({ main }) => main(['serve', ...process.argv.slice(1)])).then((code) => { process.exitCode = code; });`;
    server = start(['--input-type=module', '--eval', code, '--', ...serverArguments]);
  };
  if (server === undefined || server.exitCode !== null || server.signalCode !== null) return next();
  server.once('close', next);
  server.kill('SIGTERM');
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    stopping = true;
    for (const child of children) child.kill('SIGTERM');
    const wait = setInterval(() => {
      if (children.size > 0) return;
      clearInterval(wait);
      process.exit(0);
    }, 50);
  });
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof SetUpError ? error.message : error);
  process.exitCode = 1;
}
