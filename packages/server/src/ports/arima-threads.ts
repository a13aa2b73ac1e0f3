import type { ArimaAnswer, ArimaTask } from '../model/arima-work.js';

/** Threads beside the main one that fit and ask models of single series. */
export interface ArimaThreads {
  /** How many tasks run at once. */
  readonly threadsMax: number;
  /**
   * Answers all of the tasks, in their order, one after the other on one thread. Rejects with the RangeError of an
   * option that is out of range, with the reason of the signal when it is aborted, whatever the thread is at then.
   * @param options.transfer buffers of the tasks that move to the thread: they are gone afterwards
   */
  run(
    tasks: readonly ArimaTask[],
    options?: { readonly transfer?: readonly ArrayBuffer[]; readonly signal?: AbortSignal },
  ): Promise<readonly ArimaAnswer[]>;
}
