import { normalPoint, probabilityWithin } from '@seismo/engine/normal-distribution';
import { VERDICT_STATES } from '@seismo/engine/streaming';
import { type Anomaly, type AnomalyReview, MINUTE_DETECTOR } from '../../model/verdict.js';
import {
  type Excursion,
  MINUTE_MS,
  type MinuteColumns,
  type MinutesAround,
  minuteKey,
} from './duckdb-minutes.js';
import { boundsOf, deviationsOff, type MinuteExpectation } from './minute-expectation.js';

const OK = VERDICT_STATES.indexOf('ok');
const ANOMALOUS = VERDICT_STATES.indexOf('anomalous');
const NO_DATA = VERDICT_STATES.indexOf('no_data');
/** Probabilities that a double can hold: beyond, the score comes from the tail's leading term. */
const FAR_Z = 6;
const SCORE_MAX = 1000;
/** Sums of the same samples in another order are no change. */
const ROUNDING = 1e-9;

/** What is to be written of a stretch. */
export interface JudgedMinutes {
  readonly seriesIds: Uint32Array;
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  readonly expected: Float64Array;
  readonly deviations: Float64Array;
  readonly lowerLimits: Float64Array;
  readonly upperLimits: Float64Array;
  readonly states: Uint8Array;
}

export interface MinuteFindings {
  readonly judged: JudgedMinutes;
  readonly anomalies: readonly Anomaly[];
  /** Anomalies that late samples have taken back, as they stand from now on. */
  readonly withdrawn: readonly Anomaly[];
}

/**
 * Judges minutes that closed just now by what was forecast for them. `excursions`: of the series whose last minute with
 * data was anomalous, brought up to date here; rows come by series and time.
 */
export function judgeFresh(
  minutes: MinuteColumns,
  threshold: number,
  excursions: Map<number, Excursion>,
): MinuteFindings {
  const judge = new MinuteJudge(threshold);
  const states = new Uint8Array(minutes.timesMs.length);
  const anomalies: Anomaly[] = [];
  for (let row = 0; row < states.length; row++) {
    const seriesId = minutes.seriesIds[row]!;
    states[row] = judge.state(minutes, row);
    const before = excursions.get(seriesId);
    if (states[row] === NO_DATA) {
      if (before !== undefined) before.isInterrupted = true;
    } else if (states[row] === ANOMALOUS) {
      const isAbove = minutes.values[row]! > minutes.expected[row]!;
      const goesOn = before !== undefined && (!before.isInterrupted || before.isAbove === isAbove);
      anomalies.push(judge.anomaly(minutes, row, !goesOn));
      excursions.set(seriesId, { isAbove, isInterrupted: false });
    } else excursions.delete(seriesId);
  }
  return { judged: { ...minutes, states }, anomalies, withdrawn: [] };
}

/**
 * Judges minutes once more that samples came late for, by the forecast that was theirs. `around` is what was said of
 * the minutes around so far, brought up to date here; rows come by series and time. `found`: what is stored of these
 * minutes as anomalies, those that were taken back included, by their keys. One that is found there once more is
 * confirmed, whatever was thought of it in between.
 */
export function judgeLate(
  minutes: MinuteColumns,
  threshold: number,
  around: MinutesAround,
  found: ReadonlyMap<string, Anomaly>,
): MinuteFindings {
  const judge = new MinuteJudge(threshold);
  const changed = changedRows(minutes);
  const states = new Uint8Array(changed.length);
  const anomalies: Anomaly[] = [];
  const withdrawn: Anomaly[] = [];
  for (const [at, row] of changed.entries()) {
    const seriesId = minutes.seriesIds[row]!;
    const timeMs = minutes.timesMs[row]!;
    states[at] = judge.state(minutes, row);
    const key = minuteKey(seriesId, timeMs);
    const known = found.get(key);
    // It has data now: rows without any are no change.
    around.withoutData.delete(key);
    if (states[at] === ANOMALOUS) {
      const isAbove = minutes.values[row]! > minutes.expected[row]!;
      const alarm = !followsAnomaly(around, seriesId, timeMs, isAbove);
      anomalies.push(judge.anomaly(minutes, row, alarm, known === undefined ? undefined : 'confirmed'));
      around.anomalous.set(key, isAbove);
    } else {
      around.anomalous.delete(key);
      if (known !== undefined && known.review !== 'withdrawn')
        withdrawn.push({ ...known, review: 'withdrawn' });
    }
  }
  const pick = (column: Float64Array) => Float64Array.from(changed, (row) => column[row]!);
  return {
    judged: {
      seriesIds: Uint32Array.from(changed, (row) => minutes.seriesIds[row]!),
      timesMs: pick(minutes.timesMs),
      values: pick(minutes.values),
      expected: pick(minutes.expected),
      deviations: pick(minutes.deviations),
      lowerLimits: pick(minutes.lowerLimits),
      upperLimits: pick(minutes.upperLimits),
      states,
    },
    anomalies,
    withdrawn,
  };
}

/** Whether it goes on with the excursion of the last minute with data before it. */
function followsAnomaly(
  { anomalous, withoutData }: MinutesAround,
  seriesId: number,
  timeMs: number,
  isAbove: boolean,
): boolean {
  let beforeMs = timeMs - MINUTE_MS;
  while (withoutData.has(minuteKey(seriesId, beforeMs))) beforeMs -= MINUTE_MS;
  const wasAbove = anomalous.get(minuteKey(seriesId, beforeMs));
  const isInterrupted = beforeMs < timeMs - MINUTE_MS;
  return wasAbove !== undefined && (!isInterrupted || wasAbove === isAbove);
}

function changedRows({ values, valuesBefore }: MinuteColumns): number[] {
  const rows: number[] = [];
  for (let row = 0; row < values.length; row++) {
    const now = values[row]!;
    const before = valuesBefore[row]!;
    if (Number.isNaN(now)) continue;
    if (!(Math.abs(now - before) <= ROUNDING * (Math.abs(now) + Math.abs(before)))) rows.push(row);
  }
  return rows;
}

class MinuteJudge {
  readonly #threshold: number;
  readonly #width: number;

  constructor(threshold: number) {
    this.#threshold = threshold;
    this.#width = normalPoint(threshold);
  }

  state(minutes: MinuteColumns, row: number): number {
    if (Number.isNaN(minutes.values[row]!)) return NO_DATA;
    const off = deviationsOff(expectationAt(minutes, row), minutes.values[row]!);
    return probabilityWithin(off) > this.#threshold ? ANOMALOUS : OK;
  }

  anomaly(minutes: MinuteColumns, row: number, alarm: boolean, review?: AnomalyReview): Anomaly {
    const expectation = expectationAt(minutes, row);
    const value = minutes.values[row]!;
    const z = deviationsOff(expectation, value);
    return {
      seriesId: minutes.seriesIds[row]!,
      timeMs: minutes.timesMs[row]!,
      value,
      expected: expectation.expected,
      ...boundsOf(expectation, this.#width),
      probability: probabilityWithin(z),
      score: scoreOf(z),
      alarm,
      detector: MINUTE_DETECTOR,
      ...(review === undefined ? {} : { review }),
    };
  }
}

function expectationAt(minutes: MinuteColumns, row: number): MinuteExpectation {
  return {
    expected: minutes.expected[row]!,
    deviation: minutes.deviations[row]!,
    lowerLimit: minutes.lowerLimits[row]!,
    upperLimit: minutes.upperLimits[row]!,
  };
}

/** −log₁₀ of the probability to be as far off by chance; of the normal tail's leading term where that is tiny. */
function scoreOf(z: number): number {
  if (z < FAR_Z) return -Math.log10(1 - probabilityWithin(z));
  const log = Math.log10(Math.sqrt(2 / Math.PI) / z) - (z * z) / 2 / Math.LN10;
  return Math.min(SCORE_MAX, -log);
}
