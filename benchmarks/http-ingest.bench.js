/**
 * What the whole server takes in, durable and scored, over HTTP: batches, single samples, and the time from a
 * POST to its verdict on /api/live. The load comes from a process of its own.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { startBenchServer } from './load/bench-server.js';
import { readFlags, SERVER_FLAGS } from './load/read-flags.js';

const CLIENT = fileURLToPath(new URL('load/load-client.js', import.meta.url));
const TITLES = {
  batches: '1,000 points a request, 16 connections',
  singles: '1 sample a request, 256 connections',
  live: '1,000 requests/s, POST to verdict on /api/live',
};

const {
  seconds: SECONDS,
  modes,
  serverCpus,
} = readFlags('What the whole server takes in over HTTP.', {
  seconds: { default: 10, tells: 'of each load' },
  modes: { default: Object.keys(TITLES).join(','), tells: 'loads to measure' },
  ...SERVER_FLAGS,
});
const MODES = modes.split(',');
const strange = MODES.find((mode) => TITLES[mode] === undefined);
if (strange !== undefined) {
  console.error(`--modes (MODES) knows ${Object.keys(TITLES).join(', ')}, not ${strange}.`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'seismo-bench-'));
const rows = [];
try {
  for (const mode of MODES) {
    const server = await startBenchServer(join(folder, mode));
    try {
      const cpuBefore = server.cpuSeconds();
      const result = await load(server.url, mode);
      rows.push({
        load: TITLES[mode],
        'requests/s': Math.round(result.requestsPerSecond),
        'points/s': Math.round(result.pointsPerSecond),
        'p50 ms': Number(result.p50Ms?.toFixed(1)),
        'p99 ms': Number(result.p99Ms?.toFixed(1)),
        'server CPU s': Number((server.cpuSeconds() - cpuBefore).toFixed(1)),
        'not as it should be': faultsOf(result),
      });
    } finally {
      await server.stop();
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const cores = serverCpus === '' ? 'all cores' : `cores ${serverCpus}`;
console.log(
  `${availableParallelism()} cores, server on ${cores}, Node ${process.version}, ${SECONDS} s each`,
);
console.table(rows);

function faultsOf({ statuses = {}, unseen = 0 }) {
  const others = Object.entries(statuses).filter(([status]) => status !== '202');
  const texts = others.map(([status, count]) => `${count} answers ${status}`);
  if (unseen > 0) texts.push(`${unseen} verdicts not seen`);
  return texts.join(', ');
}

function load(url, mode) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLIENT, url, mode, `${SECONDS}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(output));
      else reject(new Error(`the load client ended with ${code}`));
    });
  });
}
