import { AppError } from '../../errors.js';
import { isNoSpace, SHORTAGE_HINT } from '../../model/free-space.js';

/** While a transaction that updates rows is open. */
export function isCheckpointRefused(error: unknown): boolean {
  return String(error).includes('Cannot CHECKPOINT');
}

export function isInstanceLost(error: unknown): boolean {
  return /invalidated|FATAL|connection.*closed/i.test(String(error));
}

/** DuckDB does not always tell why a write of its own failed; as good as always it is the space. */
export function isFailedWrite(error: unknown): boolean {
  return isNoSpace(error) || /could not write|failed to write/i.test(String(error));
}

export function unlessFull(error: unknown): void {
  if (!(error instanceof AppError && error.code === 'storage_full')) throw error;
}

export function storageFull(cause: unknown): AppError {
  return new AppError('storage_full', 'The disk is full; new samples are refused until there is room.', {
    hint: SHORTAGE_HINT,
    cause,
  });
}

/** The work, whose want of memory is a `not_ready`: with less beside it, it may succeed. */
export async function tellShortage<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (!String(error).includes('Out of Memory Error')) throw error;
    throw new AppError('not_ready', 'The store has no memory for this beside what else it does.', {
      hint: 'It is tried again; --store-memory gives the store more.',
      cause: error,
    });
  }
}
