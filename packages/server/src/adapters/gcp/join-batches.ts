import type { SampleBatch } from '../../model/batch.js';

/** All rows in order; the batch itself where there is only one. */
export function joinBatches(batches: readonly SampleBatch[]): SampleBatch {
  if (batches.length === 1) return batches[0]!;
  const rows = batches.reduce((sum, batch) => sum + batch.values.length, 0);
  const joined = {
    seriesIds: new Uint32Array(rows),
    timesMs: new Float64Array(rows),
    values: new Float64Array(rows),
  };
  let at = 0;
  for (const { seriesIds, timesMs, values } of batches) {
    joined.seriesIds.set(seriesIds, at);
    joined.timesMs.set(timesMs, at);
    joined.values.set(values, at);
    at += values.length;
  }
  return joined;
}
