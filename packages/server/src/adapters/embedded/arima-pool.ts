import { availableParallelism } from 'node:os';
import type { ArimaAnswer, ArimaTask } from '../../model/arima-work.js';
import type { ArimaThreads } from '../../ports/arima-threads.js';
import { BACKGROUND_NICENESS, type TaskOptions, WorkerPool } from './worker-pool.js';

export interface ArimaPoolOptions {
  /** Default: one for each core. */
  readonly threadsMax?: number;
  /** Others have work that is more urgent: samples to take in, requests to answer. Default false. */
  readonly background?: boolean;
}

/** Threads that fit and ask models. They start when there is work and end when there was none for a while. */
export class ArimaPool implements ArimaThreads {
  readonly #pool: WorkerPool<readonly ArimaTask[], readonly ArimaAnswer[]>;

  constructor({ threadsMax = availableParallelism(), background = false }: ArimaPoolOptions = {}) {
    this.#pool = new WorkerPool({
      script: new URL('./arima-thread.js', import.meta.url),
      name: 'seismo-arima',
      threadsMax,
      // Nearly all that a fit makes lies outside the heap.
      resourceLimits: { maxYoungGenerationSizeMb: 8 },
      ...(background ? { niceness: BACKGROUND_NICENESS } : {}),
    });
  }

  get threadsMax(): number {
    return this.#pool.threadsMax;
  }

  run(
    tasks: readonly ArimaTask[],
    options: Pick<TaskOptions, 'transfer' | 'signal'> = {},
  ): Promise<readonly ArimaAnswer[]> {
    return this.#pool.run(tasks, options);
  }

  /** Ends all threads at once; what they were doing is rejected. */
  close(): Promise<void> {
    return this.#pool.close();
  }
}
