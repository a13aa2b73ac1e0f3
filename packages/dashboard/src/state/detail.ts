import { signal } from '@preact/signals';
import type { JudgedSample } from '@seismo/server/serve/schemas';
import { ApiError, fetchSamples } from '../api/client.js';
import { Track } from '../model/track.js';
import { AskAgain } from './ask-again.js';

/** Samples asked for in one piece: what is on screen and half as much on either side. */
const POINTS = 10_000;
/** Thinned-out data are fetched anew once zoomed in by this much. */
const FINER_TIMES = 3;
const SETTLE_MS = 120;

/** The samples of the series shown large, as fine as the screen can show, fetched as one moves along. */
class DetailLoader {
  readonly track = new Track();
  readonly revision = signal(0);
  readonly isLoading = signal(false);
  readonly error = signal<ApiError | null>(null);
  /** True once an answer for this series is here. */
  readonly isLoaded = signal(false);
  #series = '';
  #from = 0;
  #to = 0;
  /** Live samples extend what was fetched, so that nothing newer is missing. */
  #isOpenEnded = false;
  #isThinned = false;
  #isStale = true;
  #wanted: { from: number; to: number; now: number } | null = null;
  #abort: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #again = new AskAgain();

  /** Makes sure that the samples of this view are here, or on their way. `isLive`: live samples arrive. */
  want(series: string, view: { from: number; to: number; now: number; isLive: boolean }): void {
    if (series !== this.#series) this.#start(series);
    if (!view.isLive) this.#isOpenEnded = false;
    if (this.#covers(view)) return;
    const pending = this.#wanted;
    const span = view.to - view.from;
    if (pending !== null && Math.abs(pending.from - view.from) + Math.abs(pending.to - view.to) < span / 4)
      return;
    this.#wanted = view;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#fetch(view), this.isLoaded.peek() ? SETTLE_MS : 0);
  }

  take(samples: readonly JudgedSample[]): void {
    let isTouched = false;
    for (const sample of samples) {
      if (sample.series !== this.#series) continue;
      if (sample.time < this.#from || (!this.#isOpenEnded && sample.time > this.#to)) continue;
      this.track.put(sample);
      isTouched = true;
    }
    if (isTouched) this.revision.value++;
  }

  /** Live samples went by unseen: fetches again with the next view. */
  refetch(): void {
    this.#isStale = true;
    this.#wanted = null;
  }

  #fetchAgain(): void {
    this.#again.later(() => {
      this.refetch();
      this.revision.value++;
    });
  }

  #start(series: string): void {
    this.#series = series;
    this.#abort?.abort();
    clearTimeout(this.#timer);
    this.#again.reset();
    this.track.clear();
    this.#wanted = null;
    this.#isStale = true;
    this.isLoaded.value = false;
    this.error.value = null;
    this.revision.value++;
  }

  #covers(view: { from: number; to: number; now: number }): boolean {
    if (this.#isStale) return false;
    const upTo = this.#isOpenEnded ? Number.POSITIVE_INFINITY : this.#to;
    if (view.from < this.#from || Math.min(view.to, view.now) > upTo) return false;
    return !this.#isThinned || (this.#to - this.#from) / FINER_TIMES <= view.to - view.from;
  }

  async #fetch(view: { from: number; to: number; now: number }): Promise<void> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    const span = view.to - view.from;
    const from = view.from - span / 2;
    const to = view.to + span / 2;
    this.isLoading.value = true;
    try {
      const body = await fetchSamples({ series: this.#series, from, to, points: POINTS }, abort.signal);
      this.track.dropBefore(from);
      this.track.gapFloor = body.downsampled ? ((to - from) / POINTS) * 4 : 0;
      performance.mark('seismo-take-start');
      if (this.track.merge(body) > 0) this.#fetchAgain();
      performance.measure('seismo-take', 'seismo-take-start');
      this.#from = from;
      this.#to = to;
      this.#isOpenEnded = to >= view.now;
      if (!this.#isOpenEnded) this.track.dropAfter(to);
      this.#isThinned = body.downsampled;
      this.#isStale = false;
      this.isLoaded.value = true;
      this.error.value = null;
    } catch (error) {
      if (abort.signal.aborted) return;
      this.error.value = error instanceof ApiError ? error : new ApiError(0, String(error));
    }
    this.#wanted = null;
    this.isLoading.value = false;
    this.revision.value++;
  }
}

export const detail = new DetailLoader();
