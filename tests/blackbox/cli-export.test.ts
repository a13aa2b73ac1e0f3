import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runToEnd, startServer } from './support/start-server.js';

const folder = mkdtempSync(join(tmpdir(), 'seismo-export-'));
const data = join(folder, 'data');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const START_MS = Math.floor(Date.now() / 1000) * 1000 - 3_600_000;
/** Numbers whose shortest text is easily got wrong, one for each millisecond. */
const VALUES = [0.1 + 0.2, 5e-324, Number.MAX_VALUE, -1e-7, 1e21, 123_456_789.123_456_79, 1 / 3, 0, 42];
const LABELS = { service: 'check"out', path: 'a\\b\nc', city: 'Zürich, "Ω"' };

interface Row {
  readonly time: string;
  readonly series: string;
  readonly name: string;
  readonly labels: unknown;
  readonly value: number;
  readonly ingest_time: string;
  readonly message_id: string;
}

const items = VALUES.flatMap((value, index) => {
  const timestamp = (START_MS + index) / 1000;
  return [
    { timestamp, latency: value },
    { timestamp, latency: value, labels: LABELS },
  ];
});

async function post(url: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/metrics`, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(answer.status).toBe(202);
}

/** Exports a data folder and gives its rows. */
async function exported(from: string, name: string, args: readonly string[] = []): Promise<Row[]> {
  const to = join(folder, name);
  const { code, stderr } = await runToEnd(['export', '--data', from, '--to', to, ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return readdirSync(to).flatMap((file) =>
    gunzipSync(readFileSync(join(to, file)))
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Row),
  );
}

/** Imports files into a server of their own, and gives its data folder. */
async function imported(name: string, files: readonly string[]) {
  const into = join(folder, name);
  const server = await startServer({ args: ['--data', into] });
  try {
    return { into, ...(await runToEnd(['import', ...files, '--url', server.url])) };
  } finally {
    await server.stop();
  }
}

const told = (rows: readonly Row[]) => rows.map(({ ingest_time, ...rest }) => rest);

let rows: Row[] = [];

beforeAll(async () => {
  const server = await startServer({ args: ['--data', data] });
  // A first value, which the second of the same millisecond replaces.
  await post(server.url, { timestamp: START_MS / 1000, latency: 1 });
  await post(server.url, items);
  await server.stop();
  rows = await exported(data, 'samples');
});

describe('an export', () => {
  it('holds every sample once, in order, with its exact time and value', () => {
    expect(rows).toHaveLength(2 * VALUES.length);
    for (const [index, value] of VALUES.entries()) {
      const [bare, labelled] = rows.slice(2 * index, 2 * index + 2);
      expect(bare).toMatchObject({
        time: new Date(START_MS + index).toISOString(),
        series: 'latency',
        name: 'latency',
        labels: {},
        message_id: 'export',
      });
      expect(bare?.value).toBe(value);
      expect(labelled?.value).toBe(value);
      expect(labelled?.labels).toEqual(LABELS);
      expect(labelled?.series).toBe(
        'latency{city="Zürich, \\"Ω\\"",path="a\\\\b\\nc",service="check\\"out"}',
      );
    }
  });

  it('has the columns of the table `samples`, in its order', () => {
    const sql = readFileSync(new URL('../../sql/migrations/0001-samples.sql', import.meta.url), 'utf8');
    const columns = [...sql.matchAll(/^ {2}(\w+) [A-Z]\w+( NOT NULL| OPTIONS)/gm)].map(([, name]) => name);
    expect(Object.keys(rows[0] ?? {})).toEqual(columns);
    // Later writes count as newer than the export.
    expect(Math.abs(Date.parse(rows[0]?.ingest_time ?? '') - Date.now())).toBeLessThan(600_000);
  });

  it('can be cut by time, and made of a backup', async () => {
    const backup = join(folder, 'copy.duckdb');
    expect(await runToEnd(['backup', '--data', data, '--to', backup])).toMatchObject({ code: 0 });
    const some = await exported(data, 'part', [
      ...['--backup', backup],
      ...['--from', new Date(START_MS + 2).toISOString(), '--until', new Date(START_MS + 4).toISOString()],
    ]);
    expect(told(some)).toEqual(told(rows.slice(4, 8)));
  });

  it('refuses a folder that is there, and a data folder that is not', async () => {
    const again = await runToEnd(['export', '--data', data, '--to', join(folder, 'samples')]);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('exists already');
    const none = await runToEnd(['export', '--data', join(folder, 'none'), '--to', join(folder, 'x')]);
    expect(none.code).toBe(3);
  });
});

describe('an import', () => {
  it('brings back what was exported, as JSON and as CSV, exactly', async () => {
    const samples = join(folder, 'samples', readdirSync(join(folder, 'samples'))[0]!);
    const back = await imported('back', [samples]);
    expect(back).toMatchObject({ code: 0, stderr: '' });
    expect(back.stdout).toContain(`${2 * VALUES.length} accepted, 0 rejected`);
    expect(told(await exported(back.into, 'back-again'))).toEqual(told(rows));

    const csv = join(folder, 'csv');
    const made = await runToEnd(['export', '--data', data, '--to', csv, '--format', 'csv']);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const fromCsv = await imported('from-csv', [join(csv, readdirSync(csv)[0]!)]);
    expect(fromCsv).toMatchObject({ code: 0, stderr: '' });
    expect(told(await exported(fromCsv.into, 'from-csv-again'))).toEqual(told(rows));
  });

  it('takes what BigQuery exports: times with UTC, labels as text, packed or not', async () => {
    const asBigQuery = rows.map(({ time, name, labels, value }) =>
      JSON.stringify({
        time: time.replace('T', ' ').replace('Z', ' UTC'),
        name,
        labels: JSON.stringify(labels),
        value,
      }),
    );
    const bigquery = join(folder, 'bigquery');
    mkdirSync(bigquery);
    const [first, second] = [asBigQuery.slice(0, 5), asBigQuery.slice(5)];
    writeFileSync(join(bigquery, '0.json.gz'), gzipSync(`${first.join('\n')}\n`));
    writeFileSync(join(bigquery, '1.json'), second.join('\n'));
    const back = await imported(
      'from-bigquery',
      ['0.json.gz', '1.json'].map((name) => join(bigquery, name)),
    );
    expect(back).toMatchObject({ code: 0, stderr: '' });
    expect(told(await exported(back.into, 'from-bigquery-again'))).toEqual(told(rows));
  });

  it('names the line and the column of what it cannot take, and takes the rest', async () => {
    const file = join(folder, 'bad.ndjson');
    const good = { time: new Date(START_MS).toISOString(), name: 'latency', value: 1 };
    const bad = [
      { ...good, time: 'yesterday' },
      { ...good, name: '9 lives' },
      { ...good, value: 'much' },
      { ...good, labels: 'none' },
      { ...good, time: '1999-01-01T00:00:00Z' },
    ];
    writeFileSync(file, `${[good, ...bad].map((row) => JSON.stringify(row)).join('\n')}\nnot json\n`);
    const { code, stderr, stdout } = await imported('bad', [file]);
    expect(code).toBe(8);
    expect(stdout).toContain('1 accepted, 6 rejected');
    for (const start of [
      'line 2, time:',
      'line 3, name:',
      'line 4, value:',
      'line 5, labels:',
      'line 6, timestamp:',
      'line 7:',
    ]) {
      expect(stderr).toContain(start);
    }
  });

  it('takes the rest of a CSV file with a row that is cut, and nothing of an empty one', async () => {
    const [csv, empty] = ['cut.csv', 'empty.ndjson'].map((name) => join(folder, name)) as [string, string];
    const time = new Date(START_MS).toISOString();
    writeFileSync(csv, `time,name,value\n${time},latency,1\n${time},lat\n${time},cpu,2\n`);
    writeFileSync(empty, '');
    const { code, stderr, stdout } = await imported('cut', [csv, empty]);
    expect({ code, stderr }).toEqual({ code: 8, stderr: 'line 3: the row has 2 cells, the header 3\n' });
    expect(stdout).toContain('2 accepted, 1 rejected');
  });

  it('says what is wrong with a CSV file that cannot be read on', async () => {
    const file = join(folder, 'quote.csv');
    writeFileSync(file, 'time,name,value\n"2026-01-01T00:00:00Z"x,latency,1\n');
    const { code, stderr } = await imported('quote', [file]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: .*quote\.csv, line 2: .*\nhint: Quote a whole cell or nothing of it/);
  });

  it('says which file is not there', async () => {
    const { code, stderr } = await imported('none', [join(folder, 'nowhere.ndjson')]);
    expect(code).toBe(2);
    expect(stderr).toContain('There is no file');
  });
});
