import type { Series } from './series.js';

/** Every series known, in memory: by key for ingestion, by id for everybody else. */
export class SeriesRegistry {
  readonly #byKey = new Map<string, Series>();
  readonly #byId = new Map<number, Series>();

  #nextId = 0;
  readonly #freeIds: number[] = [];

  /** Fills the registry from the store at start; `nextId` is larger than every id that was ever stored. */
  restore(series: readonly Series[], nextId = 0): void {
    for (const one of series) {
      this.#byKey.set(one.key, one);
      this.#byId.set(one.id, one);
      this.#nextId = Math.max(this.#nextId, one.id + 1);
    }
    this.#nextId = Math.max(this.#nextId, nextId);
  }

  get size(): number {
    return this.#byKey.size;
  }

  byKey(key: string): Series | undefined {
    return this.#byKey.get(key);
  }

  byId(id: number): Series | undefined {
    return this.#byId.get(id);
  }

  /** Gives a new series its id: a free one, else the next number never used before. `key` must not be known yet. */
  add(key: string, name: string, labels: Readonly<Record<string, string>>): Series {
    const series: Series = { id: this.#freeIds.pop() ?? this.#nextId++, key, name, labels };
    this.#byKey.set(key, series);
    this.#byId.set(series.id, series);
    return series;
  }

  /** Forgets series. Their ids are not used again unless `reuse` says so. */
  remove(ids: readonly number[]): void {
    for (const id of ids) {
      const series = this.#byId.get(id);
      if (series === undefined) continue;
      this.#byKey.delete(series.key);
      this.#byId.delete(id);
    }
  }

  /** Lets ids of forgotten series be given again: where nothing is stored by id, and nobody still holds one. */
  reuse(ids: readonly number[]): void {
    for (const id of ids) this.#freeIds.push(id);
  }

  values(): IterableIterator<Series> {
    return this.#byKey.values();
  }
}
