/**
 * The services of Google Cloud on this machine until it is interrupted; scripts/run-cloud-chain.js starts it with the
 * folder of the data as its argument.
 */
import process from 'node:process';
import { API_KEY, type Cloud, startCloud } from './cloud.js';
import { lacksPeer } from './peers.js';
import { startSeismoBigQuery } from './seismo-bigquery.js';

const DATASET = 'cloud';
const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;

interface Round {
  readonly started: readonly { readonly kind: string; readonly model: string }[];
  readonly collected: readonly Readonly<Record<string, unknown>>[];
}

async function main(dataFolder: string): Promise<void> {
  const cloud = await startCloud({
    startBigQuery: ({ project }) => startSeismoBigQuery({ project, dataFolder }),
    dataset: DATASET,
  });
  console.log(addresses(cloud));
  const timers = [
    setInterval(() => void callJob(cloud, 'detect'), MINUTE_MS),
    setInterval(() => void callJob(cloud, 'train'), DAY_MS),
  ];
  await new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
  });
  for (const timer of timers) clearInterval(timer);
  await cloud.stop();
}

function addresses({ metricsApi, getAnomalies, bigquery }: Cloud): string {
  const bq = `bq --api=${bigquery.url} --project_id=${bigquery.project} --oauth_access_token=any`;
  const rows = `${bq} query 'SELECT * FROM ${DATASET}.metrics_table ORDER BY timestamp DESC LIMIT 5'`;
  const sample = `-d "{\\"timestamp\\": $(date +%s), \\"latency\\": 45.0, \\"cpu\\": 40}"`;
  return [
    'The services of Google Cloud run on this machine; Ctrl-C ends them.',
    `  send      curl ${metricsApi.url}/metrics -H 'X-API-Key: ${API_KEY}' -H 'Content-Type: application/json' ${sample}`,
    `  look      ${rows}`,
    `  anomalies curl '${getAnomalies.url}/get_anomalies?limit=5' -H 'X-API-Key: ${API_KEY}'`,
    '  jobs      /jobs/detect is called every minute, /jobs/train every day; the first model needs an hour of samples',
  ].join('\n');
}

/** As Cloud Scheduler does. */
async function callJob(cloud: Cloud, job: 'detect' | 'train'): Promise<void> {
  const { status, body } = await cloud.callJob(`/jobs/${job}`);
  const time = new Date().toISOString();
  if (status !== 200)
    return console.error(`${time} /jobs/${job} answered ${status}: ${JSON.stringify(body)}`);
  const { started, collected } = body as Round;
  for (const { kind, model, state, anomalies, reason } of collected) {
    const found = kind === 'train' ? '' : `, ${anomalies} ${anomalies === 1 ? 'anomaly' : 'anomalies'}`;
    console.log(`${time} ${kind} of ${model} is ${state}${found}${reason ? `: ${reason}` : ''}`);
  }
  for (const { kind, model } of started) console.log(`${time} ${kind} of ${model} has started`);
}

if (lacksPeer('pubsub')) process.exitCode = 2;
else await main(process.argv[2]!);
