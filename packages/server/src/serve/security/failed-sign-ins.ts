const FAILURES_MAX = 10;
const WINDOW_MS = 300_000;
const ADDRESSES_MAX = 10_000;

interface Failures {
  count: number;
  sinceMs: number;
}

/** Counts wrong keys per address; an address with too many is refused for a while, with a right key too. */
export class FailedSignIns {
  readonly #byAddress = new Map<string, Failures>();
  /** Addresses that have shown a right key, so that one client's stale key does not lock out its neighbours. */
  readonly #trusted = new Set<string>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Seconds until the address may try again; 0 when it may now. */
  waitSeconds(address: string): number {
    const failures = this.#byAddress.get(address);
    if (failures === undefined) return 0;
    const leftMs = failures.sinceMs + WINDOW_MS - this.#nowMs();
    if (leftMs <= 0) {
      this.#byAddress.delete(address);
      return 0;
    }
    return failures.count >= FAILURES_MAX ? Math.ceil(leftMs / 1000) : 0;
  }

  failed(address: string): void {
    const failures = this.#byAddress.get(address);
    if (failures !== undefined && failures.sinceMs + WINDOW_MS > this.#nowMs()) {
      failures.count++;
      return;
    }
    makeRoom(this.#byAddress);
    this.#byAddress.set(address, { count: 1, sinceMs: this.#nowMs() });
  }

  /** `key` is the key's place in the configuration. */
  succeeded(address: string, key: number): void {
    const name = `${address} ${key}`;
    if (this.#trusted.has(name)) return;
    makeRoom(this.#trusted);
    this.#trusted.add(name);
  }

  isTrusted(address: string, key: number): boolean {
    return this.#trusted.has(`${address} ${key}`);
  }
}

function makeRoom(kept: {
  size: number;
  keys(): IterableIterator<string>;
  delete(key: string): boolean;
}): void {
  if (kept.size < ADDRESSES_MAX) return;
  const oldest = kept.keys().next().value;
  if (oldest !== undefined) kept.delete(oldest);
}
