import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { CsvProblem } from './csv-records.js';
import { readSeriesFile, type SeriesColumns, type SeriesFileOptions } from './csv-series.js';

const read = (text: string, columns: Partial<SeriesColumns> = {}, options: SeriesFileOptions = {}) =>
  readSeriesFile(
    Readable.from([Buffer.from(text)]),
    { timestamp: 'timestamp', data: [], ids: [], ...columns },
    { name: 'a.csv', ...options },
  );

const told = (file: Awaited<ReturnType<typeof read>>) =>
  file.series.map(({ ids, timesMs, values }) => [ids.join('/'), [...timesMs], [...values]]);

describe('a file of series', () => {
  it('has a series for each value column where there are no ids', async () => {
    const file = await read('a,timestamp,b\n1,10,3\n,11,4\n');
    expect(told(file)).toEqual([
      ['a', [10_000, 11_000], [1, Number.NaN]],
      ['b', [10_000, 11_000], [3, 4]],
    ]);
    expect(file).toMatchObject({ idColumns: ['series'], dataColumn: 'value', timeForm: 'seconds', rows: 2 });
  });

  it('is of years where all of its times are four digits, unless seconds are asked for', async () => {
    const text = 'timestamp,a\n1949,1\n1951,2\n1950,3\n';
    const file = await read(text);
    expect(file.timeForm).toBe('year');
    expect([...file.series[0]!.timesMs]).toEqual([1949, 1951, 1950].map((year) => Date.UTC(year, 0)));
    expect(await read(text, {}, { years: 'never' })).toMatchObject({ timeForm: 'seconds' });
    expect(await read('timestamp,a\n960,1\n1020,2\n')).toMatchObject({ timeForm: 'seconds' });
    await expect(read('timestamp,a\n1999,1\n2000-06,2\n')).rejects.toThrow(
      'a.csv, line 3, column "timestamp": four digits and dates stand beside each other; with --frequency yearly',
    );
    const dated = await read('timestamp,a\n1949,1\n1950-07-01,2\n', {}, { years: 'always' });
    expect([...dated.series[0]!.timesMs]).toEqual([Date.UTC(1949, 0), Date.UTC(1950, 6)]);
  });

  it('has a series for each id, whatever order the rows come in', async () => {
    const rows = Array.from({ length: 300 }, (_, at) => `${at % 3},2024-01-01,${at}\n`).join('');
    const file = await read(`id,day,sales\n${rows}`, { timestamp: 'day', ids: ['id'] });
    expect(file.series.map(({ ids, values }) => [ids[0], values.length, values[1]])).toEqual([
      ['0', 100, 3],
      ['1', 100, 4],
      ['2', 100, 5],
    ]);
    expect(file).toMatchObject({
      idColumns: ['id'],
      timestampColumn: 'day',
      dataColumn: 'sales',
      timeForm: 'date',
    });
  });

  it('takes several id columns, and leaves alone what it was not asked for', async () => {
    const text = 'shop,item,timestamp,note,v\nA,"B,C",1,x,5\n"A,B",C,1,y,6\nA,"B,C",2,z,7\n';
    expect(told(await read(text, { ids: ['shop', 'item'], data: ['v'] }))).toEqual([
      ['A/B,C', [1000, 2000], [5, 7]],
      ['A,B/C', [1000], [6]],
    ]);
  });

  it.each<[string, Partial<SeriesColumns>, string, string]>([
    ['timestmp,v\n1,2\n', {}, '--timestamp-column', 'no column "timestamp"; its header is timestmp, v'],
    ['timestamp,v\n1,2\n', { ids: ['store'] }, '--id-column', 'no column "store"'],
    ['timestamp,v\n1,2\n', { data: ['w'] }, '--data-column', 'no column "w"'],
    ['timestamp,id\n1,2\n', { ids: ['id'] }, '--data-column', 'no column of values'],
    ['timestamp,id,a,b\n1,2,3,4\n', { ids: ['id'] }, '--data-column', 'one column holds the values'],
    ['timestamp,v\n1,2\n', { data: ['timestamp'] }, 'timestamp', 'two things at once'],
  ])('%j with %j is refused, and the flag named', async (text, columns, field, words) => {
    await expect(read(text, columns)).rejects.toMatchObject({
      code: 'usage',
      field,
      message: expect.stringContaining(words),
    });
  });

  it('names the nearest column', async () => {
    await expect(read('timestmp,v\n1,2\n')).rejects.toMatchObject({
      hint: 'Did you mean --timestamp-column timestmp?',
    });
  });

  it('counts lines through empty ones and through cells of several', async () => {
    const text = 'id,timestamp,v\n\n"a\nb",1,1\n\n"c\r\n\r\nd",2,2\ne,soon,3\n';
    await expect(read(text, { ids: ['id'] })).rejects.toThrow('a.csv, line 9, column "timestamp"');
  });

  it.each([
    ['timestamp,v\n1,1\nsoon,2\n', 'a.csv, line 3, column "timestamp": "soon" is not a timestamp'],
    ['timestamp,v\n1,1\n2,two\n', 'a.csv, line 3, column "v": "two" is not a finite number'],
    ['timestamp,v\n1,1\n2\n', 'a.csv, line 3: the row has 1 cells, the header 2'],
  ])('a bad row ends the reading with its line: %j', async (text, words) => {
    await expect(read(text)).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining(words),
    });
    const problems: CsvProblem[] = [];
    const file = await read(text, {}, { onBadRow: (problem) => problems.push(problem) });
    expect([file.rows, problems.map(({ line }) => line)]).toEqual([1, [3]]);
  });
});
