import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDuckDbStore } from '@seismo/server/adapters/embedded/duckdb-sample-store';
import type { SqlSession } from '@seismo/server/ports/sql-engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const LONG = 'SELECT count(*) FROM range(100000000000) AS t(i) WHERE hash(i) % 7 = 1';

describe('SQL in the store of samples', () => {
  let folder: string;
  let store: Awaited<ReturnType<typeof openDuckDbStore>>;
  let session: SqlSession;

  const open = async (diskReserveBytes: number) => {
    const clock = { nowMs: () => Date.now() };
    const lookup = (id: number) => ({ id, key: `s${id}`, name: `s${id}`, labels: {} });
    store = await openDuckDbStore({ dataFolder: folder, lookup, diskReserveBytes, clock });
    session = await store.sql.open();
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'seismo-sql-engine-'));
    await open(0);
  });
  afterEach(async () => {
    await store.samples.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('gives back what was appended, of every type', async () => {
    await session.run(`CREATE TEMP TABLE t (a BIGINT, b DOUBLE, c VARCHAR, d TIMESTAMPTZ, e DATE, f DECIMAL(38,9),
      g BOOLEAN, h BLOB, i TIME, j TIMESTAMP, k BIGINT[], l STRUCT(x BIGINT, y VARCHAR))`);
    const rows = [
      [
        2n ** 62n,
        1.5,
        'ä',
        1_700_000_000_123_456n,
        20_000,
        '-12.340000000',
        true,
        new Uint8Array([1, 2]),
        1n,
        -1n,
        [1n, 2n],
        { x: 1n, y: 'z' },
      ],
      [null, null, null, null, null, null, null, null, null, null, [], null],
    ];
    const columns = rows[0]!.map((_, c) => rows.map((row) => row[c]!));
    await session.append({ name: 't' }, columns, rows.length);
    expect(await session.rows('SELECT * FROM t')).toEqual(rows);
  });

  it('counts the texts that a change gives, of more rows than come at once', async () => {
    await session.run('CREATE TEMP TABLE t AS SELECT i FROM range(5000) AS t(i)');
    const merge = `MERGE INTO t USING (SELECT i FROM range(4000, 9000) AS s(i)) AS s ON t.i = s.i
      WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (s.i) RETURNING merge_action`;
    expect(await session.counts(merge)).toEqual({ DELETE: 1000, INSERT: 4000 });
    expect(await session.rows('SELECT count(*) FROM t')).toEqual([[8000n]]);
  });

  it('gives long columns of numbers as arrays of numbers, unless one is NULL', async () => {
    const { columns, rowCount } = await session.columns(
      "SELECT i, i / 2, make_timestamptz(i * 1000000), if(i = 4999, NULL, i), 'x' FROM range(5000) AS t(i)",
    );
    expect(rowCount).toBe(5000);
    expect(columns[0]).toEqual(Float64Array.from({ length: 5000 }, (_, i) => i));
    expect(columns[2]).toBeInstanceOf(Float64Array);
    expect(columns[3]?.[4999]).toBeNull();
    expect(Number(columns[3]?.[0])).toBe(0);
    expect(columns[4]?.[1]).toBe('x');
  });

  it('ends what runs when it is told to, with the reason, and goes on beside it', async () => {
    const ending = session.run(LONG).catch((error: unknown) => error);
    const batch = {
      seriesIds: Uint32Array.of(1),
      timesMs: Float64Array.of(1000),
      values: Float64Array.of(1),
    };
    expect(await store.samples.append(batch)).toBeGreaterThan(0);
    const other = await store.sql.open();
    expect(await other.rows('SELECT count(*) FROM metrics_dataset.samples')).toEqual([[1n]]);
    // Longer than a look or two: the first has DuckDB's thread for itself.
    await other.run('CREATE TEMP TABLE t AS SELECT i, hash(i) AS h FROM range(3000000) AS r(i) ORDER BY h');
    expect(await other.rows('SELECT count(*) FROM t')).toEqual([[3_000_000n]]);
    await other.close();
    session.interrupt('timeout');
    expect(await ending).toMatchObject({ name: 'SqlEngineError', kind: 'timeout' });
    expect(await session.rows('SELECT 1').catch((error: unknown) => error)).toMatchObject({
      kind: 'timeout',
    });
  });

  it('says of a failure of which kind it is', async () => {
    const kindOf = (sql: string) => session.run(sql).then(String, (error: { kind: string }) => error.kind);
    expect(await kindOf('SELECT nothing')).toBe('invalid');
    expect(await kindOf("SELECT error('own')")).toBe('invalid');
    await session.run('CREATE SCHEMA d');
    await session.run('CREATE TABLE d.t AS SELECT 1 AS x');
    const other = await store.sql.open();
    await other.run('BEGIN');
    await other.run('UPDATE d.t SET x = 2');
    expect(await kindOf('UPDATE d.t SET x = 3')).toBe('conflict');
    await other.close();
    expect(await kindOf('UPDATE d.t SET x = 3')).toBe('1');
  });

  it('reaches no file, no network, no setting', async () => {
    const outside = [
      "SELECT * FROM read_text('/etc/hostname')",
      "SELECT * FROM read_csv('/etc/passwd')",
      "SELECT * FROM glob('/*')",
      "COPY (SELECT 1) TO '/tmp/seismo-never'",
      "ATTACH '/tmp/seismo-never.duckdb'",
      'INSTALL httpfs',
      'LOAD httpfs',
      "SET memory_limit = '10GB'",
      'SET enable_external_access = true',
      'RESET lock_configuration',
    ];
    for (const sql of outside) await expect(session.run(sql), sql).rejects.toMatchObject({ kind: 'invalid' });
  });

  it('ends a long statement when the disk has room for samples only', async () => {
    await store.samples.close();
    await open(Number.MAX_SAFE_INTEGER);
    await expect(session.run(LONG)).rejects.toMatchObject({ kind: 'full' });
  });

  it('is ended with the store', async () => {
    const ending = session.run(LONG).catch((error: unknown) => error);
    await store.samples.close();
    expect(await ending).toMatchObject({ kind: 'cancelled' });
    await expect(store.sql.open()).rejects.toMatchObject({ code: 'not_ready' });
    await open(0);
  });
});
