/**
 * What the server takes in over BigQuery's Storage Write API, durable: rows of a plain table over the default stream,
 * rows with offsets, and samples, which are judged besides. Requests are written out before the clock starts.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { Client, credentials } from '@grpc/grpc-js';
import {
  bytesField,
  messageField,
  numberField,
  wrappedNumberField,
} from '@seismo/server/bigquery/storage-write/wire-writer';
import { freePort, startBenchServer } from './load/bench-server.js';
import { readFlags, SERVER_FLAGS } from './load/read-flags.js';

const METHOD = '/google.cloud.bigquery.storage.v1.BigQueryWrite/';
const TYPE = { double: 1, int64: 3, string: 9 };
const SERIES = 1000;

const { seconds, connections, modes, serverCpus } = readFlags('Rows over the Storage Write API.', {
  seconds: { default: 10, tells: 'of each load' },
  connections: { default: 4, tells: 'over which rows come' },
  modes: { default: 'small,large,once,samples,many-samples', tells: 'loads to measure' },
  ...SERVER_FLAGS,
});

/** Columns with the type of their field, and how a row is written. */
const PLAIN = {
  columns: [
    ['id', 'INTEGER', TYPE.int64],
    ['time', 'TIMESTAMP', TYPE.int64],
    ['name', 'STRING', TYPE.string],
    ['value', 'FLOAT', TYPE.double],
  ],
  row: (i) => [
    numberField(1, i),
    numberField(2, timeOf(i)),
    bytesField(3, `host-${i % SERIES}`),
    double(4, i / 7),
  ],
};
const SAMPLES = {
  columns: [
    ['time', 'TIMESTAMP', TYPE.int64],
    ['series', 'STRING', TYPE.string],
    ['name', 'STRING', TYPE.string],
    ['labels', 'JSON', TYPE.string],
    ['value', 'FLOAT', TYPE.double],
    ['ingest_time', 'TIMESTAMP', TYPE.int64],
    ['message_id', 'STRING', TYPE.string],
  ],
  row: (i) => [
    numberField(1, timeOf(Math.floor(i / SERIES) * 1000)),
    bytesField(2, `latency{host="h${i % SERIES}"}`),
    bytesField(3, 'latency'),
    bytesField(4, `{"host":"h${i % SERIES}"}`),
    double(5, 100 + Math.sin(i)),
    numberField(6, timeOf(0)),
    bytesField(7, String(i)),
  ],
};
const LOADS = [
  {
    mode: 'small',
    load: 'default stream, 1,000 rows a request',
    table: 'bench.small',
    of: PLAIN,
    rowsEach: 1000,
  },
  {
    mode: 'large',
    load: 'default stream, 10,000 rows a request',
    table: 'bench.large',
    of: PLAIN,
    rowsEach: 10_000,
  },
  {
    mode: 'once',
    load: 'COMMITTED with offsets, 1,000 rows a request',
    table: 'bench.once',
    of: PLAIN,
    rowsEach: 1000,
    offsets: true,
  },
  {
    mode: 'samples',
    load: 'samples, 1,000 rows a request',
    table: 'metrics_dataset.samples',
    of: SAMPLES,
    rowsEach: 1000,
  },
  {
    mode: 'many-samples',
    load: 'samples, 10,000 rows a request',
    table: 'metrics_dataset.samples',
    of: SAMPLES,
    rowsEach: 10_000,
  },
];
const START_MICROS = (Date.now() - 86_400_000) * 1000;

function timeOf(ms) {
  return START_MICROS + ms * 1000;
}

function double(field, value) {
  const bytes = Buffer.alloc(9, (field << 3) | 1);
  bytes.writeDoubleLE(value, 1);
  return bytes;
}

function descriptor({ columns }) {
  const fields = columns.map(([name, , type], i) =>
    messageField(2, bytesField(1, name), numberField(3, i + 1), numberField(4, 1), numberField(5, type)),
  );
  return Buffer.concat([bytesField(1, 'Row'), ...fields]);
}

function requestOf(stream, of, first, count, offset) {
  const rows = Array.from({ length: count }, (_, i) => messageField(1, ...of.row(first + i)));
  return Buffer.concat([
    bytesField(1, stream),
    ...(offset === undefined ? [] : [wrappedNumberField(2, offset)]),
    messageField(4, messageField(1, bytesField(1, descriptor(of))), bytesField(2, Buffer.concat(rows))),
  ]);
}

async function createTable(url, [dataset, table], { columns }) {
  const post = async (path, body) => {
    const answer = await fetch(`${url}/bigquery/v2/projects/bench/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok && answer.status !== 409) throw new Error(await answer.text());
  };
  await post('datasets', { datasetReference: { datasetId: dataset } });
  const fields = columns.map(([name, type]) => ({ name, type }));
  await post(`datasets/${dataset}/tables`, {
    tableReference: { datasetId: dataset, tableId: table },
    schema: { fields },
  });
}

const asIs = (bytes) => bytes;

/** The name of a new stream: the first field of the answer. */
function createStream(client, parent) {
  const request = Buffer.concat([bytesField(1, parent), messageField(2, numberField(2, 1))]);
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(`${METHOD}CreateWriteStream`, asIs, asIs, request, (error, answer) =>
      error ? reject(error) : resolve(answer.subarray(2, 2 + answer[1]).toString()),
    );
  });
}

/** Sends one request after the other, a few at once; gives how many rows were acknowledged until the end. */
function send(client, requests, rowsEach, inFlight, until) {
  return new Promise((resolve, reject) => {
    const call = client.makeBidiStreamRequest(`${METHOD}AppendRows`, asIs, asIs);
    let sent = 0;
    let acknowledged = 0;
    const next = () => {
      if (performance.now() < until && sent < requests.length) call.write(requests[sent++]);
      else if (acknowledged === sent) call.end();
    };
    call.on('data', (answer) => {
      // The first field of an answer is 1 for rows that are stored, 2 for an error.
      if (answer[0] >>> 3 !== 1) reject(new Error(`refused: ${answer.toString('latin1').slice(0, 200)}`));
      acknowledged++;
      next();
    });
    call.on('error', reject);
    call.on('end', () => resolve(acknowledged * rowsEach));
    for (let i = 0; i < inFlight; i++) next();
  });
}

async function measure({ load, table, of, rowsEach, offsets }) {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'seismo-bench-'));
  const server = await startBenchServer(folder, ['--no-host-metrics', '--bigquery-storage-port', `${port}`]);
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  try {
    const [dataset, name] = table.split('.');
    if (dataset !== 'metrics_dataset') await createTable(server.url, [dataset, name], of);
    const parent = `projects/bench/datasets/${dataset}/tables/${name}`;
    const streams = offsets ? 1 : connections;
    const stream = offsets ? await createStream(client, parent) : `${parent}/streams/_default`;
    // More rows than any load takes, but not more than fit the memory.
    const requestsEach = Math.ceil((200_000 * seconds) / rowsEach / streams);
    const all = Array.from({ length: streams }, (_, s) =>
      Array.from({ length: requestsEach }, (_, i) => {
        const first = (i * streams + s) * rowsEach;
        return requestOf(stream, of, first, rowsEach, offsets ? first : undefined);
      }),
    );
    // The first connection loads what serves it.
    if (!offsets) await send(client, [all[0][0]], rowsEach, 1, Number.POSITIVE_INFINITY);
    const [cpu, start] = [server.cpuSeconds(), performance.now()];
    const counts = await Promise.all(
      all.map((requests) => send(client, requests, rowsEach, 4, start + seconds * 1000)),
    );
    const tookSeconds = (performance.now() - start) / 1000;
    const rows = counts.reduce((sum, count) => sum + count, 0);
    return {
      load,
      connections: streams,
      rows,
      'rows/s': Math.round(rows / tookSeconds),
      'server CPU s per M rows': Number((((server.cpuSeconds() - cpu) / rows) * 1e6).toFixed(2)),
    };
  } finally {
    client.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const rows = [];
for (const load of LOADS) if (modes.split(',').includes(load.mode)) rows.push(await measure(load));
const cores = serverCpus === '' ? 'all cores' : `cores ${serverCpus}`;
console.log(
  `${availableParallelism()} cores, server on ${cores}, Node ${process.version}, up to ${seconds} s each`,
);
console.table(rows);
