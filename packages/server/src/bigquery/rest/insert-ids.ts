/** A repeated insertId is known for this long. */
const REMEMBERED_MS = 60_000;
const REMEMBERED_MAX = 200_000;

/**
 * Rows that came with an `insertId` and are stored: a client that got no answer sends them again. A row that was not
 * stored is not remembered, so that sending it again stores it.
 */
export class InsertIds {
  /** With the time until which it is known, oldest first. */
  readonly #stored = new Map<string, number>();
  /** Rows that are being stored now. */
  readonly #underWay = new Map<string, Promise<unknown>>();

  /**
   * `store` gets the positions of those rows that are not there yet, and gives the positions of those that it refused.
   * `keys` has table and insertId of each row; undefined where it has none. Rows of the same key that another request is
   * storing are waited for: whether they are there depends on its outcome.
   */
  async once(
    keys: readonly (string | undefined)[],
    nowMs: number,
    store: (fresh: readonly number[]) => Promise<ReadonlySet<number>>,
  ): Promise<void> {
    for (;;) {
      const busy = keys.flatMap((key) => (key === undefined ? [] : (this.#underWay.get(key) ?? [])));
      if (busy.length === 0) break;
      await Promise.allSettled(new Set(busy));
    }
    this.#forgetOld(nowMs);
    const taken = new Set<string>();
    const fresh = [...keys.keys()].filter((at) => {
      const key = keys[at];
      if (key === undefined) return true;
      if (taken.has(key) || this.#stored.has(key)) return false;
      taken.add(key);
      return true;
    });
    const storing = store(fresh);
    for (const key of taken) this.#underWay.set(key, storing);
    try {
      const refused = await storing;
      for (const at of fresh) {
        const key = keys[at];
        if (key !== undefined && !refused.has(at)) this.#stored.set(key, nowMs + REMEMBERED_MS);
      }
    } finally {
      for (const key of taken) this.#underWay.delete(key);
    }
  }

  #forgetOld(nowMs: number): void {
    for (const [key, untilMs] of this.#stored) {
      if (untilMs > nowMs && this.#stored.size <= REMEMBERED_MAX) return;
      this.#stored.delete(key);
    }
  }
}
