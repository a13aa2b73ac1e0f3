import { createVerdict, type StreamingDetector, VERDICT_STATES } from '@seismo/engine/streaming';
import type { ActiveSeries } from '../model/active-series.js';
import type { CommittedBatch, SampleBatch } from '../model/batch.js';
import { startsOver } from '../model/start-over.js';
import { type Anomaly, componentCode, type VerdictBatch } from '../model/verdict.js';
import type { JudgedCommit, TimedValue } from '../ports/detection.js';
import { SlotTable } from './slot-table.js';

const STATE_CODES = new Map(VERDICT_STATES.map((state, code) => [state, code]));
const UNKNOWN = VERDICT_STATES.indexOf('unknown');
const ANOMALOUS = VERDICT_STATES.indexOf('anomalous');

/** A judged commit, and which of its rows hold a verdict: 0 marks those that came late, and repeats. */
export interface JudgedRows extends JudgedCommit {
  readonly scored: Uint8Array;
  readonly anomalies: Anomaly[];
}

/** The detector with its slots: what is saved, loaded and rebuilt as one. */
export class Judge {
  readonly detector: StreamingDetector;
  readonly slots: SlotTable;
  /** By series id: the newest sample of a series that started over since, until one as new is learned. */
  readonly leftBehind: Map<number, TimedValue>;
  readonly #active: ActiveSeries;
  readonly #verdict = createVerdict();

  constructor(
    detector: StreamingDetector,
    active: ActiveSeries,
    slots = new SlotTable(),
    leftBehind = new Map<number, TimedValue>(),
  ) {
    this.detector = detector;
    this.slots = slots;
    this.leftBehind = leftBehind;
    this.#active = active;
  }

  /** Columns for the verdicts of a commit, all unknown as yet; `judge` fills them row by row. */
  static prepare(commit: CommittedBatch): JudgedRows {
    const { seriesIds, timesMs } = commit.batch;
    const rows = seriesIds.length;
    const none = () => new Float64Array(rows).fill(Number.NaN);
    const verdicts: VerdictBatch = {
      seriesIds,
      timesMs,
      states: new Uint8Array(rows).fill(UNKNOWN),
      expected: none(),
      lower: none(),
      upper: none(),
      probability: none(),
      score: none(),
      alarms: new Uint8Array(rows),
    };
    const components = new Uint8Array(rows);
    return { commit, verdicts, components, anomalies: [], scored: new Uint8Array(rows) };
  }

  /**
   * Scores and learns rows `from` to `to`. A sample not newer than the last one of its series leaves the state
   * alone: what was learned in the order of commits must come out the same in a replay, and a detector takes
   * time in one direction only. While a series is warming up, though, its state may start over: this is how a
   * recording begins that is sent after a first live sample. Both rules look at nothing but state and sample, so a
   * replay repeats them.
   */
  judge(judged: JudgedRows, from: number, to: number, nowS: number): void {
    const { detector, slots } = this;
    const { seriesIds, timesMs, values } = judged.commit.batch;
    const { verdicts, scored } = judged;
    const verdict = this.#verdict;
    for (let row = from; row < to; row++) {
      const timeMs = timesMs[row]!;
      const value = values[row]!;
      let slot = this.#slotFor(seriesIds[row]!, nowS);
      if (!(timeMs > detector.lastTimeMs(slot))) {
        if (timeMs === detector.lastTimeMs(slot)) slots.correct(slot, value);
        if (!slots.isWarmingUp(slot) || !startsOver(detector, slot, timeMs, slots.haveOf(slot))) continue;
        slot = this.#startOver(seriesIds[row]!, slot);
      }
      this.#scoreAndLearn(slot, timeMs, value);
      if (this.leftBehind.size > 0) this.#catchUp(seriesIds[row]!, timeMs);
      const state = STATE_CODES.get(verdict.state)!;
      slots.note(slot, value, verdict, state);
      scored[row] = 1;
      verdicts.states[row] = state;
      verdicts.expected[row] = verdict.expected;
      verdicts.lower[row] = verdict.lower;
      verdicts.upper[row] = verdict.upper;
      verdicts.probability[row] = verdict.probability;
      verdicts.score[row] = verdict.score;
      if (verdict.alarm) verdicts.alarms[row] = 1;
      if (state !== ANOMALOUS) continue;
      judged.components[row] = componentCode(verdict.component);
      judged.anomalies.push(this.#anomaly(seriesIds[row]!, timeMs, value));
    }
  }

  /** Learns rows without keeping verdicts, of active series only: for a rebuild. */
  relearn(batch: SampleBatch, from: number, to: number): void {
    const { detector, slots } = this;
    const verdict = this.#verdict;
    for (let row = from; row < to; row++) {
      const id = batch.seriesIds[row]!;
      if (!this.#active.isActive(id)) continue;
      const timeMs = batch.timesMs[row]!;
      const value = batch.values[row]!;
      const slot = this.#slotFor(id, this.#active.seenS(id));
      if (!(timeMs > detector.lastTimeMs(slot))) continue;
      this.#scoreAndLearn(slot, timeMs, value);
      slots.note(slot, value, verdict, STATE_CODES.get(verdict.state)!);
    }
  }

  /** Judges a sample by those before it. `have` counts it in: whoever reads it asks how many there are now. */
  #scoreAndLearn(slot: number, timeMs: number, value: number): void {
    const verdict = this.#verdict;
    this.detector.score(slot, timeMs, value, verdict);
    this.detector.learn(slot, timeMs, value);
    if (verdict.have < verdict.need) verdict.have++;
  }

  /** Gives up the state of a series. */
  forget(seriesId: number): void {
    const slot = this.slots.slotOf(seriesId);
    if (slot >= 0) {
      this.detector.close(slot);
      this.slots.clear(seriesId);
    }
    this.leftBehind.delete(seriesId);
    this.#active.release(seriesId);
  }

  #slotFor(seriesId: number, nowS: number): number {
    const known = this.slots.slotOf(seriesId);
    if (known >= 0) return known;
    const slot = this.detector.open();
    this.slots.set(seriesId, slot);
    // Its samples are stored, so it was let in before; after a crash that is not known any more.
    if (!this.#active.isActive(seriesId)) this.#active.activate(seriesId, nowS);
    return slot;
  }

  #startOver(seriesId: number, slot: number): number {
    const timeMs = this.detector.lastTimeMs(slot);
    const left = this.leftBehind.get(seriesId);
    if (left === undefined || timeMs >= left.timeMs) {
      this.leftBehind.set(seriesId, { timeMs, value: this.slots.newest(slot).value });
    }
    this.detector.close(slot);
    this.slots.clear(seriesId);
    const fresh = this.detector.open();
    this.slots.set(seriesId, fresh);
    return fresh;
  }

  #catchUp(seriesId: number, timeMs: number): void {
    const left = this.leftBehind.get(seriesId);
    if (left !== undefined && timeMs >= left.timeMs) this.leftBehind.delete(seriesId);
  }

  #anomaly(seriesId: number, timeMs: number, value: number): Anomaly {
    const { expected, lower, upper, probability, score, alarm, component } = this.#verdict;
    const detector = this.detector.name;
    return {
      seriesId,
      timeMs,
      value,
      expected,
      lower,
      upper,
      probability,
      score,
      alarm,
      detector,
      component,
    };
  }
}
