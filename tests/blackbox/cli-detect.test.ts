import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { runDetect } from '@seismo/server/cli/detect';
import { afterAll, describe, expect, it } from 'vitest';
import { runToEnd } from './support/start-server.js';

const folder = mkdtempSync(join(tmpdir(), 'seismo-detect-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const example = (name: string) => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
const LATENCY = example('ec2_request_latency_system_failure.csv');
const CPU = example('ec2_cpu_utilization_825cc2.csv');

let files = 0;
function csv(text: string): string {
  const path = join(folder, `${++files}.csv`);
  writeFileSync(path, text);
  return path;
}

const detect = (...args: string[]) => runToEnd(['detect', ...args]);

/** A series that is 5 or 6 by turns, from second 1000 on. */
const calm = (count: number) =>
  Array.from({ length: count }, (_, index) => `${1000 + index},${5 + (index % 2)}\n`).join('');

describe('seismo detect', () => {
  it('finds the system failure in a real recording of request latency, and prints a table', async () => {
    const { code, stdout, stderr } = await detect(LATENCY);
    expect(code).toBe(0);
    const [head, ...lines] = stdout.trimEnd().split('\n');
    expect(head).toMatch(
      /^time +series +value +expected +lower +upper +probability +score +component +state$/,
    );
    expect(lines.length).toBeLessThan(40);
    expect(lines.some((line) => /^2014-03-2[01]T.*anomalous, alarm$/.test(line))).toBe(true);
    expect(lines.every((line) => line.includes('anomalous'))).toBe(true);
    expect(stderr).toMatch(/^4,032 rows, \d+ anomalies, \d+ alarms; 11 late or repeated, not judged\n$/);
  });

  it('prints one row for each row in with --all, in order, lossless', async () => {
    const { code, stdout } = await detect(LATENCY, '--all', '--format', 'csv', '--quiet');
    expect(code).toBe(0);
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(','));
    expect(rows.shift()).toEqual(
      'timestamp,series,value,expected,lower_bound,upper_bound,anomaly_probability,score,state,is_anomaly,alarm,component,note'.split(
        ',',
      ),
    );
    const input = readFileSync(LATENCY, 'utf8').trimEnd().split('\n').slice(1);
    expect(rows.map(([seconds, series, value]) => [Number(seconds) * 1000, series, Number(value)])).toEqual(
      input.map((line) => {
        const [time, value] = line.split(',');
        return [Date.parse(`${time!.replace(' ', 'T')}Z`), 'value', Number(value)];
      }),
    );
    expect(rows.filter((row) => row[8] === 'warming_up')).toHaveLength(60);
    expect(rows.filter((row) => row[9] === 'true').every((row) => row[8] === 'anomalous')).toBe(true);
  });

  it('prints JSON that can be read whole', async () => {
    const { stdout } = await detect(CPU, '--format', 'json');
    const found = JSON.parse(stdout);
    expect(found.length).toBeGreaterThan(0);
    for (const row of found) {
      expect(row).toMatchObject({ series: 'value', is_anomaly: true, state: 'anomalous', note: null });
      expect(row.time).toBe(new Date(row.timestamp * 1000).toISOString());
      expect(row.value < row.lower_bound || row.value > row.upper_bound).toBe(true);
      expect(row.anomaly_probability).toBeGreaterThan(0.99);
    }
    expect(JSON.parse((await detect(csv('timestamp,v\n1,1\n'), '--format', 'json')).stdout)).toEqual([]);
    const lines = (await detect(CPU, '--format', 'ndjson')).stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(found);
  });

  it('marks repeats and late rows, and lets them change nothing', async () => {
    const file = csv(`timestamp,v\n${calm(100)}1099,900\n1050.5,900\n1100,5\n1101,\n1102,5\n`);
    const { stdout } = await detect(file, '--all', '--format', 'csv');
    const tail = stdout.trimEnd().split('\n').slice(-5);
    expect(tail.slice(0, 2)).toEqual([
      '1099,v,900,,,,,,unknown,false,false,,repeat',
      '1050.5,v,900,,,,,,unknown,false,false,,late',
    ]);
    expect(tail[2]).toMatch(/^1100,v,5,.*,ok,false,false,,$/);
    expect(tail[3]).toBe('1101,v,,,,,,,no_data,false,false,,');
    const clean = await detect(csv(`timestamp,v\n${calm(100)}1100,5\n1102,5\n`), '--all', '--format', 'csv');
    expect(tail[4]).toBe(clean.stdout.trimEnd().split('\n').at(-1));
  });

  it('begins anew with a row older than the first, until the series is judged', async () => {
    const rows = `${calm(100)}1100,5\n`;
    const { stdout } = await detect(csv(`timestamp,v\n5000,7\n${rows}`), '--all', '--format', 'csv');
    const alone = await detect(csv(`timestamp,v\n${rows}`), '--all', '--format', 'csv');
    const lines = stdout.trimEnd().split('\n');
    expect(lines[1]).toMatch(/^5000,v,7,.*,warming_up,false,false,,$/);
    expect(lines.toSpliced(1, 1)).toEqual(alone.stdout.trimEnd().split('\n'));
  });

  it('tells one direction alone, and what is off far enough', async () => {
    const at = new Map([...Array(5).keys()].flatMap((k) => [[150 + k, 900] as const, [400 + k, 1] as const]));
    const rows = Array.from({ length: 500 }, (_, i) => `${i},${at.get(i) ?? 100 + (i % 2)}\n`).join('');
    const file = csv(`timestamp,v\n${rows}`);
    const alarms = async (...args: string[]) => {
      const { stdout } = await detect(file, '--format', 'json', '--quiet', ...args);
      const found = JSON.parse(stdout) as { timestamp: number; alarm: boolean; lower_bound: number | null }[];
      return found.filter(({ alarm }) => alarm).map(({ timestamp }) => timestamp);
    };
    expect(await alarms()).toEqual([150, 400]);
    expect(await alarms('--direction', 'up')).toEqual([150]);
    expect(await alarms('--direction', 'down')).toEqual([400]);
    expect(await alarms('--least-deviation', '200')).toEqual([150]);
    expect(await alarms('--least-relative-deviation', '0.9')).toEqual([150, 400]);
    expect(await alarms('--least-relative-deviation', '1.5')).toEqual([150]);
    const { stdout } = await detect(file, '--direction', 'up', '--all', '--format', 'csv', '--quiet');
    expect(stdout.split('\n')[401]).toMatch(/^400,v,1,[^,]+,,[^,]+,0\.9\d+,[^,]+,ok,false,false,,$/);
  });

  it('judges each column as a series of its own', async () => {
    const rows = Array.from({ length: 200 }, (_, i) => `${i},${i % 3},${i === 150 ? 1000 : i % 2}\n`).join(
      '',
    );
    const { stdout } = await detect(csv(`timestamp,a,"b,c"\n${rows}`), '--format', 'csv');
    const lines = stdout.trimEnd().split('\n').slice(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^150,"b,c",1000,.*,anomalous,true,true,level,$/);
  });

  it('reads standard input and says how far the learning is', async () => {
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL('support/run-main.js', import.meta.url)), 'detect', '-'],
      { stdio: ['pipe', 'pipe', 'pipe'] },
    );
    child.stdin.end(`timestamp,v\n${calm(41)}`);
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += chunk));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect([code, stderr]).toEqual([0, '41 rows, 0 anomalies, 0 alarms\nv: learning, 41 of 60 samples\n']);
  });

  it('ends at a bad row with its line and exit code 2, or leaves it out when asked', async () => {
    const file = csv('timestamp,v\n1,1\n2,two\n3,3\n');
    const strict = await detect(file, '--all', '--format', 'csv');
    expect(strict.code).toBe(2);
    expect(strict.stderr).toContain('line 3, column "v": "two" is not a finite number');
    expect(strict.stdout.trimEnd().split('\n')).toHaveLength(2);
    const lenient = await detect(file, '--all', '--format', 'csv', '--skip-bad');
    expect(lenient.code).toBe(0);
    expect(lenient.stderr).toContain('left out: line 3, column "v"');
    expect(lenient.stdout.trimEnd().split('\n')).toHaveLength(3);
  });

  it.each([
    [['no-such-file.csv'], 'no-such-file.csv'],
    [[LATENCY, '--format', 'xml'], 'table, csv, json'],
    [[LATENCY, '--time-zone', 'Europe/Berln'], 'Europe/Berlin'],
    [[LATENCY, '--sensitivity', '0'], 'above 0'],
    [[LATENCY, '--direction', 'left'], '--direction must be up, down or both, not "left".'],
    [[LATENCY, '--least-deviation', 'x'], '--least-deviation must be a number of 0 or more, not "x".'],
  ])('refuses %j in words', async (args, words) => {
    const { code, stderr } = await detect(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
  });

  it('ends quietly when its reader goes away', async () => {
    const long = csv(`timestamp,v\n${calm(200_000)}`);
    const runner = fileURLToPath(new URL('support/run-main.js', import.meta.url));
    const child = spawn(process.execPath, [runner, 'detect', long, '--all', '--format', 'csv'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.once('data', () => child.stdout.destroy());
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += chunk));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect([code, stderr]).toEqual([0, '']);
  });

  it('waits for a slow reader instead of gathering its output', async () => {
    let most = 0;
    const output = new Writable({
      highWaterMark: 16 * 1024,
      write(_chunk, _encoding, done) {
        most = Math.max(most, output.writableLength);
        setImmediate(done);
      },
    });
    const messages = new Writable({ write: (_chunk, _encoding, done) => done() });
    const input = Readable.from(
      (function* () {
        yield Buffer.from('timestamp,v\n');
        for (let part = 0; part < 100; part++) {
          const rows = Array.from({ length: 1000 }, (_, index) => `${part * 1000 + index},5\n`);
          yield Buffer.from(rows.join(''));
        }
      })(),
    );
    const code = await runDetect({
      file: input,
      format: 'csv',
      all: true,
      detector: {},
      skipBad: false,
      quiet: true,
      output,
      messages,
    });
    expect(code).toBe(0);
    expect(most).toBeGreaterThan(16 * 1024);
    expect(most).toBeLessThan(256 * 1024);
  });
});
