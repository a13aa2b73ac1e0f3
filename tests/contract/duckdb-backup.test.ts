import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { restore } from '@seismo/server/adapters/embedded/duckdb-offline';
import { type DuckDbStore, openDuckDbStore } from '@seismo/server/adapters/embedded/duckdb-sample-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allOf, batchOf, lookup, type Row } from './store-harness.js';

const T = 1_700_000_000_000;
const ROWS = 40;
let folder: string;
let store: DuckDbStore;
let written: [number, number][];
let backups = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seismo-backup-'));
  written = [];
  store = await open(join(folder, 'data'));
});
afterEach(async () => {
  await store.samples.close();
  await rm(folder, { recursive: true, force: true });
});

function open(dataFolder: string): Promise<DuckDbStore> {
  const clock = { nowMs: () => Date.now() };
  const sizes = { compactionRows: 20, runRows: 80 };
  return openDuckDbStore({ dataFolder, lookup, diskReserveBytes: 0, ...sizes, clock });
}

/** Appends samples of one series, the newest of them in place of one that is there. */
async function write(): Promise<void> {
  const added = Array.from({ length: ROWS }, (_, i): [number, number] => [T + written.length + i, i]);
  const replaced: [number, number] = [T, written.length];
  written = [replaced, ...[...written, ...added].slice(1)];
  const rows = [...added, replaced].map(([timeMs, value]): Row => [1, timeMs, value]);
  store.samples.keepCommitsAfter(await store.samples.append(batchOf(...rows)));
}

/** What a backup has that is begun now; it may have more than what is acknowledged already. */
async function backup(): Promise<[number, number][]> {
  const name = join(folder, `backup-${++backups}`);
  await store.samples.backup(`${name}.duckdb`);
  await restore(`${name}.duckdb`, name);
  const restored = await open(name);
  try {
    return await allOf(restored.samples, 1);
  } finally {
    await restored.samples.close();
  }
}

describe('a backup', () => {
  it('has every sample that was acknowledged before, each once, while compaction moves them', async () => {
    for (let round = 0; round < 3; round++) {
      await write();
      await write();
      const acknowledged = [...written];
      const compacted = store.samples.compact();
      expect(await backup()).toEqual(acknowledged);
      await compacted;
    }
  });

  it('waits for SQL that changes data, which would keep the newest samples out of it', async () => {
    const session = await store.sql.open();
    await session.run('CREATE SCHEMA mine');
    await session.run('CREATE TABLE mine.numbers AS SELECT range AS number FROM range(1000)');
    await session.run('BEGIN TRANSACTION');
    await session.run('UPDATE mine.numbers SET number = number + 1');
    await write();
    const begun = backup();
    await write();
    await session.run('COMMIT');
    const rows = await begun;
    await session.close();
    expect(rows.length).toBeGreaterThanOrEqual(ROWS);
    expect(written.slice(1).map(([timeMs]) => timeMs)).toEqual(
      expect.arrayContaining(rows.slice(1).map(([timeMs]) => timeMs)),
    );
  });

  it('has what was acknowledged while another one was being copied', async () => {
    await write();
    const first = backup();
    await write();
    const acknowledged = [...written];
    const second = await backup();
    expect(second).toEqual(acknowledged);
    expect((await first).length).toBeGreaterThanOrEqual(ROWS);
  });
});
