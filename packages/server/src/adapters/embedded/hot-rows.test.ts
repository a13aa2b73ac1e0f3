import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { zeroVerdicts } from '../../model/verdict.js';
import type { CommitGroup } from './duckdb-protocol.js';
import { HotRows } from './hot-rows.js';

const SERIES = 3;
let instance: DuckDBInstance;
let connection: DuckDBConnection;

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
  await connection.run('CREATE SCHEMA seismo_store');
  await connection.run(
    'CREATE TABLE seismo_store.samples_hot (series_id UINTEGER, time_ms BIGINT, value DOUBLE, seq BIGINT)',
  );
  await connection.run(
    `CREATE TABLE seismo_store.verdicts_hot (series_id UINTEGER, time_ms BIGINT, state UTINYINT, expected DOUBLE,
       lower DOUBLE, upper DOUBLE, probability DOUBLE, alarm UTINYINT, seq BIGINT)`,
  );
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

interface Row {
  readonly seq: number;
  readonly series: number;
  readonly timeMs: number;
}

/** A commit of rows with ever later times, the value of each is its time. */
function commit(seq: number, count: number): { group: CommitGroup; rows: Row[] } {
  const rows = Array.from({ length: count }, (_, i) => ({
    seq,
    series: i % SERIES,
    timeMs: seq * 1_000_000 + i,
  }));
  const seriesIds = Uint32Array.from(rows, ({ series }) => series);
  const timesMs = Float64Array.from(rows, ({ timeMs }) => timeMs);
  const verdicts = { ...zeroVerdicts(count), seriesIds, timesMs, expected: timesMs };
  const group = {
    seqs: Float64Array.of(seq),
    counts: Uint32Array.of(count),
    seriesIds,
    timesMs,
    values: timesMs,
    newSeries: [],
    verdicts,
    anomalies: [],
  };
  return { group, rows };
}

const step = fc.oneof(
  fc.record({ rows: fc.integer({ min: 1, max: 40_000 }) }),
  fc.record({ movedShare: fc.double({ min: 0, max: 1, noNaN: true }), meanwhile: fc.boolean() }),
  fc.record({ keptShare: fc.double({ min: 0, max: 1, noNaN: true }) }),
);

it('holds what was added, without what was moved and deleted, in the order of commits', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const hot = await HotRows.load(connection);
      let held: Row[] = [];
      let seq = 0;
      let keptMs = 0;
      const add = (count: number) => {
        const { group, rows } = commit(++seq, count);
        hot.add(group, seq);
        held.push(...rows);
      };
      for (const one of steps) {
        if ('rows' in one) {
          // More than it may hold is another case.
          if (held.length + one.rows <= 196_608) add(one.rows);
        } else if ('movedShare' in one) {
          const throughSeq = Math.floor(seq * one.movedShare);
          await hot.moved(async () => {
            if (one.meanwhile && held.length + 10 <= 196_608) add(10);
            return throughSeq;
          });
          held = held.filter((row) => row.seq > throughSeq);
        } else {
          keptMs = Math.max(keptMs, Math.floor(seq * one.keptShare) * 1_000_000 + 5000);
          hot.deleteOlder({ samplesMs: keptMs, verdictsMs: keptMs });
        }
      }
      for (let series = 0; series < SERIES; series++) {
        const expected = held
          .filter((row) => row.series === series && row.timeMs >= keptMs)
          .map((row) => row.timeMs);
        const range = { series, from: 0, to: 9e15 };
        const [timesMs, values] = hot.find('samples', range)!;
        expect([...timesMs!]).toEqual(expected);
        expect(values).toEqual(timesMs);
        const [judgedMs, , judged] = hot.find('verdicts', range)!;
        expect([...judgedMs!]).toEqual(expected);
        expect(judged).toEqual(judgedMs);
      }
    }),
    { numRuns: 12 },
  );
});

it('holds nothing beyond its room until all of that was moved, and holds everything again then', async () => {
  const hot = await HotRows.load(connection);
  const range = { series: 1, from: 0, to: 9e15 };
  hot.add(commit(1, 150_000).group, 1);
  expect(hot.find('samples', range)).toHaveLength(2);
  hot.add(commit(2, 150_000).group, 2);
  hot.add(commit(3, 30).group, 3);
  expect(hot.find('samples', range)).toBeUndefined();
  await hot.moved(async () => 1);
  expect(hot.find('samples', range)).toBeUndefined();
  await hot.moved(async () => 2);
  expect(hot.find('samples', range)![0]).toHaveLength(10);
  hot.forget(3);
  expect(hot.find('verdicts', range)).toBeUndefined();
});

it('takes in what the file holds', async () => {
  await connection.run(
    'INSERT INTO seismo_store.samples_hot SELECT i % 3, i, i, 1 + i // 1000 FROM range(50000) AS t(i)',
  );
  const hot = await HotRows.load(connection);
  await hot.moved(async () => 49);
  const range = { series: 1, from: 0, to: 49_500 };
  expect([...hot.find('samples', range)![0]!]).toEqual(
    Array.from({ length: 501 }, (_, i) => 49_000 + i).filter((timeMs) => timeMs % 3 === 1),
  );
  await connection.run('DELETE FROM seismo_store.samples_hot');
});
