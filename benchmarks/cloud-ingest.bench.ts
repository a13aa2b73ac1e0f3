/**
 * What the services on Google Cloud take in, against the emulators: processmetrics from a push to rows that Storage
 * Write has confirmed, metrics-api from a POST to messages that Pub/Sub has acknowledged. The emulators run on the
 * same cores and are slower than Google's own.
 */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { API_KEY, type Cloud, startCloud } from '../tests/cloud/support/cloud.js';
import { lacksPeer } from '../tests/cloud/support/peers.js';
import { REPOSITORY } from '../tests/cloud/support/repository.js';
import { readFlags } from './load/read-flags.js';

const CLIENT = join(REPOSITORY, 'benchmarks/load/cloud-client.js');
const { seconds: SECONDS } = readFlags('What the services on Google Cloud take in, against the emulators.', {
  seconds: { default: 10, tells: 'of each load' },
});
const LOADS = [
  { service: 'processmetrics', samples: 1, connections: 80 },
  { service: 'processmetrics', samples: 1000, connections: 16 },
  { service: 'metrics-api', samples: 1, connections: 256 },
  { service: 'metrics-api', samples: 1000, connections: 16 },
] as const;

interface Result {
  readonly requestsPerSecond: number;
  readonly samplesPerSecond: number;
  readonly samples: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly statuses: Readonly<Record<string, number>>;
}

if (!lacksPeer('pubsub', 'bigquery')) {
  const rows: Record<string, string | number>[] = [];
  for (const load of LOADS) rows.push(await measure(load));
  console.log(
    `${availableParallelism()} cores, emulators on the same, Node ${process.version}, ${SECONDS} s each`,
  );
  console.table(rows);
}

async function measure({ service, samples, connections }: (typeof LOADS)[number]) {
  const cloud = await startCloud();
  try {
    const pushes = service === 'processmetrics';
    // What Pub/Sub would push meanwhile is not what is measured.
    await cloud.pubsub.changePushEndpoint('metrics-push', undefined);
    const target = pushes
      ? await cloud.pushTarget()
      : { url: `${cloud.metricsApi.url}/metrics`, headers: { 'X-API-Key': API_KEY } };
    const role = pushes ? cloud.processMetrics : cloud.metricsApi;
    const cpuBefore = role.cpuSeconds();
    const result = await load(target, samples, connections);
    const row = {
      service,
      'samples a message': samples,
      connections,
      'requests/s': Math.round(result.requestsPerSecond),
      'samples/s': Math.round(result.samplesPerSecond),
      'p50 ms': Number(result.p50Ms.toFixed(1)),
      'p99 ms': Number(result.p99Ms.toFixed(1)),
      'service CPU s': Number((role.cpuSeconds() - cpuBefore).toFixed(1)),
      'service MiB': Math.round(role.memoryMiB()),
      'not as it should be': await faultsOf(result, pushes ? cloud : undefined),
    };
    return row;
  } finally {
    await cloud.stop();
  }
}

async function faultsOf({ statuses, samples }: Result, cloud: Cloud | undefined): Promise<string> {
  const faults = Object.entries(statuses)
    .filter(([status]) => !['200', '202', '204'].includes(status))
    .map(([status, count]) => `${count} answers ${status}`);
  if (cloud !== undefined) {
    const [row] = await cloud.bigquery.query('SELECT COUNT(*) AS stored FROM `metrics_dataset.samples`');
    if (Number(row!.stored) < samples) faults.push(`${row!.stored} of ${samples} samples stored`);
  }
  return faults.join(', ');
}

function load(
  target: { url: string; headers: Record<string, string> },
  samples: number,
  connections: number,
) {
  return new Promise<Result>((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [CLIENT, target.url, `${samples}`, `${connections}`, `${SECONDS}`],
      {
        env: { ...process.env, HEADERS: JSON.stringify(target.headers) },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let output = '';
    child.stdout.on('data', (text) => {
      output += text;
    });
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(output) as Result);
      else reject(new Error(`the load client ended with ${code}`));
    });
  });
}
