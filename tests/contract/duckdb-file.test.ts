import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { openDatabase } from '@seismo/server/adapters/embedded/duckdb-database';
import { backupFolder, compactFile, restore } from '@seismo/server/adapters/embedded/duckdb-offline';
import { type DuckDbStore, openDuckDbStore } from '@seismo/server/adapters/embedded/duckdb-sample-store';
import { SCHEMA_VERSION } from '@seismo/server/adapters/embedded/duckdb-schema';
import { seriesKey } from '@seismo/server/model/series';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allOf, anomalyOf, batchOf, lookup, verdictsOf } from './store-harness.js';

const T = 1_743_548_330_000;
let folder: string;
let data: string;
const stores: DuckDbStore[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seismo-file-'));
  data = join(folder, 'data');
});
afterEach(async () => {
  for (const store of stores.splice(0)) await store.samples.close();
  await rm(folder, { recursive: true, force: true });
});

const LATENCY = 10_000;
const CPU = 10_001;

async function open(dataFolder = data): Promise<DuckDbStore> {
  const store = await openDuckDbStore({
    dataFolder,
    lookup: (id) => {
      if (id !== LATENCY && id !== CPU) return lookup(id);
      const name = id === LATENCY ? 'latency' : 'cpu';
      return { id, key: seriesKey(name, {}), name, labels: {} };
    },
    diskReserveBytes: 0,
    clock: { nowMs: () => Date.now() },
  });
  stores.push(store);
  return store;
}

async function query(file: string, sql: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

describe('the data folder', () => {
  it('is refused with the process that uses it', async () => {
    const script = `
      const { openDuckDbStore } = await import('@seismo/server/adapters/embedded/duckdb-sample-store');
      await openDuckDbStore({ dataFolder: ${JSON.stringify(data)}, lookup() {}, diskReserveBytes: 0,
        clock: { nowMs: () => 0 } });
      console.log('open');
      setInterval(() => {}, 1000);`;
    const other = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(other.stdout, 'data');
      await expect(open()).rejects.toMatchObject({
        code: 'data_folder_in_use',
        message: expect.stringContaining(`${data} is in use by the process ${other.pid}`),
      });
    } finally {
      other.kill('SIGKILL');
      await once(other, 'exit');
    }
    await open();
  });

  it('is refused to a second store in the same process', async () => {
    await open();
    await expect(open()).rejects.toMatchObject({ code: 'data_folder_in_use' });
  });

  it('loses at the next start what backup, restore and compaction left that were cut short, and nothing else', async () => {
    mkdirSync(data);
    const copy = `backup-${randomUUID()}.duckdb`;
    const own = ['partial', 'compacting', 'compacting.wal'].map((end) => `seismo.duckdb.${end}`);
    const left = [copy, `${copy}.partial`, ...own];
    for (const name of [...left, 'backup-of-monday.duckdb']) writeFileSync(join(data, name), 'x');
    await open();
    const names = readdirSync(data);
    expect(left.filter((name) => names.includes(name))).toEqual([]);
    expect(names).toContain('backup-of-monday.duckdb');
  });

  it('is refused when it cannot be a folder, cannot be written or holds no database', async () => {
    writeFileSync(data, 'a file');
    await expect(open()).rejects.toMatchObject({ code: 'data_folder_unusable' });
    const garbage = join(folder, 'garbage');
    mkdirSync(garbage);
    writeFileSync(join(garbage, 'seismo.duckdb'), 'not a database at all'.repeat(1000));
    await expect(open(garbage)).rejects.toMatchObject({ code: 'data_folder_unusable' });
    const readOnly = join(folder, 'read-only');
    mkdirSync(readOnly);
    chmodSync(readOnly, 0o500);
    // The superuser may write anywhere.
    if (process.getuid?.() !== 0) {
      await expect(open(readOnly)).rejects.toMatchObject({ code: 'data_folder_unusable' });
    }
  });

  it('is made whole or not at all, whatever a kill left of the last attempt', async () => {
    mkdirSync(data);
    writeFileSync(join(data, 'seismo.duckdb.new'), Buffer.alloc(4096));
    writeFileSync(join(data, 'seismo.duckdb.new.wal'), 'half a log');
    const { samples } = await open();
    await samples.append(batchOf([1, 1000, 5]));
    expect(await allOf(samples, 1)).toEqual([[1000, 5]]);
    expect(readdirSync(data).filter((name) => name.includes('.new'))).toEqual([]);
  });

  it('is refused when a newer version wrote it, and left as it was', async () => {
    const { samples } = await open();
    await samples.close();
    const file = join(data, 'seismo.duckdb');
    const newer = SCHEMA_VERSION + 1;
    await query(file, `UPDATE seismo_store.meta SET value = ${newer} WHERE name = 'schema_version'`);
    await expect(open()).rejects.toMatchObject({ code: 'data_folder_newer' });
    expect(await query(file, "SELECT value FROM seismo_store.meta WHERE name = 'schema_version'")).toEqual([
      [String(newer)],
    ]);
  });

  it('is brought forward from version 1 with everything in it', async () => {
    mkdirSync(data);
    const sql = readFileSync(new URL('fixtures/schema-v1.sql', import.meta.url), 'utf8');
    await query(join(data, 'seismo.duckdb'), sql);
    const { samples, nextSeriesId } = await open();
    expect(nextSeriesId).toBe(8);
    expect(await samples.readSeries()).toEqual([
      { id: 0, key: 'latency', name: 'latency', labels: {} },
      { id: 1, key: 'cpu{host="a"}', name: 'cpu', labels: { host: 'a' } },
    ]);
    expect((await samples.statistics()).committedSeq).toBe(12);
    expect(await allOf(samples, 0)).toEqual([
      [1000, 1.5],
      [2000, 7],
      [3000, 3.5],
    ]);
    await samples.close();
    expect(
      await query(join(data, 'seismo.duckdb'), 'SELECT * FROM metrics_dataset.metrics_table ORDER BY 1'),
    ).toEqual([
      ['1', 1.5, null],
      ['2', 7, null],
      ['3', 3.5, null],
    ]);
  });

  it('is brought forward from version 3 with its models and what they found', async () => {
    mkdirSync(data);
    const sql = readFileSync(new URL('fixtures/schema-v3.sql', import.meta.url), 'utf8');
    await query(join(data, 'seismo.duckdb'), sql);
    const { samples, models } = await open();
    expect((await models.open()).models).toMatchObject([{ seriesId: 0, trainedMs: 60_000 }]);
    const unlimited = { lowerLimit: Number.NEGATIVE_INFINITY, upperLimit: Number.POSITIVE_INFINITY };
    const verdict = {
      timeMs: 120_000,
      value: 90,
      expected: 10.5,
      deviation: 2,
      parts: undefined,
      ...unlimited,
    };
    expect(await models.verdicts(0, 120_000, 120_000)).toEqual([verdict]);
    expect(Array.from((await models.unexplained(0, 0)).timesMs)).toEqual([120_000]);
    const parts = { trend: 9, seasons: { daily: 1.5 }, holiday: 0, stepChanges: 0, stepsMs: [] };
    await models.saveExplanations(0, [{ timeMs: 120_000, expected: 10.5, parts }]);
    // Once said, it stays.
    await models.saveExplanations(0, [{ timeMs: 120_000, expected: 9, parts: { ...parts, trend: 8 } }]);
    expect(await models.verdicts(0, 0, 120_000)).toEqual([
      { timeMs: 60_000, value: 10, expected: 10.5, deviation: 2, ...unlimited, parts: undefined },
      { ...verdict, parts },
    ]);
    expect(Array.from((await models.unexplained(0, 0)).timesMs)).toEqual([]);
    // Minutes go before the anomalies do; what was found stays explained.
    await samples.enforceRetention({ samplesMs: 0, verdictsMs: 1e9 });
    expect(await models.verdicts(0, 0, 120_000)).toEqual([{ ...verdict, deviation: Number.NaN, parts }]);
    await samples.enforceRetention({ samplesMs: 1e9, verdictsMs: 1e9 });
    expect(await models.verdicts(0, 0, 120_000)).toEqual([]);
    await samples.close();
    expect(
      await query(join(data, 'seismo.duckdb'), 'SELECT count(*) FROM seismo_store.explanations'),
    ).toEqual([['0']]);
  });

  it('never gives the id of a series that went with the retention again', async () => {
    const { samples } = await open();
    await samples.append(batchOf([1, T, 1], [7, T, 1]));
    await samples.append(batchOf([1, T + 100, 1]));
    expect(await samples.enforceRetention({ samplesMs: T + 50, verdictsMs: T + 50 })).toEqual([7]);
    await samples.close();
    expect((await open()).nextSeriesId).toBe(8);
  });
});

describe('the database instance', () => {
  it('lets no statement at files, the network, extensions, the environment or its own settings', async () => {
    const instance = await openDatabase(data, { memoryBytes: 100e6 });
    const connection: DuckDBConnection = await instance.connect();
    const file = join(folder, 'reachable.csv');
    writeFileSync(file, 'a,b\n1,2\n');
    const refused = [
      `SELECT * FROM read_csv('${file}')`,
      `SELECT * FROM read_text('${file}')`,
      `SELECT * FROM read_blob('${file}')`,
      `SELECT * FROM '${file}'`,
      `SELECT * FROM glob('${folder}/*')`,
      `COPY seismo_store.meta TO '${folder}/out.csv'`,
      `COPY seismo_store.meta FROM '${file}'`,
      `EXPORT DATABASE '${folder}/export'`,
      `ATTACH '${folder}/other.db'`,
      'INSTALL httpfs',
      'LOAD httpfs',
      "SELECT getenv('HOME')",
      'SET enable_external_access = true',
      'SET lock_configuration = false',
      "SET temp_directory = '/tmp'",
      "SET memory_limit = '100GB'",
    ];
    for (const statement of refused) await expect(connection.run(statement), statement).rejects.toThrow();
    expect(existsSync(join(folder, 'out.csv'))).toBe(false);
    connection.closeSync();
    instance.closeSync();
  });
});

describe('backup, restore and compact', () => {
  async function fill(store: DuckDbStore): Promise<void> {
    await store.samples.append(batchOf([LATENCY, T, 312], [CPU, T, 99.6], [12, T, 5]));
    await store.samples.append(batchOf([LATENCY, T, 313], [LATENCY, T + 1500, 314]));
    await store.samples.appendFindings(
      verdictsOf([{ seriesId: LATENCY, timeMs: T, expected: 300, anomalous: true }]),
      [
        anomalyOf(LATENCY, T, {
          ...{ value: 313, expected: Number.NaN, upper: Number.POSITIVE_INFINITY },
          component: 'time_of_day',
        }),
      ],
    );
  }

  it('copies a consistent state while samples come in', async () => {
    const store = await open();
    await fill(store);
    let backedUp = false;
    let acknowledged = 0;
    const writing = (async () => {
      for (let i = 0; !backedUp; i++) {
        await store.samples.append(batchOf([1, T + i, i], [2, T + i, i]));
        acknowledged = i + 1;
      }
    })();
    await expect.poll(() => acknowledged).toBeGreaterThan(20);
    const before = acknowledged;
    const copy = join(folder, 'copy.duckdb');
    await store.samples.backup(copy);
    backedUp = true;
    await writing;
    await expect(store.samples.backup(copy)).rejects.toMatchObject({ code: 'bad_request' });
    const counts = await query(
      copy,
      'SELECT count(*) FILTER (series_id = 1), count(*) FILTER (series_id = 2) FROM metrics_dataset.samples',
    );
    const [first, second] = counts[0]!.map(Number) as [number, number];
    expect(first).toBe(second);
    expect(first).toBeGreaterThanOrEqual(before);
    expect((await allOf(store.samples, 1)).length).toBe(acknowledged);
  });

  it('answers the documented SQL on a copy, with any DuckDB client', async () => {
    const store = await open();
    await fill(store);
    const copy = join(folder, 'copy.duckdb');
    await store.samples.backup(copy);
    const sql = 'SELECT timestamp, latency, cpu FROM metrics_dataset.metrics_table ORDER BY timestamp';
    expect(await query(copy, sql)).toEqual([
      ['1743548330', 313, '100'],
      ['1743548331', 314, null],
    ]);
    expect(await query(copy, 'SELECT series, name, labels FROM metrics_dataset.series ORDER BY 1')).toEqual([
      ['cpu', 'cpu', '{}'],
      ['latency', 'latency', '{}'],
      ['requests{host="h12"}', 'requests', '{"host":"h12"}'],
    ]);
    expect(await query(copy, 'SELECT series, time_ms, state, alarm FROM metrics_dataset.verdicts')).toEqual([
      ['latency', String(T), 'anomalous', true],
    ]);
    expect(
      await query(
        copy,
        'SELECT series, value, expected, lower_bound, upper_bound, detector, component FROM metrics_dataset.anomalies',
      ),
    ).toEqual([['latency', 313, null, 9, null, 'multi-view', 'time_of_day']]);
    const types = await query(copy, 'DESCRIBE metrics_dataset.metrics_table');
    expect(types.map((column) => column.slice(0, 2))).toEqual([
      ['timestamp', 'BIGINT'],
      ['latency', 'DOUBLE'],
      ['cpu', 'BIGINT'],
    ]);
  });

  it('restores a backup into a new folder, and over an old one only when told', async () => {
    const store = await open();
    await fill(store);
    await store.samples.close();
    const copy = join(folder, 'copy.duckdb');
    await backupFolder(data, copy);
    const other = join(folder, 'other');
    await restore(copy, other);
    await expect(restore(copy, other)).rejects.toMatchObject({ code: 'bad_request' });
    const { samples } = await open(other);
    const kept = await allOf(samples, LATENCY);
    await samples.append(batchOf([LATENCY, T + 9000, 1]));
    await expect(restore(copy, other, { replace: true })).rejects.toMatchObject({
      code: 'data_folder_in_use',
    });
    await samples.close();
    await restore(copy, other, { replace: true });
    expect(await allOf((await open(other)).samples, LATENCY)).toEqual(kept);
  });

  it('refuses to restore what is not a backup', async () => {
    const text = join(folder, 'text');
    writeFileSync(text, 'hello');
    await expect(restore(text, data)).rejects.toMatchObject({ code: 'bad_request' });
    await expect(restore(join(folder, 'nowhere'), data)).rejects.toMatchObject({ code: 'bad_request' });
    const foreign = join(folder, 'foreign.duckdb');
    await query(foreign, 'CREATE TABLE a (b INTEGER)');
    await expect(restore(foreign, data)).rejects.toMatchObject({ code: 'bad_request' });
    expect(existsSync(data)).toBe(false);
  });

  it('gives the space of deleted rows back to the disk and changes nothing else', async () => {
    const store = await open();
    await fill(store);
    const rows = Array.from({ length: 60_000 }, (_, i) => [1, T - 1e6 - i, Math.sin(i) * 1e9] as const);
    for (let i = 0; i < 5; i++) await store.samples.append(batchOf(...rows));
    await store.state.saveCheckpoint({
      detector: 'multi-view',
      version: 1,
      seq: 2,
      pieces: [Uint8Array.of(1, 2)],
    });
    expect(await store.samples.enforceRetention({ samplesMs: T, verdictsMs: T })).toEqual([1]);
    const before = await allOf(store.samples, LATENCY);
    const { committedSeq } = await store.samples.statistics();
    await store.samples.close();
    const { bytesBefore, bytesAfter } = await compactFile(data);
    expect(bytesAfter).toBeLessThan(bytesBefore / 2);
    expect(statSync(join(data, 'seismo.duckdb')).size).toBe(bytesAfter);
    const { samples, state } = await open();
    expect(await allOf(samples, LATENCY)).toEqual(before);
    expect((await samples.queryAnomalies({ limit: 9 })).length).toBe(1);
    expect((await samples.statistics()).committedSeq).toBeLessThanOrEqual(committedSeq);
    const checkpoint = await state.loadCheckpoint('multi-view');
    expect([checkpoint?.seq, ...checkpoint!.pieces]).toEqual([2, Uint8Array.of(1, 2)]);
    await samples.close();
    expect(
      await query(join(data, 'seismo.duckdb'), 'SELECT count(*) FROM metrics_dataset.metrics_table'),
    ).toEqual([['2']]);
  });
});
