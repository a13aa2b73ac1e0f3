/**
 * What taking samples in costs while models are trained: the time that POST /metrics takes with 1,000 series waiting
 * for their first model, against a server without any, and how long all of them took. Aim: p99 under 3 times that of
 * the idle server. SERIES=200 and MINUTES=1440 (of history) make it smaller, SHARE=1 trains on all cores but one.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { startBenchServer } from './load/bench-server.js';
import { postLoad } from './load/post-load.js';

const SERIES = Number(process.env.SERIES ?? 1000);
const MINUTES = Number(process.env.MINUTES ?? 2880);
const SHARE = process.env.SHARE ?? '0.25';
const SECONDS = Number(process.env.SECONDS ?? 10);
const HEADERS = { 'content-type': 'application/json' };
const MINUTE_S = 60;
const FLAGS = ['--no-host-metrics', '--models-max', String(SERIES), '--train-share', SHARE];

const folder = mkdtempSync(join(tmpdir(), 'seismo-bench-'));
const rows = [];
try {
  // The history is stored by a server that keeps no models, so that none is trained before the measurement.
  await withServer(['--no-host-metrics', '--models-max', '0'], async (server) => {
    await sendHistory(server.url);
    rows.push({ server: 'idle', ...(await measure(server)) });
  });
  await withServer(FLAGS, async (server) => {
    await until(server, 'seismo_trainings_running', (running) => running > 0);
    const startedMs = performance.now();
    const before = await read(server, 'seismo_models');
    rows.push({ server: 'training', ...(await measure(server)) });
    const during = (await read(server, 'seismo_models')) - before;
    await until(server, 'seismo_models', (trained) => trained === SERIES);
    const seconds = (performance.now() - startedMs) / 1000;
    rows.at(-1)['models meanwhile'] = during;
    rows.at(-1)['most resident MB'] = residentMegabytes(server);
    const sum = await read(server, 'seismo_training_seconds_sum');
    console.log(
      `${SERIES} models of ${MINUTES} minutes each took ${seconds.toFixed(1)} s, ${((1000 * sum) / SERIES).toFixed(0)} ms of a thread each`,
    );
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${availableParallelism()} cores, share of them for training ${SHARE}, Node ${process.version}`);
console.table(rows);
console.log(
  `p99 while training: ${(rows[1]['p99 ms'] / rows[0]['p99 ms']).toFixed(2)} times that of the idle server`,
);

async function withServer(flags, work) {
  const server = await startBenchServer(folder, flags);
  try {
    await work(server);
  } finally {
    await server.stop();
  }
}

/** A day's wave with noise in each series, up to now. */
async function sendHistory(url) {
  const endS = Math.floor(Date.now() / 1000 / MINUTE_S) * MINUTE_S;
  const series = Array.from({ length: SERIES }, (_, i) => `requests_${i}`);
  for (let from = 0; from < MINUTES; from += 10) {
    const items = [];
    for (let minute = from; minute < Math.min(MINUTES, from + 10); minute++) {
      const timestamp = endS - (MINUTES - minute) * MINUTE_S;
      const item = { timestamp };
      for (const [i, name] of series.entries()) {
        item[name] = 100 + 20 * Math.sin((timestamp / 86_400) * 2 * Math.PI + i) + 5 * Math.random();
      }
      items.push(item);
    }
    await accepted(url, items);
  }
}

/** Posts until it is taken: a full queue answers 429 and asks to wait. */
async function accepted(url, items) {
  for (;;) {
    const answer = await fetch(`${url}/metrics`, {
      method: 'POST',
      headers: HEADERS,
      body: JSON.stringify(items),
    });
    const text = await answer.text();
    if (answer.status === 202) return;
    if (answer.status !== 429) throw new Error(`${answer.status} ${text}`);
    await pause(100);
  }
}

async function measure(server) {
  const cpuBefore = server.cpuSeconds();
  const { count, seconds, statuses, p50Ms, p99Ms } = await postLoad({
    url: new URL(`${server.url}/metrics`),
    connections: 4,
    durationMs: SECONDS * 1000,
    bodyOf: (connection) =>
      JSON.stringify({ timestamp: Date.now() / 1000, [`load_${connection}`]: 10 + Math.random() }),
  });
  const others = Object.keys(statuses).filter((status) => status !== '202');
  return {
    'requests/s': Math.round(count / seconds),
    'p50 ms': Number(p50Ms.toFixed(2)),
    'p99 ms': Number(p99Ms.toFixed(2)),
    'server CPU s': Number((server.cpuSeconds() - cpuBefore).toFixed(1)),
    'not as it should be': others.map((status) => `${statuses[status]} answers ${status}`).join(', '),
  };
}

function residentMegabytes(server) {
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)[1]) / 1000);
}

async function until(server, name, is) {
  for (;;) {
    const value = await read(server, name);
    if (is(value)) return;
    await pause(250);
  }
}

async function read(server, name) {
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(metrics)?.[1] ?? Number.NaN);
}
