import { AsyncLocalStorage } from 'node:async_hooks';

/** Which trace the work at hand belongs to, so that a line of the log can be found by its request. */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId?: string;
  readonly sampled: boolean;
}

const storage = new AsyncLocalStorage<TraceContext>();

/** Undefined outside of a request, and where a request named none. */
export function currentTrace(): TraceContext | undefined {
  return storage.getStore();
}

/** Does the work, and all that it starts, as a part of the trace. */
export function runInTrace<T>(trace: TraceContext, work: () => T): T {
  return storage.run(trace, work);
}
