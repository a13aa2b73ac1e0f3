import type { Series } from '../model/series.js';
import type { SeriesRegistry } from '../model/series-registry.js';
import type { SeriesFilter } from '../ports/sample-store.js';

const LABEL_PREFIX = 'label.';

/**
 * Which series a request means. `series` is an exact key, or a bare name for every series of that name;
 * several are joined by "or". `label.NAME=VALUE` must hold besides, all of them; an empty value asks for series
 * without that label.
 */
export class SeriesSelection {
  readonly #keys: ReadonlySet<string>;
  readonly #labels: readonly (readonly [string, string])[];
  readonly #known = new Map<number, boolean>();

  constructor(keys: readonly string[], labels: readonly (readonly [string, string])[] = []) {
    this.#keys = new Set(keys);
    this.#labels = labels;
  }

  /** From the parameters of a request: `series` and everything that starts with `label.`. */
  static ofQuery(query: { series?: string[] } & Record<string, unknown>): SeriesSelection {
    const labels = Object.keys(query)
      .filter((name) => name.startsWith(LABEL_PREFIX))
      .map((name) => [name.slice(LABEL_PREFIX.length), String(query[name])] as const);
    return new SeriesSelection(query.series ?? [], labels);
  }

  get isEverything(): boolean {
    return this.#keys.size === 0 && this.#labels.length === 0;
  }

  /** The same for a store to apply. */
  get filter(): SeriesFilter {
    return { names: [...this.#keys], labels: this.#labels };
  }

  matches(series: Series): boolean {
    if (this.#keys.size > 0 && !this.#keys.has(series.key) && !this.#keys.has(series.name)) return false;
    return this.#labels.every(([name, value]) => (series.labels[name] ?? '') === value);
  }

  /** As `matches`, remembered for the next time: an id never changes its series. */
  matchesId(id: number, registry: SeriesRegistry): boolean {
    if (this.isEverything) return true;
    let answer = this.#known.get(id);
    if (answer === undefined) {
      const series = registry.byId(id);
      if (series === undefined) return false;
      answer = this.matches(series);
      this.#known.set(id, answer);
    }
    return answer;
  }

  /** All series that match now. */
  select(registry: SeriesRegistry): Series[] {
    const found: Series[] = [];
    for (const series of registry.values()) {
      if (this.matches(series)) found.push(series);
    }
    return found;
  }
}
