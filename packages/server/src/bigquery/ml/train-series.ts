import type { ArimaPlusOptions } from '@seismo/engine';
import type { ArimaAnswer, ArimaTask } from '../../model/arima-work.js';
import { buffersIn } from '../../model/number-arrays.js';
import type { ArimaThreads } from '../../ports/arima-threads.js';
import type { NewSqlModel } from '../../ports/sql-models.js';
import { SqlError } from '../sql/plan.js';
import { batchesOf, inOrder } from './in-batches.js';
import type { RowsBySeries, SeriesNumbers } from './series-numbers.js';

/** Rows to learn from, and which series each is of. */
export interface TrainingData extends RowsBySeries {
  /** By the number of the series. */
  readonly ids: SeriesNumbers['ids'];
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
}

export interface Training {
  readonly data: TrainingData;
  readonly options: ArimaPlusOptions;
  readonly stored: NewSqlModel;
  readonly threads: ArimaThreads;
  readonly signal: AbortSignal | undefined;
}

export interface TrainingResult {
  readonly trained: number;
  /** Series by reason. */
  readonly failures: ReadonlyMap<string, number>;
}

/** Trains every series and hands each to the store, in their order. Rejects with an SqlError where none can be modelled. */
export async function trainSeries({
  data,
  options,
  stored,
  threads,
  signal,
}: Training): Promise<TrainingResult> {
  const { ids, starts } = data;
  const counts = ids.map((_, number) => starts[number + 1]! - starts[number]!);
  const train = async ({ from, to }: { from: number; to: number }, signal: AbortSignal) => {
    const tasks = seriesTasks(data, from, to, options);
    const answers = await threads.run(tasks, {
      transfer: buffersIn(tasks.map(({ source }) => source)),
      signal,
    });
    return answers.map((answer, at) => ({ number: from + at, answer }));
  };
  const failures = new Map<string, number>();
  let trained = 0;
  const settings = { ahead: 4 * threads.threadsMax, ...(signal === undefined ? {} : { signal }) };
  try {
    for await (const answers of inOrder(batchesOf(counts, threads.threadsMax), train, settings)) {
      for (const { number, answer } of answers) {
        if (answer.facts === undefined)
          failures.set(reasonOf(answer), (failures.get(reasonOf(answer)) ?? 0) + 1);
        else trained++;
        await add(stored, ids[number]!, answer);
      }
    }
  } catch (error) {
    // Options out of their range; the engine names them as BigQuery does.
    throw error instanceof RangeError ? new SqlError('invalidQuery', `${error.message}.`) : error;
  }
  if (trained === 0) throw noModel(failures);
  return { trained, failures };
}

function seriesTasks(
  data: TrainingData,
  from: number,
  to: number,
  options: Training['options'],
): ArimaTask[] {
  const { order, starts } = data;
  const rows = order.subarray(starts[from], starts[to]);
  const timesMs = Float64Array.from(rows, (row) => data.timesMs[row]!);
  const values = Float64Array.from(rows, (row) => data.values[row]!);
  return Array.from({ length: to - from }, (_, at) => {
    const [start, end] = [starts[from + at]! - starts[from]!, starts[from + at + 1]! - starts[from]!];
    const own = { timesMs: timesMs.subarray(start, end), values: values.subarray(start, end) };
    return { source: { ...own, options }, ask: { kind: 'learn' } };
  });
}

function reasonOf({ errorMessage }: ArimaAnswer): string {
  return errorMessage ?? 'There is no model.';
}

function add(stored: NewSqlModel, ids: TrainingData['ids'][number], answer: ArimaAnswer): Promise<void> {
  const { saved, ahead, facts, errorMessage = '' } = answer;
  const models = saved === undefined || ahead === undefined ? undefined : { ahead, whole: saved };
  return stored.add({ ids, facts, errorMessage }, models);
}

function noModel(failures: ReadonlyMap<string, number>): SqlError {
  if (failures.size === 0) return new SqlError('invalidQuery', 'The training data have no rows.');
  const [reason] = failures.keys();
  return new SqlError(
    'invalidQuery',
    `No time series of the training data could be modelled. The first: ${reason}`,
  );
}
