/**
 * Which series hold detector state, or are about to: the stage that accepts samples asks before it lets a
 * series in, the stage that detects gives back what idles. So the limit is kept where refusing is still
 * possible, before anything is stored.
 */
export class ActiveSeries {
  readonly #max: number;
  /** By series id: when the server last saw a sample of it, seconds since 1970; 0 = not active. */
  #seenS = new Uint32Array(1024);
  #count = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get count(): number {
    return this.#count;
  }

  get max(): number {
    return this.#max;
  }

  get hasRoom(): boolean {
    return this.#count < this.#max;
  }

  isActive(id: number): boolean {
    return this.seenS(id) !== 0;
  }

  /** When a sample of the series last arrived, seconds since 1970; 0 when it is not active. */
  seenS(id: number): number {
    return id < this.#seenS.length ? this.#seenS[id]! : 0;
  }

  /** Notes a sample that arrived; false when the series is not active and there is no room for it. */
  touch(id: number, nowS: number): boolean {
    if (id < this.#seenS.length && this.#seenS[id] !== 0) {
      this.#seenS[id] = nowS;
      return true;
    }
    if (!this.hasRoom) return false;
    this.activate(id, nowS);
    return true;
  }

  /** Makes a series active whatever the limit: its samples are stored already. */
  activate(id: number, seenS: number): void {
    if (id >= this.#seenS.length) this.#grow(id);
    if (this.#seenS[id] === 0) this.#count++;
    this.#seenS[id] = Math.max(1, seenS);
  }

  release(id: number): void {
    if (!this.isActive(id)) return;
    this.#seenS[id] = 0;
    this.#count--;
  }

  /** Ids of active series of which nothing arrived since. */
  idleSince(beforeS: number): number[] {
    const ids: number[] = [];
    for (let id = 0; id < this.#seenS.length; id++) {
      const seenS = this.#seenS[id]!;
      if (seenS !== 0 && seenS < beforeS) ids.push(id);
    }
    return ids;
  }

  #grow(id: number): void {
    const larger = new Uint32Array(Math.max(id + 1, this.#seenS.length * 2));
    larger.set(this.#seenS);
    this.#seenS = larger;
  }
}
