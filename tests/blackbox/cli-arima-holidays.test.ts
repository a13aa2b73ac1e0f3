import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runToEnd } from './support/start-server.js';

const folder = mkdtempSync(join(tmpdir(), 'seismo-holidays-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2021, 0, 1);
/** Ends on 10 December 2023: Christmas lies ahead. */
const DAYS = 1074;
const SHOPS = [
  ['A', 'a1', 'a1x', 100],
  ['A', 'a1', 'a1y', 50],
  ['A', 'a2', 'a2x', 80],
  ['B', 'b1', 'b1x', 20],
] as const;
const IDS = ['--id-column', 'city', '--id-column', 'zip', '--id-column', 'shop'];

let files = 0;
function written(lines: readonly string[]): string {
  const path = join(folder, `${++files}.csv`);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

const dateOf = (at: number) => new Date(START_MS + at * DAY_MS).toISOString().slice(0, 10);

/** A fixed sequence of noise in [−1, 1). */
function noiseFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 1_073_741_824 - 1;
  };
}

/** Days of four shops in two cities, with noise that all share, 30 less at Christmas and 25 more on 13 December. */
function sales(): string {
  const [shared, own] = [noiseFrom(1), noiseFrom(2)];
  const lines = ['city,zip,shop,timestamp,value'];
  for (let at = 0; at < DAYS; at++) {
    const date = dateOf(at);
    const common = 2 * shared();
    const holiday = date.endsWith('12-25') ? -30 : date.endsWith('12-13') ? 25 : 0;
    for (const [city, zip, shop, level] of SHOPS) {
      lines.push(`${city},${zip},${shop},${date},${level + common + own() + holiday}`);
    }
  }
  return written(lines);
}

/** Rows of CSV output as objects. */
function rowsOf(stdout: string): Record<string, string>[] {
  const [head = '', ...lines] = stdout.trimEnd().split('\n');
  const names = head.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, at) => [names[at]!, cell])));
}

async function forecast(args: readonly string[]): Promise<Record<string, string>[]> {
  const { code, stdout, stderr } = await runToEnd(['forecast', ...args, '--format', 'csv']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return rowsOf(stdout);
}

describe('a hierarchy', () => {
  const args = [...IDS, '--hierarchical-columns', 'zip,shop', '--horizon', '2'];

  it('has forecasts of every level that add up, empty in the columns that they sum over', async () => {
    const rows = await forecast([sales(), ...args]);
    expect(
      rows.map(({ city, zip, shop }) => [city, zip, shop].join(' ').trim()).filter((_, at) => at % 2 === 0),
    ).toEqual([...['A a1 a1x', 'A a1 a1y', 'A a2 a2x', 'B b1 b1x', 'A a1', 'A a2', 'B b1', 'A', 'B']]);
    const of = (names: string, timestamp: string) =>
      rows.find(
        (row) => `${row.city} ${row.zip} ${row.shop}`.trim() === names && row.timestamp === timestamp,
      )!;
    for (const timestamp of [dateOf(DAYS), dateOf(DAYS + 1)]) {
      const value = (names: string) => Number(of(names, timestamp).forecast);
      expect(value('A a1')).toBeCloseTo(value('A a1 a1x') + value('A a1 a1y'), 9);
      expect(value('A')).toBeCloseTo(value('A a1') + value('A a2'), 9);
      expect(value('B')).toBeCloseTo(value('B b1 b1x'), 9);
      // What all shops share does not cancel out: √(9·4/3 + 3·1/3), not √(3·(4/3 + 1/3)).
      const width = (names: string) =>
        Number(of(names, timestamp).upper) - Number(of(names, timestamp).lower);
      expect(width('A') / (2 * 1.96 * Math.sqrt(13))).toBeGreaterThan(0.9);
      expect(width('A') / (2 * 1.96 * Math.sqrt(13))).toBeLessThan(1.1);
    }
  });

  it('is kept in a file of models, and is null in JSON', async () => {
    const file = sales();
    const models = join(folder, 'sales.model');
    const trained = await runToEnd(['train', file, ...args, '--model-file', models]);
    expect(trained.stdout).toMatch(/^Wrote 4 models/);
    const saved = await runToEnd([
      'forecast',
      '--model-file',
      models,
      '--horizon',
      '2',
      '--format',
      'ndjson',
    ]);
    const fresh = await runToEnd(['forecast', file, ...args, '--format', 'ndjson']);
    expect(saved.stdout).toBe(fresh.stdout);
    expect(JSON.parse(saved.stdout.trimEnd().split('\n').at(-1)!)).toMatchObject({
      city: 'B',
      zip: null,
      shop: null,
    });
  });

  it('leaves series without a model out of the sums', async () => {
    const { stdout, stderr } = await runToEnd([
      ...['forecast', written(['id,timestamp,value', 'a,1,1', 'a,61,2', 'a,121,4', 'a,181,3', 'b,1,1'])],
      ...['--id-column', 'id', '--hierarchical-columns', 'id', '--horizon', '1', '--format', 'csv'],
    ]);
    const [one, sum] = rowsOf(stdout);
    expect(stderr).toMatch(/^left out: id b: /);
    expect(sum).toEqual({ ...one, id: '' });
  });

  const named = (row: Record<string, string>) => `${row.city} ${row.zip} ${row.shop}`.trim();
  const printed = async (command: readonly string[]) => {
    const { code, stdout } = await runToEnd([...command, '--format', 'csv', '--quiet']);
    expect(code).toBe(0);
    return rowsOf(stdout);
  };
  const sums = [...IDS, '--hierarchical-columns', 'zip,shop'];

  it('is explained and judged on every level, in the history and ahead', async () => {
    const file = sales();
    const ahead = (await forecast([file, ...args])).filter((row) => named(row) === 'A');
    const told = (await printed(['explain', file, ...args])).filter((row) => named(row) === 'A');
    expect(told).toHaveLength(DAYS + 2);
    expect(told.slice(DAYS).map(({ time_series_data }) => time_series_data)).toEqual(
      ahead.map((row) => row.forecast),
    );
    const judged = await printed(['detect', file, '--model', 'arima_plus', '--all', ...sums]);
    const of = (names: string) => judged.filter((row) => named(row) === names);
    expect(of('A')).toHaveLength(DAYS);
    expect(Number(of('A')[7]!.value)).toBeCloseTo(
      ['A a1 a1x', 'A a1 a1y', 'A a2 a2x'].reduce((sum, names) => sum + Number(of(names)[7]!.value), 0),
      9,
    );
    // The noise that all shops share is most of that of their sum: Christmas alone is far outside.
    const flagged = of('A').filter((row) => row.is_anomaly === 'true');
    expect(flagged.map((row) => row.timestamp)).toEqual(expect.arrayContaining(['2021-12-25', '2022-12-25']));
    expect(flagged.length).toBeLessThan(0.1 * DAYS);
  });

  it('is evaluated on every level by what was held out, and has no orders', async () => {
    const file = sales();
    const found = await printed([
      'evaluate',
      file,
      ...sums,
      '--holdout',
      '3',
      '--perform-aggregation',
      'false',
    ]);
    const of = (names: string) => found.filter((row) => named(row) === names);
    expect(of('A')).toHaveLength(3);
    for (const [at, row] of of('A').entries()) {
      const parts = ['A a1 a1x', 'A a1 a1y', 'A a2 a2x'].map((names) => of(names)[at]!);
      for (const column of ['value', 'forecasted_value'] as const) {
        const total = parts.reduce((sum, part) => sum + Number(part[column]), 0);
        expect(Number(row[column])).toBeCloseTo(total, 9);
      }
    }
    const refused = await runToEnd(['evaluate', file, ...sums]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('--hierarchical-columns goes with --holdout here');
  });

  it('judges and evaluates rows of sums by models of before', async () => {
    const models = join(folder, 'sums.model');
    await runToEnd(['train', sales(), ...sums, '--horizon', '5', '--model-file', models]);
    const rows = written([
      'city,zip,shop,timestamp,value',
      `A,a1,a1x,${dateOf(DAYS)},100`,
      `A,,,${dateOf(DAYS)},230`,
      `A,,,${dateOf(DAYS + 1)},330`,
      `C,,,${dateOf(DAYS)},230`,
    ]);
    const judged = await printed(['detect', rows, '--model-file', models, '--all']);
    const ofA = judged.filter((row) => named(row) === 'A');
    expect(ofA.map((row) => row.is_anomaly)).toEqual(['false', 'true']);
    expect(judged.filter((row) => named(row) === 'C')).toMatchObject([{ is_anomaly: '' }]);
    const ahead = await printed(['forecast', '--model-file', models, '--horizon', '2']);
    const [first, second] = ahead.filter((row) => named(row) === 'A');
    const evaluated = await printed(['evaluate', rows, '--model-file', models]);
    const error = (Math.abs(230 - Number(first!.forecast)) + Math.abs(330 - Number(second!.forecast))) / 2;
    expect(evaluated.map(named)).toEqual(['A a1 a1x', 'A']);
    expect(Number(evaluated[1]!.mean_absolute_error)).toBeCloseTo(error, 9);
  });
});

describe('holidays', () => {
  const HORIZON = ['--horizon', '20', '--seasonalities', 'weekly'];
  const fairs = [2021, 2022, 2023].map((year) => `US,fair,${year}-12-13,1,1`);
  const header = 'region,holiday_name,primary_date,preholiday_days,postholiday_days';
  const on = (rows: Record<string, string>[], date: string) =>
    Number(rows.find((row) => row.shop === 'a1x' && row.timestamp === date)!.forecast);

  it('of a group of countries are learned and forecast', async () => {
    const rows = await forecast([sales(), ...IDS, ...HORIZON, '--holiday-region', 'NA']);
    expect(on(rows, '2023-12-25') - on(rows, '2023-12-20')).toBeLessThan(-25);
    expect(Math.abs(on(rows, '2023-12-13') - on(rows, '2023-12-20'))).toBeLessThan(5);
  });

  it("of the user's own come beside those of a region", async () => {
    const own = written([header, ...fairs]);
    const rows = await forecast([
      sales(),
      ...IDS,
      ...HORIZON,
      '--holiday-region',
      'US',
      '--custom-holidays',
      own,
    ]);
    expect(on(rows, '2023-12-13') - on(rows, '2023-12-20')).toBeGreaterThan(20);
    expect(on(rows, '2023-12-25') - on(rows, '2023-12-20')).toBeLessThan(-25);
  });

  it('are those of the user alone without a region, with windows of one day where none are given', async () => {
    const own = written([
      'holiday_name,region,primary_date',
      ...fairs.map((row) => row.replace(/^(US),(fair),([\d-]+).*/, '$2,$1,$3')),
    ]);
    const rows = await forecast([sales(), ...IDS, ...HORIZON, '--custom-holidays', own]);
    expect(on(rows, '2023-12-13') - on(rows, '2023-12-20')).toBeGreaterThan(20);
    expect(Math.abs(on(rows, '2023-12-25') - on(rows, '2023-12-20'))).toBeLessThan(5);
  });

  it('take the place of a known one under its name', async () => {
    const moved = [2021, 2022, 2023].map((year) => `US,Christmas,${year}-12-13,1,1`);
    const own = written([header, ...moved]);
    const rows = await forecast([
      sales(),
      ...IDS,
      ...HORIZON,
      '--holiday-region',
      'US',
      '--custom-holidays',
      own,
    ]);
    expect(on(rows, '2023-12-13') - on(rows, '2023-12-20')).toBeGreaterThan(20);
    expect(Math.abs(on(rows, '2023-12-25') - on(rows, '2023-12-20'))).toBeLessThan(5);
  });
});
