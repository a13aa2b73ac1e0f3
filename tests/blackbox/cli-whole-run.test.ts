import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alarmsByIncident } from '../support/recordings.js';
import {
  pause,
  REPOSITORY,
  type RunningServer,
  runProcessToEnd,
  startServer,
} from './support/start-server.js';

const folder = mkdtempSync(join(tmpdir(), 'seismo-whole-'));
const env = { XDG_CACHE_HOME: join(folder, 'cache') };
const RECORDING = join(REPOSITORY, 'examples/ec2_request_latency_system_failure.csv');
let server: RunningServer;

beforeAll(async () => {
  server = await startServer({ args: ['--data', join(folder, 'data')] });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Anomaly {
  timestamp: number;
  series: string;
  value: number;
  alarm: boolean;
}

async function anomalies(url: string, query: string): Promise<Anomaly[]> {
  const answer = await fetch(`${url}/get_anomalies?${query}`);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { anomalies: Anomaly[] }).anomalies;
}

/** One alarm each; others are few, and how many depends on the hour to which the recording was moved. */
function expectEachIncident(alarms: readonly Anomaly[]): void {
  const times = alarms.map(({ timestamp }) => timestamp * 1000);
  const { incidents, elsewhere } = alarmsByIncident(basename(RECORDING), times, Date.now());
  expect(incidents).toEqual([1, 1, 1]);
  expect(elsewhere).toBeLessThanOrEqual(4);
}

describe('a real recording', () => {
  it('is replayed as if it ended now, and its failure is among the anomalies', async () => {
    const args = ['replay', RECORDING, '--as', 'latency', '--shift-to-now', '--url', server.url];
    const started = Date.now() / 1000;
    // As the first lines of the README do: a first sample of now, and then the past.
    await fetch(`${server.url}/metrics`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ timestamp: Math.floor(started), latency: 45 }),
    });
    const { code, stdout, stderr } = await runProcessToEnd(args, env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Sent 4,032 samples');
    expect(stdout).toContain('4,032 accepted, 0 rejected');
    const found = await untilSome(() => anomalies(server.url, 'series=latency&limit=10000'));
    for (const { timestamp } of found) expect(timestamp).toBeLessThanOrEqual(Date.now() / 1000);
    // The benchmark's window of the failure: 2014-03-20 20:56 to 2014-03-21 16:36; the file ends 03:41 that day.
    const endOfFile = Date.UTC(2014, 2, 21, 3, 41) / 1000;
    const windowStart = Date.UTC(2014, 2, 20, 20, 56) / 1000;
    const shiftMin = started - endOfFile - 5;
    expect(found.some(({ timestamp }) => timestamp >= windowStart + shiftMin)).toBe(true);
    const alarms = await anomalies(server.url, 'series=latency&limit=10000&alarms_only=true');
    expectEachIncident(alarms);
    expect(alarms.length).toBeLessThan(found.length);
  });

  it('is stored but not judged a second time, which replay says before', async () => {
    const args = ['replay', RECORDING, '--as', 'latency', '--shift-to-now', '--url', server.url];
    const { code, stderr } = await runProcessToEnd(args, env);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^latency has been judged up to 20\d\d-.*Z: rows until then .*\n$/);
    const other = await runProcessToEnd([...args, '--label', 'run=2'], env);
    expect(other).toMatchObject({ code: 0, stderr: '' });
    const query = `series=${encodeURIComponent('latency{run="2"}')}&alarms_only=true`;
    expectEachIncident(await untilSome(() => anomalies(server.url, query)));
  });

  it('comes back whole from a backup of the running server', async () => {
    const file = join(folder, 'copy.duckdb');
    const restored = join(folder, 'restored');
    const backup = await runProcessToEnd(['backup', '--url', server.url, '--to', file]);
    expect(backup).toMatchObject({ code: 0, stderr: '' });
    expect(backup.stdout).toMatch(/^Wrote .*copy\.duckdb \([\d.]+ MiB\)\.\n$/);
    expect(await runProcessToEnd(['restore', file, '--data', restored])).toMatchObject({
      code: 0,
      stderr: '',
    });
    const other = await startServer({ args: ['--data', restored] });
    try {
      const query = 'series=latency&limit=10000';
      expect(await anomalies(other.url, query)).toEqual(await anomalies(server.url, query));
    } finally {
      expect(await other.stop()).toEqual({ code: 0, signal: null });
    }
  });
});

describe('a data folder as a whole', () => {
  it('is not backed up over a file, restored over a database, or compacted while in use', async () => {
    const file = join(folder, 'there.duckdb');
    writeFileSync(file, 'precious');
    const over = await runProcessToEnd(['backup', '--url', server.url, '--to', file]);
    expect(over).toMatchObject({ code: 2, stderr: expect.stringContaining('exists already') });
    for (const from of [
      ['--url', server.url],
      ['--data', server.dataFolder],
    ]) {
      const nowhere = await runProcessToEnd([
        'backup',
        ...from,
        '--to',
        join(folder, 'missing', 'copy.duckdb'),
      ]);
      const stderr = expect.stringMatching(/^error: There is no folder .*missing\.\nhint: .* with --to\.\n$/);
      expect(nowhere).toMatchObject({ code: 2, stderr });
    }
    const busy = await runProcessToEnd(['compact', '--data', server.dataFolder]);
    expect(busy).toMatchObject({ code: 3, stderr: expect.stringContaining('is in use by') });
    const faulty = await runProcessToEnd(['restore', file, '--data', join(folder, 'fresh')]);
    expect(faulty).toMatchObject({ code: 2, stderr: expect.stringContaining('is not a Seismo backup') });
  });

  it('is compacted, backed up and replaced with --force while stopped', async () => {
    const data = join(folder, 'stopped');
    const one = await startServer({ args: ['--data', data] });
    await fetch(`${one.url}/metrics`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ timestamp: Math.floor(Date.now() / 1000), kept: 1 }),
    });
    await one.stop();
    const compact = await runProcessToEnd(['compact', '--data', data]);
    expect(compact).toMatchObject({ code: 0, stdout: expect.stringMatching(/MiB before, .* MiB after/) });
    const copy = join(folder, 'offline.duckdb');
    expect((await runProcessToEnd(['backup', '--data', data, '--to', copy])).code).toBe(0);
    const refused = await runProcessToEnd(['restore', copy, '--data', data]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--force') });
    expect((await runProcessToEnd(['restore', copy, '--data', data, '--force'])).code).toBe(0);
    const again = await startServer({ args: ['--data', data] });
    const answer = (await (await fetch(`${again.url}/api/series`)).json()) as {
      series: { series: string }[];
    };
    await again.stop();
    expect(answer.series.map((one) => one.series)).toEqual(['kept']);
  });

  it('is looked at by check, which changes nothing', async () => {
    const { port } = new URL(server.url);
    const faulty = await runProcessToEnd(['check', '--port', port, '--data', join(folder, 'none')]);
    expect(faulty.code).toBe(6);
    expect(faulty.stdout).toMatch(/^fault {2}port .*already in use/m);
    expect(faulty.stdout).toMatch(/^ok {5}database .*will be made/m);
    const fine = await runProcessToEnd(['check', '--port', '0', '--data', join(folder, 'none')]);
    expect(fine.stdout).not.toMatch(/^fault {2}(?!page)/m);
    const nowhere = await runProcessToEnd(['check', '--port', '0', '--data', '/proc/seismo']);
    expect(nowhere.code).toBe(3);
    expect(nowhere.stdout).toMatch(/^fault {2}data folder .*\n {20}.*--data/m);
  });
});

async function untilSome<T>(read: () => Promise<T[]>): Promise<T[]> {
  // Findings follow their samples within a second, on a busy machine later: until no more come.
  for (let before = -1; ; ) {
    const found = await read();
    if (found.length > 0 && found.length === before) return found;
    before = found.length;
    await pause(before > 0 ? 2000 : 50);
  }
}
