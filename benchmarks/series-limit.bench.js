/**
 * The server at its limit of series: memory that 100,000 series take, what happens beyond it, and what a
 * restart costs. Aim: at most 512 MB (of a million bytes) resident.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { startBenchServer } from './load/bench-server.js';
import { readFlags, SERVER_FLAGS } from './load/read-flags.js';

const {
  series: SERIES,
  samples: SAMPLES,
  batch: BATCH,
} = readFlags('Memory and restart of a server at its limit of series.', {
  series: { default: 100_000, tells: 'how many there may be' },
  // Past the warm-up of the detector, so that no state is left to be made.
  samples: { default: 70, tells: 'of each series' },
  batch: { default: 2000, tells: 'values in one request' },
  ...SERVER_FLAGS,
});
const FLAGS = ['--no-host-metrics', '--series-max', String(SERIES)];
const HEADERS = { 'content-type': 'application/json' };

const folder = mkdtempSync(join(tmpdir(), 'seismo-bench-'));
const rows = [];
let lagMaxMs = 0;
let stopMs = Number.NaN;
const startS = Math.floor(Date.now() / 1000) - SAMPLES;
let server = await startBenchServer(folder, FLAGS);
try {
  await note('started');
  for (let sample = 0; sample < SAMPLES; sample++) {
    await sendAll(sample);
    if (sample === 0) await note('1 sample of each series');
  }
  await note(`${SAMPLES} samples of each series`);
  await untilCaughtUp();
  await note('all judged');
  const over = await post([{ timestamp: startS, one_too_many: 1 }]);
  await note(`a new series: status ${over.status}`);
  const known = await post([{ timestamp: startS + SAMPLES, ...fields(0, 1, 1) }]);
  await note(`a known series: status ${known.status}`);
  await untilCheckpoint();
  await note('checkpoint saved');
  const stoppingMs = performance.now();
  await server.stop();
  stopMs = Math.round(performance.now() - stoppingMs);
  server = await startBenchServer(folder, FLAGS);
  await untilCaughtUp();
  await note('started again');
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${SERIES} series, Node ${process.version}`);
console.table(rows);
console.log(`longest wait of the event loop while a checkpoint is saved: ${Math.round(lagMaxMs)} ms`);
console.log(`stop, with a checkpoint: ${stopMs} ms`);

async function sendAll(sample) {
  const batches = [];
  for (let from = 0; from < SERIES; from += BATCH) batches.push(from);
  const send = async () => {
    for (let from = batches.pop(); from !== undefined; from = batches.pop()) {
      await accepted([
        { timestamp: startS + sample, ...fields(from, Math.min(BATCH, SERIES - from), sample) },
      ]);
    }
  };
  await Promise.all(Array.from({ length: 4 }, send));
}

function fields(from, count, sample) {
  const item = { labels: { instance: `10.0.${Math.floor(from / BATCH)}.7:9100` } };
  for (let i = 0; i < count; i++) item[`http_requests_in_flight_${i}`] = Math.sin(sample + i) * 10 + i;
  return item;
}

function post(items) {
  return fetch(`${server.url}/metrics`, { method: 'POST', headers: HEADERS, body: JSON.stringify(items) });
}

/** Posts until it is taken: a full queue answers 429 and asks to wait. */
async function accepted(items) {
  for (;;) {
    const response = await post(items);
    const text = await response.text();
    if (response.status === 202) return;
    if (response.status !== 429 || text.includes('series_limit'))
      throw new Error(`${response.status} ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function untilCaughtUp() {
  for (;;) {
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    const read = (name) => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(metrics)?.[1]);
    if (read('seismo_judged_seq') === read('seismo_committed_seq')) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Each look says what the event loop waited at most since the one before. */
async function untilCheckpoint() {
  for (let looks = 0; ; looks++) {
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    const read = (name) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(metrics)?.[1]);
    if (looks > 0) lagMaxMs = Math.max(lagMaxMs, read('nodejs_eventloop_lag_max_seconds') * 1000);
    if (read('seismo_checkpoint_seq') === read('seismo_judged_seq')) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function note(when) {
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
  // The system tells kibibytes.
  const megabytes = (name) =>
    Math.round((Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)[1]) * 1024) / 1e6);
  rows.push({ when, 'resident MB': megabytes('VmRSS'), 'most so far MB': megabytes('VmHWM') });
}
