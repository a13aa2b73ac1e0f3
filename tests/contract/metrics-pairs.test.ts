import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDuckDbStore } from '@seismo/server/adapters/embedded/duckdb-sample-store';
import {
  longestStretch,
  METRICS_TABLE_ROWS,
  withPairs as readWith,
} from '@seismo/server/bigquery/rest/metrics-pairs';
import { type EngineValue, SqlEngineError, type SqlSession } from '@seismo/server/ports/sql-engine';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const [LATENCY, CPU, OTHER] = [7, 3, 5];
const HOUR_MS = 3_600_000;
/** The beginning of an hour. */
const START_MS = 497_222 * HOUR_MS;

/** However few rows there are. */
const withPairs = <Result>(on: SqlSession, work: () => Promise<Result>) => readWith(on, work, 0);

let folder: string;
let store: Awaited<ReturnType<typeof openDuckDbStore>>;
let session: SqlSession;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'seismo-pairs-'));
  const lookup = (id: number) => ({ id, key: `s${id}`, name: `s${id}`, labels: {} });
  store = await openDuckDbStore({
    dataFolder: folder,
    lookup,
    diskReserveBytes: 0,
    clock: { nowMs: () => START_MS },
  });
  session = await store.sql.open();
  await session.run(
    `INSERT INTO seismo_store.series VALUES (${LATENCY}, 'latency', 'latency', '{}'), (${CPU}, 'cpu', 'cpu', '{}'),
       (${OTHER}, 'other', 'other', '{}')`,
  );
});
afterAll(async () => {
  await store.samples.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  for (const table of ['samples_cold', 'samples_hot']) await session.run(`DELETE FROM seismo_store.${table}`);
});

interface Rows {
  readonly id: number;
  readonly from: number;
  readonly to: number;
  /** Every so many seconds. */
  readonly step?: number;
  readonly offsetMs?: number;
  readonly scale?: number;
}

const rowsSql = ({ id, from, to, step = 10, offsetMs = 0, scale = 1 }: Rows) =>
  `SELECT ${id}::UINTEGER, ${START_MS} + i * 1000 + ${offsetMs}, (i * 7919 % 1000 + ${id}) * ${scale}::DOUBLE
   FROM range(${from}, ${to}, ${step}) AS r(i)`;

/** A sorted run, as compaction leaves them. */
async function compacted(...parts: Rows[]): Promise<void> {
  const sql = parts.map(rowsSql).join(' UNION ALL ');
  await session.run(`INSERT INTO seismo_store.samples_cold SELECT * FROM (${sql}) ORDER BY ALL`);
}

async function hot(...parts: Rows[]): Promise<void> {
  for (const part of parts)
    await session.run(`INSERT INTO seismo_store.samples_hot SELECT *, 1 FROM (${rowsSql(part)})`);
}

/** Hours of both series from one hour to another. */
const both = (from: number, to: number): Rows[] =>
  [CPU, LATENCY, OTHER].map((id) => ({ id, from: from * 3600, to: to * 3600 }));

const QUERIES = [
  'SELECT timestamp, latency, cpu FROM TABLE ORDER BY ALL',
  'SELECT count(*) FROM TABLE',
  'SELECT sum(latency) FROM TABLE',
  'SELECT count(latency), count(cpu) FROM TABLE WHERE cpu > 500',
  'SELECT timestamp, cpu FROM TABLE WHERE latency < 100 ORDER BY ALL',
  'SELECT latency FROM TABLE ORDER BY cpu, timestamp LIMIT 5',
  'SELECT count(*), sum(cpu) FROM TABLE t JOIN (SELECT 507 + 10 * i AS v FROM range(20) AS r(i)) u ON t.latency = u.v',
  'SELECT a.timestamp, b.cpu FROM TABLE a JOIN TABLE b ON a.timestamp = b.timestamp + 10 ORDER BY ALL LIMIT 50',
];

/** What the plain view gives, and how many rows were read without a join. */
async function pairedRows(): Promise<number> {
  const plain = await all('metrics_dataset.metrics_table');
  expect(await all(METRICS_TABLE_ROWS)).toEqual(plain);
  const [found, paired] = await withPairs(session, async () => {
    const [row] = await session.rows(
      `SELECT count(*)::DOUBLE FROM seismo_store.samples_cold WHERE series_id = getvariable('paired_cpu')
         AND time_ms >= getvariable('paired_from_ms') AND time_ms < getvariable('paired_to_ms')`,
    );
    return [await all(METRICS_TABLE_ROWS), Number(row![0])] as const;
  });
  expect(found).toEqual(plain);
  // Nothing of it is left for the next statement.
  expect(await all(METRICS_TABLE_ROWS)).toEqual(plain);
  return paired;
}

async function all(table: string): Promise<EngineValue[][][]> {
  const found = [];
  for (const sql of QUERIES) found.push(await session.rows(sql.replaceAll('TABLE', table)));
  return found;
}

describe('metrics_table without a join', () => {
  it('reads all that is compacted where both series have the same times', async () => {
    await compacted(...both(0, 5));
    await compacted(...both(5, 7));
    await hot(...both(7, 8));
    expect(await pairedRows()).toBe(7 * 360);
  });

  it('is not looked for in few rows', async () => {
    await compacted(...both(0, 1));
    const isSet = () => session.rows("SELECT getvariable('paired_to_ms') > 0");
    expect(await readWith(session, isSet)).not.toEqual([[true]]);
    expect(await withPairs(session, isSet)).toEqual([[true]]);
  });

  it('joins what lies around a gap of one series', async () => {
    await compacted(...both(0, 3), { id: CPU, from: 3 * 3600, to: 4 * 3600, step: 20 });
    await compacted({ id: LATENCY, from: 3 * 3600, to: 4 * 3600 }, ...both(4, 9));
    expect(await pairedRows()).toBe(5 * 360);
  });

  it('joins the hour in which samples came late or again', async () => {
    await compacted(...both(0, 8));
    await hot({ id: CPU, from: 2 * 3600, to: 2 * 3600 + 50, scale: 9 });
    await hot({ id: LATENCY, from: 2 * 3600 + 5, to: 2 * 3600 + 25, scale: 3 });
    expect(await pairedRows()).toBeGreaterThanOrEqual(5 * 360);
  });

  it('joins what is compacted in another order', async () => {
    await compacted({ id: LATENCY, from: 0, to: 7200 }, { id: CPU, from: 0, to: 3600 });
    await compacted({ id: CPU, from: 3600, to: 7200, offsetMs: 0 });
    expect(await pairedRows()).toBe(720);
    await session.run(`DELETE FROM seismo_store.samples_cold WHERE series_id = ${CPU}`);
    await compacted({ id: CPU, from: 3600, to: 7200 });
    await compacted({ id: CPU, from: 0, to: 3600 });
    expect(await pairedRows()).toBe(0);
  });

  it('joins times that differ by milliseconds', async () => {
    await compacted({ id: LATENCY, from: 0, to: 7200 }, { id: CPU, from: 0, to: 7200, offsetMs: 1 });
    expect(await pairedRows()).toBe(0);
  });

  it.each([
    ['nothing', []],
    ['one series', [{ id: LATENCY, from: 0, to: 7200 }]],
    [
      'series one after the other',
      [
        { id: LATENCY, from: 0, to: 3600 },
        { id: CPU, from: 3600, to: 7200 },
      ],
    ],
  ])('reads %s', async (_, parts) => {
    await compacted({ id: OTHER, from: 0, to: 100 }, ...parts);
    expect(await pairedRows()).toBe(0);
  });

  it('reads a table of which nothing is compacted', async () => {
    await hot(...both(0, 1), ...both(0, 1).map((rows) => ({ ...rows, step: 30, scale: 2 })));
    expect(await pairedRows()).toBe(0);
  });

  it('gives the same as the join whatever was left out, moved or sent again', async () => {
    let state = 42;
    const random = (below: number) => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((state / 2_147_483_648) * below);
    };
    for (let round = 0; round < 5; round++) {
      await session.run('DELETE FROM seismo_store.samples_cold');
      await session.run('DELETE FROM seismo_store.samples_hot');
      let hour = 0;
      for (let run = 0; run <= random(4); run++) {
        const to = hour + 1 + random(3);
        await compacted(...both(hour, to));
        hour = to;
      }
      for (let change = 0; change < random(4); change++) {
        const at = START_MS + random(hour * 360) * 10_000;
        const series = random(2) === 0 ? CPU : LATENCY;
        const where = `WHERE series_id = ${series} AND time_ms >= ${at} AND time_ms < ${at + random(200) * 1000}`;
        await session.run(`DELETE FROM seismo_store.samples_cold ${where}`);
      }
      const from = Math.floor(random(hour * 360)) * 10;
      if (random(2) === 0)
        await hot({ id: random(2) === 0 ? CPU : LATENCY, from, to: from + random(600), scale: 4 });
      if (random(2) === 0) await hot(...both(hour, hour + 1));
      await pairedRows();
    }
  });

  it('sees one state of the samples, also while they are compacted', async () => {
    await compacted(...both(0, 4));
    await hot(...both(4, 5));
    const other = await store.sql.open();
    const [before] = await session.rows('SELECT count(*), sum(cpu) FROM metrics_dataset.metrics_table');
    const found = await withPairs(session, async () => {
      await other.run(
        'INSERT INTO seismo_store.samples_cold SELECT * EXCLUDE (seq) FROM seismo_store.samples_hot',
      );
      await other.run('DELETE FROM seismo_store.samples_hot');
      await other.run(
        `DELETE FROM seismo_store.samples_cold WHERE series_id = ${CPU} AND time_ms < ${START_MS + 60_000}`,
      );
      return session.rows(`SELECT count(*), sum(cpu) FROM ${METRICS_TABLE_ROWS}`);
    });
    expect(found).toEqual([before]);
    await other.close();
  });

  it('leaves nothing behind when a statement fails', async () => {
    await compacted(...both(0, 2));
    await expect(withPairs(session, () => session.run('SELECT error(1)'))).rejects.toThrow();
    expect(await session.rows("SELECT getvariable('paired_to_ms')")).toEqual([[0n]]);
    expect(await pairedRows()).toBe(720);
  });
});

describe('what finds no memory', () => {
  it('is done once more outside of the transaction', async () => {
    await compacted(...both(0, 2));
    let turns = 0;
    const found = await withPairs(session, async () => {
      if (++turns === 1) throw new SqlEngineError('memory', 'Out of Memory Error');
      // Within another transaction it would fail.
      await session.run('BEGIN');
      await session.run('COMMIT');
      return session.rows("SELECT getvariable('paired_to_ms')");
    });
    expect([turns, found]).toEqual([2, [[0n]]]);
  });
});

describe('the longest stretch of even hours', () => {
  const slice = (at: number, rows: number, isEven = true) => ({ slice: at, rows, isEven });

  it('has the most rows, and may have hours without any', () => {
    expect(longestStretch([slice(1, 10), slice(2, 10, false), slice(3, 8), slice(9, 8)])).toEqual({
      fromMs: 3 * HOUR_MS,
      toMs: 10 * HOUR_MS,
    });
  });

  it('is not there where no hour is even', () => {
    expect(longestStretch([slice(1, 10, false)])).toBeUndefined();
    expect(longestStretch([])).toBeUndefined();
  });
});
