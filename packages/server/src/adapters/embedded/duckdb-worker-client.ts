import process from 'node:process';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../errors.js';
import type { WorkerCallName, WorkerCalls, WorkerFailure, WorkerResponse } from './duckdb-protocol.js';

interface Waiting {
  resolve(reply: unknown): void;
  reject(error: unknown): void;
}

/** Calls into the worker thread; every call is answered, also when the thread dies. */
export class DuckDbWorkerClient {
  readonly #worker = startWorker();
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #dead: AppError | undefined;

  constructor() {
    this.#worker.on('message', (response: WorkerResponse) => this.#settle(response));
    this.#worker.on('error', (error) => this.#die(error));
    this.#worker.on('exit', (code) => this.#die(new Error(`its thread ended with ${code}`)));
  }

  call<Name extends WorkerCallName>(
    name: Name,
    request: WorkerCalls[Name]['request'],
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<WorkerCalls[Name]['reply']> {
    if (this.#dead !== undefined) return Promise.reject(this.#dead);
    const id = ++this.#lastId;
    const answered = new Promise<WorkerCalls[Name]['reply']>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (reply: unknown) => void, reject });
    });
    this.#worker.postMessage({ id, name, request }, transfer);
    return answered;
  }

  async terminate(): Promise<void> {
    this.#dead ??= new AppError('not_ready', 'The store is closed.');
    await this.#worker.terminate();
  }

  #settle(response: WorkerResponse): void {
    const waiting = this.#waiting.get(response.id);
    this.#waiting.delete(response.id);
    if ('failure' in response) waiting?.reject(toError(response.failure));
    else waiting?.resolve(response.reply);
  }

  #die(cause: Error): void {
    this.#dead ??= new AppError('internal', `The store stopped: ${cause.message}`, { cause });
    for (const { reject } of this.#waiting.values()) reject(this.#dead);
    this.#waiting.clear();
  }
}

function startWorker(): Worker {
  // Read by DuckDB's allocator when the library is loaded: what is freed goes back to the system at once. Kept for
  // ten seconds, as by default, it came to 100 MB and more while ranges are compacted.
  process.env.DUCKDB_JE_MALLOC_CONF ??= 'dirty_decay_ms:0,muzzy_decay_ms:0';
  return new Worker(new URL('./duckdb-worker.js', import.meta.url), {
    name: 'seismo-store',
    // Flags of the main program, such as --eval's, are not for the thread.
    execArgv: [],
    // What it makes is short-lived or outside the heap: room for more would only be resident memory.
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
  });
}

function toError({ code, message, hint }: WorkerFailure): AppError {
  return new AppError(code, message, hint === undefined ? {} : { hint });
}
