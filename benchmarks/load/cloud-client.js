/**
 * A load generator in a process of its own: `cloud-client.js URL SAMPLES CONNECTIONS SECONDS`, the headers as JSON in
 * HEADERS, prints one line of JSON. Against /pubsub/push it sends messages as Pub/Sub wraps them, with SAMPLES
 * samples each, otherwise bodies of POST /metrics.
 */
import process from 'node:process';
import { postLoad } from './post-load.js';

const [urlText, samplesText, connectionsText, secondsText] = process.argv.slice(2);
const url = new URL(urlText);
const pushes = url.pathname === '/pubsub/push';
const samples = Number(samplesText);
const firstSecond = Math.floor(Date.now() / 1000) - 20 * 86_400;
const run = process.pid;
let message = 0;

const { seconds, statuses, p50Ms, p99Ms } = await postLoad({
  url,
  headers: JSON.parse(process.env.HEADERS ?? '{}'),
  connections: Number(connectionsText),
  durationMs: Number(secondsText) * 1000,
  bodyOf: pushes ? pushBody : items,
});
const good = (statuses[202] ?? 0) + (statuses[204] ?? 0) + (statuses[200] ?? 0);
console.log(
  JSON.stringify({
    requestsPerSecond: good / seconds,
    samplesPerSecond: (good * samples) / seconds,
    samples: good * samples,
    p50Ms,
    p99Ms,
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
