import type { JudgedSample, SamplesBody } from '@seismo/server/serve/schemas';

/** Same order as the engine's VERDICT_STATES. */
export const STATES = ['warming_up', 'ok', 'anomalous', 'unknown', 'no_data'] as const;
export type State = (typeof STATES)[number];
const WARMING_UP = STATES.indexOf('warming_up');
const ANOMALOUS = STATES.indexOf('anomalous');
const UNKNOWN = STATES.indexOf('unknown');
const COLUMNS = ['time', 'value', 'expected', 'lower', 'upper', 'probability'] as const;

/** One sample of a track, read out. NaN stands for "none"; a band is without end where nothing is told to that side. */
export interface TrackSample {
  time: number;
  value: number;
  expected: number;
  lower: number;
  upper: number;
  probability: number;
  state: State;
  alarm: boolean;
}

/**
 * The samples of one series with their verdicts, as columns, times (seconds) strictly ascending. Only the
 * first `length` rows count. `revision` grows with each change.
 */
export class Track {
  length = 0;
  revision = 0;
  /** Distance in seconds up to which neighbours are no gap, whatever the spacing: set by thinned-out data. */
  gapFloor = 0;
  time = new Float64Array(256);
  value = new Float64Array(256);
  expected = new Float64Array(256);
  lower = new Float64Array(256);
  upper = new Float64Array(256);
  probability = new Float64Array(256);
  states = new Uint8Array(256);
  alarms = new Uint8Array(256);

  isAnomalous(i: number): boolean {
    return this.states[i] === ANOMALOUS;
  }

  isWarmingUp(i: number): boolean {
    return this.states[i] === WARMING_UP;
  }

  isUnknown(i: number): boolean {
    return this.states[i] === UNKNOWN;
  }

  at(i: number): TrackSample {
    return {
      time: this.time[i]!,
      value: this.value[i]!,
      expected: this.expected[i]!,
      lower: this.lower[i]!,
      upper: this.upper[i]!,
      probability: this.probability[i]!,
      state: STATES[this.states[i]!] ?? 'unknown',
      alarm: this.alarms[i] === 1,
    };
  }

  /** Position of the first sample at or after `time`; `length` when there is none. */
  indexFrom(time: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.time[middle]! < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Position of the sample nearest in time; -1 when there is none. */
  nearest(time: number): number {
    const after = this.indexFrom(time);
    if (after === 0) return this.length === 0 ? -1 : 0;
    if (after === this.length) return this.length - 1;
    return this.time[after]! - time < time - this.time[after - 1]! ? after : after - 1;
  }

  /**
   * Puts one sample at its place in time; the same time again replaces. What was sent again or corrected comes without
   * a verdict: the one that is here stays, unless the value is now on the other side of the band.
   */
  put(sample: JudgedSample): void {
    const i = this.indexFrom(sample.time);
    const isKnown = i < this.length && this.time[i] === sample.time;
    if (!isKnown) this.#openRow(i);
    else if (sample.state === 'unknown' && this.#verdictFits(i, sample.value)) {
      this.value[i] = sample.value;
      this.revision++;
      return;
    }
    this.time[i] = sample.time;
    this.value[i] = sample.value;
    this.expected[i] = sample.expected ?? Number.NaN;
    this.lower[i] = boundOr(Number.NEGATIVE_INFINITY, sample.lower_bound, sample.upper_bound);
    this.upper[i] = boundOr(Number.POSITIVE_INFINITY, sample.upper_bound, sample.lower_bound);
    this.probability[i] = sample.anomaly_probability ?? Number.NaN;
    this.states[i] = stateCode(sample.state);
    this.alarms[i] = sample.alarm ? 1 : 0;
    this.revision++;
  }

  /**
   * Takes what the server says of [from, to]; samples outside, or newer than its newest, are kept. Verdicts are
   * stored a moment after their samples: one that is here already is not given up for none. Says how many
   * samples are left without a verdict.
   */
  merge(body: SamplesBody): number {
    const count = body.time.length;
    const head = this.indexFrom(body.from);
    const newest = count === 0 ? body.to : Math.min(body.to, body.time[count - 1]!);
    let tail = this.indexFrom(newest);
    if (tail < this.length && this.time[tail] === newest) tail++;
    if (tail < head) tail = head;
    const before = this.#judgedOf(head, tail);
    this.#moveTail(tail, head + count);
    this.time.set(body.time, head);
    this.value.set(body.value, head);
    setNumbers(this.expected, body.expected, head);
    setNumbers(this.probability, body.anomaly_probability, head);
    for (let k = 0; k < count; k++) {
      const [lower, upper] = [body.lower_bound[k], body.upper_bound[k]];
      this.lower[head + k] = boundOr(Number.NEGATIVE_INFINITY, lower, upper);
      this.upper[head + k] = boundOr(Number.POSITIVE_INFINITY, upper, lower);
      this.states[head + k] = stateCode(body.state[k]);
      this.alarms[head + k] = body.alarm[k] === true ? 1 : 0;
    }
    this.revision++;
    return this.#keepVerdicts(before, head, head + count);
  }

  #verdictFits(i: number, value: number): boolean {
    const isOutside = value < this.lower[i]! || value > this.upper[i]!;
    return isOutside === this.isAnomalous(i);
  }

  /** The samples of [start, end) that have a verdict, in order of time. */
  #judgedOf(start: number, end: number): TrackSample[] {
    const judged: TrackSample[] = [];
    for (let i = start; i < end; i++) if (this.states[i] !== UNKNOWN) judged.push(this.at(i));
    return judged;
  }

  /** Gives the unjudged samples of [start, end) the verdicts of the same samples before; counts the rest. */
  #keepVerdicts(before: readonly TrackSample[], start: number, end: number): number {
    let unjudged = 0;
    let next = 0;
    for (let i = start; i < end; i++) {
      if (this.states[i] !== UNKNOWN) continue;
      while (next < before.length && before[next]!.time < this.time[i]!) next++;
      const known = before[next];
      if (known === undefined || known.time !== this.time[i] || known.value !== this.value[i]) unjudged++;
      else {
        this.expected[i] = known.expected;
        this.lower[i] = known.lower;
        this.upper[i] = known.upper;
        this.probability[i] = known.probability;
        this.states[i] = STATES.indexOf(known.state);
        this.alarms[i] = known.alarm ? 1 : 0;
      }
    }
    return unjudged;
  }

  /** Forgets samples before `time`. */
  dropBefore(time: number): void {
    const first = this.indexFrom(time);
    if (first === 0) return;
    this.#moveTail(first, 0);
    this.revision++;
  }

  /** Forgets samples after `time`. */
  dropAfter(time: number): void {
    const first = this.indexFrom(time);
    this.length = first < this.length && this.time[first] === time ? first + 1 : first;
    this.revision++;
  }

  clear(): void {
    this.length = 0;
    this.gapFloor = 0;
    this.revision++;
  }

  #openRow(i: number): void {
    this.#moveTail(i, i + 1);
  }

  /** Moves the rows from `from` on to `to`, growing or shrinking the track. */
  #moveTail(from: number, to: number): void {
    const length = this.length + to - from;
    if (length > this.time.length) this.#grow(length);
    for (const column of COLUMNS) this[column].copyWithin(to, from, this.length);
    this.states.copyWithin(to, from, this.length);
    this.alarms.copyWithin(to, from, this.length);
    this.length = length;
  }

  #grow(least: number): void {
    const capacity = Math.max(least, this.time.length * 2);
    for (const column of COLUMNS) {
      const grown = new Float64Array(capacity);
      grown.set(this[column]);
      this[column] = grown;
    }
    const states = new Uint8Array(capacity);
    states.set(this.states);
    this.states = states;
    const alarms = new Uint8Array(capacity);
    alarms.set(this.alarms);
    this.alarms = alarms;
  }
}

function setNumbers(into: Float64Array, numbers: readonly (number | null)[], start: number): void {
  for (let k = 0; k < numbers.length; k++) into[start + k] = numbers[k] ?? Number.NaN;
}

/** A band that has but one bound goes on without end on the other side. */
function boundOr(
  endless: number,
  bound: number | null | undefined,
  other: number | null | undefined,
): number {
  return bound ?? (typeof other === 'number' ? endless : Number.NaN);
}

function stateCode(state: State | undefined): number {
  return state === undefined ? UNKNOWN : STATES.indexOf(state);
}
