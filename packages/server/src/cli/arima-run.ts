import { availableParallelism } from 'node:os';
import { buffersIn } from '../adapters/embedded/answer-tasks.js';
import { WorkerPool } from '../adapters/embedded/worker-pool.js';
import { AppError } from '../errors.js';
import { ARIMA_OPTIONS } from './arima-options.js';
import { type ArimaAnswer, type ArimaTask, runArimaTask } from './arima-work.js';

/** Tasks handed out ahead of the one whose answer is next, for each thread. */
const AHEAD_PER_THREAD = 64;

/**
 * Answers tasks in their order, on as many threads as there are cores; a single one runs here. The arrays of a task
 * that learns are moved to the thread: they are gone afterwards.
 */
export async function* answersTo(
  tasks: readonly ArimaTask[],
  onDone: (done: number) => void = () => {},
): AsyncGenerator<ArimaAnswer> {
  try {
    if (tasks.length > 1) yield* pooledAnswers(tasks, onDone);
    else for (const task of tasks) yield runArimaTask(task);
  } catch (error) {
    throw optionError(error);
  }
}

async function* pooledAnswers(
  tasks: readonly ArimaTask[],
  onDone: (done: number) => void,
): AsyncGenerator<ArimaAnswer> {
  const pool = new WorkerPool<ArimaTask, ArimaAnswer>({
    script: new URL('./arima-thread.js', import.meta.url),
    name: 'seismo-arima',
    threadsMax: Math.min(availableParallelism(), tasks.length),
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
  });
  let done = 0;
  const begun: Promise<ArimaAnswer>[] = [];
  try {
    for (const task of tasks) {
      const transfer = 'saved' in task.source ? [] : buffersIn(task.source);
      const answer = pool.run(task, { transfer });
      // Whoever waits for it hears of a failure; until then it is nobody's.
      answer.then(
        () => onDone(++done),
        () => {},
      );
      begun.push(answer);
      if (begun.length >= AHEAD_PER_THREAD * pool.threadsMax) yield await begun.shift()!;
    }
    for (const answer of begun) yield await answer;
  } finally {
    await pool.close();
  }
}

/** The engine names options as BigQuery does; on the command line they are flags. */
function optionError(error: unknown): unknown {
  return error instanceof RangeError ? (inFlags(error.message, error) ?? error) : error;
}

/** A `usage` error that says the message with flags for BigQuery's options; undefined where it names none. */
export function inFlags(message: string, cause: unknown): AppError | undefined {
  let field: string | undefined;
  const text = message.replace(
    /\b(horizon|confidence_level|anomaly_prob_threshold|[A-Z]+(_[A-Z]+)*)\b/g,
    (name) => {
      const flag = flagOf(name);
      field ??= flag;
      return flag ?? name;
    },
  );
  if (field === undefined) return undefined;
  const hint = cause instanceof AppError && cause.hint !== undefined ? { hint: cause.hint } : {};
  return new AppError('usage', `${text.replace(/\.$/, '')}.`, { field, cause, ...hint });
}

function flagOf(name: string): string | undefined {
  if (/^(HORIZON|horizon|confidence_level|anomaly_prob_threshold)$/.test(name)) {
    return `--${name.toLowerCase().replaceAll('_', '-')}`;
  }
  const asFlag = `--${name.toLowerCase().replaceAll('_', '-')}`;
  return ARIMA_OPTIONS.find(({ flag, bigQuery }) => bigQuery === name || flag === asFlag)?.flag;
}
