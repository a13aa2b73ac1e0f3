/** Verdicts are stored a moment after their samples: so long after an answer without them it is asked again. */
const AGAIN_MS = [1500, 6000];

/** Asks once or twice more: what was late when it came is never judged. */
export class AskAgain {
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  later(ask: () => void): void {
    const waitMs = AGAIN_MS[this.#asked++];
    if (waitMs === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(ask, waitMs);
  }

  /** Everything was answered, or is to be asked anew. */
  reset(): void {
    clearTimeout(this.#timer);
    this.#asked = 0;
  }
}
