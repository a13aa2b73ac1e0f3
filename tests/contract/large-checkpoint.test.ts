import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDuckDbStore } from '@seismo/server/adapters/embedded/duckdb-sample-store';
import { expect, it, onTestFinished } from 'vitest';

const PIECES = 100;
const PIECE_BYTES = 600_000;

it('gives a checkpoint back that takes most of the memory the store may use', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'seismo-checkpoint-'));
  onTestFinished(() => rmSync(dataFolder, { recursive: true, force: true }));
  const open = () =>
    openDuckDbStore({
      dataFolder,
      lookup: () => undefined,
      diskReserveBytes: 0,
      clock: { nowMs: () => Date.now() },
      memoryBytes: 80_000_000,
    });
  const pieces = Array.from({ length: PIECES }, () => new Uint8Array(randomBytes(PIECE_BYTES)));

  const first = await open();
  await first.state.saveCheckpoint({ detector: 'multi-view', version: 1, seq: 0, pieces });
  await first.samples.close();
  const second = await open();
  onTestFinished(() => second.samples.close());
  const loaded = [...(await second.state.loadCheckpoint('multi-view'))!.pieces];
  expect(loaded.map((piece) => piece.length)).toEqual(pieces.map((piece) => piece.length));
  for (const [i, piece] of loaded.entries()) expect(Buffer.compare(piece, pieces[i]!)).toBe(0);
});
