import type { Logger } from '../logger.js';

const INTERVAL_MS = 10_000;

/** Says from time to time how many samples were stored: the alerts on ingestion count these lines. */
export class StoredReport {
  readonly #log: Logger;
  #samples = 0;
  #saidMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** The first at once, then together what came in an interval. */
  add(samples: number): void {
    this.#samples += samples;
    if (this.#timer !== undefined) return;
    const waitMs = this.#saidMs + INTERVAL_MS - performance.now();
    if (waitMs <= 0) {
      this.flush();
      return;
    }
    this.#timer = setTimeout(() => this.flush(), waitMs);
    this.#timer.unref();
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#samples === 0) return;
    this.#log.info({ event: 'samples_stored', samples: this.#samples }, 'Samples were stored.');
    this.#samples = 0;
    this.#saidMs = performance.now();
  }
}
