import { seededRandom } from '@seismo/engine/evaluation';

export const SECOND_MS = 1000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** A Monday. */
const START_MS = Date.UTC(2025, 2, 31);
/** Anomalies lie apart by so much of the series, and by their length. */
const APART = 0.02;
const TRIES = 2000;

/**
 * One series being made: random numbers of a seed, the same in every run, and what was made of them.
 * @typedef {{ first: number, last: number }} Rows both ends included
 */
export class SeriesMaker {
  /** @type {Rows[]} */
  windows = [];
  times = new Float64Array(0);
  values = new Float64Array(0);
  /** Rows from which on there may be anomalies, as a share of all. */
  #from = 0.25;

  /** @param {boolean} isClean without anomalies */
  constructor(seed, isClean) {
    this.uniform = seededRandom(seed);
    this.isClean = isClean;
  }

  /** Rows at even distances, all 0; anomalies in what comes after the share `from` of them. */
  begin(rows, periodMs, from = 0.25) {
    this.times = Float64Array.from({ length: rows }, (_, row) => START_MS + row * periodMs);
    this.values = new Float64Array(rows);
    this.#from = from;
  }

  /** Every value by its row and time. */
  fill(valueAt) {
    for (let row = 0; row < this.values.length; row++) this.values[row] = valueAt(row, this.times[row]);
  }

  normal() {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Student's t of three degrees of freedom. */
  student() {
    return this.normal() / Math.sqrt((this.normal() ** 2 + this.normal() ** 2 + this.normal() ** 2) / 3);
  }

  poisson(mean) {
    if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.uniform(); product > limit; product *= this.uniform()) count++;
    return count;
  }

  /** A whole number, both ends included. */
  whole(least, most) {
    return Math.floor(least + (most - least + 1) * this.uniform());
  }

  exponential(mean) {
    return -mean * Math.log(1 - this.uniform());
  }

  oneOf(list) {
    return list[Math.floor(this.uniform() * list.length)];
  }

  sign() {
    return this.uniform() < 0.5 ? -1 : 1;
  }

  /** Up to `count` stretches of `length()` rows, in order and apart. */
  stretches(count, length) {
    const rows = this.values.length;
    const found = [];
    for (let tries = 0; found.length < count && tries < TRIES; tries++) {
      const size = length();
      const first = this.whole(Math.floor(this.#from * rows), rows - size - 5);
      const gap = APART * rows + size;
      const isFree = found.every((one) => first > one.last + gap || first + gap < one.first);
      if (isFree) found.push({ first, last: first + size - 1 });
    }
    return found.sort((one, other) => one.first - other.first);
  }

  /** Where the anomalies will be, for what a series must know while it is filled; none in a clean one. */
  plan(fewest, most, shortest, longest) {
    if (this.isClean) return;
    this.windows = this.stretches(this.whole(fewest, most), () => this.whole(shortest, longest));
  }

  /** The planned anomaly that a row is in, undefined outside of them. */
  anomalyAt(row) {
    return this.windows.find(({ first, last }) => row >= first && row <= last);
  }

  /** Anomalies after the series was filled: `change` gets each stretch and gives what makes another value of a row's. */
  spoil(fewest, most, shortest, longest, change) {
    if (this.isClean) return;
    for (const rows of this.stretches(this.whole(fewest, most), () => this.whole(shortest, longest))) {
      const changed = change(rows);
      for (let row = rows.first; row <= rows.last; row++)
        this.values[row] = changed(this.values[row], row, rows);
      this.windows.push(rows);
    }
  }
}

/** Night and day, about −0.8 to 0.8. */
export function dayWave(timeMs) {
  const share = (timeMs % DAY_MS) / DAY_MS;
  return 0.6 * Math.sin(2 * Math.PI * (share - 0.3)) + 0.25 * Math.sin(4 * Math.PI * (share - 0.1));
}

export function isWeekend(timeMs) {
  const day = new Date(timeMs).getUTCDay();
  return day === 0 || day === 6;
}
