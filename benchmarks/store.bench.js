import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDuckDbStore } from '@seismo/server/adapters/embedded/duckdb-sample-store';
import { readFlags } from './load/read-flags.js';

/**
 * The store by itself: commit rates, and reading one series out of many points, each with its verdict.
 */

const SERIES = 1000;
const T0 = 1_700_000_000_000;
const { million: pointsMillion } = readFlags(
  'Commits of the store by itself, and reading one series of many points.',
  {
    million: { default: 4, tells: 'million points to read from; 50 take some minutes' },
  },
);
const table = [];
let nextTick = 0;

function batch(rows, ticks = nextTick) {
  nextTick += Math.ceil(rows / SERIES);
  return {
    seriesIds: Uint32Array.from({ length: rows }, (_, i) => i % SERIES),
    timesMs: Float64Array.from({ length: rows }, (_, i) => T0 + (ticks + Math.floor(i / SERIES)) * 1000),
    values: Float64Array.from(
      { length: rows },
      (_, i) => Math.round((50 + Math.sin(i + ticks) * 20) * 100) / 100,
    ),
  };
}

function verdicts({ seriesIds, timesMs, values }) {
  const rows = values.length;
  return {
    seriesIds,
    timesMs,
    states: new Uint8Array(rows).fill(1),
    expected: values.map((value) => value * 0.99),
    lower: values.map((value) => value * 0.9),
    upper: values.map((value) => value * 1.1),
    probability: values.map((value) => value / 100),
    score: values.map((value) => value / 50),
    alarms: new Uint8Array(rows),
  };
}

function quantile(sorted, q) {
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0).toFixed(1);
}

/** What 1,000 series bring between two compactions, with a sample a second each. */
const BATCH_ROWS = 50_000;
/** As many are not compacted yet because no checkpoint covers them. */
const BATCHES_LEFT = 2;

/** Findings under way, as many as detection lets be. */
const FINDINGS_ROWS_MAX = 250_000;

/** `callers` append one batch after the other for a while, as ingestion and detection do together. */
async function commitRate(store, callers, rows, seconds) {
  const latencies = [];
  const given = batch(rows);
  const said = verdicts(given);
  const outstanding = new Set();
  const endMs = performance.now() + seconds * 1000;
  const startMs = performance.now();
  const caller = async () => {
    while (performance.now() < endMs) {
      const atMs = performance.now();
      const tick = nextTick;
      nextTick += Math.ceil(rows / SERIES);
      const shifted = { ...given, timesMs: given.timesMs.map((timeMs) => timeMs + tick * 1000) };
      const findings = store.samples
        .appendFindings({ ...said, timesMs: shifted.timesMs }, [])
        .finally(() => outstanding.delete(findings));
      outstanding.add(findings);
      await store.samples.append(shifted);
      latencies.push(performance.now() - atMs);
      while (outstanding.size * rows > FINDINGS_ROWS_MAX) await Promise.race(outstanding);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  await Promise.all(outstanding);
  const elapsed = (performance.now() - startMs) / 1000;
  latencies.sort((a, b) => a - b);
  table.push({
    what: `${callers} callers, ${rows} rows each, with verdicts`,
    result: `${Math.round((latencies.length * rows) / elapsed).toLocaleString('en')} rows/s`,
    'p50 ms': quantile(latencies, 0.5),
    'p99 ms': quantile(latencies, 0.99),
    'max ms': quantile(latencies, 1),
  });
}

async function readRate(store) {
  const { samples } = store;
  const rowsWanted = pointsMillion * 1_000_000;
  const startMs = performance.now();
  const outstanding = new Set();
  let newest = 0;
  for (let rows = 0; rows < rowsWanted; rows += BATCH_ROWS) {
    const given = batch(BATCH_ROWS);
    const seq = await samples.append(given);
    newest = seq;
    const findings = samples.appendFindings(verdicts(given), []).then(() => {
      outstanding.delete(findings);
      samples.keepCommitsAfter(seq - BATCHES_LEFT);
    });
    outstanding.add(findings);
    while (outstanding.size * BATCH_ROWS > FINDINGS_ROWS_MAX) await Promise.race(outstanding);
    await samples.compact();
  }
  await Promise.all(outstanding);
  samples.keepCommitsAfter(newest - BATCHES_LEFT);
  await samples.compact();
  const seconds = (performance.now() - startMs) / 1000;
  const { uncompactedSamples, bytesOnDisk } = await samples.statistics();
  table.push({
    what: `${pointsMillion} M points and verdicts stored and compacted`,
    result: `${seconds.toFixed(1)} s, ${(bytesOnDisk / 1e6).toFixed(0)} MB, ${uncompactedSamples} rows hot`,
  });
  const toMs = T0 + nextTick * 1000;
  for (const [what, fromMs, points, reads] of [
    ["one series' last 10,000 points", toMs - 10_000 * 1000, 10_000, 200],
    ['one series, everything, thinned to 2,000', T0, 2000, 20],
  ]) {
    const latencies = [];
    let rows = 0;
    for (let i = 0; i < reads; i++) {
      const atMs = performance.now();
      const found = await samples.querySamples({ seriesId: (i * 37) % SERIES, fromMs, toMs, points });
      latencies.push(performance.now() - atMs);
      rows = found.total;
    }
    latencies.sort((a, b) => a - b);
    table.push({
      what,
      result: `${rows} rows`,
      'p50 ms': quantile(latencies, 0.5),
      'p99 ms': quantile(latencies, 0.99),
      'max ms': quantile(latencies, 1),
    });
  }
}

const folder = mkdtempSync(join(tmpdir(), 'seismo-bench-'));
try {
  const store = await openDuckDbStore({
    dataFolder: join(folder, 'data'),
    lookup: (id) => ({ id, key: `series_${id}`, name: `series_${id}`, labels: {} }),
    diskReserveBytes: 0,
    clock: { nowMs: () => Date.now() },
  });
  await commitRate(store, 16, 1000, 4);
  await commitRate(store, 256, 1, 4);
  await readRate(store);
  await store.samples.close();
  table.push({
    what: 'memory of the process',
    result: `${Math.round(process.resourceUsage().maxRSS / 1024)} MB at most`,
  });
  console.table(table);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
