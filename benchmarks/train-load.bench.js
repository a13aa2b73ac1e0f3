/**
 * What taking samples in costs while models are trained: the time that POST /metrics takes with 1,000 series waiting
 * for their first model, against a server without any, and how long all of them took. Aim: p99 under 3 times that of
 * the idle server.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { startBenchServer } from './load/bench-server.js';
import { postLoad } from './load/post-load.js';
import { readFlags, SERVER_FLAGS } from './load/read-flags.js';

const {
  series: SERIES,
  minutes: MINUTES,
  share: SHARE,
  seconds: SECONDS,
  others: OTHERS,
} = readFlags('What taking samples in costs while models are trained, and what training writes.', {
  series: { default: 1000, tells: 'to be trained' },
  minutes: { default: 2880, tells: 'of history of each' },
  share: { default: 0.25, tells: 'of the cores for training; 1 trains on all but one' },
  seconds: { default: 10, tells: 'of load, idle and while it trains' },
  others: {
    default: 0,
    tells: 'series beside them, without a model, a tenth of which has a sample every second',
  },
  ...SERVER_FLAGS,
});
const HEADERS = { 'content-type': 'application/json' };
const MINUTE_S = 60;
const OTHERS_A_BATCH = 1000;
const FLAGS = ['--no-host-metrics', '--models-max', String(SERIES), '--train-share', String(SHARE)];

const folder = mkdtempSync(join(tmpdir(), 'seismo-bench-'));
const rows = [];
try {
  // The history is stored by a server that keeps no models, so that none is trained before the measurement.
  await withServer(['--no-host-metrics', '--models-max', '0'], async (server) => {
    await sendHistory(server.url);
    for (let piece = 0; piece < OTHERS; piece += OTHERS_A_BATCH)
      await accepted(server.url, othersFrom(piece));
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
    rows.at(-1)['resident MB'] = residentMegabytes(server);
    const sum = await read(server, 'seismo_training_seconds_sum');
    console.log(
      `${SERIES} models of ${MINUTES} minutes each took ${seconds.toFixed(1)} s, ${((1000 * sum) / SERIES).toFixed(0)} ms of a thread each; each wrote ${(modelBytes() / SERIES / 1000).toFixed(0)} kB`,
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

/** One sample of each of the next series without a model. */
function othersFrom(first) {
  const item = { timestamp: Date.now() / 1000 };
  for (let i = first; i < Math.min(OTHERS, first + OTHERS_A_BATCH); i++) item[`other_${i}`] = Math.random();
  return [item];
}

/** Samples of the other series, one batch after the other, until told to end. */
async function sendOthers(url, signal) {
  const pauseMs = (1000 * OTHERS_A_BATCH) / (OTHERS / 10);
  for (let piece = 0; OTHERS > 0 && !signal.aborted; piece = (piece + OTHERS_A_BATCH) % OTHERS) {
    await accepted(url, othersFrom(piece));
    await pause(pauseMs);
  }
}

async function measure(server) {
  const end = new AbortController();
  const others = sendOthers(server.url, end.signal);
  try {
    return await postSamples(server);
  } finally {
    end.abort();
    await others;
  }
}

async function postSamples(server) {
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
    'resident MB': residentMegabytes(server),
    'server CPU s': Number((server.cpuSeconds() - cpuBefore).toFixed(1)),
    'not as it should be': others.map((status) => `${statuses[status]} answers ${status}`).join(', '),
  };
}

function residentMegabytes(server) {
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)[1]) / 1000);
}

/** What one training of all leaves on the disk, beside the rows of the database. */
function modelBytes() {
  const models = join(folder, 'models');
  return readdirSync(models).reduce((sum, name) => sum + statSync(join(models, name)).size, 0);
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
