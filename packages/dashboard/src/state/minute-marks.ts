import { signal } from '@preact/signals';
import type { AnomalyItem } from '@seismo/server/serve/schemas';
import { fetchAnomalies } from '../api/client.js';
import { type ListedAnomaly, listedItem, MINUTE_DETECTOR, minuteAnomalyAt } from './anomalies.js';

const SETTLE_MS = 120;
const RETRY_MS = 5000;
const MARKS_MAX = 10_000;

/** The whole minutes that the model of the series shown large found anomalous, those taken back included. */
class MinuteMarks {
  readonly revision = signal(0);
  #series = '';
  #from = 0;
  #to = 0;
  /** What is found from now on extends what was fetched. */
  #isOpenEnded = false;
  #isStale = true;
  #marks: ListedAnomaly[] = [];
  #asked = 0;
  #isAsking = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Makes sure that those of this view are here, or on their way. */
  want(series: string, view: { from: number; to: number; now: number }): void {
    if (series !== this.#series) this.#start(series);
    const upTo = this.#isOpenEnded ? Number.POSITIVE_INFINITY : this.#to;
    const isHere = !this.#isStale && view.from >= this.#from && Math.min(view.to, view.now) <= upTo;
    if (isHere || this.#isAsking) return;
    this.#isAsking = true;
    this.#timer = setTimeout(() => void this.#fetch(view), SETTLE_MS);
  }

  /** Takes what is told live. */
  take(found: readonly AnomalyItem[]): void {
    const own = found.filter((one) => one.series === this.#series).map(listedItem);
    const wanted = own.filter(({ time }) => time >= this.#from && (this.#isOpenEnded || time <= this.#to));
    if (wanted.length === 0) return;
    this.#put(wanted);
  }

  /** Something was missed: fetches again with the next view. */
  refetch(): void {
    this.#isStale = true;
    this.revision.value++;
  }

  at(time: number): ListedAnomaly | undefined {
    return this.#marks.find((one) => one.time === time);
  }

  /** Oldest first. */
  within(from: number, to: number): readonly ListedAnomaly[] {
    return this.#marks.filter(({ time }) => time > from - MINUTE && time <= to);
  }

  /** All that stand, oldest first. */
  standing(): readonly ListedAnomaly[] {
    return this.#marks.filter(({ isWithdrawn }) => !isWithdrawn);
  }

  counts(): { standing: number; withdrawn: number } {
    const standing = this.standing().length;
    return { standing, withdrawn: this.#marks.length - standing };
  }

  #start(series: string): void {
    clearTimeout(this.#timer);
    this.#asked++;
    this.#series = series;
    this.#marks = [];
    this.#isStale = true;
    this.#isAsking = false;
    this.revision.value++;
  }

  async #fetch(view: { from: number; to: number; now: number }): Promise<void> {
    const turn = ++this.#asked;
    const series = this.#series;
    const span = view.to - view.from;
    const from = Math.floor(view.from - span);
    const to = Math.ceil(view.to + span);
    try {
      const { anomalies } = await fetchAnomalies({
        ...{ limit: MARKS_MAX, alarmsOnly: false, detector: MINUTE_DETECTOR },
        ...{ series, from, to },
      });
      if (turn !== this.#asked) return;
      this.#from = from;
      this.#to = to;
      this.#isOpenEnded = to >= view.now;
      this.#isStale = false;
      this.#marks = [];
      // A bare name means every series of that name to the API.
      this.#put(anomalies.filter((one) => one.series === series).map(listedItem));
      this.#isAsking = false;
    } catch {
      // The list beside says that what is shown is not up to date.
      if (turn !== this.#asked) return;
      this.#timer = setTimeout(() => {
        this.#isAsking = false;
        this.revision.value++;
      }, RETRY_MS);
    }
  }

  #put(found: readonly ListedAnomaly[]): void {
    const byTime = new Map([...this.#marks, ...found].map((one) => [one.time, one]));
    this.#marks = [...byTime.values()].sort((a, b) => a.time - b.time);
    this.revision.value++;
  }
}

const MINUTE = 60;

export const minuteMarks = new MinuteMarks();

/** The minute that was found anomalous at exactly this time, if it is in the chart or in the list. */
export function minuteAt(series: string, time: number): ListedAnomaly | undefined {
  minuteMarks.revision.value;
  return minuteMarks.at(time) ?? minuteAnomalyAt(series, time);
}
