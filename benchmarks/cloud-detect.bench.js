/**
 * What the jobs of Google Cloud take of one machine: training and detection as /jobs/train and /jobs/detect start them,
 * sql/*.sql as they are, by the services' own adapter, with a server of this program as BigQuery. A series is a day's
 * season at a level of its own with noise that is the same in every run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { createBigQueryClient } from '@seismo/server/adapters/gcp/bigquery-client';
import { createBigQueryModelStore } from '@seismo/server/adapters/gcp/bigquery-model-store';
import { BigQueryStatements } from '@seismo/server/adapters/gcp/bigquery-statements';
import { migrate } from '@seismo/server/adapters/gcp/migrations';
import { silentLogger } from '@seismo/server/logger';
import { startBenchServer } from './load/bench-server.js';
import { readFlags, SERVER_FLAGS } from './load/read-flags.js';

const { series, learned, minutes, storeMemory } = readFlags(
  'Time that training and detection take, through BigQuery’s API.',
  {
    ...SERVER_FLAGS,
    series: { default: 10_000, tells: 'series' },
    learned: { default: 120, tells: 'minutes that models learn of each' },
    minutes: { default: 60, tells: 'minutes of each that one round judges' },
    storeMemory: { default: '500MB', tells: 'memory that the store of the server may take' },
  },
);
const MINUTE_MS = 60_000;
const PROJECT = 'bench';
const DATASET = 'cloud';

const dataFolder = mkdtempSync(join(tmpdir(), 'seismo-cloud-detect-'));
const server = await startBenchServer(dataFolder, ['--no-host-metrics', '--store-memory', storeMemory]);
// Half a minute after a minute, when it counts as closed; later by as much as the rounds move it.
let nowMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 600 * MINUTE_MS + MINUTE_MS / 2;
const results = [];

try {
  const store = await openStore();
  const count = (rows) => rows.toLocaleString('en-US');
  const all = `${count(series)} series`;
  await keep(learned);
  await measure(`first round: means of ${all} × ${learned} minutes`, () => store.detect(), 'detect');
  await measure(`training of ${all} × ${learned} minutes`, () => store.train(), 'train');
  await keep(minutes);
  await measure(`detection, ${all} × ${minutes} minutes`, () => store.detect(), 'detect');
  await keep(1);
  await measure(`detection, ${all} × 1 minute`, () => store.detect(), 'detect');
} finally {
  await server.stop();
  rmSync(dataFolder, { recursive: true, force: true });
}
console.table(results);
console.log(
  `a server on cores ${process.env.SERVER_CPUS || 'of its choice'} of ${availableParallelism()} ` +
    `(${cpus()[0]?.model ?? 'unknown'}), Node ${process.version}`,
);

async function openStore() {
  process.env.BIGQUERY_EMULATOR_HOST = `${server.url}/bigquery/v2`;
  process.env.METADATA_SERVER_DETECTION = 'none';
  const options = {
    client: createBigQueryClient({ project: PROJECT }),
    dataset: DATASET,
    clock: { nowMs: () => nowMs },
    log: silentLogger,
    maxBytesBilled: 1e12,
  };
  await migrate({ ...options, location: 'US', retentionMs: 730 * 1440 * MINUTE_MS });
  return createBigQueryModelStore({ ...options, statements: new BigQueryStatements(options) });
}

/** A sample of each series in each of the next minutes, and the clock behind them. */
async function keep(count) {
  const fromMs = nowMs - MINUTE_MS / 2;
  const noise = '43758.5453 * SIN(12.9898 * k + 78.233 * s)';
  await query(`INSERT INTO ${DATASET}.samples (time, series, name, labels, value, ingest_time, message_id)
    SELECT time, CONCAT('latency{host="', CAST(s AS STRING), '"}'), 'latency', JSON '{}',
      MOD(s, 90) + 3 * SIN(k / 229.18) + ${noise} - FLOOR(${noise}), time, 'm'
    FROM (
      SELECT TIMESTAMP_MILLIS(${fromMs} + n * ${MINUTE_MS}) AS time, ${fromMs / MINUTE_MS} + n AS k
      FROM UNNEST(GENERATE_ARRAY(0, ${count - 1})) AS n
    ), UNNEST(GENERATE_ARRAY(1, ${series})) AS s`);
  nowMs += count * MINUTE_MS;
}

/** The job of that kind which the call starts, by the times that BigQuery's API tells of it. */
async function measure(what, call, kind) {
  const before = server.cpuSeconds();
  const { started } = await call();
  const own = started.find((work) => work.kind === kind && work.model !== 'latency_anomalies');
  if (own === undefined) throw new Error(`nothing was started: ${JSON.stringify(started)}`);
  const jobs = await Promise.all(started.map(({ id }) => ended(id)));
  const { statistics, status } = jobs[started.indexOf(own)];
  if (status.errorResult) throw new Error(status.errorResult.message);
  results.push({
    what,
    seconds: Number(((Number(statistics.endTime) - Number(statistics.startTime)) / 1000).toPrecision(3)),
    'CPU seconds': Number((server.cpuSeconds() - before).toPrecision(3)),
  });
}

async function ended(id) {
  for (;;) {
    const job = await callJson('GET', `jobs/${id}`);
    if (job.status.state === 'DONE') return job;
    await pause(20);
  }
}

async function query(sql) {
  const body = await callJson('POST', 'queries', { query: sql, useLegacySql: false, timeoutMs: 600_000 });
  if (body.jobComplete !== true) throw new Error(`takes too long: ${sql.slice(0, 200)}`);
}

async function callJson(method, path, body = undefined) {
  const answer = await fetch(`${server.url}/bigquery/v2/projects/${PROJECT}/${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const content = await answer.json();
  if (!answer.ok) throw new Error(content.error?.message ?? `answered ${answer.status}`);
  return content;
}
