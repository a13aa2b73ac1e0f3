import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { DATABASE_FILE } from '@seismo/server/adapters/embedded/duckdb-database';
import { compactFile } from '@seismo/server/adapters/embedded/duckdb-offline';
import { type DuckDbStore, openDuckDbStore } from '@seismo/server/adapters/embedded/duckdb-sample-store';
import { builtInTables } from '@seismo/server/bigquery/rest/built-in-tables';
import type { SampleColumns } from '@seismo/server/ports/sample-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { batchOf, lookup, type Row, verdictsOf } from './store-harness.js';

const T = 1_700_000_000_000;
const SERIES = 4;
const STEP_ROWS = 20;
const RUN_ROWS = 80;
let folder: string;
let store: DuckDbStore;
let nextTick = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seismo-compaction-'));
  nextTick = 0;
  await open();
});
afterEach(async () => {
  await store.samples.close();
  await rm(folder, { recursive: true, force: true });
});

async function open(): Promise<void> {
  store = await openDuckDbStore({
    dataFolder: folder,
    lookup,
    diskReserveBytes: 0,
    compactionRows: STEP_ROWS,
    runRows: RUN_ROWS,
    clock: { nowMs: () => Date.now() },
  });
}

/** Appends so many samples of all series, each with its verdict. */
async function write(ticks: number, value = 1): Promise<void> {
  const rows: Row[] = [];
  for (let i = 0; i < ticks; i++, nextTick++) {
    for (let id = 0; id < SERIES; id++) rows.push([id, T + nextTick, value + nextTick + id / 10]);
  }
  await writeRows(rows);
}

async function writeRows(rows: readonly Row[]): Promise<void> {
  const seq = await store.samples.append(batchOf(...rows));
  const judged = rows.map(([seriesId, timeMs, value]) => ({ seriesId, timeMs, expected: value + 0.5 }));
  await store.samples.appendFindings(verdictsOf(judged), []);
  store.samples.keepCommitsAfter(seq);
}

async function everything(): Promise<SampleColumns[]> {
  const found: SampleColumns[] = [];
  for (let seriesId = 0; seriesId < SERIES; seriesId++) {
    found.push(await store.samples.querySamples({ seriesId, fromMs: 0, toMs: 2 * T, points: 1e6 }));
  }
  return found;
}

/** How many sorted runs each cold table is made of, and how many times lie in it twice. */
async function layout(): Promise<Record<string, { runs: number; rows: number; repeats: number }>> {
  await store.samples.close();
  const instance = await DuckDBInstance.create(join(folder, DATABASE_FILE));
  const connection = await instance.connect();
  const found: Record<string, { runs: number; rows: number; repeats: number }> = {};
  for (const table of ['samples', 'verdicts']) {
    const [row] = (
      await connection.runAndReadAll(
        `SELECT (count(*) FILTER (before IS NULL OR before > key))::DOUBLE, count(*)::DOUBLE,
           (count(*) - count(DISTINCT key))::DOUBLE
         FROM (SELECT row(series_id, time_ms) AS key, lag(row(series_id, time_ms)) OVER (ORDER BY rowid) AS before
           FROM seismo_store.${table}_cold)`,
      )
    ).getRows();
    const [runs, rows, repeats] = row as [number, number, number];
    found[table] = { runs, rows, repeats };
  }
  connection.closeSync();
  instance.closeSync();
  await open();
  return found;
}

async function writeAndCompact(ticks: number): Promise<void> {
  await write(ticks);
  await store.samples.compact();
}

describe('compaction in small steps', () => {
  it('moves few rows at once, and sorts them together when they make up a run', async () => {
    const runsAfter = new Map<number, number>();
    for (let step = 1; step <= 8; step++) {
      await writeAndCompact(STEP_ROWS / SERIES);
      if (![3, 4, 7, 8].includes(step)) continue;
      const { samples, verdicts } = await layout();
      expect(verdicts).toEqual(samples);
      expect(samples).toMatchObject({ rows: step * STEP_ROWS, repeats: 0 });
      runsAfter.set(step, samples!.runs);
    }
    expect([...runsAfter]).toEqual([
      [3, 3],
      [4, 1],
      [7, 4],
      [8, 2],
    ]);
  });

  it('sorts four whole runs together once more', async () => {
    const runsAfter: number[] = [];
    for (let run = 1; run <= 9; run++) {
      await writeAndCompact(RUN_ROWS / SERIES);
      if (run % 4 > 1) continue;
      const before = await everything();
      const { samples, verdicts } = await layout();
      expect(verdicts).toEqual(samples);
      expect(samples).toMatchObject({ rows: run * RUN_ROWS, repeats: 0 });
      expect(await everything()).toEqual(before);
      runsAfter.push(samples!.runs);
    }
    expect(runsAfter).toEqual([1, 1, 2, 2, 3]);
  });

  it('takes a whole run at once where much waits', async () => {
    for (let commit = 0; commit < 12; commit++) await write(STEP_ROWS / SERIES);
    await store.samples.compact();
    expect((await layout()).samples).toEqual({ runs: 3, rows: 3 * RUN_ROWS, repeats: 0 });
  });

  it('changes nothing that can be read, with samples and verdicts that are late or written again', async () => {
    for (let step = 0; step < 12; step++) {
      await write(STEP_ROWS / SERIES);
      const late = T + Math.floor(nextTick / 3);
      await writeRows([
        [1, late, 1000 + step],
        [1, late, 2000 + step],
        [2, T + nextTick - 2, 3000 + step],
        [3, T - 1 - step, 4000 + step],
      ]);
      const before = await everything();
      await store.samples.compact();
      expect(await everything()).toEqual(before);
    }
    const { samples, verdicts } = await layout();
    expect(samples!.repeats).toBe(0);
    expect(verdicts!.repeats).toBe(0);
    const { timesMs, values, expected } = (await everything())[1]!;
    expect(timesMs.length).toBe(nextTick);
    expect(expected).toEqual(values.map((value) => value + 0.5));
  });

  it('shows SQL each sample once, as it was written last, wherever its writes lie', async () => {
    await write(30);
    await store.samples.compact();
    await write(3);
    const expected = new Map<string, number>();
    for (let tick = 0; tick < nextTick; tick++) {
      for (let id = 0; id < SERIES; id++) expected.set(`${id} ${T + tick}`, 1 + tick + id / 10);
    }
    // Of compacted times once and twice, of a time that waits, late, and of the first sample of all.
    const late: Row[] = [
      [1, T + 7, -1],
      [2, T + 8, -2],
      [2, T + 8, -3],
      [3, T + 31, -4],
      [0, T - 5, -5],
      [0, T, -6],
    ];
    await writeRows(late);
    for (const [id, timeMs, value] of late) expected.set(`${id} ${timeMs}`, value);
    const session = await store.sql.open();
    try {
      const found = await session.rows('SELECT series_id, time_ms, value FROM metrics_dataset.samples');
      expect(found.length).toBe(expected.size);
      expect(new Map(found.map(([id, timeMs, value]) => [`${id} ${timeMs}`, value]))).toEqual(expected);
      const { readAs } = builtInTables(0).find(({ table }) => table === 'samples')!;
      const named = await session.rows(
        `SELECT name, count(*)::INTEGER, sum(value) FROM ${readAs} GROUP BY name`,
      );
      const sums = Array.from({ length: SERIES }, (_, id) => {
        const values = [...expected].filter(([key]) => key.startsWith(`${id} `)).map(([, value]) => value);
        return [lookup(id).name, values.length, expect.closeTo(values.reduce((sum, value) => sum + value))];
      });
      expect(named.toSorted()).toEqual(sums);
      expect(await session.rows(`SELECT count(*)::INTEGER FROM ${readAs}`)).toEqual([[expected.size]]);
    } finally {
      await session.close();
    }
  });

  it.each(['series_id = 1', `time_ms >= ${T}`])(
    'compares no row that nothing replaces: %s',
    async (condition) => {
      const session = await store.sql.open();
      try {
        const [plan] = await session.rows(`EXPLAIN FROM seismo_store.samples WHERE ${condition}`);
        expect(String(plan![1])).toContain('ANTI');
        expect(String(plan![1])).not.toContain('DELIM');
      } finally {
        await session.close();
      }
    },
  );

  it('loses nothing when rows of the small runs are deleted before they are sorted together', async () => {
    for (let step = 0; step < 3; step++) await writeAndCompact(STEP_ROWS / SERIES);
    await store.samples.enforceRetention({ samplesMs: T + 7, verdictsMs: T + 9 });
    for (let step = 0; step < 3; step++) await writeAndCompact(STEP_ROWS / SERIES);
    const { samples, verdicts } = await layout();
    expect(samples!.rows).toBe(6 * STEP_ROWS - 7 * SERIES);
    expect(verdicts!.rows).toBe(6 * STEP_ROWS - 9 * SERIES);
    const first = (await everything())[0]!;
    expect([...first.timesMs]).toEqual(Array.from({ length: nextTick - 7 }, (_, i) => T + 7 + i));
  });

  it('goes on after a restart and after the file was written anew', async () => {
    for (let step = 0; step < 6; step++) await writeAndCompact(STEP_ROWS / SERIES);
    const before = await everything();
    await store.samples.close();
    await compactFile(folder);
    await open();
    expect(await everything()).toEqual(before);
    expect((await layout()).samples).toMatchObject({ runs: 3 });
    for (let step = 0; step < 2; step++) await writeAndCompact(STEP_ROWS / SERIES);
    expect((await layout()).samples).toEqual({ runs: 2, rows: 8 * STEP_ROWS, repeats: 0 });
  });
});
