import type { ArimaAnswer, ArimaAsk, ArimaTask } from '../../model/arima-work.js';
import { buffersIn } from '../../model/number-arrays.js';
import type { ArimaThreads } from '../../ports/arima-threads.js';
import type { OpenSqlModel } from '../../ports/sql-models.js';
import { batchesOf, inOrder } from './in-batches.js';

export interface SeriesQuestion {
  /** Numbers of the series, ascending; all of them have a model. */
  readonly numbers: readonly number[];
  readonly part: 'ahead' | 'whole';
  /** Rows that are read or written for each, in the order of the numbers: what the work is shared out by. */
  readonly rowCounts: readonly number[];
  /** What is asked of some of the series, in their order. Their arrays are gone afterwards. */
  readonly askAll: (numbers: readonly number[]) => readonly ArimaAsk[];
}

/** Asks many series of a model on all threads; answers in the order of the numbers. */
export async function* askSeries(
  model: OpenSqlModel,
  { numbers, part, rowCounts, askAll }: SeriesQuestion,
  threads: ArimaThreads,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ number: number; answer: ArimaAnswer }> {
  const batches = batchesOf(rowCounts, threads.threadsMax).map(({ from, to }) => numbers.slice(from, to));
  const ask = async (batch: readonly number[], signal: AbortSignal) => {
    const saved = await model.models(batch, part);
    const asks = askAll(batch);
    const tasks = batch.map((_, at): ArimaTask => ({ source: { saved: saved[at]! }, ask: asks[at]! }));
    const answers = await threads.run(tasks, { transfer: buffersIn(tasks), signal });
    return batch.map((number, at) => ({ number, answer: answers[at]! }));
  };
  const options = { ahead: 2 * threads.threadsMax, ...(signal === undefined ? {} : { signal }) };
  for await (const answers of inOrder(batches, ask, options)) yield* answers;
}

/** Those that have a model. */
export function modelledSeries({ series }: OpenSqlModel): number[] {
  return series.flatMap(({ facts }, number) => (facts === undefined ? [] : [number]));
}
