/**
 * What SQL of BigQuery takes over many samples, and what samples feel of it: means of minutes over all samples of a
 * server, from `samples` and through the view `metrics_table`, and POST /metrics with and without heavy queries beside.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { startBenchServer } from './load/bench-server.js';
import { postLoad } from './load/post-load.js';
import { readFlags, SERVER_FLAGS } from './load/read-flags.js';
import { askRest } from './load/rest-query.js';

const { million, seconds, connections } = readFlags('GROUP BY over many samples, and ingestion beside it.', {
  million: { default: 10, tells: 'million samples' },
  seconds: { default: 10, tells: 'of each load of POST /metrics' },
  connections: { default: 16, tells: 'that post a sample at a time' },
  ...SERVER_FLAGS,
});
const SAMPLES = million * 1_000_000;
/** Each object is a sample of `latency` and one of `cpu`. */
const OBJECTS_EACH = 5000;
const READS = 9;
/** A server is quiet after a load once it was idle for longer than a minute: what it does from time to time comes once a minute. */
const QUIET_MS = 65_000;
/** After a statement, which leaves nothing for later. */
const PAUSE_MS = 10_000;
const LOOK_MS = 2500;
/** Of one core: looking at a server costs it something. */
const IDLE_SHARE = 0.1;
const NOW = Math.floor(Date.now() / 1000);

const QUERIES = [
  ['COUNT(*) of samples', 'SELECT COUNT(*) FROM metrics_dataset.samples'],
  [
    'GROUP BY minute, samples',
    'SELECT TIMESTAMP_TRUNC(time, MINUTE) AS minute, COUNT(*) AS n, AVG(value) AS mean FROM metrics_dataset.samples GROUP BY minute',
  ],
  [
    'GROUP BY minute and series, samples',
    'SELECT TIMESTAMP_TRUNC(time, MINUTE) AS minute, series, COUNT(*) AS n, AVG(value) AS mean FROM metrics_dataset.samples GROUP BY minute, series',
  ],
  [
    'GROUP BY minute, metrics_table',
    'SELECT DIV(timestamp, 60) AS minute, COUNT(*) AS n, AVG(latency) AS latency, MAX(cpu) AS cpu FROM metrics_dataset.metrics_table GROUP BY minute',
  ],
];

/** Statements that keep the server's database at work for as long as they may. */
const NUMBERS = 'UNNEST(GENERATE_ARRAY(1, 100000)) AS a, UNNEST(GENERATE_ARRAY(1, 100000)) AS b';
const HEAVY = [
  ['a cross join', `SELECT COUNT(*) FROM ${NUMBERS} WHERE MOD(a * b, 7) = 3`],
  ['GROUP BY of many groups', `SELECT COUNT(*) FROM (SELECT a * 100000 + b AS k FROM ${NUMBERS} GROUP BY k)`],
  [
    'a sort',
    `SELECT MAX(r) FROM (SELECT ROW_NUMBER() OVER (ORDER BY MOD(a * 7919 + b, 1000003)) AS r FROM ${NUMBERS})`,
  ],
  [QUERIES[3][0], QUERIES[3][1]],
];

const dataFolder = mkdtempSync(join(tmpdir(), 'seismo-bigquery-'));
const server = await startBenchServer(dataFolder, ['--no-host-metrics', '--models-max', '0']);
const rest = askRest(server.url);
try {
  await fill();
  await measureQueries();
  await measureIngestion();
} finally {
  await server.stop();
  rmSync(dataFolder, { recursive: true, force: true });
}
console.log(
  `a server on cores ${process.env.SERVER_CPUS || 'of its choice'} of ${availableParallelism()} ` +
    `(${cpus()[0]?.model ?? 'unknown'}), Node ${process.version}`,
);

async function fill() {
  const rounds = SAMPLES / 2 / OBJECTS_EACH;
  const first = NOW - rounds * OBJECTS_EACH;
  for (let round = 0; round < rounds; round++) {
    const objects = Array.from({ length: OBJECTS_EACH }, (_, i) => {
      const timestamp = first + round * OBJECTS_EACH + i;
      return { timestamp, latency: 200 + ((timestamp * 7919) % 100), cpu: timestamp % 100 };
    });
    const answer = await fetch(`${server.url}/metrics`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(objects),
    });
    const { accepted } = await answer.json();
    if (accepted !== OBJECTS_EACH * 2)
      throw new Error(`${answer.status}: ${accepted} of ${OBJECTS_EACH * 2} accepted`);
  }
  await untilQuiet(QUIET_MS);
  console.log(
    `${SAMPLES.toLocaleString('en')} samples, ${(await selfMetrics()).waiting.toLocaleString('en')} of them not compacted`,
  );
}

/** What the server tells of itself: samples that wait for their commit, their verdict, for compaction; its CPU time. */
async function selfMetrics() {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const read = (name) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1]);
  return {
    queued: read('seismo_queued_samples'),
    caughtUp: read('seismo_detector_caught_up') === 1,
    waiting: read('seismo_store_uncompacted_samples'),
    cpuSeconds: read('process_cpu_seconds_total'),
  };
}

/** Until nothing was left to do for so long: all is committed and judged, nothing is compacted, the process is idle. */
async function untilQuiet(quietMs) {
  let before = await selfMetrics();
  let quietSinceMs = performance.now();
  while (performance.now() - quietSinceMs < quietMs) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const now = await selfMetrics();
    const share = (now.cpuSeconds - before.cpuSeconds) / (LOOK_MS / 1000);
    const isQuiet = now.queued === 0 && now.caughtUp && now.waiting === before.waiting && share < IDLE_SHARE;
    if (!isQuiet) quietSinceMs = performance.now();
    before = now;
  }
}

async function measureQueries() {
  const results = [];
  for (const [what, sql] of QUERIES) {
    const times = [];
    let answer;
    for (let read = 0; read < READS; read++) {
      const startMs = performance.now();
      answer = await rest.query(sql, { maxResults: 1 });
      times.push(performance.now() - startMs);
    }
    times.sort((a, b) => a - b);
    results.push({
      what,
      rows: Number(answer.totalRows),
      'median s': Number((times[READS >> 1] / 1000).toFixed(2)),
      'least s': Number((times[0] / 1000).toFixed(2)),
    });
  }
  console.table(results);
}

/** Idle before and after each heavy statement, so that what changes meanwhile is not taken for the statement's doing. */
async function measureIngestion() {
  const results = [];
  await untilQuiet(PAUSE_MS);
  let before = await singles();
  for (const [beside, sql] of HEAVY) {
    const running = rest.keepRunning(sql);
    const during = await singles();
    await running.end();
    await untilQuiet(PAUSE_MS);
    const after = await singles();
    results.push({
      beside,
      ...during,
      'idle p99 before': before['p99 ms'],
      'idle p99 after': after['p99 ms'],
      'p99 to idle': Number(((2 * during['p99 ms']) / (before['p99 ms'] + after['p99 ms'])).toFixed(2)),
    });
    before = after;
  }
  console.table(results);
}

/** One sample a request, each connection at the pace of 20 a second: a load that leaves room. */
async function singles() {
  const { count, p50Ms, p99Ms, maxMs, statuses } = await postLoad({
    url: new URL('/metrics', server.url),
    connections,
    durationMs: seconds * 1000,
    pauseMs: 50,
    bodyOf: (connection) =>
      JSON.stringify({ timestamp: Date.now() / 1000, [`single_${connection}`]: Math.random() }),
  });
  if (Object.keys(statuses).join() !== '202') throw new Error(`answered ${JSON.stringify(statuses)}`);
  const ms = (value) => Number(value.toFixed(1));
  return { requests: count, 'p50 ms': ms(p50Ms), 'p99 ms': ms(p99Ms), 'max ms': ms(maxMs) };
}
