import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** As `npm start` does it. */
const NODE_FLAGS = ['--max-semi-space-size=4', '--heap-growing-percent=10'];
const ENVIRONMENT = { MALLOC_ARENA_MAX: '2' };
const BIN = fileURLToPath(new URL('../../bin/seismo.js', import.meta.url));

/** Starts the server with a data folder of its own on a free port and waits until it is ready. */
export async function startBenchServer(dataFolder, flags = ['--no-host-metrics']) {
  const nodeFlags = (process.env.SERVER_ARGS ?? '').split(' ').filter((one) => one !== '');
  const port = await freePort();
  const args = [
    ...NODE_FLAGS,
    ...nodeFlags,
    BIN,
    'serve',
    '--quiet',
    '--port',
    `${port}`,
    '--data',
    dataFolder,
    ...flags,
  ];
  const cpus = process.env.SERVER_CPUS;
  const [command, all] = cpus
    ? ['taskset', ['-c', cpus, process.execPath, ...args]]
    : [process.execPath, args];
  const env = { ...process.env, ...ENVIRONMENT };
  const child = spawn(command, all, { stdio: ['ignore', 'ignore', 'inherit'], env });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const url = `http://127.0.0.1:${port}`;
  await untilReady(url, child);
  return {
    url,
    pid: child.pid,
    cpuSeconds: () => cpuSecondsOf(child.pid),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function untilReady(url, child) {
  while (child.exitCode === null) {
    const answer = await fetch(`${url}/ready`).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`the server ended with ${child.exitCode}`);
}

/** User and system time of a process so far; NaN where the system does not tell. */
export function cpuSecondsOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return Number.NaN;
  }
}

/** A port that was free a moment ago. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
