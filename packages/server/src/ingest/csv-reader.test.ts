import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type CsvRow, openCsv } from './csv-reader.js';
import type { CsvOptions, CsvProblem } from './csv-records.js';

async function read(text: string, options: CsvOptions = {}): Promise<{ columns: string[]; rows: CsvRow[] }> {
  const csv = await openCsv(Readable.from([Buffer.from(text)]), { name: 'a.csv', ...options });
  const rows: CsvRow[] = [];
  for await (const row of csv.rows) rows.push(row);
  return { columns: [...csv.columns], rows };
}

describe('a CSV file of samples', () => {
  it('yields each row with its line, its time and a value for each column', async () => {
    const { columns, rows } = await read('latency,timestamp,cpu\n1.5,10,3\n\n,11.5,4\n');
    expect(columns).toEqual(['latency', 'cpu']);
    expect(rows.map((row) => [row.line, row.timeMs, ...row.values])).toEqual([
      [2, 10_000, 1.5, 3],
      [4, 11_500, Number.NaN, 4],
    ]);
  });

  it('takes a byte order mark, CRLF, quoted cells and a last line without an end', async () => {
    const { columns, rows } = await read('\uFEFF"timestamp","a ""b"""\r\n"10","1"\r\n11,2');
    expect(columns).toEqual(['a "b"']);
    expect(rows.map((row) => [row.line, row.timeMs, row.values[0]])).toEqual([
      [2, 10_000, 1],
      [3, 11_000, 2],
    ]);
  });

  it('keeps the order of the file, repeats and late rows included', async () => {
    const { rows } = await read('timestamp,v\n20,1\n10,2\n20,3\n');
    expect(rows.map((row) => row.timeMs)).toEqual([20_000, 10_000, 20_000]);
  });

  it.each([
    ['', 'line 1: the file is empty'],
    ['time,value\n1,2\n', 'line 1: there is no column "timestamp"'],
    ['timestamp;value\n1;2\n', 'separated by commas'],
    ['timestamp\n1\n', 'no value column'],
    ['timestamp,a,a\n1,2,3\n', 'column "a" twice'],
    ['timestamp,,a\n1,2,3\n', 'column 2 has no name'],
    [`timestamp,${Array.from({ length: 1001 }, (_, i) => `c${i}`).join(',')}\n`, 'at most 1000'],
  ])('a faulty header is refused: %j', async (text, words) => {
    await expect(read(text)).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining(words),
    });
  });

  it.each([
    ['timestamp,v\n10,1\nsoon,2\n', 'a.csv, line 3, column "timestamp": "soon" is not a timestamp'],
    ['timestamp,v\n10,1\n11,two\n', 'a.csv, line 3, column "v": "two" is not a finite number'],
    ['timestamp,v\n10,1\n11,2,3\n', 'a.csv, line 3: the row has 3 cells, the header 2'],
    ['timestamp,v\n10,1\n"11"x,2\n', 'a.csv, line 3'],
    [`timestamp,v\n10,"${'x'.repeat(1_100_000)}\n`, 'longer than 1048576 bytes'],
  ])('a bad row ends the reading with its line: %.40j', async (text, words) => {
    await expect(read(text)).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining(words),
    });
  });

  it('leaves bad rows out and reports each where the caller wants that', async () => {
    const problems: CsvProblem[] = [];
    const onBadRow = (problem: CsvProblem) => problems.push(problem);
    const { rows } = await read('timestamp,v\n10,1\nsoon,2\n11,two\n12\n13,4\n', { onBadRow });
    expect(rows.map((row) => row.timeMs)).toEqual([10_000, 13_000]);
    expect(problems.map((problem) => [problem.line, problem.column])).toEqual([
      [3, 'timestamp'],
      [4, 'v'],
      [5, undefined],
    ]);
  });

  it('names the file that is not there, or that is a folder', async () => {
    const missing = join(tmpdir(), 'seismo-no-such-file.csv');
    await expect(openCsv(missing)).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining(missing),
    });
    await expect(openCsv(tmpdir())).rejects.toMatchObject({ code: 'bad_request' });
  });

  it('reads a file only as fast as its rows are taken', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'seismo-csv-'));
    try {
      const path = join(folder, 'long.csv');
      const line = (i: number) => `${i},${'1'.repeat(90)}.5\n`;
      await writeFile(path, `timestamp,v\n${Array.from({ length: 50_000 }, (_, i) => line(i)).join('')}`);
      let read = 0;
      const csv = await openCsv(path, { onBytes: (bytes) => (read = bytes) });
      let taken = 0;
      for await (const row of csv.rows) {
        if (++taken === 100) break;
        expect(row.timeMs).toBe((taken - 1) * 1000);
      }
      expect(taken).toBe(100);
      expect(read).toBeLessThan(1_000_000);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
