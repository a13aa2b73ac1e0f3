import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { openDatabase } from '@seismo/server/adapters/embedded/duckdb-database';
import { DuckDbSqlSessions } from '@seismo/server/adapters/embedded/duckdb-sql-sessions';
import { Lane } from '@seismo/server/adapters/embedded/lane';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const notFull = () => false;
/** More than the memory has room for beside the table of `hold`. */
const SORT =
  'SELECT count(*) FROM (SELECT i, row_number() OVER (ORDER BY hash(i)) AS n FROM range(300000) t(i))';
const HOLD = 'CREATE TABLE held AS SELECT hash(i) AS h FROM range(2800000) t(i)';

describe('the memory that SQL needs', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'seismo-sql-memory-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('counts millions of rows that are not compacted in a part of the usual memory', async () => {
    const instance = await openDatabase(folder, { memoryBytes: 24_000_000 });
    const connection = await instance.connect();
    try {
      const rows = (from: number) => `SELECT i % 1000, ${from} + i // 1000, i FROM range(1500000) t(i)`;
      await connection.run(`INSERT INTO seismo_store.samples_cold ${rows(0)}`);
      // The last cold time is replaced, and the last hot one comes twice.
      await connection.run(`INSERT INTO seismo_store.samples_hot SELECT *, 1 FROM (${rows(1499)})`);
      await connection.run(
        'INSERT INTO seismo_store.samples_hot SELECT i, 2998, -1, 2 FROM range(1000) t(i)',
      );
      await connection.run('CHECKPOINT');
      const count = await connection.runAndReadAll('SELECT count(*) FROM seismo_store.samples');
      expect(count.getRowsJson()).toEqual([['2999000']]);
      const last = await connection.runAndReadAll(
        'SELECT time_ms, count(*), max(value) FROM seismo_store.samples WHERE time_ms IN (1499, 2998) GROUP BY 1 ORDER BY 1',
      );
      expect(last.getRowsJson()).toEqual([
        ['1499', '1000', 999],
        ['2998', '1000', -1],
      ]);
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  });

  it('is there once the upkeep is done that held it', async () => {
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: '40MB',
      temp_directory: '',
      threads: '1',
    });
    const upkeep = new Lane();
    const sessions = new DuckDbSqlSessions(upkeep);
    const id = await sessions.open(instance, notFull);
    const ask = () => sessions.call(id, { name: 'rows', sql: SORT });
    const holder = await instance.connect();
    try {
      expect(await ask()).toMatchObject({ ok: true });
      await holder.run(HOLD);
      expect(await ask(), 'without upkeep it fails at once').toMatchObject({ ok: false, kind: 'memory' });
      let release = () => {};
      const step = upkeep.run(() => new Promise<void>((resolve) => (release = resolve)));
      const answer = ask();
      // Only when the statement waits behind the upkeep.
      while (upkeep.waiting < 2) await new Promise((resolve) => setImmediate(resolve));
      await holder.run('DROP TABLE held');
      release();
      await step;
      expect(await answer).toMatchObject({ ok: true });
      // It holds up nothing afterwards.
      await upkeep.run(async () => {});
    } finally {
      await sessions.closeAll();
      holder.closeSync();
      instance.closeSync();
    }
  });
});
