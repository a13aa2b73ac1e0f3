import { COMPONENTS, type Component, type StreamingDetector, VERDICT_STATES } from '../streaming/detector.js';
import { type EventScore, scoreEvents } from './event-score.js';
import { emptyWindows, rowWindows, type TimeWindow } from './labelled-windows.js';
import { countNab, NAB_PROFILES, nabScore } from './nab-score.js';
import { type ReplayedSeries, replaySeries } from './replay-series.js';

const WEEK_MS = 604_800_000;
const OK = VERDICT_STATES.indexOf('ok');
const ANOMALOUS = VERDICT_STATES.indexOf('anomalous');

/** Settings worth looking at, in false alarms per series and week: a hundredth of the default to a hundred times it. */
export const BACKTEST_SENSITIVITIES: readonly number[] = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100];

/** A series of the past, oldest first; times in ms since 1970. */
export interface PastSeries {
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
}

/** One alarm, and what came of it until the next. Rows of the series. */
export interface BacktestAlarm {
  readonly row: number;
  /** The last anomalous row of the excursion. */
  readonly lastRow: number;
  /** The row with the largest score. */
  readonly peakRow: number;
  /** Anomalous rows. */
  readonly anomalies: number;
  /** What says so of the alarm's row. */
  readonly component: Component;
}

/** What one setting would have told. */
export interface Backtest {
  readonly replayed: ReplayedSeries;
  readonly alarms: readonly BacktestAlarm[];
  readonly anomalies: number;
  /** Rows with a verdict: neither warm-up nor gaps. */
  readonly judged: number;
  /** From the first row with a verdict to the last. */
  readonly weeks: number;
  /** NaN where less than two rows have a verdict. */
  readonly alarmsPerWeek: number;
  /** Where labels were given. */
  readonly labelled?: LabelledBacktest;
}

/** How alarms and labels meet; NaN where there is nothing to divide by. */
export interface LabelledBacktest {
  readonly events: EventScore;
  /** Labels in which no row lies: they count for nothing. */
  readonly emptyLabels: number;
  /** Median time from the start of a window to its first alarm, over the windows that were hit. */
  readonly delayMs: number;
  /** NAB's score of this one series, standard profile. */
  readonly nab: number;
}

/**
 * What a detector would have told over past data: each row judged by those before it only, as a server does with new ones.
 * Cost: that of scoring and learning the rows.
 * @param labels stretches that were anomalous indeed; without them nothing is compared
 * @throws RangeError if times and values differ in length, or a label is no stretch of time
 */
export function backtest(
  detector: StreamingDetector,
  { timesMs, values }: PastSeries,
  labels?: readonly TimeWindow[],
): Backtest {
  const replayed = replaySeries(detector, timesMs, values);
  const { states } = replayed;
  let judged = 0;
  let anomalies = 0;
  let firstMs = Number.NaN;
  let lastMs = Number.NaN;
  for (let row = 0; row < states.length; row++) {
    if (states[row] !== OK && states[row] !== ANOMALOUS) continue;
    if (judged++ === 0) firstMs = timesMs[row]!;
    lastMs = timesMs[row]!;
    if (states[row] === ANOMALOUS) anomalies++;
  }
  const alarms = alarmsOf(replayed);
  const weeks = judged === 0 ? 0 : (lastMs - firstMs) / WEEK_MS;
  return {
    replayed,
    alarms,
    anomalies,
    judged,
    weeks,
    alarmsPerWeek: weeks > 0 ? alarms.length / weeks : Number.NaN,
    ...(labels === undefined ? {} : { labelled: compare(replayed, timesMs, labels) }),
  };
}

function alarmsOf({ states, alarms, scores, components }: ReplayedSeries): BacktestAlarm[] {
  const found: { -readonly [key in keyof BacktestAlarm]: BacktestAlarm[key] }[] = [];
  for (let row = 0; row < states.length; row++) {
    if (alarms[row] === 1) {
      // A detector that does not tell speaks of the level.
      const component = COMPONENTS[components[row]! - 1] ?? 'level';
      found.push({ row, lastRow: row, peakRow: row, anomalies: 0, component });
    }
    const alarm = found.at(-1);
    if (states[row] !== ANOMALOUS || alarm === undefined) continue;
    alarm.lastRow = row;
    alarm.anomalies++;
    if (scores[row]! > scores[alarm.peakRow]!) alarm.peakRow = row;
  }
  return found;
}

function compare(
  { alarms }: ReplayedSeries,
  timesMs: Float64Array,
  labels: readonly TimeWindow[],
): LabelledBacktest {
  const windows = rowWindows(timesMs, labels);
  const events = scoreEvents(alarms, windows);
  const hit = windows.filter(({ first, last }) => alarms.subarray(first, last + 1).includes(1));
  const delays = hit.map(({ first }, index) => timesMs[first + events.delays[index]!]! - timesMs[first]!);
  const profile = NAB_PROFILES.standard;
  return {
    events,
    emptyLabels: emptyWindows(timesMs, labels),
    delayMs: median(delays),
    nab: nabScore(countNab(alarms, windows, profile), profile),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return sorted.length === 0 ? Number.NaN : (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}
