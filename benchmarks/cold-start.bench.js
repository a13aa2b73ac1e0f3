/**
 * How long each service on Google Cloud takes from its first instruction to the first answer to what it is for, as a
 * client sees it that waits for a new instance.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cpuSecondsOf, freePort } from './load/bench-server.js';
import { startGoogleStandIns } from './load/google-stand-ins.js';
import { readFlags, SERVER_FLAGS } from './load/read-flags.js';

/** The goal, on two cores. */
const SECONDS_MAX = 1.5;
const { runs: RUNS, serverCpus: SERVER_CPUS } = readFlags(
  'Seconds that each service on Google Cloud takes to start.',
  {
    runs: { default: 5, tells: 'starts of each service' },
    serverCpus: SERVER_FLAGS.serverCpus,
  },
);
const PROJECT = 'bench-project';
const KEY = 'benchmark-key';
// In an image there is no set-up step either.
const MAIN = fileURLToPath(new URL('../packages/server/dist/main.js', import.meta.url));
const COMMAND = `import(${JSON.stringify(MAIN)}).then(({ main }) => main(process.argv.slice(1))).then(process.exit)`;

const google = await startGoogleStandIns();
const ROLES = {
  'metrics-api': {
    path: '/metrics',
    good: 202,
    request: async () => ({ method: 'POST', headers: { 'x-api-key': KEY, ...JSON_BODY }, body: sample() }),
  },
  processmetrics: { path: '/pubsub/push', good: 204, request: pushRequest },
  'get-anomalies': {
    path: '/get_anomalies',
    good: 200,
    request: async () => ({ headers: { 'x-api-key': KEY } }),
  },
};
const JSON_BODY = { 'content-type': 'application/json' };

function sample() {
  return JSON.stringify({ timestamp: Math.floor(Date.now() / 1000), latency: 312 });
}

async function pushRequest(url) {
  const account = `pubsub-push@${PROJECT}.iam.gserviceaccount.com`;
  const message = {
    data: Buffer.from(sample()).toString('base64'),
    messageId: '1',
    publishTime: new Date().toISOString(),
  };
  const authorization = await google.authorization(account, url);
  return { method: 'POST', headers: { ...JSON_BODY, authorization }, body: JSON.stringify({ message }) };
}

/** Seconds to the first /health and to the first right answer. */
async function measure(role, { path, good, request }) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const init = await request(`${url}${path}`);
  const args = ['-e', COMMAND, '--', 'serve', '--role', role, '--project', PROJECT, '--port', `${port}`];
  const all = [process.execPath, ...args, '--host', '127.0.0.1', '--api-key', KEY, '--log', 'gcp'];
  const [command, ...rest] = SERVER_CPUS ? ['taskset', '-c', SERVER_CPUS, ...all] : all;
  const startedMs = performance.now();
  const child = spawn(command, rest, {
    env: { PATH: process.env.PATH, ...google.env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const seconds = () => (performance.now() - startedMs) / 1000;
  try {
    await firstAnswer(child, `${url}/health`, {}, 200);
    const health = seconds();
    await firstAnswer(child, `${url}${path}`, init, good);
    return { health, answer: seconds(), cpu: cpuSecondsOf(child.pid) };
  } finally {
    child.kill('SIGTERM');
    await once(child, 'close');
  }
}

async function firstAnswer(child, url, init, good) {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode}`);
    const answer = await fetch(url, init).catch(() => undefined);
    const text = await answer?.text();
    if (answer?.status === good) return;
    if (answer !== undefined) throw new Error(`${url} answered ${answer.status} ${text}`);
    await pause(5);
  }
}

const rows = [];
try {
  for (const [role, what] of Object.entries(ROLES)) {
    const runs = [];
    for (let run = 0; run < RUNS; run++) runs.push(await measure(role, what));
    const sorted = (key) => runs.map((run) => run[key]).sort((a, b) => a - b);
    const answers = sorted('answer');
    const median = answers[Math.floor(RUNS / 2)];
    rows.push({
      service: role,
      'first /health, s': Number(sorted('health')[Math.floor(RUNS / 2)].toFixed(2)),
      'first answer, s': Number(median.toFixed(2)),
      'slowest, s': Number(answers.at(-1).toFixed(2)),
      'CPU, s': Number(sorted('cpu')[Math.floor(RUNS / 2)].toFixed(2)),
      [`at most ${SECONDS_MAX} s`]: median <= SECONDS_MAX ? 'yes' : 'NO',
    });
  }
} finally {
  google.stop();
}
const cores = SERVER_CPUS ? `cores ${SERVER_CPUS} of` : '';
console.log(`${cores} ${availableParallelism()} cores, Node ${process.version}, median of ${RUNS}`.trim());
console.table(rows);
