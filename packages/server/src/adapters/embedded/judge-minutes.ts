import { normalPoint, probabilityWithin } from '@seismo/engine/normal-distribution';
import { VERDICT_STATES } from '@seismo/engine/streaming';
import { type Anomaly, type AnomalyReview, MINUTE_DETECTOR } from '../../model/verdict.js';
import { MINUTE_MS, type MinuteColumns, type MinutesAround, minuteKey } from './duckdb-minutes.js';

const OK = VERDICT_STATES.indexOf('ok');
const ANOMALOUS = VERDICT_STATES.indexOf('anomalous');
const NO_DATA = VERDICT_STATES.indexOf('no_data');
const MINUTES_A_WEEK = 10_080;
/** Probabilities that a double can hold: beyond, the score comes from the tail's leading term. */
const FAR_Z = 6;
const SCORE_MAX = 1000;
/** Sums of the same samples in another order are no change. */
const ROUNDING = 1e-9;

/** The bar for one minute, by the false alarms that one series may raise in a week. */
export function minuteThreshold(falseAlarmsPerWeek: number): number {
  return Math.max(0, 1 - falseAlarmsPerWeek / MINUTES_A_WEEK);
}

/** What is to be written of a stretch. */
export interface JudgedMinutes {
  readonly seriesIds: Uint32Array;
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  readonly expected: Float64Array;
  readonly deviations: Float64Array;
  readonly states: Uint8Array;
}

export interface MinuteFindings {
  readonly judged: JudgedMinutes;
  readonly anomalies: readonly Anomaly[];
  /** Anomalies that late samples have taken back. */
  readonly withdrawn: readonly { readonly seriesId: number; readonly timeMs: number }[];
}

/**
 * Judges minutes that closed just now by what was forecast for them. `anomalousBefore`: the series whose last minute
 * was anomalous already, brought up to date here; rows come by series and time.
 */
export function judgeFresh(
  minutes: MinuteColumns,
  threshold: number,
  anomalousBefore: Set<number>,
): MinuteFindings {
  const judge = new MinuteJudge(threshold);
  const states = new Uint8Array(minutes.timesMs.length);
  const anomalies: Anomaly[] = [];
  for (let row = 0; row < states.length; row++) {
    const seriesId = minutes.seriesIds[row]!;
    states[row] = judge.state(minutes, row);
    if (states[row] === NO_DATA) continue;
    if (states[row] === ANOMALOUS) {
      anomalies.push(judge.anomaly(minutes, row, !anomalousBefore.has(seriesId)));
      anomalousBefore.add(seriesId);
    } else anomalousBefore.delete(seriesId);
  }
  return { judged: { ...minutes, states }, anomalies, withdrawn: [] };
}

/**
 * Judges minutes once more that samples came late for, by the forecast that was theirs. `around` is what was said of
 * the minutes around so far, brought up to date here; rows come by series and time.
 */
export function judgeLate(minutes: MinuteColumns, threshold: number, around: MinutesAround): MinuteFindings {
  const judge = new MinuteJudge(threshold);
  const changed = changedRows(minutes);
  const states = new Uint8Array(changed.length);
  const anomalies: Anomaly[] = [];
  const withdrawn: { seriesId: number; timeMs: number }[] = [];
  for (const [at, row] of changed.entries()) {
    const seriesId = minutes.seriesIds[row]!;
    const timeMs = minutes.timesMs[row]!;
    const was = minutes.statesBefore[row] === ANOMALOUS;
    states[at] = judge.state(minutes, row);
    const key = minuteKey(seriesId, timeMs);
    // It has data now: rows without any are no change.
    around.withoutData.delete(key);
    if (states[at] === ANOMALOUS) {
      const alarm = !followsAnomaly(around, seriesId, timeMs);
      anomalies.push(judge.anomaly(minutes, row, alarm, was ? 'confirmed' : undefined));
      around.anomalous.add(key);
    } else if (was) {
      withdrawn.push({ seriesId, timeMs });
      around.anomalous.delete(key);
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
      states,
    },
    anomalies,
    withdrawn,
  };
}

/** Whether the last minute with data before this one is anomalous. */
function followsAnomaly(
  { anomalous, withoutData }: MinutesAround,
  seriesId: number,
  timeMs: number,
): boolean {
  let beforeMs = timeMs - MINUTE_MS;
  while (withoutData.has(minuteKey(seriesId, beforeMs))) beforeMs -= MINUTE_MS;
  return anomalous.has(minuteKey(seriesId, beforeMs));
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
    return probabilityWithin(deviationsOff(minutes, row)) > this.#threshold ? ANOMALOUS : OK;
  }

  anomaly(minutes: MinuteColumns, row: number, alarm: boolean, review?: AnomalyReview): Anomaly {
    const expected = minutes.expected[row]!;
    const half = this.#width * minutes.deviations[row]!;
    const z = deviationsOff(minutes, row);
    return {
      seriesId: minutes.seriesIds[row]!,
      timeMs: minutes.timesMs[row]!,
      value: minutes.values[row]!,
      expected,
      lower: expected - half,
      upper: expected + half,
      probability: probabilityWithin(z),
      score: scoreOf(z),
      alarm,
      detector: MINUTE_DETECTOR,
      ...(review === undefined ? {} : { review }),
    };
  }
}

/** How many standard errors off; a series without any spread is infinitely far off at every move. */
function deviationsOff({ values, expected, deviations }: MinuteColumns, row: number): number {
  const off = Math.abs(values[row]! - expected[row]!);
  if (off <= ROUNDING * Math.abs(expected[row]!)) return 0;
  return off / deviations[row]!;
}

/** −log₁₀ of the probability to be as far off by chance; of the normal tail's leading term where that is tiny. */
function scoreOf(z: number): number {
  if (z < FAR_Z) return -Math.log10(1 - probabilityWithin(z));
  const log = Math.log10(Math.sqrt(2 / Math.PI) / z) - (z * z) / 2 / Math.LN10;
  return Math.min(SCORE_MAX, -log);
}
