import type { SampleBatch } from './batch.js';

/**
 * The batch without the samples that a later row of it replaces. The same batch where there are none, which is
 * nearly always: times that ascend within each series are seen in one pass.
 */
export function keepLastWrites(batch: SampleBatch): SampleBatch {
  if (ascends(batch)) return batch;
  const seen = new Map<number, Set<number>>();
  const rows: number[] = [];
  for (let row = batch.values.length - 1; row >= 0; row--) {
    const id = batch.seriesIds[row]!;
    const times = seen.get(id) ?? new Set();
    seen.set(id, times);
    const timeMs = batch.timesMs[row]!;
    if (times.has(timeMs)) continue;
    times.add(timeMs);
    rows.push(row);
  }
  if (rows.length === batch.values.length) return batch;
  rows.reverse();
  return {
    seriesIds: Uint32Array.from(rows, (row) => batch.seriesIds[row]!),
    timesMs: Float64Array.from(rows, (row) => batch.timesMs[row]!),
    values: Float64Array.from(rows, (row) => batch.values[row]!),
  };
}

function ascends({ seriesIds, timesMs }: SampleBatch): boolean {
  const newest = new Map<number, number>();
  for (let row = 0; row < seriesIds.length; row++) {
    const timeMs = timesMs[row]!;
    const before = newest.get(seriesIds[row]!);
    if (before !== undefined && before >= timeMs) return false;
    newest.set(seriesIds[row]!, timeMs);
  }
  return true;
}
