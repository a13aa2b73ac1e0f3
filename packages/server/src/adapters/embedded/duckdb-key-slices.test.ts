import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keySlices } from './duckdb-key-slices.js';

let instance: DuckDBInstance;
let connection: DuckDBConnection;

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

/** The rows of each slice, and whether each lies above all before it. */
async function cut(keys: string): Promise<{ counts: number[]; isAscending: boolean }> {
  const counts: number[] = [];
  let isAscending = true;
  let before = Number.NEGATIVE_INFINITY;
  for (const slice of await keySlices(connection, keys)) {
    const read = await connection.runAndReadAll(
      `SELECT count(*)::DOUBLE, min(key), max(key)
       FROM (SELECT series_id * 1e12 + time_ms AS key FROM (${keys}) WHERE ${slice})`,
    );
    const [count, first, last] = read.getRowsJson()[0] as [number, number, number];
    counts.push(count);
    isAscending &&= first > before;
    before = last;
  }
  return { counts, isAscending };
}

const series = (id: number, count: number, time = 'i * 1000') =>
  `SELECT ${id}::UINTEGER AS series_id, (${time})::BIGINT AS time_ms FROM range(${count}) AS t(i)`;

describe('slices of rows', () => {
  it('are none without rows', async () => {
    expect(await cut(series(1, 0))).toEqual({ counts: [], isAscending: true });
  });

  it('hold as many rows each, of many short series, and the last what is over', async () => {
    const keys = `SELECT (i % 1000)::UINTEGER AS series_id, i AS time_ms FROM range(400000) AS t(i)`;
    const { counts, isAscending } = await cut(keys);
    expect(counts).toEqual([122_880, 122_880, 154_240]);
    expect(isAscending).toBe(true);
  });

  it('cut series by time, however their times are spread', async () => {
    for (const time of [
      'i',
      'pow(i, 2)',
      '1000000 - i',
      'CASE WHEN i % 2 = 0 THEN i ELSE 900000000 + i END',
    ]) {
      const { counts, isAscending } = await cut(
        [series(3, 1000), series(7, 600_000, time), series(9, 124_000), series(12, 2000)].join(' UNION ALL '),
      );
      expect(counts).toEqual([122_880, 122_880, 122_880, 122_880, 235_480]);
      expect(isAscending).toBe(true);
    }
  });

  it('are whole where the last one is full', async () => {
    const { counts } = await cut(
      [series(1, 122_880), series(2, 122_880), series(5, 245_760)].join(' UNION ALL '),
    );
    expect(counts).toEqual([122_880, 122_880, 245_760]);
  });

  it('bear a time that has most of the rows', async () => {
    const { counts } = await cut(series(1, 500_000, 'CASE WHEN i < 400000 THEN 5 ELSE i END'));
    expect(counts.reduce((sum, count) => sum + count)).toBe(500_000);
  });
});
