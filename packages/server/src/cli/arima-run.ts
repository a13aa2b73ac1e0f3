import { availableParallelism } from 'node:os';
import { ArimaPool } from '../adapters/embedded/arima-pool.js';
import { type ArimaAnswer, type ArimaTask, runArimaTask } from '../model/arima-work.js';
import { buffersIn } from '../model/number-arrays.js';
import { inFlags } from './arima-options.js';

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
    throw inFlags(error);
  }
}

async function* pooledAnswers(
  tasks: readonly ArimaTask[],
  onDone: (done: number) => void,
): AsyncGenerator<ArimaAnswer> {
  const pool = new ArimaPool({ threadsMax: Math.min(availableParallelism(), tasks.length) });
  let done = 0;
  const begun: Promise<ArimaAnswer>[] = [];
  try {
    for (const task of tasks) {
      const transfer = 'saved' in task.source ? [] : buffersIn(task.source);
      const answer = pool.run([task], { transfer }).then(([only]) => only!);
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
