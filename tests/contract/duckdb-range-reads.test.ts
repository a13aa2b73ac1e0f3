import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDbStore, openDuckDbStore } from '@seismo/server/adapters/embedded/duckdb-sample-store';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batchOf, lookup, type Row, verdictsOf } from './store-harness.js';

const T = 1_700_000_000_000;
const UNKNOWN = 3;
const OK = 1;
const CASES = 40;
let folder: string;
let store: DuckDbStore;

const WHOLE = { fromMs: T, toMs: T + 10_000, points: 10_000 };

interface Steps {
  readonly compactionRows: number;
  readonly runRows: number;
}

function openStore(dataFolder: string, steps: Steps): Promise<DuckDbStore> {
  const clock = { nowMs: () => Date.now() };
  return openDuckDbStore({ dataFolder, lookup, diskReserveBytes: 0, ...steps, clock });
}

async function openFolder(steps: Steps): Promise<{ folder: string; store: DuckDbStore }> {
  const folder = await mkdtemp(join(tmpdir(), 'seismo-range-'));
  return { folder, store: await openStore(folder, steps) };
}

beforeAll(async () => {
  ({ folder, store } = await openFolder({ compactionRows: 20, runRows: 80 }));
});
afterAll(async () => {
  await store.samples.close();
  await rm(folder, { recursive: true, force: true });
});

const tick = fc.integer({ min: -1, max: 61 });
/** Times of a series in one batch, whether they are judged too, and whether what is there is compacted then. */
const step = fc.record({
  ticks: fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 30 }),
  judged: fc.boolean(),
  compacted: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

interface Stored {
  value: number;
  expected: number;
}

/** Does the steps to a series of its own; gives what is stored at each time by then. */
async function write(seriesId: number, steps: readonly Step[]): Promise<Map<number, Stored>> {
  const stored = new Map<number, Stored>();
  let value = 0;
  for (const { ticks, judged, compacted } of steps) {
    const rows = ticks.map((tick): Row => [seriesId, T + tick, ++value]);
    const seq = await store.samples.append(batchOf(...rows));
    for (const [, timeMs, newest] of rows) {
      const expected = judged ? newest + 0.5 : (stored.get(timeMs)?.expected ?? Number.NaN);
      stored.set(timeMs, { value: newest, expected });
    }
    if (judged) {
      const told = rows.map(([id, timeMs, newest]) => ({ seriesId: id, timeMs, expected: newest + 0.5 }));
      await store.samples.appendFindings(verdictsOf(told), []);
    }
    store.samples.keepCommitsAfter(seq);
    if (compacted) await store.samples.compact();
  }
  return stored;
}

describe('reading one series', () => {
  it('gives the last write of each time, with the last verdict, wherever compaction has moved them', async () => {
    const cases = fc.sample(
      fc.record({
        steps: fc.array(step, { minLength: 1, maxLength: 6 }),
        one: tick,
        other: tick,
        points: tick,
      }),
      { numRuns: CASES },
    );
    // All at the same time: findings wait for company.
    await Promise.all(
      cases.map(async ({ steps, one, other, points }, seriesId) => {
        const stored = await write(seriesId, steps);
        const [fromMs, toMs] = [T + Math.min(one, other), T + Math.max(one, other)];
        const wanted = [...stored].filter(([timeMs]) => timeMs >= fromMs && timeMs <= toMs);
        wanted.sort(([a], [b]) => a - b);
        const found = await store.samples.querySamples({ seriesId, fromMs, toMs, points: points + 2 });
        expect(found.total).toBe(wanted.length);
        if (wanted.length > points + 2) {
          for (const timeMs of found.timesMs) expect(stored.has(timeMs)).toBe(true);
          return;
        }
        expect(found.downsampled).toBe(false);
        expect([...found.timesMs]).toEqual(wanted.map(([timeMs]) => timeMs));
        expect([...found.values]).toEqual(wanted.map(([, { value }]) => value));
        expect([...found.expected]).toEqual(wanted.map(([, { expected }]) => expected));
        const states = wanted.map(([, { expected }]) => (Number.isNaN(expected) ? UNKNOWN : OK));
        expect([...found.states]).toEqual(states);
      }),
    );
  });

  it('finds everything that was written before, while compaction moves it', async () => {
    const seriesId = CASES;
    const ticks = 300;
    let moved = Promise.resolve();
    const told: Promise<void>[] = [];
    const read = () => store.samples.querySamples({ seriesId, fromMs: T, toMs: T + ticks, points: 1e6 });
    for (let tick = 0; tick < ticks; tick += 10) {
      const rows = Array.from({ length: 10 }, (_, i): Row => [seriesId, T + tick + i, tick + i]);
      const seq = await store.samples.append(batchOf(...rows));
      const judged = rows.map(([id, timeMs, value]) => ({ seriesId: id, timeMs, expected: value }));
      told.push(store.samples.appendFindings(verdictsOf(judged), []));
      store.samples.keepCommitsAfter(seq);
      moved = moved.then(() => store.samples.compact());
      expect([...(await read()).values]).toEqual(Array.from({ length: tick + 10 }, (_, i) => i));
    }
    await moved;
    await Promise.all(told);
    const { values, expected } = await read();
    expect(expected).toEqual(values);
  });

  it('finds the same after a restart, where some rows are compacted and some are replaced', async () => {
    const one = await openFolder({ compactionRows: 4, runRows: 1000 });
    const write = async (store: DuckDbStore, values: readonly number[]) => {
      const rows = values.map((value, tick): Row => [1, T + tick, value]);
      const seq = await store.samples.append(batchOf(...rows));
      const judged = rows.map(([id, timeMs, value]) => ({ seriesId: id, timeMs, expected: value }));
      await store.samples.appendFindings(verdictsOf(judged), []);
      return seq;
    };
    const seq = await write(one.store, [1, 2, 3, 4]);
    await write(one.store, [5, 6]);
    one.store.samples.keepCommitsAfter(seq);
    await one.store.samples.compact();
    await one.store.samples.close();

    const store = await openStore(one.folder, { compactionRows: 1, runRows: 1000 });
    const read = async () => {
      const { values, expected } = await store.samples.querySamples({ ...WHOLE, seriesId: 1 });
      expect(expected).toEqual(values);
      return [...values];
    };
    expect(await read()).toEqual([5, 6, 3, 4]);
    const last = await write(store, [7]);
    expect(await read()).toEqual([7, 6, 3, 4]);
    store.samples.keepCommitsAfter(last - 1);
    await store.samples.compact();
    expect(await read()).toEqual([7, 6, 3, 4]);
    store.samples.keepCommitsAfter(last);
    await store.samples.compact();
    expect(await read()).toEqual([7, 6, 3, 4]);
    await store.samples.close();
    await rm(one.folder, { recursive: true, force: true });
  });

  it('finds the newest values of more rows than lie in memory, before they are compacted and after', async () => {
    const { folder, store } = await openFolder({ compactionRows: 100_000, runRows: 400_000 });
    const { samples } = store;
    const series = 1000;
    const append = (ticks: number, value: number) =>
      samples.append({
        seriesIds: Uint32Array.from({ length: ticks * series }, (_, i) => i % series),
        timesMs: Float64Array.from({ length: ticks * series }, (_, i) => T + Math.floor(i / series)),
        values: new Float64Array(ticks * series).fill(value),
      });
    const read = async () => [...(await samples.querySamples({ ...WHOLE, seriesId: 7 })).values];
    const many = Array.from({ length: 300 }, () => 1);
    await append(200, 1);
    await append(300, 1);
    expect(await read()).toEqual(many);
    const seq = await append(2, 2);
    expect(await read()).toEqual([2, 2, ...many.slice(2)]);
    samples.keepCommitsAfter(seq);
    await samples.compact();
    expect(await read()).toEqual([2, 2, ...many.slice(2)]);
    await append(1, 3);
    expect(await read()).toEqual([3, 2, ...many.slice(2)]);
    await samples.close();
    await rm(folder, { recursive: true, force: true });
  });
});
