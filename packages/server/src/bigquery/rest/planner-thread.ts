import { setPriority } from 'node:os';
import process from 'node:process';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { CatalogTable, CatalogView, Column } from '../sql/plan.js';
import { followScript, planScript, type StatementSource } from '../sql/script.js';
import { checkScript } from '../sql/script-check.js';
import {
  type CatalogAnswer,
  type CatalogQuestion,
  errorOf,
  type Failure,
  type FromPlannerThread,
  failureOf,
  type PlannerThreadData,
  type ToPlannerThread,
} from './planner-protocol.js';

/** A thread of planner.ts: reads large statements, checks them and writes them anew. */

/** Lower than the threads that take samples in and answer; on Linux it is the thread's own. */
const NICENESS = 5;
if (process.platform === 'linux') setPriority(NICENESS);

const port = parentPort!;
const { catalogPort, answered } = workerData as PlannerThreadData;
let take: (message: ToPlannerThread) => void = begin;
port.on('message', (message: ToPlannerThread) => take(message));

function begin(message: ToPlannerThread): void {
  work(message)
    .catch(failed)
    .then((last) => {
      take = begin;
      port.postMessage(last);
    });
}

/** Gives the last message. */
async function work(message: ToPlannerThread): Promise<FromPlannerThread> {
  if (message.kind !== 'begin') throw new Error(`There is no ${message.kind} before the beginning.`);
  const { text, checks } = message;
  const options = { ...message.options, catalog };
  if (checks) return { kind: 'plans', plans: checkScript(text, options) };
  let source: StatementSource = { text: '', position: { line: 1, column: 1 } };
  const plans = planScript(
    text,
    options,
    async (query) => {
      const answer = await ask({ kind: 'question', query });
      if (answer.kind === 'failed') throw passedError(answer);
      return answer.kind === 'row' ? answer.row : undefined;
    },
    {
      onStatement: (found) => {
        source = found;
      },
    },
  );
  await followScript(plans, async (plan) => {
    const answer = await ask({ kind: 'plan', plan, source });
    if (answer.kind === 'failed') throw passedError(answer);
  });
  return { kind: 'done' };
}

/** Errors of the main thread that the script was told of: one that it does not handle goes back as its number. */
const passed = new WeakMap<Error, number>();

function passedError({ failure, number }: { failure: Failure; number: number }): Error {
  const error = errorOf(failure);
  passed.set(error, number);
  return error;
}

function failed(error: unknown): FromPlannerThread {
  const number = error instanceof Error ? passed.get(error) : undefined;
  return number === undefined ? failureOf(error) : { kind: 'passed', number };
}

function ask(message: FromPlannerThread): Promise<ToPlannerThread> {
  return new Promise((resolve) => {
    take = resolve;
    port.postMessage(message);
  });
}

/** The main thread knows it, which goes on with its work and answers in between. */
const catalog: CatalogView = {
  dataset: (...values) => asked({ method: 'dataset', values }) as boolean,
  table: (...values) => asked({ method: 'table', values }) as CatalogTable | undefined,
  tables: (...values) => asked({ method: 'tables', values }) as readonly string[],
  model: (...values) => asked({ method: 'model', values }) as boolean,
  mlColumns: (...values) => asked({ method: 'mlColumns', values }) as readonly Column[],
};

function asked(question: CatalogQuestion): unknown {
  Atomics.store(answered, 0, 0);
  catalogPort.postMessage(question);
  Atomics.wait(answered, 0, 0);
  const { message: answer } = receiveMessageOnPort(catalogPort) as { message: CatalogAnswer };
  if (answer.kind === 'failure') throw errorOf(answer);
  return answer.value;
}
