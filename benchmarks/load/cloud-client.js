/**
 * A load generator in a process of its own: `cloud-client.js URL SAMPLES CONNECTIONS SECONDS`, the headers as JSON in
 * HEADERS, prints one line of JSON. Against /pubsub/push it sends messages as Pub/Sub wraps them, with SAMPLES
 * samples each, otherwise bodies of POST /metrics.
 */
import process from 'node:process';
import { HttpConnection } from './http-connection.js';

const [urlText, samplesText, connectionsText, secondsText] = process.argv.slice(2);
const url = new URL(urlText);
const pushes = url.pathname === '/pubsub/push';
const samples = Number(samplesText);
const durationMs = Number(secondsText) * 1000;
const headers = JSON.parse(process.env.HEADERS ?? '{}');
const firstSecond = Math.floor(Date.now() / 1000) - 20 * 86_400;
const run = process.pid;

const connections = await Promise.all(
  Array.from({ length: Number(connectionsText) }, () => HttpConnection.open(url, url.pathname, headers)),
);
const latenciesMs = [];
const statuses = {};
const startMs = performance.now();
let message = 0;
await Promise.all(
  connections.map(async (connection, index) => {
    for (let round = 0; performance.now() - startMs < durationMs; round++) {
      const body = pushes ? pushBody(index, round) : items(index, round);
      const sentMs = performance.now();
      const status = await connection.post(body);
      latenciesMs.push(performance.now() - sentMs);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  }),
);
const seconds = (performance.now() - startMs) / 1000;
for (const connection of connections) connection.close();
latenciesMs.sort((a, b) => a - b);
const at = (part) => latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(latenciesMs.length * part))];
const good = (statuses[202] ?? 0) + (statuses[204] ?? 0) + (statuses[200] ?? 0);
console.log(
  JSON.stringify({
    requestsPerSecond: good / seconds,
    samplesPerSecond: (good * samples) / seconds,
    samples: good * samples,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    statuses,
  }),
);
process.exit(0);

/** Ten series a connection, names of its own for each run, so that what is stored can be counted. */
function items(connection, round) {
  const rows = [];
  for (let i = 0; i < samples; i++) {
    const sample = round * samples + i;
    rows.push(
      `{"timestamp":${firstSecond + Math.floor(sample / 10)},"bench_${run}_${connection}_${sample % 10}":${sample % 997}}`,
    );
  }
  return `[${rows.join(',')}]`;
}

function pushBody(connection, round) {
  const id = `${run}${message++}`;
  return JSON.stringify({
    message: {
      data: Buffer.from(items(connection, round)).toString('base64'),
      attributes: { schema_version: '1', content_type: 'application/json', shard: String(connection % 16) },
      messageId: id,
      message_id: id,
      publishTime: new Date().toISOString(),
      publish_time: new Date().toISOString(),
    },
    subscription: 'projects/seismo-test/subscriptions/metrics-push',
  });
}
