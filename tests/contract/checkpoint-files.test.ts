import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { backupFolder, restore } from '@seismo/server/adapters/embedded/duckdb-offline';
import { type DuckDbStore, openDuckDbStore } from '@seismo/server/adapters/embedded/duckdb-sample-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { batchOf, lookup } from './store-harness.js';

let folder: string;
let data: string;
const stores: DuckDbStore[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seismo-checkpoints-'));
  data = join(folder, 'data');
});
afterEach(async () => {
  for (const store of stores.splice(0)) await store.samples.close();
  await rm(folder, { recursive: true, force: true });
});

async function open(dataFolder = data): Promise<DuckDbStore> {
  const clock = { nowMs: () => Date.now() };
  const store = await openDuckDbStore({ dataFolder, lookup, diskReserveBytes: 0, clock });
  stores.push(store);
  return store;
}

/** Commits a sample and saves a checkpoint of that commit. */
async function step({ samples, state }: DuckDbStore, mark: number): Promise<number> {
  const seq = await samples.append(batchOf([1, 1000 + mark, mark]));
  await state.saveCheckpoint({ detector: 'multi-view', version: 1, seq, pieces: [Uint8Array.of(mark)] });
  return seq;
}

async function loaded({ state }: DuckDbStore): Promise<unknown[]> {
  const checkpoint = await state.loadCheckpoint('multi-view');
  return checkpoint === undefined ? [] : [checkpoint.seq, ...[...checkpoint.pieces].map((one) => one[0])];
}

describe('a backup', () => {
  it('of a running store brings the checkpoint, until the next one takes its place', async () => {
    const store = await open();
    const seq = await step(store, 7);
    const copy = join(folder, 'copy.duckdb');
    await store.samples.backup(copy);
    await step(store, 8);
    const restored = join(folder, 'restored');
    await restore(copy, restored);
    expect(readdirSync(restored)).toEqual(['seismo.duckdb']);
    const other = await open(restored);
    expect(await loaded(other)).toEqual([seq, 7]);
    const later = await step(other, 9);
    expect(await loaded(other)).toEqual([later, 9]);
    await other.samples.close();
    await rm(join(restored, 'multi-view.checkpoint'));
    expect(await loaded(await open(restored))).toEqual([]);
  });

  it('of a stopped store brings it too, and replaces one of the folder it is restored into', async () => {
    const store = await open();
    const seq = await step(store, 7);
    await store.samples.close();
    const copy = join(folder, 'copy.duckdb');
    await backupFolder(data, copy);
    const later = await open();
    await step(later, 8);
    await later.samples.close();
    await restore(copy, data, { replace: true });
    expect(await loaded(await open())).toEqual([seq, 7]);
  });
});

describe('the file of a checkpoint', () => {
  it('that is cut anywhere is refused, not half taken', async () => {
    const store = await open();
    await step(store, 7);
    const path = join(data, 'multi-view.checkpoint');
    const whole = readFileSync(path);
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      await expect(loaded(store), `${length} bytes`).rejects.toThrow(RangeError);
    }
  });

  it('stays as it was when saving fails on the way', async () => {
    const store = await open();
    const seq = await step(store, 7);
    function* pieces() {
      yield Uint8Array.of(1);
      throw new Error('no further');
    }
    const failing = { detector: 'multi-view', version: 1, seq: 99, pieces: pieces() };
    await expect(store.state.saveCheckpoint(failing)).rejects.toThrow('no further');
    expect(await loaded(store)).toEqual([seq, 7]);
  });

  it('is written piece by piece, with other work in between', async () => {
    const store = await open();
    let turns = 0;
    let writing = true;
    const counting = (async () => {
      for (; writing; turns++) await nextTurn();
    })();
    const seenAt: number[] = [];
    function* pieces() {
      for (let i = 0; i < 50; i++) {
        seenAt.push(turns);
        yield new Uint8Array(100_000);
      }
    }
    await store.state.saveCheckpoint({ detector: 'multi-view', version: 1, seq: 0, pieces: pieces() });
    writing = false;
    await counting;
    expect(new Set(seenAt).size).toBe(50);
  });
});
