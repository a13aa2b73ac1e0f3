import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ActiveSeries } from '../model/active-series.js';
import type { CommitLog, SampleReader } from '../ports/sample-store.js';
import type { Judge } from './judge.js';

const PIECE_SAMPLES_MAX = 100_000;
const SLICE_ROWS = 2000;
const SLICE_MS = 8;

/** Makes the series of which samples came most lately active, as many as the limit allows. */
export async function activateNewest(
  store: Pick<SampleReader, 'readLatest'>,
  active: ActiveSeries,
  nowS: number,
): Promise<void> {
  const latest = await store.readLatest();
  const newestFirst = [...latest].sort((a, b) => b.timeMs - a.timeMs || a.seriesId - b.seriesId);
  for (const { seriesId } of newestFirst) active.touch(seriesId, nowS);
}

/** Learns everything stored up to and including a commit. False when it was stopped before the end. */
export async function rebuild(
  store: Pick<CommitLog, 'readAll'>,
  judge: Judge,
  throughSeq: number,
  stopping: () => boolean,
): Promise<boolean> {
  for await (const batch of store.readAll(throughSeq, PIECE_SAMPLES_MAX)) {
    const finished = await inSlices(batch.values.length, stopping, (from, to) =>
      judge.relearn(batch, from, to),
    );
    if (!finished) return false;
  }
  return !stopping();
}

/** Works through rows in slices and lets other work in between, so that no request waits for long. */
export async function inSlices(
  rows: number,
  stopping: () => boolean,
  work: (from: number, to: number) => void,
): Promise<boolean> {
  let sliceStartMs = performance.now();
  for (let from = 0; from < rows; from += SLICE_ROWS) {
    if (performance.now() - sliceStartMs > SLICE_MS) {
      await nextTurn();
      if (stopping()) return false;
      sliceStartMs = performance.now();
    }
    work(from, Math.min(rows, from + SLICE_ROWS));
  }
  return true;
}
