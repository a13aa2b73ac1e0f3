import { type VerdictBatch, zeroVerdicts } from '../../model/verdict.js';

/** A copy of rows `from` to `to`, to the end when left out. */
export function sliceVerdicts(verdicts: VerdictBatch, from: number, to?: number): VerdictBatch {
  return {
    seriesIds: verdicts.seriesIds.slice(from, to),
    timesMs: verdicts.timesMs.slice(from, to),
    states: verdicts.states.slice(from, to),
    expected: verdicts.expected.slice(from, to),
    lower: verdicts.lower.slice(from, to),
    upper: verdicts.upper.slice(from, to),
    probability: verdicts.probability.slice(from, to),
    score: verdicts.score.slice(from, to),
    alarms: verdicts.alarms.slice(from, to),
  };
}

/** One batch of all: many small ones would each cost a chunk of the database. */
export function joinVerdicts(batches: readonly VerdictBatch[]): VerdictBatch {
  let rows = 0;
  for (const { seriesIds } of batches) rows += seriesIds.length;
  const joined = zeroVerdicts(rows);
  const columns = Object.keys(joined) as (keyof VerdictBatch)[];
  let at = 0;
  for (const batch of batches) {
    for (const column of columns) joined[column].set(batch[column], at);
    at += batch.seriesIds.length;
  }
  return joined;
}
