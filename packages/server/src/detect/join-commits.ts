import type { CommittedBatch } from '../model/batch.js';

const ROWS_MAX = 1024;

/**
 * Neighbouring small commits as one, under the number of the last: what is made for each commit, on the way through
 * detection and to those who listen, weighs many times what a single sample does.
 */
export function joinSmall(commits: readonly CommittedBatch[], rowsMax = ROWS_MAX): CommittedBatch[] {
  const joined: CommittedBatch[] = [];
  for (let from = 0; from < commits.length; ) {
    let rows = commits[from]!.batch.values.length;
    let to = from + 1;
    while (to < commits.length && rows + commits[to]!.batch.values.length <= rowsMax) {
      rows += commits[to++]!.batch.values.length;
    }
    joined.push(to === from + 1 ? commits[from]! : joinAll(commits.slice(from, to), rows));
    from = to;
  }
  return joined;
}

function joinAll(commits: readonly CommittedBatch[], rows: number): CommittedBatch {
  const seriesIds = new Uint32Array(rows);
  const timesMs = new Float64Array(rows);
  const values = new Float64Array(rows);
  let at = 0;
  for (const { batch } of commits) {
    seriesIds.set(batch.seriesIds, at);
    timesMs.set(batch.timesMs, at);
    values.set(batch.values, at);
    at += batch.values.length;
  }
  return { seq: commits.at(-1)!.seq, batch: { seriesIds, timesMs, values } };
}
