import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runToEnd, startServer } from '../blackbox/support/start-server.js';
import type { BigQueryEmulator } from './support/bigquery-emulator.js';
import { startMigratedBigQuery } from './support/migrated-bigquery.js';
import { lacksPeer } from './support/peers.js';

const runFile = promisify(execFile);

const START_MS = Math.floor(Date.now() / 1000) * 1000 - 3_600_000;
const VALUES = [0.1 + 0.2, 5e-324, 1e21, -1e-7, 1 / 3, 123_456_789.123_456_79, 42];
const LABELS = { service: 'check"out', city: 'Zürich' };

// `bq` comes with the SDK that the Pub/Sub emulator needs.
describe.skipIf(lacksPeer('bigquery', 'pubsub'))('what `seismo export` wrote', () => {
  const folder = mkdtempSync(join(tmpdir(), 'seismo-load-'));
  let emulator: BigQueryEmulator;

  beforeAll(async () => {
    emulator = await startMigratedBigQuery();
  });
  afterAll(async () => {
    await emulator?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** With the real `bq`. BigQuery unpacks gzip itself, the emulator does not. */
  async function load(file: string): Promise<void> {
    const plain = join(folder, 'plain.ndjson');
    writeFileSync(plain, gunzipSync(readFileSync(file)));
    const sdk = await runFile('gcloud', ['info', '--format=value(installation.sdk_root)']);
    const flags = [
      `--api=${emulator.url}`,
      `--project_id=${emulator.project}`,
      '--oauth_access_token=none',
      // The emulator has no document that describes its API; the SDK brings one.
      `--discovery_file=${join(sdk.stdout.trim(), 'platform/bq/discovery_next/bigquery.json')}`,
    ];
    await runFile('bq', [
      ...flags,
      'load',
      '--source_format=NEWLINE_DELIMITED_JSON',
      'metrics_dataset.samples',
      plain,
    ]);
  }

  test('is loaded by `bq load` into the migrated table as it stands, with exact times and values', async () => {
    const data = join(folder, 'data');
    const server = await startServer({ args: ['--data', data] });
    const items = VALUES.map((value, index) => ({
      timestamp: (START_MS + index) / 1000,
      latency: value,
      labels: LABELS,
    }));
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${server.url}/metrics`, {
      method: 'POST',
      headers,
      body: JSON.stringify(items),
    });
    expect(answer.status).toBe(202);
    await server.stop();
    const samples = join(folder, 'samples');
    expect(await runToEnd(['export', '--data', data, '--to', samples])).toMatchObject({ code: 0 });

    for (const file of readdirSync(samples)) await load(join(samples, file));
    const rows = await emulator.query(
      `SELECT UNIX_MILLIS(time) AS time, series, JSON_VALUE(labels, '$.city') AS city, value
       FROM \`metrics_dataset.samples\` ORDER BY time`,
    );
    expect(rows.map(({ time }) => Number(time))).toEqual(VALUES.map((_, index) => START_MS + index));
    expect(rows.map(({ value }) => Number(value))).toEqual(VALUES);
    expect(rows[0]).toMatchObject({ series: 'latency{city="Zürich",service="check\\"out"}', city: 'Zürich' });
  });
});
