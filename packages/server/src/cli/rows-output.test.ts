import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type RowCell, type RowFormat, RowsWriter } from './rows-output.js';

async function written(format: RowFormat, columns: string[], rows: RowCell[][]): Promise<string> {
  let text = '';
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  const writer = new RowsWriter(output, format, columns);
  for (const row of rows) await writer.add(row);
  await writer.end();
  return text;
}

const ROWS: RowCell[][] = [
  ['a,b', 0.1 + 0.2, true, null],
  ['say "x"', Number.NaN, false, ['DAILY', 'WEEKLY']],
];
const COLUMNS = ['id', 'value', 'ok', 'seasons'];

describe('rows', () => {
  it('as CSV are quoted where they must be, and lose no digit', async () => {
    expect(await written('csv', COLUMNS, ROWS)).toBe(
      'id,value,ok,seasons\n"a,b",0.30000000000000004,true,\n"say ""x""",,false,DAILY WEEKLY\n',
    );
  });

  it('as JSON are one array, as NDJSON an object a line; nothing is null', async () => {
    const objects = [
      { id: 'a,b', value: 0.1 + 0.2, ok: true, seasons: null },
      { id: 'say "x"', value: null, ok: false, seasons: ['DAILY', 'WEEKLY'] },
    ];
    expect(JSON.parse(await written('json', COLUMNS, ROWS))).toEqual(objects);
    const lines = (await written('ndjson', COLUMNS, ROWS)).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(objects);
    expect(JSON.parse(await written('json', COLUMNS, []))).toEqual([]);
    expect(await written('ndjson', COLUMNS, [])).toBe('');
  });

  it('as a table line up, numbers to the right, however many there are', async () => {
    expect(
      await written(
        'table',
        ['id', 'value'],
        [
          ['one', 1 / 3],
          ['three', -12],
          ['x', null],
        ],
      ),
    ).toBe('id        value\none    0.333333\nthree       -12\nx\n');
    const many = await written(
      'table',
      ['n'],
      Array.from({ length: 2500 }, (_, at) => [at]),
    );
    expect(many.trimEnd().split('\n')).toHaveLength(2501);
    expect(await written('table', ['n'], [])).toBe('');
  });

  it('wait for a slow reader', async () => {
    let most = 0;
    const output = new Writable({
      highWaterMark: 1024,
      write(_chunk, _encoding, done) {
        most = Math.max(most, output.writableLength);
        setImmediate(done);
      },
    });
    const writer = new RowsWriter(output, 'csv', ['n']);
    for (let at = 0; at < 100_000; at++) await writer.add([at]);
    await writer.end();
    expect(most).toBeGreaterThan(1024);
    expect(most).toBeLessThan(128 * 1024);
  });
});
