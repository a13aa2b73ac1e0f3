import { availableParallelism } from 'node:os';
import { type ResourceLimits, Worker } from 'node:worker_threads';

/** Lower than the threads that take samples in and answer. */
export const BACKGROUND_NICENESS = 10;

export interface WorkerPoolOptions {
  /** Module that calls `answerTasks`. */
  readonly script: URL;
  /** Of the threads, as debuggers and `top -H` show it. */
  readonly name: string;
  /** Default: one for each core. */
  readonly threadsMax?: number;
  /** A thread without work ends after this time. Default 10 s. */
  readonly idleMs?: number;
  /** Of each thread. Nearly all that numerics make lies outside the heap. */
  readonly resourceLimits?: ResourceLimits;
  /** Of each thread, by Linux' measure from −20 to 19; nothing elsewhere. Default: as the main thread. */
  readonly niceness?: number;
}

export interface TaskOptions {
  /** Buffers of the task that move to the thread instead of being copied. */
  readonly transfer?: readonly ArrayBuffer[];
  /** Somebody waits for the answer: ahead of all that is not urgent, and has not begun. */
  readonly urgent?: boolean;
  /** Aborted, the task is not begun, or its thread is ended; it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

interface Waiting<Task, Answer> {
  readonly task: Task;
  readonly transfer: readonly ArrayBuffer[];
  readonly urgent: boolean;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

interface Thread<Task, Answer> {
  readonly worker: Worker;
  busyWith: Waiting<Task, Answer> | undefined;
  idleTimer: NodeJS.Timeout | undefined;
}

/** What a thread sends back: one for each task, in turn. */
export type WorkerReply<Answer> = { readonly answer: Answer } | { readonly error: Error };

/**
 * Runs tasks on threads, first come, first served; threads start when there is work for them and end when there is
 * none. A pool keeps the process alive only while it works. A task that throws rejects with its error, and a thread
 * that dies rejects the task it was at; the next task gets a fresh one.
 */
export class WorkerPool<Task, Answer> {
  readonly #options: WorkerPoolOptions;
  readonly #threadsMax: number;
  readonly #threads = new Set<Thread<Task, Answer>>();
  readonly #waiting: Waiting<Task, Answer>[] = [];
  #closed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#threadsMax = Math.max(1, options.threadsMax ?? availableParallelism());
  }

  get threadsMax(): number {
    return this.#threadsMax;
  }

  /** Tasks that no thread has begun. */
  get waiting(): number {
    return this.#waiting.length;
  }

  get running(): number {
    return [...this.#threads].filter((thread) => thread.busyWith !== undefined).length;
  }

  run(task: Task, { transfer = [], urgent = false, signal }: TaskOptions = {}): Promise<Answer> {
    if (this.#closed) return Promise.reject(new Error('The pool is closed.'));
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((answered, failed) => {
      const abort = () => this.#abort(waiting, signal!.reason);
      const resolve = (answer: Answer) => {
        signal?.removeEventListener('abort', abort);
        answered(answer);
      };
      const reject = (error: Error) => {
        signal?.removeEventListener('abort', abort);
        failed(error);
      };
      const waiting = { task, transfer, urgent, resolve, reject };
      signal?.addEventListener('abort', abort, { once: true });
      const at = urgent ? this.#waiting.findIndex((one) => !one.urgent) : -1;
      if (at < 0) this.#waiting.push(waiting);
      else this.#waiting.splice(at, 0, waiting);
      this.#next();
    });
  }

  /** Ends the threads, whatever they are at; what waits or runs is rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(new Error('The pool was closed.'));
    await Promise.all([...this.#threads].map(({ worker }) => worker.terminate()));
  }

  #abort(task: Waiting<Task, Answer>, reason: Error): void {
    const at = this.#waiting.indexOf(task);
    if (at >= 0) this.#waiting.splice(at, 1);
    task.reject(reason);
    for (const { worker, busyWith } of this.#threads) if (busyWith === task) void worker.terminate();
  }

  #next(): void {
    while (this.#waiting.length > 0) {
      const thread = this.#freeThread();
      if (thread === undefined) return;
      this.#begin(thread, this.#waiting.shift()!);
    }
  }

  #freeThread(): Thread<Task, Answer> | undefined {
    for (const thread of this.#threads) if (thread.busyWith === undefined) return thread;
    return this.#threads.size < this.#threadsMax ? this.#start() : undefined;
  }

  #begin(thread: Thread<Task, Answer>, waiting: Waiting<Task, Answer>): void {
    clearTimeout(thread.idleTimer);
    thread.busyWith = waiting;
    thread.worker.ref();
    try {
      thread.worker.postMessage(waiting.task, [...waiting.transfer]);
    } catch (error) {
      // What cannot be sent is the caller's fault, not the thread's.
      thread.busyWith = undefined;
      waiting.reject(error as Error);
      this.#rest(thread);
    }
  }

  #start(): Thread<Task, Answer> {
    const { script, name, resourceLimits, niceness } = this.#options;
    const worker = new Worker(script, {
      name,
      // Flags of the main program, such as --eval's, are not for the thread.
      execArgv: [],
      workerData: { niceness },
      ...(resourceLimits === undefined ? {} : { resourceLimits }),
    });
    const thread: Thread<Task, Answer> = { worker, busyWith: undefined, idleTimer: undefined };
    this.#threads.add(thread);
    worker.on('message', (reply: WorkerReply<Answer>) => this.#finish(thread, reply));
    worker.on('error', (error) => this.#lose(thread, error as Error));
    worker.on('exit', () => this.#lose(thread, new Error('The thread ended while it worked.')));
    return thread;
  }

  #finish(thread: Thread<Task, Answer>, reply: WorkerReply<Answer>): void {
    const done = thread.busyWith;
    thread.busyWith = undefined;
    this.#rest(thread);
    if ('answer' in reply) done?.resolve(reply.answer);
    else done?.reject(reply.error);
    this.#next();
  }

  #rest(thread: Thread<Task, Answer>): void {
    thread.worker.unref();
    thread.idleTimer = setTimeout(() => {
      this.#threads.delete(thread);
      void thread.worker.terminate();
    }, this.#options.idleMs ?? 10_000).unref();
  }

  #lose(thread: Thread<Task, Answer>, error: Error): void {
    clearTimeout(thread.idleTimer);
    this.#threads.delete(thread);
    thread.busyWith?.reject(error);
    thread.busyWith = undefined;
    if (!this.#closed) this.#next();
  }
}
