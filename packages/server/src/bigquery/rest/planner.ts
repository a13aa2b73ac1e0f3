import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { SqlEngineError } from '../../ports/sql-engine.js';
import type { CatalogView, Plan, TranslateOptions } from '../sql/plan.js';
import { SqlError } from '../sql/plan.js';
import { type Evaluate, planScript, type StatementSource } from '../sql/script.js';
import { checkScript } from '../sql/script-check.js';
import { interruptionOf } from './job.js';
import {
  type CatalogAnswer,
  type CatalogQuestion,
  errorOf,
  type FromPlannerThread,
  failureOf,
  type PlannerThreadData,
  type ToPlannerThread,
} from './planner-protocol.js';

/** Reading takes up to ten milliseconds for each kilobyte: more than these would keep samples waiting. */
const CHARACTERS_HERE_MAX = 8_192;
/** Statements that threads read at once; the others wait. */
const READING_MAX = 2;
/** A thread without work ends after this time. */
const IDLE_MS = 30_000;
/** Of each thread: a statement of 1 MB takes about half of it. */
const HEAP_MB_MAX = 1024;

/** A text to be planned. */
export interface PlannedText {
  readonly text: string;
  readonly options: TranslateOptions;
  /** Of all views, which are read where a statement names them. */
  readonly viewCharacters: number;
  readonly signal: AbortSignal;
}

/**
 * Plans statements: short ones at once, large ones in threads of their own, so that samples are taken and requests
 * answered meanwhile. What the signal ends fails as a statement that runs does.
 */
export class Planner {
  readonly #threads = new Set<PlannerThread>();
  readonly #idle: PlannerThread[] = [];
  #reading = 0;
  readonly #waiting: (() => void)[] = [];

  /** As planScript does. */
  async *plan(
    asked: PlannedText,
    evaluate: Evaluate,
    onStatement: (source: StatementSource) => void,
  ): AsyncGenerator<Plan> {
    const { text, options, signal } = asked;
    if (isShort(asked)) return yield* planScript(text, options, evaluate, { onStatement, signal });
    const thread = this.#free();
    const failures: unknown[] = [];
    let rests = false;
    try {
      let answer = await this.#begin(thread, asked, false);
      while (answer.kind === 'plan' || answer.kind === 'question') {
        let reply: ToPlannerThread = { kind: 'next' };
        try {
          if (answer.kind === 'question') reply = { kind: 'row', row: await evaluate(answer.query) };
          else {
            onStatement(answer.source);
            yield answer.plan;
          }
        } catch (error) {
          reply = { kind: 'failed', failure: failureOf(error), number: failures.push(error) - 1 };
        }
        answer = await this.#turn(thread, reply, signal);
      }
      rests = true;
      if (answer.kind === 'passed') throw failures[answer.number];
      if (answer.kind === 'failure') throw errorOf(answer);
    } finally {
      this.#leave(thread, rests);
    }
  }

  /** As checkScript does. */
  async check(asked: PlannedText): Promise<readonly Plan[]> {
    if (isShort(asked)) return checkScript(asked.text, asked.options);
    const thread = this.#free();
    let rests = false;
    try {
      const answer = await this.#begin(thread, asked, true);
      rests = true;
      if (answer.kind === 'plans') return answer.plans;
      throw answer.kind === 'failure' ? errorOf(answer) : new Error('A check gives plans.');
    } finally {
      this.#leave(thread, rests);
    }
  }

  /** Ends the threads, whatever they are at. */
  async close(): Promise<void> {
    await Promise.all([...this.#threads].map((thread) => thread.end()));
  }

  #begin(
    thread: PlannerThread,
    { text, options, signal }: PlannedText,
    checks: boolean,
  ): Promise<FromPlannerThread> {
    const { catalog, ...others } = options;
    thread.catalog = catalog;
    return this.#turn(thread, { kind: 'begin', text, options: others, checks }, signal);
  }

  /** A message and its answer; meanwhile the thread works. */
  async #turn(
    thread: PlannerThread,
    message: ToPlannerThread,
    signal: AbortSignal,
  ): Promise<FromPlannerThread> {
    await this.#mayRead();
    try {
      return await untilAborted(signal, () => thread.ask(message));
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#reading--;
      else next();
    }
  }

  /** Whoever ends hands its place on to the one that waits longest. */
  async #mayRead(): Promise<void> {
    if (this.#reading < READING_MAX) this.#reading++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #free(): PlannerThread {
    const thread = this.#idle.pop() ?? new PlannerThread();
    this.#threads.add(thread);
    thread.wake();
    return thread;
  }

  /** A thread that is not at the end of its statement cannot begin another. */
  #leave(thread: PlannerThread, rests: boolean): void {
    if (rests && this.#idle.length === 0) {
      this.#idle.push(thread);
      thread.sleep(() => {
        this.#idle.splice(this.#idle.indexOf(thread), 1);
        this.#end(thread);
      });
    } else this.#end(thread);
  }

  #end(thread: PlannerThread): void {
    this.#threads.delete(thread);
    void thread.end();
  }
}

function isShort({ text, viewCharacters }: PlannedText): boolean {
  return text.length + viewCharacters <= CHARACTERS_HERE_MAX;
}

async function untilAborted<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
  const ended = () => new SqlEngineError(interruptionOf(signal), 'The statement was ended.');
  if (signal.aborted) throw ended();
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(ended());
    signal.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** One thread: asked one thing at a time. */
class PlannerThread {
  /** What its questions are about. */
  catalog: CatalogView | undefined;
  readonly #worker: Worker;
  readonly #catalogPort: MessagePort;
  #answer: { resolve(answer: FromPlannerThread): void; reject(error: Error): void } | undefined;
  #lost: Error | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    const answered = new Int32Array(new SharedArrayBuffer(4));
    const workerData: PlannerThreadData = { catalogPort: port2, answered };
    this.#worker = new Worker(new URL('./planner-thread.js', import.meta.url), {
      name: 'seismo-sql',
      // Flags of the main program, such as --eval's, are not for the thread.
      execArgv: [],
      workerData,
      transferList: [port2],
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
    });
    this.#worker.on('message', (answer: FromPlannerThread) => this.#answer?.resolve(answer));
    this.#worker.on('error', (error) => this.#lose(lossOf(error as NodeJS.ErrnoException)));
    this.#worker.on('exit', () => this.#lose(new Error('The thread ended while it worked.')));
    this.#catalogPort = port1;
    port1.on('message', (question: CatalogQuestion) => {
      port1.postMessage(answerOf(this.catalog!, question));
      Atomics.store(answered, 0, 1);
      Atomics.notify(answered, 0);
    });
    port1.unref();
  }

  ask(message: ToPlannerThread): Promise<FromPlannerThread> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    return new Promise((resolve, reject) => {
      this.#answer = { resolve, reject };
      this.#worker.postMessage(message);
    });
  }

  /** It keeps the process alive now. */
  wake(): void {
    clearTimeout(this.#timer);
    this.#worker.ref();
  }

  /** It keeps the process alive no longer, and is told when it has slept long. */
  sleep(onLong: () => void): void {
    this.catalog = undefined;
    this.#worker.unref();
    this.#timer = setTimeout(onLong, IDLE_MS).unref();
  }

  async end(): Promise<void> {
    clearTimeout(this.#timer);
    this.#catalogPort.close();
    await this.#worker.terminate();
  }

  #lose(error: Error): void {
    this.#lost ??= error;
    this.#answer?.reject(this.#lost);
  }
}

function answerOf(catalog: CatalogView, { method, values }: CatalogQuestion): CatalogAnswer {
  try {
    const value = (catalog[method] as (...given: typeof values) => unknown).apply(catalog, values);
    return { kind: 'answer', value };
  } catch (error) {
    return failureOf(error);
  }
}

function lossOf(error: NodeJS.ErrnoException): Error {
  return error.code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? new SqlError(
        'invalidQuery',
        'Not enough resources for query planning - too many subqueries or query is too complex.',
      )
    : error;
}
