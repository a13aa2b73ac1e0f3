import { setTimeout as pause } from 'node:timers/promises';
import { AppError, ERROR_TABLE } from '../errors.js';
import type { ServerAddress } from './client-settings.js';
import { errorOf, post, type ServerAnswer } from './server-client.js';

/** A batch is tried again for this long before the replay gives up. */
const GIVE_UP_MS = 60_000;
const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 5_000;

export interface RejectedItem {
  readonly index: number;
  readonly field?: string;
  readonly code: string;
  readonly message: string;
}

export interface SentBatch {
  readonly accepted: number;
  /** At most 1,000 of them are listed. */
  readonly rejected: readonly RejectedItem[];
  readonly rejectedCount: number;
}

/**
 * Posts batches one after the other, so that samples stay in order. Repeats a batch on 429, 503 and lost
 * connections: writing a sample twice changes nothing. Throws an AppError when that does not help.
 */
export class ReplaySender {
  readonly #server: ServerAddress;
  readonly #signal: AbortSignal;
  readonly #onRetry: (reason: string) => void;
  #reachedOnce = false;

  constructor(server: ServerAddress, signal: AbortSignal, onRetry: (reason: string) => void) {
    this.#server = server;
    this.#signal = signal;
    this.#onRetry = onRetry;
  }

  async send(items: readonly object[]): Promise<SentBatch> {
    const giveUpAt = Date.now() + GIVE_UP_MS;
    for (let backoffMs = BACKOFF_FIRST_MS; ; backoffMs = Math.min(backoffMs * 2, BACKOFF_MAX_MS)) {
      const outcome = await this.#try(items);
      if ('accepted' in outcome) return outcome;
      if (Date.now() > giveUpAt) throw outcome.error;
      this.#onRetry(outcome.error.message);
      await pause(Math.max(backoffMs, outcome.waitMs), undefined, { signal: this.#signal });
    }
  }

  async #try(items: readonly object[]): Promise<SentBatch | { error: AppError; waitMs: number }> {
    let answer: ServerAnswer;
    try {
      answer = await post(this.#server, '/metrics', items, this.#signal);
    } catch (error) {
      // A server that never answered is a wrong address; one that stopped answering may be restarting.
      if (!(error instanceof AppError) || !this.#reachedOnce) throw error;
      return { error, waitMs: 0 };
    }
    this.#reachedOnce = true;
    const body = answer.body as {
      accepted?: number;
      rejected?: RejectedItem[];
      rejected_count?: number;
    } | null;
    if (answer.status === 202 || (answer.status === 400 && Array.isArray(body?.rejected))) {
      const rejected = body?.rejected ?? [];
      return {
        accepted: body?.accepted ?? 0,
        rejected,
        rejectedCount: body?.rejected_count ?? rejected.length,
      };
    }
    const error = errorOf(answer.status, answer.body);
    const canHelp = ERROR_TABLE[error.code].retry && error.code !== 'series_limit';
    if (!canHelp) throw error;
    return { error, waitMs: answer.retryAfterMs ?? 0 };
  }
}
