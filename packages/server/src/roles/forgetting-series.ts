import { ActiveSeries } from '../model/active-series.js';
import { SeriesRegistry } from '../model/series-registry.js';
import type { Clock } from '../ports/clock.js';

const SWEEP_INTERVAL_MS = 60_000;

export interface ForgettingSeriesOptions {
  /** Most series at once. */
  readonly max: number;
  /** A series of which nothing came for so long makes room. Longer than any request may take. */
  readonly idleMs: number;
  readonly clock: Clock;
}

/**
 * The series that a stateless service needs to know for a while: the registry and the limit of the embedded server,
 * but what idles is forgotten, so that ever new names neither fill the limit for good nor the memory. Nothing here
 * runs by a timer: between requests Cloud Run may give the process no time.
 */
export class ForgettingSeries {
  readonly registry = new SeriesRegistry();
  readonly active: ActiveSeries;
  readonly #options: ForgettingSeriesOptions;
  #sweptMs: number;
  /** Ids that were forgotten: given again only after so long that nobody can still hold one. */
  #resting: { ids: number[]; sinceMs: number }[] = [];

  constructor(options: ForgettingSeriesOptions) {
    this.#options = options;
    this.active = new ActiveSeries(options.max);
    this.#sweptMs = options.clock.nowMs();
  }

  /** To be called with every request; nearly always it has nothing to do. */
  sweep(): void {
    const nowMs = this.#options.clock.nowMs();
    if (nowMs - this.#sweptMs < SWEEP_INTERVAL_MS) return;
    this.#sweptMs = nowMs;
    const { idleMs } = this.#options;
    while (this.#resting.length > 0 && nowMs - this.#resting[0]!.sinceMs >= idleMs) {
      this.registry.reuse(this.#resting.shift()!.ids);
    }
    const ids = this.active.idleSince(Math.floor((nowMs - idleMs) / 1000));
    if (ids.length === 0) return;
    for (const id of ids) this.active.release(id);
    this.registry.remove(ids);
    this.#resting.push({ ids, sinceMs: nowMs });
  }
}
