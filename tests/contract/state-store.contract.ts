import type { Checkpoint, StateStore } from '@seismo/server/ports/state-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreBench, type StoreFactory } from './store-harness.js';

/** What every StateStore does. */
export function describeStateStore(factory: StoreFactory): void {
  describe(`${factory.name} as StateStore`, () => {
    let bench: StoreBench;
    beforeEach(() => {
      bench = new StoreBench(factory);
    });
    afterEach(() => bench.clear());

    const pieces = (fill: number): Uint8Array[] => [
      new Uint8Array(4 * 1024 * 1024).fill(fill),
      new Uint8Array(0),
      Uint8Array.of(0, 255, fill),
    ];

    it('has no checkpoint of a detector that never saved one', async () => {
      const { state } = await bench.open();
      expect(await state.loadCheckpoint('multi-view')).toBeUndefined();
    });

    it('gives the pieces back byte for byte, also after reopening', async () => {
      const { state, samples } = await bench.open();
      const checkpoint = { detector: 'multi-view', version: 3, seq: 41, pieces: pieces(7) };
      await state.saveCheckpoint(checkpoint);
      expectSame(await whole(state, 'multi-view'), checkpoint);
      await samples.close();
      const reopened = await bench.open();
      expectSame(await whole(reopened.state, 'multi-view'), checkpoint);
    });

    it('replaces the checkpoint, also that of another detector', async () => {
      const { state, samples } = await bench.open();
      await state.saveCheckpoint({ detector: 'multi-view', version: 1, seq: 1, pieces: pieces(1) });
      await state.saveCheckpoint({ detector: 'multi-view', version: 2, seq: 3, pieces: [Uint8Array.of(3)] });
      const second = { detector: 'multi-view', version: 2, seq: 3, pieces: [Uint8Array.of(3)] };
      expect(await whole(state, 'multi-view')).toEqual(second);
      await state.saveCheckpoint({ detector: 'other', version: 9, seq: 4, pieces: pieces(2) });
      expect(await state.loadCheckpoint('multi-view')).toBeUndefined();
      await samples.close();
      const reopened = await bench.open();
      expect(await reopened.state.loadCheckpoint('multi-view')).toBeUndefined();
      expect(await reopened.state.loadCheckpoint('other')).toMatchObject({ version: 9, seq: 4 });
    });
  });
}

/** Compares megabytes as bytes: vitest looks at each element. */
function expectSame(found: WholeCheckpoint | undefined, wanted: WholeCheckpoint): void {
  expect({ ...found, pieces: [] }).toEqual({ ...wanted, pieces: [] });
  expect(found?.pieces.map((piece) => piece.length)).toEqual(wanted.pieces.map((piece) => piece.length));
  expect(found?.pieces.every((piece, i) => Buffer.compare(piece, wanted.pieces[i]!) === 0)).toBe(true);
}

type WholeCheckpoint = Checkpoint & { readonly pieces: readonly Uint8Array[] };

async function whole(state: StateStore, detector: string): Promise<WholeCheckpoint | undefined> {
  const found = await state.loadCheckpoint(detector);
  return found && { ...found, pieces: [...found.pieces] };
}
