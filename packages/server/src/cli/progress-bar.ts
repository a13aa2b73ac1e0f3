/** Shorter work needs no bar. */
const QUIET_MS = 2_000;
const REDRAW_MS = 200;
const WIDTH = 30;

/** A bar on standard error, only on a terminal and only past two seconds. What else is written clears it first. */
export class ProgressBar {
  readonly #startMs = performance.now();
  readonly #enabled: boolean;
  #drawnMs = 0;

  constructor(enabled: boolean) {
    this.#enabled = enabled && process.stderr.isTTY === true;
  }

  update(fraction: number, note: string): void {
    const nowMs = performance.now();
    if (!this.#enabled || nowMs - this.#startMs < QUIET_MS || nowMs - this.#drawnMs < REDRAW_MS) return;
    this.#drawnMs = nowMs;
    const full = Math.round(Math.min(1, Math.max(0, fraction)) * WIDTH);
    const bar = `${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}`;
    process.stderr.write(`\r\x1b[K[${bar}] ${Math.floor(fraction * 100)}% ${note}`);
  }

  /** Takes the bar away, before anything else is written. */
  clear(): void {
    if (this.#drawnMs > 0) process.stderr.write('\r\x1b[K');
    this.#drawnMs = 0;
  }
}
