import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createProgram } from '@seismo/server/cli/program';
import { afterAll, describe, expect, it } from 'vitest';
import { runToEnd, startServer } from './support/start-server.js';

const folder = mkdtempSync(join(tmpdir(), 'seismo-backtest-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LATENCY = fileURLToPath(
  new URL('../../examples/ec2_request_latency_system_failure.csv', import.meta.url),
);

let files = 0;
function csv(text: string): string {
  const path = join(folder, `${++files}.csv`);
  writeFileSync(path, text);
  return path;
}

const backtest = (...args: string[]) => runToEnd(['backtest', ...args]);
const rowsOf = async (...args: string[]) => {
  const { code, stdout, stderr } = await backtest(...args, '--format', 'json', '--quiet');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Record<string, unknown>[];
};

/** Minutes that are 5 or 6 by turns, with an outage of ten from 1000 and from 2000 on. */
function withOutages(row: (minute: number, value: number) => string): string {
  const lines = Array.from({ length: 3000 }, (_, minute) => {
    const isOut = minute % 1000 < 10 && minute >= 1000;
    return row(minute * 60, isOut ? 500 : 5 + (minute % 2));
  });
  return lines.join('');
}
const PLAIN = `timestamp,load\n${withOutages((time, value) => `${time},${value}\n`)}`;

describe('seismo backtest', () => {
  it('tells at each sensitivity the alarms that seismo detect gives', async () => {
    const detected = await runToEnd(['detect', LATENCY, '--format', 'json', '--quiet']);
    const told = (JSON.parse(detected.stdout) as Record<string, unknown>[]).filter(({ alarm }) => alarm);
    const alarms = await rowsOf(LATENCY, '--alarms');
    // The file repeats eleven times; detect keeps the first value of them and backtest the last, as the store does.
    expect(alarms.map(({ time, series }) => ({ time, series }))).toEqual(
      told.map(({ time, series }) => ({ time, series })),
    );
    const sweep = await rowsOf(LATENCY);
    expect(sweep.map(({ sensitivity }) => sensitivity)).toEqual([0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100]);
    expect(sweep.find(({ sensitivity }) => sensitivity === 1)).toMatchObject({
      series: 'value',
      alarms: alarms.length,
    });
    const one = await rowsOf(LATENCY, '--sensitivity', '0.5', '--sensitivities', '3,1');
    expect(one.map(({ sensitivity }) => sensitivity)).toEqual([0.5, 1, 3]);
    expect((await rowsOf(LATENCY, '--sensitivity', '0.5')).length).toBe(10);
    for (const { alarms, weeks, alarms_per_week } of sweep) {
      expect(alarms_per_week).toBeCloseTo(Number(alarms) / Number(weeks), 9);
    }
  });

  it('prints a table, and says what was read', async () => {
    const { code, stdout, stderr } = await backtest(csv(PLAIN), '--sensitivities', '0.1, 1');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^series +sensitivity +alarms +alarms_per_week +anomalies +weeks\n/);
    expect(stdout.trimEnd().split('\n')).toHaveLength(3);
    expect(stderr).toBe(
      'load: 3,000 samples, 1970-01-01T00:00:00.000Z to 1970-01-03T01:59:00.000Z; the first 60 learned and not judged\n',
    );
    const short = await backtest(csv('timestamp,v\n1,1\n'), '--sensitivities', '1', '--format', 'csv');
    expect(short.stdout).toBe('series,sensitivity,alarms,alarms_per_week,anomalies,weeks\nv,1,0,,0,0\n');
    expect(short.stderr).toContain('1 sample, 1970-01-01T00:00:01.000Z to 1970-01-01T00:00:01.000Z; too few');
  });

  it('holds the alarms against labels, of a file or of a column', async () => {
    const labels = csv('from,to\n59940,61000\n120000,120600\n150000,160000\n');
    const [row] = await rowsOf(csv(PLAIN), '--labels', labels, '--sensitivities', '1');
    expect(row).toMatchObject({
      ...{ windows: 3, hits: 2, false_alarms: 0, precision: 1, delay_s: 30 },
      alarms: 2,
    });
    expect(row!.recall).toBeCloseTo(2 / 3, 9);
    expect(row!.f1).toBeCloseTo(0.8, 9);
    expect(row!.nab_score).toBeGreaterThan(50);
    expect(row!.nab_score).toBeLessThan(67);

    const marked = `timestamp,load,bad\n${withOutages((time, value) => `${time},${value},${value > 6 ? 1 : 0}\n`)}`;
    const [column] = await rowsOf(csv(marked), '--label-column', 'bad', '--sensitivities', '1');
    expect(column).toMatchObject({
      series: 'load',
      windows: 2,
      hits: 2,
      recall: 1,
      delay_s: 0,
      nab_score: 100,
    });
    const alarms = await rowsOf(csv(PLAIN), '--labels', labels, '--alarms');
    expect(alarms).toMatchObject([
      { time: '1970-01-01T16:40:00.000Z', until: '1970-01-01T16:49:00.000Z', anomalies: 10, labelled: true },
      { time: '1970-01-02T09:20:00.000Z', value: 500, labelled: true },
    ]);
    expect(alarms).toMatchObject([{ component: 'level' }, { component: 'level' }]);
    const elsewhere = csv('from,to\n59940,61000\n259200,259300\n59970.5,59999\n');
    for (const chosen of [['--sensitivities', '1'], ['--alarms']]) {
      const { stderr } = await backtest(csv(PLAIN), '--labels', elsewhere, ...chosen);
      expect(stderr).toMatch(/\nload: 2 labels without any sample in between, left out\n$/);
    }
    const ofSeries = csv('series,from,to\nload,1970-01-01T16:40:00Z,1970-01-01 16:49:00\n');
    expect((await rowsOf(csv(PLAIN), '--labels', ofSeries, '--sensitivities', '1'))[0]).toMatchObject({
      windows: 1,
      false_alarms: 1,
    });
  });

  it('tells what would have been told of one direction, and of what is off far enough', async () => {
    const plain = csv(PLAIN);
    const at = async (...args: string[]) =>
      (await rowsOf(plain, '--sensitivities', '1', ...args)).map(({ alarms }) => alarms);
    expect(await at('--direction', 'up')).toEqual([2]);
    expect(await at('--direction', 'down')).toEqual([0]);
    expect(await at('--least-deviation', '600')).toEqual([0]);
    expect(await at('--least-deviation', '400', '--least-relative-deviation', '9')).toEqual([2]);
    const alarms = await rowsOf(plain, '--alarms', '--direction', 'up');
    expect(alarms).toMatchObject([
      { value: 500, lower_bound: null },
      { value: 500, lower_bound: null },
    ]);
    expect(alarms[0]!.upper_bound).toBeLessThan(500);
  });

  it('takes rows in the order of their times, the last of several with one time, and leaves gaps out', async () => {
    const [head, ...lines] = PLAIN.trimEnd().split('\n');
    const mixed = [head, '0,999', '30,', ...lines.reverse()].join('\n');
    expect(await rowsOf(csv(`${mixed}\n`))).toEqual(await rowsOf(csv(PLAIN)));
  });

  it('refuses what makes no sense, naming flag, file and line', async () => {
    const plain = csv('timestamp,v\n1,1\n');
    const labels = (text: string) => ['--labels', csv(text)];
    const cases: readonly [args: string[], message: string][] = [
      [[], 'Name either a CSV file or a stored series with --series.'],
      [[plain, '--series', 'v'], 'Name either a CSV file or a stored series with --series.'],
      [[plain, '--data', folder], '--data goes with --series.'],
      [['--series', 'v', '--skip-bad'], '--skip-bad goes with a file.'],
      [
        ['--series', 'v', '--data', folder, '--url', 'http://127.0.0.1:1'],
        '--url asks a server and --data a folder.',
      ],
      [[plain, '--sensitivity', '0'], '--sensitivity must be a number above 0 and at most 1000, not "0".'],
      [[plain, '--alarms', '--sensitivities', '1'], '--sensitivities compares, and --alarms lists those'],
      [[plain, '--direction', 'x'], '--direction must be up, down or both, not "x".'],
      [
        [plain, '--least-relative-deviation', '-1'],
        '--least-relative-deviation must be a number of 0 or more, not "-1".',
      ],
      [
        [plain, '--sensitivities', '1,x'],
        '--sensitivities must be a number above 0 and at most 1000, not "x".',
      ],
      [[plain, '--label-column', 'w'], 'has no column "w"'],
      [[plain, '--label-column', 'v'], 'has no column of values beside "v"'],
      [[plain, ...labels('from,until\n')], 'line 1: there is no column "to" in the header (from, until)'],
      [[plain, ...labels('from,to\n5,4\n')], 'line 2, column "to": is before `from`'],
      [[plain, ...labels('from,to\n5,x\n')], 'line 2, column "to": "x" is not a timestamp'],
      [[plain, ...labels('from,to\n5\n')], 'line 2: the row has 1 cells, the header 2'],
      [[plain, ...labels('series,from,to\nw,1,2\n')], '--labels names the series w, which is not there.'],
    ];
    for (const [args, message] of cases) {
      // In this process: starting one takes longer than all of them.
      const refused = createProgram().parseAsync(['backtest', ...args], { from: 'user' });
      await expect(refused, message).rejects.toThrow(message);
    }
    const { code, stdout, stderr } = await backtest(plain, '--sensitivity', '0');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('--sensitivity must be a number above 0 and at most 1000, not "0".');
  });

  it('reads a stored series from a running server, and from the folder of a stopped one', async () => {
    const settings = ['--sensitivity', '0.5', '--time-zone', 'Europe/Berlin', '--direction', 'up'];
    const args = ['--data', join(folder, 'store'), '--retention', '36500d', ...settings];
    const server = await startServer({ args });
    try {
      const name = 'load{host="a \\"b\\""}';
      const items = PLAIN.trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => {
          const [timestamp, load] = line.split(',').map(Number);
          return { timestamp, load, labels: { host: 'a "b"' } };
        });
      const body = JSON.stringify(items);
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${server.url}/metrics`, { method: 'POST', headers, body });
      expect(await answer.json()).toEqual({ accepted: 3000 });
      const ofFile = async (...flags: string[]) =>
        (await rowsOf(csv(PLAIN), ...flags)).map((row) => ({ ...row, series: name }));
      const stored = ['--series', name, '--url', server.url];
      // As the server would have, unless told otherwise.
      const sensitivities = ['--sensitivities', '0.01,0.03,0.1,0.3,0.5,1,3,10,30,100'];
      expect(await rowsOf(...stored)).toEqual(await ofFile(...sensitivities, ...settings.slice(2)));
      expect(await rowsOf(...stored, '--alarms')).toEqual(await ofFile('--alarms', ...settings));
      const otherwise = ['--sensitivity', '1', '--direction', 'both', '--time-zone', 'UTC', '--alarms'];
      expect(await rowsOf(...stored, ...otherwise)).toEqual(await ofFile('--alarms'));
      const unknown = await backtest('--series', 'load', '--url', server.url);
      expect({ code: unknown.code, stdout: unknown.stdout }).toEqual({ code: 2, stdout: '' });
      expect(unknown.stderr).toContain(`There are no samples of load at ${server.url}.`);
      await server.stop();
      expect(await rowsOf('--series', name, '--data', server.dataFolder)).toEqual(await ofFile());
    } finally {
      await server.stop();
    }
  });
});
