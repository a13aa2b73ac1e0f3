import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqlModelFiles } from '@seismo/server/adapters/embedded/sql-model-files';
import type { SqlModelHeader, SqlModelSeries } from '@seismo/server/ports/sql-models';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const FACTS = {
  ...{ order: { p: 1, d: 1, q: 0 }, hasDrift: false, logLikelihood: -1.25, aic: 4.5, variance: 0.1 },
  ...{ seasonalPeriods: ['DAILY'], hasHolidayEffect: false, hasSpikesAndDips: true, hasStepChanges: false },
  ...{ errorMessage: '', arCoefficients: [0.1 + 0.2], maCoefficients: [], interceptOrDrift: 0 },
  ...{ points: 5, historyFromMs: 0, historyToMs: 240_000, horizonEndMs: 300_000 },
  frequency: 'PER_MINUTE',
} as const;

function header(model: string, more: Partial<SqlModelHeader> = {}): SqlModelHeader {
  return {
    ...{ dataset: 'ds', model, createdMs: 1, trainedMs: 1, trainingSeconds: 0.5, options: { HORIZON: 5 } },
    timestampColumn: { name: 'ts', type: 'TIMESTAMP' },
    dataColumn: { name: 'value', type: 'INT64' },
    idColumns: [{ name: 'id', type: 'STRING' }],
    hierarchicalColumns: [],
    ...{ horizon: 5, rows: 7, series: 2, failedSeries: 0, ...more },
  };
}

const series = (id: string, errorMessage = ''): SqlModelSeries => ({
  ids: [id],
  facts: errorMessage === '' ? FACTS : undefined,
  errorMessage,
});
const bytes = (length: number, seed: number) =>
  Uint8Array.from({ length }, (_, at) => (at * 31 + seed) % 256);
const saved = (length: number, seed: number) => ({
  ahead: bytes(length, seed),
  whole: bytes(4 * length, seed + 1),
});

describe('models of SQL in the data folder', () => {
  let dataFolder: string;
  let unreadable: string[];
  let models: SqlModelFiles;
  const reopen = async () => {
    unreadable = [];
    models = await SqlModelFiles.open({
      dataFolder,
      onUnreadable: (path, reason) => unreadable.push(`${path}: ${reason}`),
    });
  };
  const folder = () => join(dataFolder, 'sql-models');
  beforeEach(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), 'seismo-sql-models-'));
    await reopen();
  });
  afterEach(() => rm(dataFolder, { recursive: true, force: true }));

  async function store(head: SqlModelHeader, count: number, replace = false): Promise<boolean> {
    const made = await models.create();
    for (let number = 0; number < count; number++)
      await made.add(series(`s${number}`), saved(40 + number, number));
    try {
      return await made.finish(head, { replace });
    } finally {
      await made.abandon();
    }
  }

  it('come back as they were, after a restart too', async () => {
    const made = await models.create();
    await made.add(series('a'), saved(50_000, 1));
    await made.add(series('broken', 'too short'), undefined);
    await made.add(series('b'), saved(30, 2));
    expect(models.list('ds')).toEqual([]);
    expect(await made.finish(header('one'), { replace: false })).toBe(true);
    for (let round = 0; round < 2; round++) {
      expect(models.get({ dataset: 'ds', model: 'one' })).toEqual(header('one'));
      const opened = (await models.open({ dataset: 'ds', model: 'one' }))!;
      expect(opened.header).toEqual(header('one'));
      expect(opened.series).toEqual([series('a'), series('broken', 'too short'), series('b')]);
      const ahead = await opened.models([0, 1, 2], 'ahead');
      expect(ahead.map((one) => one && [...one])).toEqual([
        [...bytes(50_000, 1)],
        undefined,
        [...bytes(30, 2)],
      ]);
      const whole = await opened.models([1, 2], 'whole');
      expect(whole.map((one) => one && [...one])).toEqual([undefined, [...bytes(120, 3)]]);
      await opened.close();
      await reopen();
    }
  });

  it('are read whole wherever they lie among thousands', async () => {
    await store(header('many', { series: 3000 }), 3000);
    const opened = (await models.open({ dataset: 'ds', model: 'many' }))!;
    const numbers = [0, 1, 5, 6, 700, 1500, 1501, 2999];
    for (const part of ['ahead', 'whole'] as const) {
      const found = await opened.models(numbers, part);
      expect(found).toHaveLength(numbers.length);
      for (const [at, number] of numbers.entries()) {
        expect([...found[at]!]).toEqual([...saved(40 + number, number)[part]]);
      }
    }
    await opened.close();
  });

  it('are replaced only where that is asked for; who reads the old one reads it to its end', async () => {
    await store(header('one', { rows: 1 }), 1);
    expect(await store(header('one', { rows: 2 }), 2)).toBe(false);
    expect(models.get({ dataset: 'ds', model: 'one' })!.rows).toBe(1);
    const before = (await models.open({ dataset: 'ds', model: 'one' }))!;
    expect(await store(header('one', { rows: 3 }), 3, true)).toBe(true);
    expect(before.series).toHaveLength(1);
    expect([...(await before.models([0], 'ahead'))[0]!]).toEqual([...bytes(40, 0)]);
    await before.close();
    const after = (await models.open({ dataset: 'ds', model: 'one' }))!;
    expect(after.series).toHaveLength(3);
    await after.close();
    expect(await readdir(folder())).toHaveLength(1);
  });

  it('are told apart by case and by dataset, and listed by name', async () => {
    await store(header('b'), 1);
    await store(header('B'), 1);
    await store(header('a'), 1);
    await store(header('b', { dataset: 'other' }), 1);
    expect(models.list('ds').map(({ model }) => model)).toEqual(['B', 'a', 'b']);
    expect(models.list('other').map(({ model }) => model)).toEqual(['b']);
    expect(models.list('DS')).toEqual([]);
  });

  it('go when they are removed, once', async () => {
    await store(header('one'), 1);
    const opened = (await models.open({ dataset: 'ds', model: 'one' }))!;
    expect(await models.remove({ dataset: 'ds', model: 'one' })).toBe(true);
    expect(await models.remove({ dataset: 'ds', model: 'one' })).toBe(false);
    expect(await models.open({ dataset: 'ds', model: 'one' })).toBeUndefined();
    expect(await opened.models([0], 'ahead')).toHaveLength(1);
    await opened.close();
    expect(await readdir(folder())).toEqual([]);
  });

  it('leave nothing when they are abandoned, or cut short by a crash', async () => {
    const abandoned = await models.create();
    await abandoned.add(series('a'), saved(10, 1));
    await abandoned.abandon();
    await abandoned.abandon();
    expect(await readdir(folder())).toEqual([]);
    const cut = await models.create();
    await cut.add(series('a'), saved(10, 1));
    await reopen();
    expect(await readdir(folder())).toEqual([]);
    await cut.abandon();
  });

  it('whose file is damaged or of another version are named, and answer as if they were not', async () => {
    for (const name of ['cut', 'other', 'good']) await store(header(name), 1);
    const paths = (await readdir(folder())).map((name) => join(folder(), name));
    const texts = await Promise.all(paths.map(async (path) => (await readFile(path)).toString('latin1')));
    const pathOf = (name: string) => paths[texts.findIndex((text) => text.includes(`"model":"${name}"`))]!;
    await truncate(pathOf('cut'), 200);
    const newer = await readFile(pathOf('other'));
    newer[15] = 2;
    await writeFile(pathOf('other'), newer);
    await reopen();
    expect(models.list('ds').map(({ model }) => model)).toEqual(['good']);
    expect(unreadable).toHaveLength(2);
    expect(unreadable.join('\n')).toMatch(/is cut off/);
    expect(unreadable.join('\n')).toMatch(/is of version 2/);
    expect(await readdir(folder())).toHaveLength(3);
  });
});
