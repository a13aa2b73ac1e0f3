import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { backupFolder, inspectFolder, restore } from '@seismo/server/adapters/embedded/duckdb-offline';
import { openDuckDbStore } from '@seismo/server/adapters/embedded/duckdb-sample-store';
import { appendModels, holdModels, takeModels } from '@seismo/server/adapters/embedded/model-archive';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { batchOf, lookup } from './store-harness.js';

const T = 1_743_548_330_000;
const MODELS = {
  'models/1-1743548330000.model': 'first',
  // Longer than is copied at once.
  'models/20-1743548330001.model': `${'x'.repeat(1_300_000)}end`,
  [`sql-models/${'0a'.repeat(32)}.model`]: '',
};
let folder: string;
let data: string;
let copy: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seismo-archive-'));
  data = join(folder, 'data');
  copy = join(folder, 'copy.duckdb');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function open() {
  return openDuckDbStore({ dataFolder: data, lookup, diskReserveBytes: 0, clock: { nowMs: () => T } });
}

function writeModels(models: Readonly<Record<string, string>>): void {
  for (const folder of ['models', 'sql-models']) mkdirSync(join(data, folder), { recursive: true });
  for (const [name, text] of Object.entries(models)) writeFileSync(join(data, name), text);
}

function modelsIn(dataFolder: string): Record<string, string> {
  const names = ['models', 'sql-models'].flatMap((folder) =>
    existsSync(join(dataFolder, folder))
      ? readdirSync(join(dataFolder, folder)).map((name) => `${folder}/${name}`)
      : [],
  );
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(dataFolder, name), 'utf8')]));
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

const COUNT = 'SELECT count(*)::INTEGER FROM metrics_dataset.samples';

describe('the models in a backup', () => {
  it('come back from that of a running server and from that of a stopped one, and leave nothing behind', async () => {
    const { samples } = await open();
    await samples.append(batchOf([1, T, 312]));
    writeModels({ ...MODELS, 'models/3-5.model.new': 'half of one' });
    await samples.backup(copy);
    await samples.close();
    expect(readdirSync(data).sort()).toEqual(['models', 'seismo.duckdb', 'sql-models']);
    const offline = join(folder, 'offline.duckdb');
    await backupFolder(data, offline);
    for (const [number, backup] of [copy, offline].entries()) {
      const restored = join(folder, `restored-${number}`);
      await restore(backup, restored);
      expect(modelsIn(restored)).toEqual(MODELS);
      const database = join(restored, 'seismo.duckdb');
      expect(statSync(backup).size - statSync(database).size).toBeGreaterThan(300_000);
      expect(await inspectFolder(restored)).toMatchObject({ bytes: statSync(database).size });
      expect(await query(database, COUNT)).toEqual([[1]]);
    }
  });

  it('leave the copy a database that any DuckDB client reads and writes', async () => {
    const { samples } = await open();
    await samples.append(batchOf([1, T, 312]));
    writeModels(MODELS);
    await samples.backup(copy);
    await samples.close();
    expect(await query(copy, COUNT)).toEqual([[1]]);
    await restore(copy, join(folder, 'read'));
    expect(modelsIn(join(folder, 'read'))).toEqual(MODELS);
    // What it writes may lie where the models were: then they are trained anew.
    await query(copy, 'CREATE TABLE more AS SELECT random() AS one FROM range(300000)');
    await restore(copy, join(folder, 'written'));
    expect(modelsIn(join(folder, 'written'))).toEqual({});
    expect(await query(join(folder, 'written', 'seismo.duckdb'), COUNT)).toEqual([[1]]);
  });

  it('are those of the moment at which they were held, whatever is trained since', async () => {
    writeModels(MODELS);
    const held = holdModels(data);
    writeModels({ 'models/1-1743548330002.model': 'second' });
    rmSync(join(data, 'models/1-1743548330000.model'));
    await appendModels(copy, held.folder);
    await held.release();
    expect(readdirSync(data).sort()).toEqual(['models', 'sql-models']);
    expect(await takeModels(copy, join(folder, 'other'))).toBe(0);
    expect(modelsIn(join(folder, 'other'))).toEqual(MODELS);
  });

  it('are left out where they are cut short, and so are names that are none of a model', async () => {
    writeModels(MODELS);
    await appendModels(copy, data);
    const whole = readFileSync(copy);
    writeFileSync(copy, whole.subarray(0, whole.length - 1));
    expect(await takeModels(copy, join(folder, 'cut'))).toBeUndefined();
    const name = Buffer.from('models/20-1743548330001.model');
    whole.set(Buffer.from(`models/../${'x'.repeat(name.length - 16)}.model`), whole.indexOf(name));
    writeFileSync(copy, whole);
    expect(await takeModels(copy, join(folder, 'named'))).toBe(0);
    expect(Object.keys(modelsIn(join(folder, 'named')))).toEqual([
      'models/1-1743548330000.model',
      Object.keys(MODELS)[2],
    ]);
    expect(readdirSync(join(folder, 'named')).sort()).toEqual(['models', 'sql-models']);
  });

  it('make no difference to a backup without any', async () => {
    const { samples } = await open();
    await samples.append(batchOf([1, T, 312]));
    await samples.backup(copy);
    await samples.close();
    expect(readFileSync(copy).includes('SMMODELS')).toBe(false);
    await restore(copy, join(folder, 'other'));
    expect(modelsIn(join(folder, 'other'))).toEqual({});
  });
});
