import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/seismo.js', import.meta.url));

/** Starts the server with a data folder of its own on a free port and waits until it is ready. */
export async function startBenchServer(dataFolder, flags = ['--no-host-metrics']) {
  const nodeFlags = (process.env.SERVER_ARGS ?? '').split(' ').filter((one) => one !== '');
  const args = [...nodeFlags, BIN, 'serve', '--port', '0', '--data', dataFolder, ...flags];
  const cpus = process.env.SERVER_CPUS;
  const [command, all] = cpus
    ? ['taskset', ['-c', cpus, process.execPath, ...args]]
    : [process.execPath, args];
  const child = spawn(command, all, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const url = await addressOf(child);
  while (!(await fetch(`${url}/ready`)).ok) await new Promise((resolve) => setTimeout(resolve, 10));
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

function addressOf(child) {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      const match = /address {2}(http:\S+)/.exec(output);
      if (match !== null) resolve(match[1]);
    });
    child.once('close', (code) => reject(new Error(`the server ended with ${code}: ${output}`)));
  });
}

/** User and system time of a process so far; NaN where the system does not tell. */
function cpuSecondsOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return Number.NaN;
  }
}
