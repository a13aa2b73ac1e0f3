import type { Series } from './series.js';

/** Every series known, in memory: by key for ingestion, by id for everybody else. */
export class SeriesRegistry {
  readonly #byKey = new Map<string, Series>();
  readonly #byId: (Series | undefined)[] = [];

  /** Fills the registry from the store at start. */
  restore(series: readonly Series[]): void {
    for (const one of series) {
      this.#byKey.set(one.key, one);
      this.#byId[one.id] = one;
    }
  }

  get size(): number {
    return this.#byKey.size;
  }

  byKey(key: string): Series | undefined {
    return this.#byKey.get(key);
  }

  byId(id: number): Series | undefined {
    return this.#byId[id];
  }

  /** Gives a new series its id, the next number never used before. `key` must not be known yet. */
  add(key: string, name: string, labels: Readonly<Record<string, string>>): Series {
    const series: Series = { id: this.#byId.length, key, name, labels };
    this.#byKey.set(key, series);
    this.#byId.push(series);
    return series;
  }

  /** Forgets series whose samples are all gone. Their ids are not used again. */
  remove(ids: readonly number[]): void {
    for (const id of ids) {
      const series = this.#byId[id];
      if (series === undefined) continue;
      this.#byKey.delete(series.key);
      this.#byId[id] = undefined;
    }
  }

  values(): IterableIterator<Series> {
    return this.#byKey.values();
  }
}
