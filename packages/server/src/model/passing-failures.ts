import { AppError } from '../errors.js';

/** So long work that finds the store too busy is tried again without a word. */
const QUIET_MS = 300_000;

/** Of work that is done again and again: tells failures that pass by themselves (`not_ready`) from others. */
export class PassingFailures {
  readonly #most: number;
  #inARow = 0;

  /** `intervalMs`: from one try to the next. */
  constructor(intervalMs: number) {
    this.#most = QUIET_MS / intervalMs;
  }

  noteSuccess(): void {
    this.#inARow = 0;
  }

  /** Whether nothing need be said of the failure, since the next try comes soon and may succeed. */
  passes(error: unknown): boolean {
    const passing = error instanceof AppError && error.code === 'not_ready';
    this.#inARow = passing ? this.#inARow + 1 : 0;
    return passing && this.#inARow <= this.#most;
  }
}
