import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDbStore, openDuckDbStore } from '@seismo/server/adapters/embedded/duckdb-sample-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mountSmallDisk } from '../support/small-disk.js';
import { FULL_LENGTH } from '../support/test-length.js';
import { allOf, lookup } from './store-harness.js';

const T = 1_700_000_000_000;
const ROUNDS = FULL_LENGTH ? 10 : 2;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seismo-durable-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function open(dataFolder: string): Promise<DuckDbStore> {
  return openDuckDbStore({ dataFolder, lookup, diskReserveBytes: 0, clock: { nowMs: () => Date.now() } });
}

/** Appends from eight callers and saves checkpoints without end; prints what was acknowledged. */
const WRITER = `
  const { openDuckDbStore } = await import('@seismo/server/adapters/embedded/duckdb-sample-store');
  const [dataFolder, round] = process.argv.slice(1);
  const lookup = (id) => ({ id, key: 'k' + id, name: 'k' + id, labels: {} });
  const { samples, state } = await openDuckDbStore({
    dataFolder, lookup, diskReserveBytes: 0, walBytesMax: 200_000, compactionRows: 50, runRows: 400,
    clock: { nowMs: () => 0 } });
  const write = async (id) => {
    for (let i = 0; ; i++) {
      const timeMs = ${T} + Number(round) * 1e6 + i;
      const seq = await samples.append({
        seriesIds: Uint32Array.of(id, id), timesMs: Float64Array.of(timeMs, -timeMs), values: Float64Array.of(i, i) });
      process.stdout.write('sample ' + id + ' ' + timeMs + ' ' + i + ' ' + seq + '\\n');
      samples.keepCommitsAfter(seq - 20);
    }
  };
  const save = async () => {
    for (let i = 1; ; i++) {
      const version = Number(round) * 1000 + i;
      const pieces = Array.from({ length: 3 }, () => new Uint8Array(100_000).fill(version % 251));
      await state.saveCheckpoint({ detector: 'multi-view', version, seq: i, pieces });
      process.stdout.write('checkpoint ' + version + '\\n');
      await samples.compact();
    }
  };
  process.stdout.write('ready\\n');
  await Promise.all([...Array.from({ length: 8 }, (_, id) => write(id)), save()]);`;

async function writeUntilKilled(dataFolder: string, round: number): Promise<string[][]> {
  const writer = spawn(process.execPath, ['--input-type=module', '-e', WRITER, dataFolder, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(writer, 'exit');
  let output = '';
  writer.stdout.setEncoding('utf8');
  await new Promise<void>((resolve) => {
    writer.stdout.on('data', (text: string) => {
      output += text;
      // Killed after a number of acknowledgements: at a moment the writer does not know.
      if (output.split('\n').length > 200 + 150 * round) resolve();
    });
    writer.once('exit', () => resolve());
  });
  writer.kill('SIGKILL');
  await exited;
  return output
    .slice(0, output.lastIndexOf('\n'))
    .split('\n')
    .map((line) => line.split(' '));
}

describe('the store killed at any moment', () => {
  it('has every acknowledged sample and a whole checkpoint afterwards, and larger numbers', async () => {
    const data = join(folder, 'data');
    const acknowledged = new Map<string, number>();
    let highestSeq = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      let newestCheckpoint = 0;
      for (const [kind, ...fields] of await writeUntilKilled(data, round)) {
        const [first, timeMs, value, seq] = fields.map(Number) as [number, number, number, number];
        if (kind === 'checkpoint') newestCheckpoint = first;
        if (kind !== 'sample') continue;
        acknowledged.set(`${first} ${timeMs}`, value).set(`${first} ${-timeMs}`, value);
        highestSeq = Math.max(highestSeq, seq);
      }
      const { samples, state } = await open(data);
      const { committedSeq, samples: rows, uncompactedSamples } = await samples.statistics();
      expect(committedSeq).toBeGreaterThanOrEqual(highestSeq);
      const stored = new Map<string, number>();
      for (let id = 0; id < 8; id++) {
        for (const [timeMs, value] of await allOf(samples, id)) stored.set(`${id} ${timeMs}`, value);
      }
      const lost = [...acknowledged].filter(([key, value]) => stored.get(key) !== value);
      expect(lost).toEqual([]);
      // Also where it was killed while it compacted: nothing lies there twice.
      expect(stored.size).toBe(rows);
      expect(uncompactedSamples).toBeLessThan(rows);
      const checkpoint = await state.loadCheckpoint('multi-view');
      expect(checkpoint?.version ?? 0).toBeGreaterThanOrEqual(newestCheckpoint);
      for (const piece of checkpoint?.pieces ?? []) {
        expect(piece.length).toBe(100_000);
        expect(piece.every((byte) => byte === checkpoint!.version % 251)).toBe(true);
      }
      await samples.close();
    }
    expect(acknowledged.size).toBeGreaterThan(200 * ROUNDS);
  });
});

describe('the store on a disk that is full', () => {
  it('refuses samples, goes on reading, loses nothing acknowledged, and takes samples when there is room', async (context) => {
    const disk = join(folder, 'disk');
    const mounted = mountSmallDisk(disk, 40);
    if (mounted === undefined) return context.skip('needs the right to mount a tmpfs');
    try {
      const filler = join(disk, 'filler');
      writeFileSync(filler, Buffer.alloc(24 * 1024 * 1024));
      const { samples } = await open(join(disk, 'data'));
      let rows = 0;
      const append = async (): Promise<string> => {
        const batch = {
          seriesIds: new Uint32Array(20_000).fill(1),
          timesMs: Float64Array.from({ length: 20_000 }, (_, i) => T + rows + i),
          values: Float64Array.from({ length: 20_000 }, () => Math.random()),
        };
        try {
          await samples.append(batch);
          rows += 20_000;
          return 'taken';
        } catch (error) {
          return (error as { code: string }).code;
        }
      };
      let outcome = 'taken';
      for (let i = 0; i < 200 && outcome === 'taken'; i++) outcome = await append();
      expect(outcome).toBe('storage_full');
      expect(rows).toBeGreaterThan(0);
      expect((await allOf(samples, 1)).length).toBeGreaterThanOrEqual(rows);
      expect(await append()).toBe('storage_full');
      rmSync(filler);
      await expect.poll(append).toBe('taken');
      expect((await allOf(samples, 1)).length).toBeGreaterThanOrEqual(rows);
      await samples.close();
      const { samples: again } = await open(join(disk, 'data'));
      expect((await allOf(again, 1)).length).toBeGreaterThanOrEqual(rows);
      await again.close();
    } finally {
      mounted.unmount();
    }
  });
});
