/**
 * From `npm start` on an installed clone to the first 202, and to the first verdict that is no longer warming
 * up, for a series that is sent once a second.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from './load/bench-server.js';
import { readFlags } from './load/read-flags.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const VERDICT_SECONDS_MAX = 120;
const { wait: WAIT } = readFlags('Seconds from `npm start` to the first 202 and to the first verdict.', {
  wait: { default: 1, tells: '0 leaves out the verdict, which takes over a minute' },
});

const folder = mkdtempSync(join(tmpdir(), 'seismo-bench-'));
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const startedMs = performance.now();
const seconds = () => Number(((performance.now() - startedMs) / 1000).toFixed(2));
const npm = spawn('npm', ['start', '--silent', '--', '--quiet', '--data', folder, '--port', String(port)], {
  cwd: ROOT,
  stdio: ['ignore', 'ignore', 'inherit'],
});
const ended = new Promise((resolve) => npm.once('close', resolve));
try {
  while ((await post()) !== 202) {
    if (npm.exitCode !== null) throw new Error(`npm start ended with ${npm.exitCode}`);
    await pause(10);
  }
  const rows = [{ 'npm start to': 'the first 202', seconds: seconds() }];
  if (WAIT > 0) {
    rows.push({ 'npm start to': 'the first verdict past the warm-up', seconds: await untilVerdict() });
  }
  console.log(`${availableParallelism()} cores, Node ${process.version}`);
  console.table(rows);
} finally {
  npm.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

async function post() {
  const body = JSON.stringify({ timestamp: Date.now() / 1000, started: 100 + Math.random() });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/metrics`, { method: 'POST', headers, body }).catch(() => undefined);
  await answer?.arrayBuffer();
  return answer?.status;
}

async function untilVerdict() {
  while (seconds() < VERDICT_SECONDS_MAX) {
    await pause(1000);
    await post();
    const { series } = await (await fetch(`${url}/api/series`)).json();
    const state = series.find((one) => one.series === 'started')?.state;
    if (state === 'ok' || state === 'anomalous') return seconds();
  }
  return Number.NaN;
}
